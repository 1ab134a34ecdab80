"""Which terms of an order go together: the same refusals at every venue that takes orders. Pure."""

from core.errors import Refused
from trading.venues.base import OrderRequest, VenueCapability

_TRIGGERED_MARKET = frozenset({VenueCapability.STOP_MARKET, VenueCapability.TAKE_PROFIT_MARKET})
_TRIGGERS = _TRIGGERED_MARKET | {VenueCapability.STOP_LIMIT, VenueCapability.TAKE_PROFIT_LIMIT}
_TYPES = _TRIGGERS | {VenueCapability.MARKET, VenueCapability.LIMIT}


def check_terms(request: OrderRequest, *, takes_offsets: bool) -> None:
    """Raises Refused for a type that is none, and for terms that contradict each other."""
    kind = request.order_type
    if kind not in _TYPES:
        raise Refused("order.type_not_supported", type=kind)
    if (kind in _TRIGGERS) != (request.trigger_price is not None):
        raise Refused("order.trigger_does_not_fit", type=kind)
    if request.post_only and (kind != VenueCapability.LIMIT or request.immediate_or_cancel):
        raise Refused("order.post_only_does_not_fit", type=kind)
    if request.immediate_or_cancel and kind in _TRIGGERS:
        raise Refused("order.immediate_does_not_fit", type=kind)
    if request.oracle_offset is not None:
        if kind != VenueCapability.LIMIT or not takes_offsets:
            raise Refused("order.oracle_offset_not_supported", type=kind)
        if request.price is not None or request.immediate_or_cancel:
            raise Refused("order.price_does_not_fit", type=kind)
    elif (request.price is None) != (kind in _TRIGGERED_MARKET):
        raise Refused("order.price_does_not_fit", type=kind)
