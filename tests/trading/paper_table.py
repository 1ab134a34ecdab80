"""One paper account without a database: its clock, its prices, and what was told of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trading.enums import EntryKind
from trading.identities import perp_identity, spot_identity
from trading.paper import ledger
from trading.paper.book import Book, Mark, Terms
from trading.paper.matching import run_step
from trading.paper.taking import take_orders
from trading.venues.base import OrderRequest
from trading.venues.reports import EntryReport, FillReport, OrderEnded

START = datetime(2026, 11, 2, 10, 0, 1, tzinfo=UTC)
TERMS = {
    index: Terms(
        market_index=index,
        symbol=f"{name}-PERP",
        tick=Decimal(tick),
        step=Decimal(step),
        minimum=Decimal(step),
        initial_ratio=Decimal("0.05"),
        maintenance_ratio=Decimal("0.03"),
        is_open=True,
    )
    for index, (name, tick, step) in enumerate([("SOL", "0.01", "0.1"), ("BTC", "1", "0.001")])
}


class Table:
    """One account, its clock and its prices."""

    def __init__(self, money="10000"):
        self.book = Book(Decimal(0), 0, 1)
        self.now = START
        self.prices = {0: Decimal(100), 1: Decimal(60_000)}
        ledger.transfer(self.book, Decimal(money), self.now)
        self.told = []
        self.end_step()

    def end_step(self):
        new, self.book.events = self.book.events, []
        if new:
            self.book.sequence += 1
        self.told += new
        return new

    def order(self, direction="buy", size="1", **changes):
        named = {
            "wallet_address": "w", "market_index": 0, "order_type": "market",
            "direction": direction, "size": Decimal(size), "price": None, "reduce_only": False,
            "post_only": False, "label": 1, "expires_at": None,
        }  # fmt: skip
        decimals = ("price", "trigger_price", "oracle_offset")
        changes = {k: Decimal(v) if k in decimals else v for k, v in changes.items()}
        [order_id] = take_orders(self.book, [OrderRequest(**named | changes)], TERMS, self.now)
        self.end_step()
        return order_id

    def tick(self, price=None, *, seconds=1, btc=None):
        self.now += timedelta(seconds=seconds)
        if price is not None:
            self.prices[0] = Decimal(price)
        if btc is not None:
            self.prices[1] = Decimal(btc)
        marks = {index: Mark(price, self.now) for index, price in self.prices.items()}
        run_step(self.book, marks=marks, terms=TERMS, now=self.now)
        return self.end_step()

    def base(self, index=0):
        held = self.book.positions.get(index)
        return held.base if held else 0


def fills(events):
    return [event for event in events if isinstance(event, FillReport)]


def ends(events):
    return [event.why for event in events if isinstance(event, OrderEnded)]


def assert_sums(table):
    """Both identities over all that was told, exactly."""
    entries = [event for event in table.told if isinstance(event, EntryReport)]
    for index in TERMS:
        here = [e for e in entries if e.market_index == index]
        held = table.book.positions.get(index)
        told = [f for f in fills(table.told) if f.market_index == index]
        identity = perp_identity(
            market=str(index),
            fills=[(f.direction, f.quote, f.fee) for f in told],
            entries=[e.amount for e in here if e.kind != EntryKind.SETTLEMENT],
            settled=sum((e.amount for e in here if e.kind == EntryKind.SETTLEMENT), Decimal(0)),
            venue_quote=held.quote if held else Decimal(0),
        )
        assert identity.ours == identity.venue
    moved = [e.amount for e in entries if e.kind in ("deposit", "withdrawal", "settlement")]
    spot = spot_identity(
        token="pUSD", movements=moved, venue_amount=table.book.balance, unit=Decimal(0)
    )
    assert spot.holds
