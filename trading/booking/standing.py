"""How an order stands by its fills, once what else was told of it is gone."""

from decimal import Decimal

from trading.enums import ORDER_UNSEEN, OrderStatus

_ENDS = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED})


def standing_of(*, was: OrderStatus, size: Decimal, filled: Decimal) -> OrderStatus:
    """The status of an order of `size`, `filled` so far, that stood as `was` apart from fills.

    Fills have the first word: what is filled whole is filled, whatever was told beside that, and
    what is not filled whole is not. An end that the venue told of stays; one that was read off
    silence does not stay beside a fill.
    """
    if was == OrderStatus.FAILED:
        return was
    if filled and filled >= size:
        return OrderStatus.FILLED
    if was in _ENDS:
        return was
    if filled:
        return OrderStatus.PARTIALLY_FILLED
    if was in ORDER_UNSEEN or was == OrderStatus.PENDING:
        return was
    return OrderStatus.OPEN
