"""The paper venue keeps the contract of a venue, as far as that is not about a chain.

Of the shared cases those are left out that need a node, a keeper that fills a part, or a margin
that is asked for when an order is placed: on paper it is asked for when the order fills.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Misconfigured, Refused, Unavailable
from tests.venues.contract import (
    assert_identities,
)
from tests.venues.paper_bench import START, PaperBench, open_markets, tell_prices
from trading.enums import EntryKind
from trading.venues.base import accepting, get_venue
from trading.venues.reports import OrderEnded

SLIPPAGE = Decimal(1)
_SHARED = [
    each for name, each in list(globals().items()) if name.startswith("test_") and callable(each)
]


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
