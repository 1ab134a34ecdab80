"""What a new order or a change of one asks for, in the program's base units."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from drift.layouts.deployments import Capability, Deployment

BIT_IMMEDIATE_OR_CANCEL = 1
# Without it a modify of an order that is gone succeeds silently; with it error 6061.
POLICY_MUST_MODIFY = 1
POLICY_EXCLUDE_PREVIOUS_FILL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderParams:
    """`order_type` Market, Limit, TriggerMarket, TriggerLimit or Oracle; `direction` Long or Short.

    Base 1e9, prices 1e6, `max_ts` in unix seconds, `auction_duration` in slots. `price` 0 is no
    limit: a taker's order always has one.
    """

    order_type: str
    direction: str
    market_index: int
    base_asset_amount: int
    price: int
    reduce_only: bool
    user_order_id: int
    max_ts: int | None
    market_type: str = "Perp"
    post_only: str = "None"
    immediate_or_cancel: bool = False
    trigger_price: int | None = None
    trigger_condition: str = "Above"
    oracle_price_offset: int | None = None
    auction_duration: int | None = None
    auction_start_price: int | None = None
    auction_end_price: int | None = None

    def values(self, deployment: Deployment) -> dict[str, Any]:
        """The fields of the deployment's OrderParams."""
        given = asdict(self)
        given["bit_flags"] = BIT_IMMEDIATE_OR_CANCEL if self.immediate_or_cancel else 0
        # Nobody but us earns on our orders.
        given["builder_idx"] = given["builder_fee_tenth_bps"] = None
        return _declared(deployment, "OrderParams", given)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifyOrderParams:
    """None leaves a field as it is.

    A new `base_asset_amount` is what the changed order fills yet, whatever was filled before. With
    `exclude_previous_fill`, where the deployment knows it, the program takes off what was filled
    by the moment of the change: then it is the full size, and no fill on the way is lost.
    """

    price: int | None = None
    base_asset_amount: int | None = None
    exclude_previous_fill: bool = False
    direction: str | None = None
    reduce_only: bool | None = None
    post_only: str | None = None
    max_ts: int | None = None
    trigger_price: int | None = None
    trigger_condition: str | None = None
    oracle_price_offset: int | None = None
    auction_duration: int | None = None
    auction_start_price: int | None = None
    auction_end_price: int | None = None

    def values(self, deployment: Deployment) -> dict[str, Any]:
        """The fields of the deployment's ModifyOrderParams; always with "must modify"."""
        given = asdict(self) | {"bit_flags": None, "immediate_or_cancel": None}
        policy = POLICY_MUST_MODIFY
        if self.exclude_previous_fill:
            if Capability.MODIFY_EXCLUDES_PREVIOUS_FILL not in deployment.capabilities:
                raise ValueError(f"{deployment.key} cannot exclude what was filled before")
            policy |= POLICY_EXCLUDE_PREVIOUS_FILL
        by_name = "ModifyOrderPolicy" in deployment.layout.enums
        given["policy"] = "MustModify" if by_name else policy
        return _declared(deployment, "ModifyOrderParams", given)


def _declared(deployment: Deployment, type_name: str, given: dict[str, Any]) -> dict[str, Any]:
    return {field.name: given[field.name] for field in deployment.layout.types[type_name]}
