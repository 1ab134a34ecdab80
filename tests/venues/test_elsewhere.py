"""What people hold at venues that the desk only reads: booked, shown, aged, and never traded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from solders.keypair import Keypair

from accounts.models import Intent
from chain.models import Submission
from core.errors import Refused, Unavailable
from core.roles import as_sync, as_user
from core.uuid7 import uuid7
from laminator.figures import positions as figures_of_positions
from markets.models import Market
from markets.prices import Price
from tests import factories
from tests.prices import store_prices
from tests.venues.holdings import LONG_SOL, SHORT_BTC, put, solana_wallet
from trading import services, tasks
from trading.elsewhere import flash, jupiter
from trading.models import Order, OrderChange, Position, VenueAccount, VenueTransfer
from trading.wishes import OrderWish

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _new_readers():
    """A reader that rests after a failure is not another test's."""
    yield
    for module in (flash, jupiter):
        module._reader.cache_clear()


@pytest.fixture
def wallet(desk):
    return solana_wallet()


@pytest.fixture
def by_rest(desk, settings):
    """Jupiter's API is set."""
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"jupiter_perps_url": f"{desk.control_url}/jupiter"}
    )


def tell_prices(**prices):
    store_prices(
        Price(token=token, price=D(price), source="velocity", slot=1, observed_at=timezone.now())
        for token, price in prices.items()
    )


def sync(deployment, *, later=timedelta(0)):
    return services.sync_elsewhere(deployment=deployment, now=timezone.now() + later)


def rows(wallet, **wanted):
    with as_sync():
        return list(Position.objects.filter(wallet_id=wallet.pk, **wanted).select_related("market"))


def account(wallet, deployment):
    with as_sync():
        return VenueAccount.objects.get(wallet_id=wallet.pk, deployment=deployment)


def test_jupiter_positions_are_read_from_their_accounts_and_booked_with_venue_and_age(desk, wallet):
    put(desk, "jupiter", wallet, LONG_SOL, SHORT_BTC)
    tell_prices(SOL="165", BTC="71000")
    before = timezone.now()
    assert sync("jupiter") == {"wallets": 1, "seen": 1}
    sol, btc = sorted(rows(wallet), key=lambda row: row.market.symbol, reverse=True)
    assert (sol.deployment, sol.market.symbol, sol.side) == ("jupiter", "SOL-PERP", "long")
    assert (sol.size, sol.entry_price, sol.margin, sol.leverage) == (10, 150, 300, 5)
    assert (sol.mark_price, sol.unrealized_pnl) == (165, 150)
    assert (btc.side, btc.size, btc.unrealized_pnl) == ("short", D("0.1"), -100)
    assert sol.venue_ref != btc.venue_ref
    assert sol.liquidation_price is None
    seen = account(wallet, "jupiter")
    assert (seen.collateral, seen.status, seen.state) == (1300, "active", {"source": "accounts"})
    assert before <= seen.observed_at <= timezone.now()
    assert sol.updated_at == seen.observed_at
    assert desk.calls(service="jupiter") == []


def test_what_is_held_elsewhere_counts_in_the_views_the_figures_and_the_lists(
    desk, wallet, owner_sql
):
    put(desk, "jupiter", wallet, LONG_SOL)
    tell_prices(SOL="160")
    sync("jupiter")
    told = "SELECT deployment, size, unrealized_pnl FROM all_positions"
    assert owner_sql.execute(told).fetchall() == [("jupiter", 10, 100)]
    portfolio = "SELECT open_positions, total_unrealized_pnl FROM user_portfolio WHERE user_id = %s"
    assert owner_sql.execute(portfolio, [wallet.user_id]).fetchall() == [(1, 100)]
    with as_sync():
        found = figures_of_positions(now=timezone.now())
    assert (found.open, found.notional, found.unrealized_pnl) == (1, 1600, 100)
    # What can be closed is another list.
    assert services.list_positions(user_id=wallet.user_id) == ()
    [venue] = services.list_elsewhere(user_id=wallet.user_id)
    assert (venue.display_name, venue.positions[0].market) == ("Jupiter", "SOL-PERP")


