"""Paper accounts between the database and the plain values that the rules work on."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from core.roles import acting, as_sync
from core.uuid7 import uuid7
from trading.models import PaperAccount, PaperEvent, PaperMarket, PaperOrder, PaperPosition
from trading.paper.book import Book, Held, RestingOrder, Terms
from trading.paper.telling import to_json
from trading.venues.base import Acceptance

# The same names in the book and in the table.
_ORDER = (
    "label", "market_index", "order_type", "direction", "size", "price", "trigger_price",
    "oracle_offset", "reduce_only", "post_only", "immediate_or_cancel", "triggered", "seen",
    "priced_at", "expires_at",
)  # fmt: skip
_HELD = ("base", "entry_quote", "quote", "funded_at")


@contextmanager
def joined() -> Iterator[None]:
    """The caller's transaction, or one across users: a venue is asked from both."""
    with nullcontext() if acting() else as_sync():
        yield


def read_terms() -> dict[int, Terms]:
    """Every market that was ever traded on paper, by its index."""
    with joined():
        rows = list(PaperMarket.objects.all())
    return {row.market_index: terms_of(row) for row in rows}


def terms_of(row: PaperMarket) -> Terms:
    return Terms(
        market_index=row.market_index,
        symbol=row.symbol,
        tick=row.tick_size or Decimal("0.0001"),
        step=row.step_size or Decimal("0.001"),
        minimum=row.min_order_size or Decimal("0.001"),
        initial_ratio=row.initial_ratio,
        maintenance_ratio=row.maintenance_ratio,
        is_open=row.status == "active",
    )


def load_book(account: PaperAccount) -> Book:
    orders = PaperOrder.objects.filter(account=account).order_by("number")
    positions = PaperPosition.objects.filter(account=account).order_by("market_index")
    return Book(
        balance=account.balance,
        sequence=account.sequence,
        next_number=account.next_order_id,
        deposited=account.deposited,
        withdrawn=account.withdrawn,
        orders={
            row.number: RestingOrder(
                number=row.number,
                filled=row.filled_size,
                **{name: getattr(row, name) for name in _ORDER},
            )
            for row in orders
        },
        positions={
            row.market_index: Held(
                market_index=row.market_index, **{name: getattr(row, name) for name in _HELD}
            )
            for row in positions
        },
    )


@contextmanager
def one_step(account: PaperAccount, *, cause: str, now: datetime) -> Iterator["Step"]:
    """The book of a locked account; what the block does to it is kept, with an event of it."""
    with localcontext(prec=80):
        step = Step(account, load_book(account))
        yield step
        step.keep(cause=cause, now=now)


class Step:
    """A book under way, and the event that it becomes; `event_id` is None where nothing is told."""

    def __init__(self, account: PaperAccount, book: Book) -> None:
        self.account = account
        self.book = book
        self.event_id: uuid.UUID | None = None

    def acceptance(self, order_ids: list[str]) -> Acceptance:
        return Acceptance(
            signature="" if self.event_id is None else str(self.event_id),
            slot=self.account.sequence,
            venue_order_ids=tuple(order_ids),
        )

    def keep(self, *, cause: str, now: datetime) -> None:
        book, account = self.book, self.account
        _keep_orders(account, book)
        _keep_positions(account, book)
        if not book.events:
            return
        self.event_id = uuid7()
        account.sequence = book.step
        account.balance, account.next_order_id = book.balance, book.next_number
        account.deposited, account.withdrawn = book.deposited, book.withdrawn
        account.save()
        PaperEvent(
            id=self.event_id,
            user_id=account.user_id,
            account=account,
            sequence=account.sequence,
            cause=cause,
            occurred_at=now,
            told=[to_json(event) for event in book.events],
        ).save(force_insert=True)


def _keep_orders(account: PaperAccount, book: Book) -> None:
    rows = {row.number: row for row in PaperOrder.objects.filter(account=account)}
    gone = [row.pk for number, row in rows.items() if number not in book.orders]
    if gone:
        PaperOrder.objects.filter(pk__in=gone).delete()
    for number, order in book.orders.items():
        values = {name: getattr(order, name) for name in _ORDER} | {"filled_size": order.filled}
        _write(
            rows.get(number) or PaperOrder(user_id=account.user_id, account=account, number=number),
            values,
        )


def _keep_positions(account: PaperAccount, book: Book) -> None:
    rows = {row.market_index: row for row in PaperPosition.objects.filter(account=account)}
    gone = [row.pk for index, row in rows.items() if index not in book.positions]
    if gone:
        PaperPosition.objects.filter(pk__in=gone).delete()
    for index, held in book.positions.items():
        row = rows.get(index) or PaperPosition(
            user_id=account.user_id, account=account, market_index=index
        )
        _write(row, {name: getattr(held, name) for name in _HELD})


def _write(row: Any, values: dict[str, Any]) -> None:
    if not row._state.adding and all(getattr(row, name) == value for name, value in values.items()):
        return
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
