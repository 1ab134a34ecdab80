"""Lists for programs: one statement a page, whose rows the database itself writes as JSON.

Rows of the ORM cost more than all the rest of such a request. A single object is a page of one, so
that it never looks otherwise than in its list.
"""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from core.errors import NotFound
from core.roles import as_user
from trading.progress import order_progress, transfer_progress

_TIME = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


class Page(NamedTuple):
    """A JSON array, and the key of its last row where the list goes on."""

    items: bytes
    last: uuid.UUID | None


def _num(column: str) -> str:
    return f"trim_scale({column})::text"


def _object(**members: str) -> str:
    pairs = [f"'{name}', {value}" for name, value in members.items()]
    return f"json_build_object({', '.join(pairs)})"


_MESSAGE = """
LEFT JOIN LATERAL (
  SELECT s.state, s.signature FROM submission_acts a JOIN submissions s ON s.id = a.submission_id
  WHERE a.subject_type = '{subject}' AND a.subject_id = o.id ORDER BY a.submission_id DESC LIMIT 1
) s ON true
"""
# Into a venue and out of it.
_TRANSFER_MESSAGE = _MESSAGE.replace("= '{subject}'", "IN ('deposit', 'venue_withdrawal')")
_ORDERS = f"""
SELECT o.id, o.status, s.state, coalesce(o.deadline < %(now)s, false), o.role <> 'entry',
  {
    _object(
        id="o.id",
        clientOrderId="i.idempotency_key",
        symbol="m.symbol",
        venue="o.deployment",
        type="o.order_type",
        side="o.direction",
        positionSide="o.side",
        amount=_num("o.size"),
        filled=_num("o.filled_size"),
        remaining=_num("o.size - o.filled_size"),
        price=_num("o.price"),
        triggerPrice=_num("o.trigger_price"),
        average=_num("o.avg_fill_price"),
        fee=f"json_build_object('currency', m.quote_asset, 'cost', {_num('o.total_fees')})",
        realizedPnl=_num("coalesce(f.gain, 0)"),
        leverage=_num("o.leverage"),
        reduceOnly="o.reduce_only",
        postOnly="o.post_only",
        timeInForce="CASE WHEN o.immediate_or_cancel THEN 'IOC' ELSE 'GTC' END",
        oracleOffset=_num("o.oracle_offset"),
        role="o.role",
        parent="o.parent_id",
        origin="o.origin",
        reason="o.status_reason",
        signature="s.signature",
        createdAt=_TIME.format("o.created_at"),
        updatedAt=_TIME.format("o.updated_at"),
        expiresAt=_TIME.format("o.expires_at"),
    )
}::text
FROM (
  SELECT * FROM all_orders
  WHERE user_id = %(user)s
    AND (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(before)s::uuid IS NULL OR id < %(before)s)
    AND (NOT %(open)s OR ended_at IS NULL AND status IN ('pending', 'open', 'partially_filled'))
    AND (%(venue)s::text IS NULL OR deployment = %(venue)s)
  ORDER BY id DESC LIMIT %(limit)s
) o
JOIN markets m ON m.id = o.market_id
LEFT JOIN intents i ON i.id = o.id AND i.channel = 'rest'
LEFT JOIN LATERAL (SELECT sum(realized_pnl) AS gain FROM fills WHERE order_id = o.id) f ON true
{_MESSAGE.format(subject="order")}
ORDER BY o.id DESC
"""
_TRANSFERS = f"""
SELECT o.id, o.status, s.state, o.expires_at < %(now)s,
  {
    _object(
        id="o.id",
        venue="o.deployment",
        currency="o.token_symbol",
        amount=_num("o.amount"),
        booked=_num("o.booked_amount"),
        sponsorFee=_num("o.sponsor_fee"),
        initializes="o.initializes",
        reason="o.status_reason",
        signature="s.signature",
        createdAt=_TIME.format("o.created_at"),
        expiresAt=_TIME.format("o.expires_at"),
    )
}::text
FROM (
  SELECT * FROM venue_transfers
  WHERE user_id = %(user)s AND kind = %(kind)s
    AND (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(before)s::uuid IS NULL OR id < %(before)s)
  ORDER BY id DESC LIMIT %(limit)s
) o
{_TRANSFER_MESSAGE}
ORDER BY o.id DESC
"""
_POSITIONS = f"""
SELECT o.id,
  {
    _object(
        id="o.id",
        symbol="m.symbol",
        venue="o.deployment",
        side="o.side",
        amount=_num("o.size"),
        entryPrice=_num("o.entry_price"),
        markPrice=_num("o.mark_price"),
        exitPrice=_num("o.exit_price"),
        liquidationPrice=_num("o.liquidation_price"),
        leverage=_num("o.leverage"),
        margin=_num("o.margin"),
        unrealizedPnl=_num("o.unrealized_pnl"),
        realizedPnl=_num("o.realized_pnl"),
        fees=_num("o.fees"),
        funding=_num("o.funding"),
        currency="m.quote_asset",
        status="o.status",
        openedAt=_TIME.format("o.opened_at"),
        closedAt=_TIME.format("o.closed_at"),
        updatedAt=_TIME.format("o.updated_at"),
    )
}::text
FROM (
  SELECT * FROM all_positions
  WHERE user_id = %(user)s AND (NOT %(open)s OR status = 'open')
    AND (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(before)s::uuid IS NULL OR id < %(before)s)
    AND (%(venue)s::text IS NULL OR deployment = %(venue)s)
  ORDER BY id DESC LIMIT %(limit)s
) o
JOIN markets m ON m.id = o.market_id
ORDER BY o.id DESC
"""
_FILLS = f"""
SELECT o.id,
  {
    _object(
        id="o.id",
        order="o.order_id",
        symbol="m.symbol",
        venue="o.deployment",
        side="o.direction",
        positionSide="o.side",
        amount=_num("o.size"),
        price=_num("o.price"),
        cost=_num("o.quote"),
        fee=f"json_build_object('currency', m.quote_asset, 'cost', {_num('o.fee')})",
        realizedPnl=_num("o.realized_pnl"),
        takerOrMaker="CASE WHEN o.is_maker THEN 'maker' ELSE 'taker' END",
        origin="o.origin",
        signature="o.tx_hash",
        filledAt=_TIME.format("o.filled_at"),
    )
}::text
FROM (
  SELECT * FROM fills
  WHERE user_id = %(user)s AND (%(order)s::uuid IS NULL OR order_id = %(order)s)
    AND (%(before)s::uuid IS NULL OR id < %(before)s)
  ORDER BY id DESC LIMIT %(limit)s
) o
JOIN markets m ON m.id = o.market_id
ORDER BY o.id DESC
"""
_TRANSACTIONS = f"""
SELECT o.id,
  {
    _object(
        id="o.id",
        venue="o.deployment",
        type="o.tx_type",
        status="o.status",
        amount=_num("o.amount"),
        currency="o.token_symbol",
        networkFee=_num("o.gas_fee"),
        signature="o.tx_hash",
        slot="o.block_number",
        createdAt=_TIME.format("o.created_at"),
        landedAt=_TIME.format("o.block_timestamp"),
    )
}::text
FROM all_transactions o
WHERE o.user_id = %(user)s AND (%(before)s::uuid IS NULL OR o.id < %(before)s)
ORDER BY o.id DESC LIMIT %(limit)s
"""
_LEDGER = f"""
SELECT o.id,
  {
    _object(
        id="o.id",
        venue="o.deployment",
        type="o.kind",
        currency="o.token_symbol",
        amount=_num("o.amount"),
        order="o.order_id",
        position="o.position_id",
        signature="o.tx_hash",
        occurredAt=_TIME.format("o.occurred_at"),
    )
}::text
FROM account_entries o
WHERE o.user_id = %(user)s AND (%(before)s::uuid IS NULL OR o.id < %(before)s)
ORDER BY o.id DESC LIMIT %(limit)s
"""


