"""Balances of every recorded account change, explained by the events to the unit."""

import pytest
from solders.pubkey import Pubkey

from drift.account_reader import reader_for
from drift.events import VenueEvent, parse_events
from drift.identities import PerpTerms, interest, perp_terms, spot_terms
from drift.layouts.deployments import DRIFT, DRIFT_2024_10
from drift.margin_weights import signed_token_amount
from tests.drift.recordings import SCENARIOS, account_bytes, scenario

READER = reader_for(DRIFT_2024_10)


def kept(accounts, kind, read):
    return {
        address: read(owner=DRIFT.program_id, data=account_bytes(account))
        for address, account in accounts.items()
        if account.get("kind") == kind and "data_zb64" in account
    }


def changes(name):
    """(events, user address, account before, after, spot markets before, after) by step."""
    recording = scenario(name)
    genesis = recording["genesis"]["accounts"]
    users = kept(genesis, "User", READER.user)
    markets = {m.market_index: m for m in kept(genesis, "SpotMarket", READER.spot_market).values()}
    for step in recording["steps"]:
        parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
        after = step["accounts_after"]
        old_markets = dict(markets)
        for market in kept(after, "SpotMarket", READER.spot_market).values():
            markets[market.market_index] = market
        for address, account in kept(after, "User", READER.user).items():
            yield parsed.events, address, users.get(address), account, old_markets, dict(markets)
            users[address] = account
        for address, account in after.items():
            if account.get("closed"):
                users.pop(address, None)


def quote_of(account, market_index):
    position = account.perp_position(market_index) if account else None
    return position.quote_asset_amount if position else 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_quote_amounts_of_perp_positions_change_by_their_events_to_the_unit(name):
    for events, address, before, after, _, _ in changes(name):
        terms = perp_terms(events, Pubkey.from_string(address), 0)
        assert quote_of(after, 0) - quote_of(before, 0) == terms.total


@pytest.mark.parametrize("name", SCENARIOS)
def test_tokens_change_by_their_events_and_interest_within_a_unit_each(name):
    for events, address, before, after, old_markets, markets in changes(name):
        for index, market in markets.items():
            was = before.spot_position(index) if before else None
            now = after.spot_position(index)
            terms = spot_terms(events, Pubkey.from_string(address), index)
            tokens_before = signed_token_amount(was, old_markets[index]) if was else 0
            tokens_after = signed_token_amount(now, market) if now else 0
            gained = interest(was, old_markets[index], market) if was else 0
            rest = tokens_after - tokens_before - terms.total - gained
            assert abs(rest) <= terms.events


def test_the_recordings_exercise_every_term():
    seen = PerpTerms()
    deposits = withdrawals = 0
    for name in SCENARIOS:
        for events, address, *_ in changes(name):
            terms = perp_terms(events, Pubkey.from_string(address), 0)
            seen = PerpTerms(
                *(getattr(seen, f) + abs(getattr(terms, f)) for f in PerpTerms.__slots__)
            )
            spot = spot_terms(events, Pubkey.from_string(address), 0)
            deposits += spot.deposits
            withdrawals += spot.withdrawals
    assert all(getattr(seen, field) > 0 for field in PerpTerms.__slots__)
    assert deposits > 0 > withdrawals


def test_one_fill_between_two_of_our_users_counts_for_each_its_own_way():
    taker, maker = Pubkey.new_unique(), Pubkey.new_unique()
    fill = {
        "market_index": 3,
        "market_type": "Perp",
        "action": "Fill",
        "filler": maker,
        "filler_reward": 5,
        "quote_asset_amount_filled": 1000,
        "taker": taker,
        "taker_fee": 10,
        "taker_order_direction": "Long",
        "maker": maker,
        "maker_fee": -2,
        "maker_order_direction": "Short",
    }
    events = [VenueEvent("OrderActionRecord", fill, 0, 0)]
    assert perp_terms(events, taker, 3).total == -1010
    assert perp_terms(events, maker, 3) == PerpTerms(fills=1000, fees=2, rewards=5)
    assert perp_terms(events, maker, 4).total == 0
