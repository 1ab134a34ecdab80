"""What the compiled program was recorded doing, booked by us: both identities hold to the unit."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from solders.pubkey import Pubkey

from core.roles import as_sync
from drift.account_reader import reader_for
from drift.account_report import _balances, _tokens, open_order
from drift.events import parse_events
from drift.layouts.deployments import DRIFT, DRIFT_2024_10
from drift.markets import token_symbol
from drift.models import DriftOrder
from drift.reports import event_reports
from drift.token_words import TokenWords
from drift.units import from_base, from_quote
from tests.drift.recordings import account_bytes, scenario
from tests.trading.books import Books, position_state
from trading.enums import ORDER_LIVE, EntryKind
from trading.venues.reports import FillReport, TransactionReport

READER = reader_for(DRIFT_2024_10)
# Between them every kind of fill, charge and payment; and the rest beside them.
TELLING = ["funding", "liquidation", "mixed_1", "modify_partfilled", "borrow_interest"]
OTHERS = ["auction_fill", "expire_keeper", "match", "mixed_2", "mixed_3", "mixed_4", "mixed_5",
          "mixed_6", "orphan_stop", "partial_fill_modify", "reduce_only", "settle", "stop_trigger",
          "take_flip", "withdraw"]  # fmt: skip


@dataclass
class Person:
    """Somebody's account in a recording, and our books of it."""

    books: Books
    user: Pubkey
    account: object = None
    history: list = field(default_factory=list)

    def hear(self, markets, clock):
        """All so far, beside the account as its bytes are now."""
        seen = SimpleNamespace(spot_markets=markets)
        positions = tuple(
            position_state(
                market_index=each.market_index,
                side="long" if each.base_asset_amount >= 0 else "short",
                size=from_base(abs(each.base_asset_amount)),
                quote_amount=from_quote(each.quote_asset_amount),
            )
            for each in self.account.perp_positions
        )
        orders = [open_order(each) for each in self.account.orders if each.market_type == "Perp"]
        self.books.hear(
            *self.history,
            slot=clock["slot"],
            observed_at=datetime.fromtimestamp(clock["unix_timestamp"], UTC),
            tokens=_tokens(seen, self.account),
            balances=_balances(seen, self.account),
            positions=positions,
            orders=tuple(orders),
        )
        assert self.books.differences() == {}

    def assert_true(self):
        held = {p.market_index: from_base(p.base_asset_amount) for p in self.account.perp_positions}
        ours = {
            p.market_index: p.size if p.side == "long" else -p.size
            for p in self.books.positions(status="open")
        }
        assert ours == {index: size for index, size in held.items() if size}
        rests = {
            str(order.order_id): from_base(order.base_asset_amount_filled)
            for order in self.account.orders
            if order.market_type == "Perp"
        }
        with as_sync():
            rows = DriftOrder.objects.filter(wallet=self.books.wallet, status__in=ORDER_LIVE)
            live = {row.venue_order_id: row for row in rows}
        assert live.keys() == rests.keys()


def _play(name, venue, market):
    """Book a recording in two parts; everybody in it."""
    people, markets = {}, {}
    steps = scenario(name)["steps"]
    for kept in (scenario(name)["genesis"]["accounts"], *(s["accounts_after"] for s in steps)):
        for entry in kept.values():
            if entry.get("kind") == "SpotMarket" and "data_zb64" in entry:
                read = READER.spot_market(owner=DRIFT.program_id, data=account_bytes(entry))
                markets.setdefault(read.market_index, read)
    tokens = {i: TokenWords(token_symbol(each), each.decimals) for i, each in markets.items()}
    for number, step in enumerate(steps):
        parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
        for address, entry in step["accounts_after"].items():
            if "data_zb64" not in entry:
                continue
            data = account_bytes(entry)
            if entry["kind"] == "SpotMarket":
                read = READER.spot_market(owner=DRIFT.program_id, data=data)
                markets[read.market_index] = read
            elif entry["kind"] == "User":
                person = people.setdefault(
                    address, Person(Books(venue, market), Pubkey.from_string(address))
                )
                person.account = READER.user(owner=DRIFT.program_id, data=data)
        if step["error"] is None:
            for person in people.values():
                events = event_reports(
                    parsed.events, user=person.user, tokens=tokens, quote_symbol="USDC"
                )
                person.history.append(_transaction(name, number, step, events))
        if number in (len(steps) // 2, len(steps) - 1):
            for person in people.values():
                person.hear(markets, step["clock"])
                person.assert_true()
    return list(people.values())


def _transaction(name, number, step, events):
    clock = step["clock"]
    return TransactionReport(
        signature=f"{name} {number}",
        slot=clock["slot"],
        block_time=datetime.fromtimestamp(clock["unix_timestamp"], UTC),
        finalized=True,
        complete=True,
        events=events,
    )


@pytest.mark.parametrize(
    "name", [*TELLING, *(pytest.param(each, marks=pytest.mark.long) for each in OTHERS)]
)
def test_recorded_transactions_are_booked_to_the_unit(venue, market, name):
    people = _play(name, venue, market)

    assert all(person.books.fills() or person.books.entries() for person in people)
    kinds = {entry.kind for person in people for entry in person.books.entries()}
    if name == "funding":
        assert EntryKind.FUNDING in kinds
    if name == "borrow_interest":
        assert EntryKind.INTEREST in kinds
    if name == "liquidation":
        told = [event for person in people for one in person.history for event in one.events]
        assert any(isinstance(event, FillReport) and event.is_liquidation for event in told)
    for person in people:
        before = person.books.everything()
        person.books.forget_cursor()
        person.books.look()
        assert person.books.everything() == before
