"""From requests about orders to instructions: pure functions of them and of the account as read."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from solders.pubkey import Pubkey

from core.errors import Refused
from drift.accounts import OpenOrder, UserAccount
from drift.layouts.deployments import Capability, Deployment
from drift.order_terms import offset_fits, order_params, order_terms
from drift.orders import ModifyOrderParams
from drift.planning import Step, account_of, builder_of, message_of, trader_of
from drift.policy import Policy
from drift.policy_bytes import ModifyTerms
from drift.snapshot import Snapshot
from drift.units import BASE_PLACES, PRICE_PLACES, to_units
from trading.venues.base import ModifyRequest, OrderRequest, VenueMessage

_WAITING = {"Above", "Below"}
_CHANGED = ("size", "price", "trigger_price", "oracle_offset", "expires_at")


class OrderPlanner:
    """Builds the messages of one deployment, and says apart from that what they may be."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def orders(self, requests: Sequence[OrderRequest], snapshot: Snapshot) -> VenueMessage:
        """Place all or none; those that are to fill at once take first, the others rest together.

        Raises Refused, Unavailable.
        """
        addresses = {request.wallet_address for request in requests}
        if len(addresses) != 1:
            raise ValueError("a message places orders of one account")
        (address,) = addresses
        trader = trader_of(address, snapshot)
        account_of(trader, self._deployment)
        builder, policy = builder_of(snapshot), Policy(self._deployment, address)
        terms = [order_terms(request, snapshot) for request in requests]
        stats = snapshot.user_stats(1)
        steps: list[Step] = []
        for taken in (order for order in terms if order.immediate):
            placed = builder.place_and_take_perp_order(
                trader=trader,
                order=order_params(taken),
                referrer=stats.referrer if stats else Pubkey.default(),
            )
            steps.append((placed, policy.place_and_take(taken)))
        # The program judges the margin at the last of several: it is to be one that adds risk.
        resting = [order for order in terms if not order.immediate]
        resting.sort(key=lambda order: not order.reduce_only)
        if len(resting) == 1:
            placed = builder.place_perp_order(trader=trader, order=order_params(resting[0]))
            steps.append((placed, policy.place_order(resting[0])))
        elif resting:
            placed = builder.place_orders(trader=trader, orders=map(order_params, resting))
            steps.append((placed, policy.place_orders(resting)))
        return message_of(steps, trader)

    def modify(self, request: ModifyRequest, snapshot: Snapshot) -> VenueMessage:
        """Change a resting order; the program fails the message if it is gone by then.

        Raises Refused, also for an order that is not in the account.
        """
        trader = trader_of(request.wallet_address, snapshot)
        account = account_of(trader, self._deployment)
        order = _open_order(account, request)
        terms = self._modify_terms(request, order)
        changes = ModifyOrderParams(
            price=terms.price,
            base_asset_amount=terms.size,
            exclude_previous_fill=terms.counts_fills,
            max_ts=terms.max_ts,
            trigger_price=terms.trigger_price,
            oracle_price_offset=terms.oracle_offset,
        )
        modified = builder_of(snapshot).modify_order(
            trader=trader, order_id=order.order_id, changes=changes
        )
        allowed = Policy(self._deployment, request.wallet_address).modify_order(terms)
        return message_of([(modified, allowed)], trader)

    def cancel(
        self, *, wallet_address: str, order_ids: Sequence[str], snapshot: Snapshot
    ) -> VenueMessage:
        """Cancel orders by their ids; one that is gone is passed over. Raises Refused."""
        trader = trader_of(wallet_address, snapshot)
        account_of(trader, self._deployment)
        ids = tuple(int(order_id) for order_id in order_ids)
        if not ids:
            raise ValueError("a cancel names its orders")
        cancelled = builder_of(snapshot).cancel_orders_by_ids(trader=trader, order_ids=ids)
        allowed = Policy(self._deployment, wallet_address).cancel_orders(order_ids=ids)
        return message_of([(cancelled, allowed)], trader)

    def settle(
        self, *, wallet_address: str, market_indexes: Sequence[int], snapshot: Snapshot
    ) -> VenueMessage:
        """One market must settle, or the message fails with the reason; of several, those that
        can. Those without a position are left out. Raises Refused where none is left."""
        trader = trader_of(wallet_address, snapshot)
        account = account_of(trader, self._deployment)
        indexes = tuple(
            index for index in dict.fromkeys(market_indexes) if account.perp_position(index)
        )
        builder, policy = builder_of(snapshot), Policy(self._deployment, wallet_address)
        step: Step
        if len(indexes) == 1:
            settled = builder.settle_pnl(trader=trader, market_index=indexes[0])
            step = settled, policy.settle_pnl(market_index=indexes[0])
        elif indexes:
            settled = builder.settle_multiple_pnls(trader=trader, market_indexes=indexes)
            step = settled, policy.settle_multiple_pnls(market_indexes=indexes)
        else:
            raise Refused("venue.nothing_to_settle", venue=self._deployment.key)
        return message_of([step], trader)

    def _modify_terms(self, request: ModifyRequest, order: OpenOrder) -> ModifyTerms:
        _check_change(request, order, self._deployment)
        counts = Capability.MODIFY_EXCLUDES_PREVIOUS_FILL in self._deployment.capabilities
        size = None
        if request.size is not None:
            size = to_units(request.size, BASE_PLACES)
            # The program takes off what is filled by then, so that no fill on the way is added.
            size += order.base_asset_amount_filled if counts else 0
        return ModifyTerms(
            order_id=order.order_id,
            size=size,
            price=_price_units(request.price),
            max_ts=int(request.expires_at.timestamp()) if request.expires_at else None,
            trigger_price=_price_units(request.trigger_price),
            oracle_offset=_price_units(request.oracle_offset),
            counts_fills=counts and size is not None,
        )


def _open_order(account: UserAccount, request: ModifyRequest) -> OpenOrder:
    for order in account.orders:
        if str(order.order_id) == request.venue_order_id and order.market_type == "Perp":
            return order
    raise Refused("venue.order_gone", order=request.venue_order_id)


def _check_change(request: ModifyRequest, order: OpenOrder, deployment: Deployment) -> None:
    if all(getattr(request, name) is None for name in _CHANGED):
        raise Refused("order.nothing_to_change")
    triggers = order.order_type in ("TriggerMarket", "TriggerLimit")
    # A changed order starts anew: an auction from its beginning, a trigger that waits again.
    if order.order_type in ("Market", "Oracle") or (
        triggers and order.trigger_condition not in _WAITING
    ):
        raise Refused("order.cannot_be_changed")
    if request.size is not None and request.size <= 0:
        raise Refused("order.cannot_be_changed")
    if request.trigger_price is not None and not triggers:
        raise Refused("order.trigger_does_not_fit", type=order.order_type)
    if request.price is not None and not order.price:
        raise Refused("order.price_does_not_fit", type=order.order_type)
    if request.oracle_offset is None:
        return
    if not order.oracle_price_offset:
        raise Refused("order.oracle_offset_not_supported", type=order.order_type)
    if not offset_fits(to_units(request.oracle_offset, PRICE_PLACES), deployment):
        raise Refused("order.oracle_offset_out_of_range", offset=request.oracle_offset)


def _price_units(price: Decimal | None) -> int | None:
    return None if price is None else to_units(price, PRICE_PLACES)