def test_a_further_look_carries_on_closes_what_is_gone_and_opens_anew_what_is_new(desk, wallet):
    put(desk, "jupiter", wallet, LONG_SOL | {"opened_at": 1_790_000_000})
    tell_prices(SOL="160")
    sync("jupiter")
    more = LONG_SOL | {"size_usd": "3000", "opened_at": 1_790_000_000}
    put(desk, "jupiter", wallet, more)
    sync("jupiter", later=timedelta(minutes=1))
    [row] = rows(wallet)
    assert (row.size, row.peak_size, row.leverage) == (20, 20, 10)
    # Closed and opened again between two looks, in the very same place.
    put(desk, "jupiter", wallet, LONG_SOL | {"opened_at": 1_790_000_500})
    sync("jupiter", later=timedelta(minutes=2))
    [closed] = rows(wallet, status="closed")
    [opened] = rows(wallet, status="open")
    assert closed.pk == row.pk
    assert closed.venue_ref == opened.venue_ref
    assert (closed.size, closed.peak_size, closed.margin, closed.unrealized_pnl) == (0, 20, 0, 0)
    put(desk, "jupiter", wallet)
    sync("jupiter", later=timedelta(minutes=3))
    assert rows(wallet, status="open") == []
    assert account(wallet, "jupiter").collateral == 0


def test_a_look_that_is_older_than_what_is_booked_changes_nothing(desk, wallet):
    put(desk, "jupiter", wallet, LONG_SOL)
    sync("jupiter", later=timedelta(minutes=1))
    put(desk, "jupiter", wallet)
    services.look_elsewhere(wallet_id=wallet.pk, deployment="jupiter", now=timezone.now())
    assert [row.status for row in rows(wallet)] == ["open"]


def test_without_a_price_nothing_is_made_up_and_the_last_gain_stays(desk, wallet, redis_server):
    put(desk, "jupiter", wallet, LONG_SOL)
    sync("jupiter")
    [row] = rows(wallet)
    assert (row.mark_price, row.unrealized_pnl) == (None, 0)
    tell_prices(SOL="151")
    sync("jupiter", later=timedelta(minutes=1))
    redis_server.flushdb()
    sync("jupiter", later=timedelta(minutes=2))
    [row] = rows(wallet)
    assert (row.mark_price, row.unrealized_pnl) == (151, 10)


@pytest.mark.usefixtures("by_rest")
def test_jupiters_api_tells_more_where_it_is_set(desk, wallet):
    desk.set_price("SOL", 160)
    put(desk, "jupiter", wallet, LONG_SOL)
    desk.set_fault("jupiter.duplicate", count=1)
    sync("jupiter")
    [row] = rows(wallet)
    assert (row.size, row.margin, row.mark_price) == (10, 300, 160)
    assert row.unrealized_pnl == D("99.1")
    assert 120 < row.liquidation_price < 125
    assert account(wallet, "jupiter").state == {"source": "rest"}


@pytest.mark.usefixtures("by_rest")
@pytest.mark.parametrize("fault", ["html", "server_error", "truncated", "rate_limited"])
def test_where_jupiters_api_fails_the_accounts_are_read(desk, wallet, fault):
    put(desk, "jupiter", wallet, LONG_SOL)
    desk.set_fault(f"jupiter.{fault}", count=1)
    assert sync("jupiter") == {"wallets": 1, "seen": 1}
    [row] = rows(wallet)
    assert (row.size, row.entry_price) == (10, 150)
    assert account(wallet, "jupiter").state == {"source": "accounts"}
    assert len(desk.calls(service="jupiter")) == 1


def test_flash_positions_are_booked_from_the_chain_and_from_its_rollup(desk, wallet):
    desk.set_price("SOL", 160)
    put(desk, "flash", wallet, LONG_SOL, SHORT_BTC | {"on_rollup": True})
    desk.set_fault("flash.duplicate", count=1)
    assert sync("flash") == {"wallets": 1, "seen": 1}
    btc, sol = sorted(rows(wallet), key=lambda row: row.market.symbol)
    assert (sol.deployment, sol.side, sol.size, sol.margin) == ("flash", "long", 10, 300)
    assert (sol.mark_price, sol.unrealized_pnl) == (160, D("98.8"))
    assert 120 < sol.liquidation_price < 121
    assert (btc.side, btc.size, btc.entry_price) == ("short", D("0.1"), 70000)
    assert {sol.venue_ref[:3], btc.venue_ref[:3]} == {"v1:", "v2:"}


