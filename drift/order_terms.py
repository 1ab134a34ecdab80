"""What an order asks for, in the program's words and units, from the desk's request."""

from __future__ import annotations

from core.errors import Refused
from drift.layouts.deployments import Capability, Deployment
from drift.orders import OrderParams
from drift.policy_bytes import OrderTerms
from drift.snapshot import Snapshot
from drift.units import BASE_PLACES, PRICE_PLACES, to_units
from trading.enums import Direction
from trading.venues.base import OrderRequest, VenueCapability
from trading.venues.terms import check_terms

# At least this many slots pass between an auction's start and its worst price.
_AUCTION_SLOTS = 10
_STOPS = {VenueCapability.STOP_MARKET, VenueCapability.STOP_LIMIT}
_KINDS = {
    VenueCapability.MARKET: "market",
    VenueCapability.LIMIT: "limit",
    VenueCapability.STOP_MARKET: "trigger_market",
    VenueCapability.TAKE_PROFIT_MARKET: "trigger_market",
    VenueCapability.STOP_LIMIT: "trigger_limit",
    VenueCapability.TAKE_PROFIT_LIMIT: "trigger_limit",
}
_PROGRAM_KINDS = {
    "market": "Market",
    "limit": "Limit",
    "trigger_market": "TriggerMarket",
    "trigger_limit": "TriggerLimit",
}


def triggers_above(order_type: str, direction: str) -> bool:
    """Whether the oracle must rise to the trigger: a stop goes along with the order's direction,
    a target against it."""
    return (order_type in _STOPS) == (direction == Direction.BUY)


def check_request(request: OrderRequest, deployment: Deployment) -> None:
    """Raises Refused for what the program has no instruction for, or what contradicts itself."""
    check_terms(
        request, takes_offsets=Capability.ORACLE_OFFSET_LIMIT_ORDERS in deployment.capabilities
    )
    offset = request.oracle_offset
    if offset is not None and not offset_fits(to_units(offset, PRICE_PLACES), deployment):
        raise Refused("order.oracle_offset_out_of_range", offset=offset)


def order_terms(request: OrderRequest, snapshot: Snapshot) -> OrderTerms:
    """A market order is an auction from the oracle's price to its worst one.

    One that is to fill at once or not at all is a limit order at its worst price. Raises Refused,
    Unavailable.
    """
    check_request(request, snapshot.deployment)
    kind = _KINDS[VenueCapability(request.order_type)]
    if kind == "market" and request.immediate_or_cancel:
        kind = "limit"
    price = 0 if request.price is None else to_units(request.price, PRICE_PLACES)
    snapshot.perp_market(request.market_index)
    return OrderTerms(
        kind=kind,
        buys=request.direction == Direction.BUY,
        market_index=request.market_index,
        size=to_units(request.size, BASE_PLACES),
        price=price,
        reduce_only=request.reduce_only,
        post_only=request.post_only,
        immediate=request.immediate_or_cancel,
        label=request.label,
        max_ts=_max_ts(request, snapshot),
        auction=_auction(request, price, snapshot) if kind == "market" else None,
        trigger=_trigger(request),
        oracle_offset=(
            None if request.oracle_offset is None else to_units(request.oracle_offset, PRICE_PLACES)
        ),
    )


def _max_ts(request: OrderRequest, snapshot: Snapshot) -> int | None:
    """Unix seconds of the chain's own time."""
    if request.expires_at is None:
        return None
    at = int(request.expires_at.timestamp())
    within = request.expires_within
    return at if within is None else min(at, snapshot.now + int(within.total_seconds()))


def order_params(terms: OrderTerms) -> OrderParams:
    start, end, slots = terms.auction or (None, None, None)
    trigger_price, above = terms.trigger or (None, True)
    return OrderParams(
        order_type=_PROGRAM_KINDS[terms.kind],
        direction="Long" if terms.buys else "Short",
        market_index=terms.market_index,
        base_asset_amount=terms.size,
        price=terms.price,
        reduce_only=terms.reduce_only,
        user_order_id=terms.label,
        max_ts=terms.max_ts,
        post_only="MustPostOnly" if terms.post_only else "None",
        immediate_or_cancel=terms.immediate,
        trigger_price=trigger_price,
        trigger_condition="Above" if above else "Below",
        oracle_price_offset=terms.oracle_offset,
        auction_duration=slots,
        auction_start_price=start,
        auction_end_price=end,
    )


def offset_fits(units: int, deployment: Deployment) -> bool:
    """Zero would be no offset to the program, and a wider one has no room in its field."""
    bits = 63 if Capability.WIDE_ORACLE_OFFSETS in deployment.capabilities else 31
    return units != 0 and -(2**bits) <= units < 2**bits


def _trigger(request: OrderRequest) -> tuple[int, bool] | None:
    if request.trigger_price is None:
        return None
    above = triggers_above(request.order_type, request.direction)
    return to_units(request.trigger_price, PRICE_PLACES), above


def _auction(request: OrderRequest, price: int, snapshot: Snapshot) -> tuple[int, int, int]:
    oracle = snapshot.perp_oracles[request.market_index].price
    start = oracle - oracle % snapshot.perp_market(request.market_index).order_tick_size
    # The worst price bounds the start too: it may be on this side of the oracle.
    start = min(start, price) if request.direction == Direction.BUY else max(start, price)
    return start, price, max(_AUCTION_SLOTS, snapshot.state.min_perp_auction_duration)
