"""What staff change in the back office: named things alone, by services, with a reason."""

import pytest
from django.urls import reverse

from accounts.models import User
from audit.models import AuditLog
from core.roles import as_sync
from drift.models import DriftMarket
from markets.models import Market
from trading.models import TradingStateRow


def test_an_admin_suspends_a_trader_and_the_audit_log_says_who_did_it(enter, rows):
    page = reverse("admin:accounts_user_change", args=[rows["user"].pk])

    wanted = {"status": "suspended", "trading_state": "halted", "reason": "a stolen phone"}
    answer = enter().post(page, wanted)

    assert answer.status_code == 302
    with as_sync():
        trader = User.objects.get(pk=rows["user"].pk)
        told = {
            entry.action: entry
            for entry in AuditLog.objects.filter(resource_id=str(trader.pk)).order_by("created_at")
        }
    assert (trader.status, trader.trading_state) == ("suspended", "halted")
    assert trader.email == rows["user"].email
    suspended, halted = told["user.status_set"], told["trading_state.set"]
    assert (suspended.old_values, halted.old_values) == ({"status": "active"}, {"state": "active"})
    for entry in (suspended, halted):
        assert entry.channel == "admin"
        assert entry.new_values["reason"] == "a stolen phone"
        assert entry.new_values["actor"] == str(entry.actor_id)


@pytest.mark.parametrize("wanted", [{"status": "banned"}, {"trading_state": "halted"}])
def test_nothing_is_decided_about_a_person_without_a_reason(enter, rows, wanted):
    page = reverse("admin:accounts_user_change", args=[rows["user"].pk])

    answer = enter().post(page, {"status": "active", "trading_state": "active"} | wanted)

    assert answer.status_code == 200
    assert "needs its reason" in answer.content.decode()
    with as_sync():
        trader = User.objects.get(pk=rows["user"].pk)
    assert (trader.status, trader.trading_state) == ("active", "active")


def test_no_admin_bans_or_unbans_an_account_of_their_own(enter):
    browser = enter()
    with as_sync():
        me = User.objects.get(role="admin").pk
    page = reverse("admin:accounts_user_change", args=[me])

    answer = browser.post(
        page, {"status": "suspended", "trading_state": "active", "reason": "a holiday"}
    )

    assert "their own account" in answer.content.decode()
    with as_sync():
        assert User.objects.get(pk=me).status == "active"


@pytest.mark.parametrize("role", ["viewer", "support", "ops", "risk", "finance"])
def test_who_is_no_admin_changes_nothing(enter, rows, role):
    page = reverse("admin:accounts_user_change", args=[rows["user"].pk])

    answer = enter(role).post(page, {"status": "banned", "trading_state": "halted"})

    assert answer.status_code == 403
    with as_sync():
        assert User.objects.get(pk=rows["user"].pk).status == "active"


def test_an_admin_writes_no_column_but_those_that_are_named(enter, rows):
    page = reverse("admin:accounts_user_change", args=[rows["user"].pk])

    enter().post(
        page,
        {
            "status": "active",
            "trading_state": "active",
            "reason": "mine now",
            "role": "admin",
            "balance_usd": "1000000",
        },
    )

    with as_sync():
        trader = User.objects.get(pk=rows["user"].pk)
    assert trader.role == "trader"
    assert trader.balance_usd == 0


def test_an_admin_pauses_a_market_and_a_viewer_cannot(enter, rows):
    page = reverse("admin:trading_tradingstaterow_add")
    with as_sync():
        market = DriftMarket.objects.select_related("catalogue").first()
    key = f"{market.deployment}:{market.symbol}"
    pause = {"scope": "market", "key": key, "state": "reduce_only", "reason": "oracle"}

    refused = enter("viewer").post(page, pause)
    taken = enter().post(page, pause)

    assert (refused.status_code, taken.status_code) == (403, 302)
    with as_sync():
        stored = TradingStateRow.objects.get(scope="market")
        told = AuditLog.objects.filter(action="trading_state.set").last()
    assert (stored.key, stored.state, stored.actor_id) == (key, "reduce_only", told.actor_id)
    assert (told.old_values["state"], told.new_values["reason"]) == ("active", "oracle")

    change = reverse("admin:trading_tradingstaterow_change", args=[stored.pk])
    assert enter().post(change, {"state": "active", "reason": "over"}).status_code == 302
    with as_sync():
        stored.refresh_from_db()
    assert (stored.state, stored.reason) == ("active", "over")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "market", "key": "SOL-PERP"},
        {"scope": "venue", "key": "nowhere"},
        {"scope": "desk", "key": "all"},
        {"scope": "user", "key": "someone"},
        {"scope": "venue", "key": "velocity", "reason": ""},
    ],
)
def test_a_pause_that_would_hold_for_nobody_is_refused_on_its_page(enter, rows, wrong):
    page = reverse("admin:trading_tradingstaterow_add")
    with as_sync():
        before = TradingStateRow.objects.count()

    answer = enter().post(page, {"state": "halted", "reason": "because"} | wrong)

    assert answer.status_code == 200
    with as_sync():
        assert TradingStateRow.objects.count() == before


def test_what_a_venue_says_of_its_market_nobody_writes(enter, rows):
    with as_sync():
        market = Market.objects.first()

    answer = enter().post(
        reverse("admin:markets_market_change", args=[market.pk]), {"status": "maintenance"}
    )

    assert answer.status_code == 403
    with as_sync():
        assert Market.objects.get(pk=market.pk).status == "active"