@pytest.mark.parametrize("fault", ["html", "server_error", "truncated", "rate_limited"])
def test_a_venue_that_is_down_leaves_the_last_figures_with_their_age(desk, wallet, fault):
    put(desk, "flash", wallet, LONG_SOL)
    put(desk, "jupiter", wallet, LONG_SOL)
    sync("flash")
    seen_at = account(wallet, "flash").observed_at
    desk.set_fault(f"flash.{fault}")
    put(desk, "flash", wallet)
    assert sync("flash", later=timedelta(minutes=1)) == {
        "wallets": 1, "seen": 0, "unreachable": "venue.unreachable",
    }  # fmt: skip
    assert sync("jupiter") == {"wallets": 1, "seen": 1}
    assert [row.status for row in rows(wallet)] == ["open", "open"]
    assert account(wallet, "flash").observed_at == seen_at
    told = services.read_elsewhere(
        user_id=wallet.user_id, deployment="flash", now=timezone.now() + timedelta(minutes=1)
    )
    assert not told.is_reachable
    assert (told.observed_at, len(told.positions)) == (seen_at, 1)


def test_one_wallets_senseless_answer_keeps_no_other_waiting(desk, wallet):
    other = solana_wallet()
    put(desk, "flash", wallet, LONG_SOL | {"asset": "<b>SOL</b>"})
    put(desk, "flash", other, LONG_SOL)
    assert sync("flash") == {"wallets": 2, "seen": 1}
    assert rows(wallet) == []
    assert len(rows(other)) == 1
    with as_sync():
        assert list(Market.objects.values_list("dex_name", "symbol").filter(dex_name="flash")) == [
            ("flash", "SOL-PERP")
        ]


def test_a_person_is_shown_what_is_there_now_and_taps_at_once_cost_one_request(desk, wallet):
    put(desk, "flash", wallet, LONG_SOL)
    now = timezone.now()
    asked = {"user_id": wallet.user_id, "deployment": "flash", "now": now}
    told = services.read_elsewhere(**asked)
    assert (told.is_reachable, told.observed_at, len(told.positions)) == (True, now, 1)
    before = len(desk.calls(service="flash"))
    assert services.read_elsewhere(**asked | {"now": now + timedelta(seconds=5)}) == told
    assert len(desk.calls(service="flash")) == before


def test_those_who_hold_something_are_looked_at_each_minute_the_others_now_and_then(desk, wallet):
    other = solana_wallet()
    put(desk, "flash", wallet, LONG_SOL)
    assert sync("flash") == {"wallets": 2, "seen": 2}
    assert sync("flash", later=timedelta(seconds=30)) == {"wallets": 0, "seen": 0}
    assert sync("flash", later=timedelta(seconds=60)) == {"wallets": 1, "seen": 1}
    assert sync("flash", later=timedelta(minutes=16)) == {"wallets": 2, "seen": 2}
    assert rows(other) == []


def test_a_pass_asks_for_many_wallets_at_once_and_for_no_more_than_its_limit(
    desk, wallet, monkeypatch
):
    for _ in range(13):
        solana_wallet()
    monkeypatch.setattr(jupiter.JupiterVenue, "pass_limit", 12)
    put(desk, "jupiter", wallet, LONG_SOL)
    sync("jupiter")
    desk.clear_calls()
    # Who holds something goes first, however many others have never been looked at.
    later = sync("jupiter", later=timedelta(minutes=1))
    assert later["wallets"] == 3
    assert len(desk.calls(method="getMultipleAccounts")) == 1


def test_another_person_sees_nothing_of_it(desk, wallet):
    put(desk, "jupiter", wallet, LONG_SOL)
    sync("jupiter")
    stranger = solana_wallet()
    assert services.list_elsewhere(user_id=stranger.user_id) == ()
    with as_user(stranger.user_id):
        assert not Position.objects.exists()
        assert not VenueAccount.objects.exists()


