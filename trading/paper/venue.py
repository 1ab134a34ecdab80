"""The paper venue of the desk: its own book in place of a chain."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, NoReturn, Self

from django.db import transaction
from django.utils import timezone

from core.errors import Misconfigured, Refused, Unavailable
from markets.enums import MarketType
from trading.enums import TransactionStatus, TransactionType
from trading.models import (
    Order,
    PaperAccount,
    PaperEvent,
    PaperMarket,
    Position,
    Transaction,
    VenueAccount,
)
from trading.paper import reporting, taking
from trading.paper.book import DEPLOYMENT, QUOTE_STEP, Book
from trading.paper.ledger import PLAY_MONEY
from trading.paper.prices import read_quoted
from trading.paper.store import Step, joined, load_book, one_step, read_terms
from trading.paper.telling import from_json
from trading.venues.base import Acceptance, ModifyRequest, OrderRequest
from trading.venues.reports import AccountReport, MarketReport, Quote, TransactionReport


class PaperVenue:
    """Accepts acts by `accept_*`; fills come from the ticks of `trading.services.tick_paper`."""

    deployment = DEPLOYMENT
    display_name = "Paper"
    quote_symbol = PLAY_MONEY
    quote_step = QUOTE_STEP
    capabilities = frozenset(str(one) for one in taking.CAPABILITIES)
    settles_on_chain = False
    # Play money is given by a reset, and neither deposited nor withdrawn.
    collateral_symbols: tuple[str, ...] = ()
    market_model: type[Any] = PaperMarket
    order_model: type[Any] = Order
    position_model: type[Any] = Position
    transaction_model: type[Any] = Transaction

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def account_address(self, wallet_address: str) -> str:
        return f"{DEPLOYMENT}:{wallet_address}"

    def read_markets(self) -> list[MarketReport]:
        with joined():
            return [_market(row) for row in PaperMarket.objects.order_by("market_index")]

    def read_accounts(
        self,
        addresses: Sequence[str],
        *,
        commitment: str = "confirmed",  # noqa: ARG002 - what is in the book is final
        min_slot: int | None = None,
    ) -> list[AccountReport]:
        now = timezone.now()
        quoted, terms = read_quoted(), read_terms()
        prices = {index: one.price for index, one in quoted.items()}
        books = self._books(addresses)
        reports = []
        for address in addresses:
            book = books.get(address)
            if min_slot is not None and (0 if book is None else book.sequence) < min_slot:
                raise Unavailable("paper.not_there_yet")
            if book is None:
                reports.append(reporting.absent_report(address, now))
                continue
            _check_priced(book, prices)
            with localcontext(prec=80):
                reports.append(
                    reporting.account_report(
                        book, address=address, prices=prices, terms=terms, now=now
                    )
                )
        return reports

    def read_history(
        self, address: str, *, after: str, min_slot: int | None = None
    ) -> list[TransactionReport]:
        with joined():
            events = PaperEvent.objects.filter(account__address=address)
            last = events.order_by("-sequence").values_list("sequence", flat=True).first() or 0
            if min_slot is not None and last < min_slot:
                raise Unavailable("paper.not_there_yet")
            if after:
                seen = events.filter(pk=after).values_list("sequence", flat=True).first()
                events = events.filter(sequence__gt=seen or 0)
            rows = list(events.order_by("sequence"))
        return [
            TransactionReport(
                signature=str(row.pk),
                slot=row.sequence,
                block_time=row.occurred_at,
                finalized=True,
                complete=True,
                events=tuple(from_json(told) for told in row.told),
            )
            for row in rows
        ]

    def accept_orders(self, requests: Sequence[OrderRequest], *, now: datetime) -> Acceptance:
        with self._step(requests[0].wallet_address, "orders", now) as step:
            ids = taking.take_orders(step.book, requests, read_terms(), now)
        return step.acceptance(ids)

    def accept_modify(self, request: ModifyRequest, *, now: datetime) -> Acceptance:
        with self._step(request.wallet_address, "modify", now) as step:
            ids = taking.take_modify(step.book, request, read_terms())
        return step.acceptance(ids)

    def accept_cancel(
        self, *, wallet_address: str, venue_order_ids: Sequence[str], now: datetime
    ) -> Acceptance:
        with self._step(wallet_address, "cancel", now) as step:
            ids = taking.take_cancel(step.book, venue_order_ids)
        return step.acceptance(ids)

    def quote(self, request: OrderRequest, *, slippage: Decimal) -> Quote:
        """`slippage` is in percent of the expected price. Raises Unavailable without a price."""
        now = timezone.now()
        quoted, terms = read_quoted(), read_terms()
        if request.market_index not in terms:
            raise Refused("paper.market_closed")
        address = self.account_address(request.wallet_address)
        book = self._books([address]).get(address) or Book(Decimal(0), 0, 1)
        _check_priced(book, {index: one.price for index, one in quoted.items()})
        if request.market_index not in quoted:
            raise Unavailable("paper.no_price")
        with localcontext(prec=80):
            return reporting.quote_order(
                book, request, quoted=quoted, terms=terms, slippage=slippage, now=now
            )

    def oracle_prices(self) -> dict[int, tuple[Decimal, int, datetime]]:
        return {
            index: (one.price, one.slot, one.observed_at) for index, one in read_quoted().items()
        }

    def explain_error(self, error: Any, logs: Sequence[str] = ()) -> tuple[str, str]:  # noqa: ARG002
        return "paper.refused", f"The paper venue refused it: {error}."

    def deposit_cost(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused("paper.no_transfers")

    def plan_deposit(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused("paper.no_transfers")

    def withdrawable(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused("paper.no_transfers")

    def plan_withdraw(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused("paper.no_transfers")

    def plan_settle(self, *_: Any, **__: Any) -> NoReturn:
        raise Misconfigured("venue.has_no_messages", key=DEPLOYMENT)

    def plan_orders(self, *_: Any, **__: Any) -> NoReturn:
        raise Misconfigured("venue.has_no_messages", key=DEPLOYMENT)

    def plan_modify(self, *_: Any, **__: Any) -> NoReturn:
        raise Misconfigured("venue.has_no_messages", key=DEPLOYMENT)

    def plan_cancel(self, *_: Any, **__: Any) -> NoReturn:
        raise Misconfigured("venue.has_no_messages", key=DEPLOYMENT)

    def _books(self, addresses: Sequence[str]) -> dict[str, Book]:
        with joined():
            accounts = PaperAccount.objects.filter(address__in=list(addresses))
            return {account.address: load_book(account) for account in accounts}

    @contextmanager
    def _step(self, wallet_address: str, cause: str, now: datetime) -> Iterator[Step]:
        account = (
            PaperAccount.objects.select_for_update()
            .filter(address=self.account_address(wallet_address))
            .first()
        )
        if account is None:
            raise Refused("paper.no_account")
        with one_step(account, cause=cause, now=now) as step:
            yield step
        if step.event_id is not None:
            _book_act(step, cause, now)
            _have_it_carried_on(account, now)


def _check_priced(book: Book, prices: dict[int, Decimal]) -> None:
    """Raises Unavailable: an account is not valued without the price of what it holds."""
    if not book.positions.keys() <= prices.keys():
        raise Unavailable("paper.no_price")


def _book_act(step: Step, cause: str, now: datetime) -> None:
    """The act's own row, as a message has one; its id is the event's."""
    assert step.event_id is not None
    Transaction(
        id=step.event_id,
        user_id=step.account.user_id,
        wallet_id=step.account.wallet_id,
        deployment=DEPLOYMENT,
        tx_type=TransactionType.TRADE,
        tx_hash=str(step.event_id),
        status=TransactionStatus.CONFIRMED,
        block_number=step.account.sequence,
        block_timestamp=now,
        metadata={"act": cause},
        created_at=now,
    ).save(force_insert=True)


def _have_it_carried_on(account: PaperAccount, now: datetime) -> None:
    from trading.tasks import reconcile, tick_paper

    rows = VenueAccount.objects.filter(wallet_id=account.wallet_id, deployment=DEPLOYMENT)
    rows.update(wanted_at=now)
    wanted = rows.values_list("pk", flat=True).first()
    transaction.on_commit(lambda: tick_paper.delay(), robust=True)
    if wanted is not None:
        transaction.on_commit(lambda: reconcile.delay(str(wanted)), robust=True)


def _market(row: PaperMarket) -> MarketReport:
    return MarketReport(
        market_index=row.market_index,
        market_type=MarketType.PERPETUAL,
        symbol=row.symbol,
        base_asset=row.base_asset,
        quote_asset=row.quote_asset,
        status=row.status,
        min_order_size=row.min_order_size or Decimal(0),
        tick_size=row.tick_size or Decimal(0),
        step_size=row.step_size or Decimal(0),
        max_leverage=row.max_leverage or Decimal(1),
        max_order_size=row.max_order_size,
        category=None,
        oracle_source=DEPLOYMENT,
        oracle_address="",
        metadata={
            "initial_ratio": f"{row.initial_ratio:f}",
            "maintenance_ratio": f"{row.maintenance_ratio:f}",
        },
    )