def page_of_orders(
    *,
    user_id: uuid.UUID,
    open_only: bool,
    venue: str | None,
    before: uuid.UUID | None,
    limit: int,
    now: datetime,
) -> Page:
    """Orders over every venue, newest first, each with what is known of it."""
    wanted = {"id": None, "open": open_only, "venue": venue, "before": before, "now": now}
    return _page(_read(_ORDERS, user_id, limit, wanted), limit, _order_word)


def order_as_json(*, user_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> bytes:
    """One order. Raises NotFound, also for another's."""
    wanted = {"id": order_id, "open": False, "venue": None, "before": None, "now": now}
    return _one(_read(_ORDERS, user_id, 1, wanted), "order.not_found", _order_word)


def page_of_transfers(
    *, user_id: uuid.UUID, kind: str, before: uuid.UUID | None, limit: int, now: datetime
) -> Page:
    """Deposits into (`kind` deposit) or withdrawals from venues, newest first."""
    wanted = {"id": None, "kind": kind, "before": before, "now": now}
    return _page(_read(_TRANSFERS, user_id, limit, wanted), limit, _transfer_word)


def transfer_as_json(
    *, user_id: uuid.UUID, transfer_id: uuid.UUID, kind: str, now: datetime
) -> bytes:
    """One of them. Raises NotFound, also for another's."""
    wanted = {"id": transfer_id, "kind": kind, "before": None, "now": now}
    return _one(_read(_TRANSFERS, user_id, 1, wanted), "transfer.not_found", _transfer_word)


def page_of_positions(
    *,
    user_id: uuid.UUID,
    open_only: bool,
    venue: str | None,
    before: uuid.UUID | None,
    limit: int,
) -> Page:
    """Positions over every venue, the last opened first."""
    wanted = {"id": None, "open": open_only, "venue": venue, "before": before}
    return _page(_read(_POSITIONS, user_id, limit, wanted), limit)


def position_as_json(*, user_id: uuid.UUID, position_id: uuid.UUID) -> bytes:
    """One position. Raises NotFound, also for another's."""
    wanted = {"id": position_id, "open": False, "venue": None, "before": None}
    return _one(_read(_POSITIONS, user_id, 1, wanted), "position.not_found")


def page_of_fills(
    *, user_id: uuid.UUID, order_id: uuid.UUID | None, before: uuid.UUID | None, limit: int
) -> Page:
    """Fills, the last booked first."""
    wanted = {"order": order_id, "before": before}
    return _page(_read(_FILLS, user_id, limit, wanted), limit)


def page_of_transactions(*, user_id: uuid.UUID, before: uuid.UUID | None, limit: int) -> Page:
    """Messages on the chain, newest first."""
    return _page(_read(_TRANSACTIONS, user_id, limit, {"before": before}), limit)


def page_of_ledger(*, user_id: uuid.UUID, before: uuid.UUID | None, limit: int) -> Page:
    """Movements of money in venue accounts that are no fills, the last booked first."""
    return _page(_read(_LEDGER, user_id, limit, {"before": before}), limit)


def _read(
    statement: str, user_id: uuid.UUID, limit: int, wanted: dict[str, Any]
) -> list[tuple[Any, ...]]:
    with as_user(user_id), connection.cursor() as cursor:
        # One more than is shown says whether the list goes on.
        cursor.execute(statement, {"user": user_id, "limit": limit + 1, **wanted})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _page(rows: list[tuple[Any, ...]], limit: int, progress: Any = None) -> Page:
    shown = rows[:limit]
    items = ",".join([_written(row, progress) for row in shown])
    return Page(b"[%b]" % items.encode(), shown[-1][0] if len(rows) > limit else None)


def _one(rows: list[tuple[Any, ...]], missing: str, progress: Any = None) -> bytes:
    if not rows:
        raise NotFound(missing)
    return _written(rows[0], progress).encode()


def _written(row: tuple[Any, ...], progress: Any) -> str:
    """The row's object; where an act is told of, with the card's word for where it stands."""
    body: str = row[-1]
    return body if progress is None else f'{body[:-1]}, "status" : "{progress(row)}"}}'


def _order_word(row: tuple[Any, ...]) -> str:
    _, status, state, is_past, is_stop, _ = row
    return order_progress(
        status=status, submission_state=state, past_deadline=is_past, waits_for_entry=is_stop
    )


def _transfer_word(row: tuple[Any, ...]) -> str:
    _, status, state, is_past, _ = row
    return transfer_progress(status=status, submission_state=state, past_deadline=is_past)