def test_the_jobs_look_at_both_venues_and_do_nothing_for_one_that_is_not_shown(
    desk, wallet, settings
):
    put(desk, "jupiter", wallet, LONG_SOL)
    put(desk, "flash", wallet, LONG_SOL)
    tasks.sync_jupiter()
    settings.READ_ONLY_VENUES = {"jupiter": django_settings.READ_ONLY_VENUES["jupiter"]}
    tasks.sync_flash()
    assert [row.deployment for row in rows(wallet)] == ["jupiter"]
    with pytest.raises(Refused, match="not_shown"):
        services.read_elsewhere(user_id=wallet.user_id, deployment="flash", now=timezone.now())


ORDER = {"symbol": "SOL", "side": "long", "size": D(1)}
ACTS = {
    "a quote": lambda where, _: services.preview_order(
        user_id=where["user_id"],
        wish=OrderWish(deployment=where["deployment"], **ORDER),
        now=where["now"],
    ),
    "a close": lambda where, _: services.preview_order(
        user_id=where["user_id"],
        wish=OrderWish(deployment=where["deployment"], symbol="SOL", side="long", percent=D(100)),
        now=where["now"],
    ),
    "a deposit": lambda where, act: services.place_deposit(
        **where, **act, amount=D(5), sponsor_fee=D(0)
    ),
    "a deposit's quote": lambda where, _: services.preview_deposit(**where, amount=D(5)),
    "a withdrawal's quote": lambda where, _: services.preview_venue_withdrawal(
        **where, token_symbol="USDC", amount=D(5)
    ),
    "stops": lambda where, act: services.set_stops(
        **where, **act, symbol="SOL", stop_loss=D(140), take_profit=None
    ),
    "cancelling all": lambda where, act: services.cancel_all_orders(**where, **act),
    "a chart": lambda where, _: services.read_chart(
        user_id=where["user_id"], deployment=where["deployment"], symbol="SOL", now=where["now"]
    ),
}


@pytest.mark.parametrize("deployment", ["jupiter", "flash"])
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_act_there_is_refused_by_its_reason_and_leaves_nothing(desk, wallet, deployment, act):
    put(desk, deployment, wallet, LONG_SOL)
    sync(deployment)
    before = [row.size for row in rows(wallet)]
    desk.clear_calls()
    where = {"user_id": wallet.user_id, "deployment": deployment, "now": timezone.now()}
    with pytest.raises(Refused) as refused:
        act(where, {"channel": "telegram", "key": str(uuid7())})
    assert refused.value.code == "venue.read_only"
    assert [row.size for row in rows(wallet)] == before
    with as_sync():
        for model in (Intent, Submission, Order, OrderChange, VenueTransfer):
            assert not model.objects.exists(), model
    assert desk.calls(method="sendTransaction") == desk.calls(service="privy") == []


def test_closing_everything_leaves_alone_what_is_held_elsewhere(desk, wallet):
    put(desk, "jupiter", wallet, LONG_SOL)
    sync("jupiter")
    act = {"user_id": wallet.user_id, "channel": "telegram", "now": timezone.now()}
    facts = services.close_all_positions(**act, key="all")
    assert (facts.status, facts.reason) == ("not_executed", "change.nothing_to_do")
    services.panic(**act, key="panic")
    assert [row.status for row in rows(wallet)] == ["open"]
    with as_sync():
        assert not Submission.objects.exists()


def test_without_the_database_it_is_read_live(desk):
    address = str(Keypair().pubkey())
    put(desk, "jupiter", address, LONG_SOL)
    found = services.read_live_elsewhere(
        wallet_address=address, deployment="jupiter", now=timezone.now()
    )
    assert (found.live, found.positions[0].size) == (True, 10)
    desk.set_fault("flash.html")
    with pytest.raises(Unavailable, match="unreachable"):
        services.read_live_elsewhere(wallet_address=address, deployment="flash", now=timezone.now())


def test_a_wallet_without_a_solana_address_keeps_no_other_waiting(desk, wallet):
    factories.wallet(wallet_address="z" * 44)
    put(desk, "jupiter", wallet, LONG_SOL)
    assert sync("jupiter") == {"wallets": 2, "seen": 1}
    assert len(rows(wallet)) == 1
