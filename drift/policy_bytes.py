"""The arguments of orders and of changes of them, packed by hand from what was confirmed."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_KINDS = {"market": 0, "limit": 1, "trigger_market": 2, "trigger_limit": 3}
_PERP = 1
_MUST_POST_ONLY = 1
_IMMEDIATE_OR_CANCEL = 1
_ABOVE, _BELOW = 0, 1
_MUST_MODIFY, _EXCLUDE_PREVIOUS_FILL = 1, 2


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """All that an order's instruction may say; base 1e9, prices 1e6, `max_ts` unix seconds.

    `kind` is the program's: market, limit, trigger_market, trigger_limit. `price` 0 is no limit.
    `auction` is (start price, end price, slots), None for an order that rests at its price;
    `trigger` is (price, whether the oracle must rise to it).
    """

    kind: str
    buys: bool
    market_index: int
    size: int
    price: int
    reduce_only: bool
    post_only: bool
    immediate: bool
    label: int
    max_ts: int | None
    auction: tuple[int, int, int] | None
    trigger: tuple[int, bool] | None
    oracle_offset: int | None


@dataclass(frozen=True, slots=True)
class ModifyTerms:
    """All that a change of an order may say; None leaves a field as it is.

    `size` is the order's full size, and with `counts_fills` the program takes off what was filled.
    """

    order_id: int
    size: int | None
    price: int | None
    max_ts: int | None
    trigger_price: int | None
    oracle_offset: int | None
    counts_fills: bool


def pack_modify(terms: ModifyTerms, *, wide_offset: bool) -> bytes:
    """An order id and ModifyOrderParams, always with "must modify"."""
    nothing = b"\0"
    return (
        optional("I", terms.order_id)
        + nothing  # the direction
        + optional("Q", terms.size)
        + optional("Q", terms.price)
        + nothing * 3  # reduce-only, post-only, flags
        + optional("q", terms.max_ts)
        + optional("Q", terms.trigger_price)
        + nothing  # the trigger's condition
        + optional("q" if wide_offset else "i", terms.oracle_offset)
        + nothing * 3  # an auction
        + optional("B", _MUST_MODIFY | (_EXCLUDE_PREVIOUS_FILL if terms.counts_fills else 0))
    )


def pack_order(terms: OrderTerms, *, wide_offset: bool, builder_fees: bool) -> bytes:
    """An OrderParams: nobody else's fee. `wide_offset` and `builder_fees` are the layout's."""
    data = struct.pack(
        "<BBBBQQH?BB",
        _KINDS[terms.kind],
        _PERP,
        0 if terms.buys else 1,
        terms.label,
        terms.size,
        terms.price,
        terms.market_index,
        terms.reduce_only,
        _MUST_POST_ONLY if terms.post_only else 0,
        _IMMEDIATE_OR_CANCEL if terms.immediate else 0,
    )
    trigger_price, above = terms.trigger or (None, True)
    data += optional("q", terms.max_ts) + optional("Q", trigger_price)
    data += bytes([_ABOVE if above else _BELOW])
    data += optional("q" if wide_offset else "i", terms.oracle_offset)
    start, end, slots = terms.auction or (None, None, None)
    data += optional("B", slots) + optional("q", start) + optional("q", end)
    return data + (b"\0\0" if builder_fees else b"")


def optional(kind: str, value: int | None) -> bytes:
    return b"\0" if value is None else struct.pack("<B" + kind, 1, value)
