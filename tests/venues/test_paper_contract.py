"""The paper venue keeps the contract of a venue, as far as that is not about a chain.

Of the shared cases those are left out that need a node, a keeper that fills a part, or a margin
that is asked for when an order is placed: on paper it is asked for when the order fills.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Misconfigured, Refused, Unavailable
from tests.venues import (
    contract,
    contract_changes,
    contract_fates,
    contract_orders,
    contract_quotes,
)
from tests.venues.contract import assert_identities
from tests.venues.paper_bench import START, PaperBench, open_markets, tell_prices
from trading.enums import EntryKind
from trading.venues.base import accepting, get_venue
from trading.venues.reports import OrderEnded

SLIPPAGE = Decimal(1)
_LEFT_OUT = {
    "test_a_deposit_of_another_token_or_of_parts_of_a_unit_is_refused",
    "test_a_failed_transaction_is_no_part_of_the_history_and_its_error_is_told",
    "test_a_first_deposit_makes_the_account_and_is_reported_once",
    "test_a_history_that_is_to_be_younger_than_the_node_is_unavailable",
    "test_a_paused_exchange_is_told_by_its_code",
    "test_a_second_deposit_makes_nothing_and_costs_no_rent",
    "test_a_sponsor_pays_the_way_and_is_paid_back_in_the_quote_token",
    "test_a_stale_oracle_shows_in_the_quotes_age",
    "test_a_stop_or_target_fires_once_the_price_is_there_and_closes_the_position",
    "test_a_stop_outlives_its_time_at_the_venue_until_it_is_cancelled",
    "test_a_withdrawal_beside_a_position_is_refused_at_a_stale_price_by_its_code",
    "test_a_withdrawal_over_the_markets_limit_of_the_day_is_refused_by_its_code",
    "test_an_expired_order_ends_as_expired_and_its_keeper_charge_is_reported",
    "test_an_immediate_order_at_a_stale_price_neither_fills_nor_rests",
    "test_an_immediate_order_that_finds_a_part_takes_it_and_leaves_nothing",
    "test_an_order_of_a_wallet_without_an_account_is_refused_before_signing",
    "test_an_order_that_filled_in_part_and_then_expired_is_told_whole",
    "test_an_order_that_filled_in_part_keeps_its_remainder_through_a_change",
    "test_an_order_that_only_makes_and_would_cross_is_not_taken",
    "test_bytes_that_are_no_account_of_the_venue_are_not_believed",
    "test_fills_are_told_once_each_with_an_id_of_their_own",
    "test_history_goes_on_after_a_signature_and_becomes_final",
    "test_lamports_sent_to_its_address_in_advance_do_not_make_an_account",
    "test_messages_fit_the_chain_and_pass_their_own_check",
    "test_of_several_orders_all_are_placed_or_none",
    "test_the_size_of_a_change_is_what_remains_to_be_filled",
}
_SHARED = [
    each
    for module in (contract, contract_changes, contract_fates, contract_orders, contract_quotes)
    for name, each in vars(module).items()
    if name.startswith("test_") and name not in _LEFT_OUT
]
globals().update({each.__name__: each for each in _SHARED})


@pytest.fixture
def prices(db, redis_server):
    open_markets()
    tell_prices(SOL=150, BTC=60_000)


@pytest.fixture
def bench(request, prices):
    """Of the shared cases a wallet without an account, of those below one that is open."""
    return PaperBench(opened=request.function not in _SHARED)


@pytest.fixture
def newcomer(prices):
    return PaperBench(opened=False)


@pytest.fixture
def make_bench(prices):
    return lambda _: PaperBench(opened=False)


def test_opening_gives_the_play_money_of_the_settings_once(newcomer):
    newcomer.open()
    newcomer.open()
    report = newcomer.report()
    assert (report.exists, report.status) == (True, "active")
    assert report.tokens == {"pUSD": START}
    assert report.collateral == report.free_collateral == START
    (entry,) = newcomer.entries(EntryKind.DEPOSIT)
    assert (entry.amount, entry.token_symbol) == (START, "pUSD")
    assert_identities(newcomer)


def test_an_order_beyond_the_collateral_is_seen_in_its_quote_and_never_fills(bench):
    request = bench.order_request("buy", "1500")
    quote = bench.venue.quote(request, slippage=SLIPPAGE)
    assert quote.initial_margin + quote.fee > quote.free_collateral
    bench.accept(request)
    bench.tick()
    (ended,) = bench.events(OrderEnded)
    assert ended.why == "venue.insufficient_collateral"
    assert bench.fills() == []


def test_a_wallet_without_an_account_can_be_quoted_and_is_refused(newcomer):
    quote = newcomer.venue.quote(newcomer.order_request("buy", "1"), slippage=SLIPPAGE)
    assert (quote.collateral, quote.free_collateral) == (0, 0)
    assert quote.initial_margin > 0
    with pytest.raises(Refused, match=r"paper\.no_account"):
        newcomer.accept_one()


def test_an_expired_order_ends_as_expired_also_without_a_price(bench, redis_server):
    bench.accept_one(expires_at=datetime.now(UTC) + timedelta(seconds=5))
    redis_server.flushdb()
    bench.tick(now=datetime.now(UTC) + timedelta(seconds=4))
    assert len(bench.report().orders) == 1
    bench.tick(now=datetime.now(UTC) + timedelta(seconds=6))
    (ended,) = bench.events(OrderEnded)
    assert ended.reason == "expired"
    assert bench.fills() == []


def test_history_goes_on_after_a_signature_and_is_final(bench):
    first = bench.history()[0].signature
    second = bench.accept_one().signature
    assert [report.signature for report in bench.history()] == [first, second]
    assert [report.signature for report in bench.history(after=first)] == [second]
    assert bench.history(after=second) == []
    assert all(report.finalized and report.complete for report in bench.history())


def test_a_read_before_an_event_that_is_not_there_is_unavailable(bench):
    slot = bench.report().slot
    assert len(bench.history(min_slot=slot)) == 1
    with pytest.raises(Unavailable):
        bench.venue.read_accounts([bench.account], min_slot=slot + 1)
    with pytest.raises(Unavailable):
        bench.history(min_slot=slot + 1)


def test_a_stale_price_shows_in_the_quotes_age_and_matches_nothing(bench):
    bench.accept_one("buy", "1", expires_at=None)
    tell_prices(at=datetime.now(UTC) - timedelta(seconds=31), SOL=150, BTC=60_000)
    bench.tick()
    assert bench.fills() == []
    quote = bench.venue.quote(bench.order_request(), slippage=SLIPPAGE)
    assert quote.price_age_seconds > 30
    bench.tick(SOL=150)
    assert len(bench.fills()) == 1


def test_oracle_prices_have_a_slot_and_a_moment(bench):
    price, slot, at = bench.venue.oracle_prices()[0]
    assert (price, slot) == (150, 1)
    assert abs((datetime.now(UTC) - at).total_seconds()) < 30


def test_it_has_no_messages_and_the_others_accept_nothing(bench):
    for act in ("plan_orders", "plan_modify", "plan_cancel", "plan_settle"):
        with pytest.raises(Misconfigured):
            getattr(bench.venue, act)()
    for act in ("plan_deposit", "plan_withdraw", "deposit_cost", "withdrawable"):
        with pytest.raises(Refused, match="no_transfers"):
            getattr(bench.venue, act)()
    with pytest.raises(Misconfigured):
        accepting(get_venue("velocity"))


def test_a_bracket_is_taken_whole_or_not_at_all(bench):
    entry = bench.order_request("buy", "1")
    stop = bench.order_request("sell", "1", order_type="stop_market",
                               trigger_price=Decimal(140), reduce_only=True)  # fmt: skip
    bad = bench.order_request("sell", "1", order_type="take_profit_market", reduce_only=True)
    with pytest.raises(Refused, match="trigger_does_not_fit"):
        bench.accept(entry, stop, bad)
    assert len(bench.history()) == 1
    taken = bench.accept(entry, stop)
    assert taken.venue_order_ids == ("1", "2")
    bench.tick()
    bench.tick(SOL="139.5")
    assert bench.report().positions == ()
    assert len(bench.fills()) == 2
    assert_identities(bench)
