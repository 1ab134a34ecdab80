"""Recorded transactions through the reports: the desk's identities hold on every account."""

from decimal import Decimal

import pytest
from solders.pubkey import Pubkey

from drift.account_reader import reader_for
from drift.events import VenueEvent, parse_events
from drift.identities import interest
from drift.layouts.deployments import DRIFT, DRIFT_2024_10
from drift.margin_weights import signed_token_amount
from drift.reports import event_reports
from drift.token_words import TokenWords
from drift.units import from_quote, from_units
from tests.drift.recordings import SCENARIOS, scenario
from tests.drift.test_identities import changes, quote_of
from trading.enums import EntryKind
from trading.identities import perp_identity
from trading.venues.reports import (
    EntryReport,
    FillReport,
    OrderEnded,
    OrderPlaced,
    OrderReplaced,
)

READER = reader_for(DRIFT_2024_10)
TOKENS = {0: TokenWords("USDC", 6), 1: TokenWords("SOL", 9)}
PERP_KINDS = (EntryKind.FUNDING, EntryKind.KEEPER_CHARGE, EntryKind.LIQUIDATION, EntryKind.REWARD)
MOVES = (
    EntryKind.DEPOSIT,
    EntryKind.WITHDRAWAL,
    EntryKind.SETTLEMENT,
    EntryKind.TRANSFER,
)


def reports(events, address):
    return event_reports(
        events, user=Pubkey.from_string(address), tokens=TOKENS, quote_symbol="USDC"
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_perp_identity_holds_exactly_by_what_is_reported(name):
    for events, address, before, after, _, _ in changes(name):
        told = reports(events, address)
        entries = [event for event in told if isinstance(event, EntryReport)]
        change = quote_of(after, 0) - quote_of(before, 0)
        identity = perp_identity(
            market="SOL-PERP",
            fills=[(e.direction, e.quote, e.fee) for e in told if isinstance(e, FillReport)],
            entries=[entry.amount for entry in entries if entry.kind in PERP_KINDS],
            settled=sum(
                (entry.amount for entry in entries if entry.kind == EntryKind.SETTLEMENT),
                Decimal(0),
            ),
            venue_quote=from_quote(change),
        )
        assert identity.holds


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_spot_identity_holds_within_a_unit_an_event(name):
    for events, address, before, after, old_markets, markets in changes(name):
        told = [event for event in reports(events, address) if isinstance(event, EntryReport)]
        for index, market in markets.items():
            words = TOKENS[index]
            moved = [e.amount for e in told if e.kind in MOVES and e.token_symbol == words.symbol]
            was = before.spot_position(index) if before else None
            now = after.spot_position(index)
            tokens = signed_token_amount(now, market) if now else 0
            tokens -= signed_token_amount(was, old_markets[index]) if was else 0
            gained = interest(was, old_markets[index], market) if was else 0
            rest = from_units(tokens - gained, words.places) - sum(moved)
            assert abs(rest) <= len(moved) * from_units(1, words.places)


@pytest.mark.parametrize("name", SCENARIOS)
def test_placed_orders_are_those_that_the_account_counts(name):
    for events, address, before, after, _, _ in changes(name):
        placed = [e for e in reports(events, address) if isinstance(e, OrderPlaced | OrderReplaced)]
        if before is None or name == "log_truncation":
            continue
        perp = [int(event.order.venue_order_id) for event in placed]
        ids = range(before.next_order_id, after.next_order_id)
        assert set(perp) <= set(ids)
        known = {order.order_id for order in before.orders}
        for order in after.orders:
            if order.market_type == "Perp" and order.order_id not in known:
                assert order.order_id in perp


@pytest.mark.parametrize("name", SCENARIOS)
def test_orders_that_vanish_were_filled_or_are_reported_as_ended(name):
    for events, address, before, after, _, _ in changes(name):
        if before is None or name == "log_truncation":
            continue
        told = reports(events, address)
        ended = {e.venue_order_id for e in told if isinstance(e, OrderEnded)}
        ended |= {e.old_venue_order_id for e in told if isinstance(e, OrderReplaced)}
        filled = {e.venue_order_id for e in told if isinstance(e, FillReport)}
        left = {order.order_id for order in after.orders}
        for order in before.orders:
            if order.order_id not in left and order.market_type == "Perp":
                assert str(order.order_id) in ended | filled


def test_events_are_told_apart_by_their_line_and_kind():
    seen = set()
    for name in SCENARIOS:
        for number, step in enumerate(scenario(name)["steps"]):
            parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
            for address, account in step["accounts_after"].items():
                if account.get("kind") != "User":
                    continue
                for event in reports(parsed.events, address):
                    kind = event.kind if isinstance(event, EntryReport) else type(event)
                    key = (name, number, address, event.event_index, kind)
                    assert key not in seen
                    seen.add(key)
    assert {key[-1] for key in seen} >= {
        *PERP_KINDS[:2],
        *MOVES,
        EntryKind.REWARD,
        FillReport,
        OrderEnded,
        OrderPlaced,
    }


def test_an_end_says_whether_time_or_somebody_ended_it():
    ends = [
        (event.reason, event.why)
        for name in ("expire_keeper", "limit_cancel")
        for events, address, *_ in changes(name)
        for event in reports(events, address)
        if isinstance(event, OrderEnded)
    ]
    assert ("expired", "venue.order_expired") in ends
    assert ("cancelled", "venue.cancelled_by_owner") in ends


def test_a_keepers_trigger_is_charged_once():
    user = Pubkey.new_unique()
    fields = {
        "ts": 1_700_000_000,
        "action": "Trigger",
        "action_explanation": "None",
        "market_type": "Perp",
        "market_index": 0,
        "filler": Pubkey.new_unique(),
        "filler_reward": 10_000,
        "taker": user,
        "taker_fee": 10_000,
        "taker_order_id": 4,
        "maker": None,
    }
    (entry,) = reports([VenueEvent("OrderActionRecord", fields, 0, 3)], str(user))
    assert (entry.kind, entry.amount) == (EntryKind.KEEPER_CHARGE, Decimal("-0.01"))
    assert (entry.venue_order_id, entry.event_index) == ("4", 3)
    assert DRIFT.quote_symbol == entry.token_symbol
