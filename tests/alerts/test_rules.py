"""Who may keep which alerts, and whose they are."""

from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.limits import MOST_ALERTS
from alerts.models import Alert, AlertFiring
from alerts.services import (
    create_alert,
    delete_alert,
    list_alerts,
    pause_alert,
    read_firing,
    resume_alert,
)
from audit.models import AuditLog
from core.errors import Conflict, NotAllowed, NotFound, Refused
from core.roles import as_admin, as_sync, as_user
from tests import factories
from tests.alerts.worlds import NOW, a_market, an_alert, at, price, stored, told, wish
from tests.prices import store_prices
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _market():
    a_market()


def kept(user):
    with as_sync():
        return Alert.objects.filter(user=user).count()


def test_a_persons_life_with_an_alert_is_in_the_log():
    mine = factories.user()
    store_prices([price(120)])
    made = an_alert(mine, every=timedelta(hours=1), note="sell half")
    assert (made.price, made.band, made.note) == (120, Decimal("0.75"), "sell half")
    pause_alert(user_id=mine.id, alert_id=made.id, now=NOW)
    pause_alert(user_id=mine.id, alert_id=made.id, now=NOW)
    [listed] = list_alerts(user_id=mine.id)
    assert (listed.paused, listed.price, listed.market) == (True, 120, "SOL-PERP")
    resume_alert(user_id=mine.id, alert_id=made.id)
    delete_alert(user_id=mine.id, alert_id=made.id)
    delete_alert(user_id=mine.id, alert_id=made.id)

    assert list_alerts(user_id=mine.id) == ()
    assert at(160)["fired"] == 0
    with pytest.raises(Conflict, match=r"alert\.ended"):
        resume_alert(user_id=mine.id, alert_id=made.id)
    with as_admin():
        log = AuditLog.objects.filter(resource_id=str(made.id)).order_by("created_at", "id")
        assert [entry.action for entry in log] == [
            "alert.created", "alert.paused", "alert.resumed", "alert.cancelled",
        ]  # fmt: skip


def test_anothers_alert_and_its_firing_are_not_there():
    mine, other = factories.user(), factories.user()
    made = an_alert(mine)
    at(151)
    with as_sync():
        firing = AlertFiring.objects.get()

    for act in (
        lambda: pause_alert(user_id=other.id, alert_id=made.id, now=NOW),
        lambda: resume_alert(user_id=other.id, alert_id=made.id),
        lambda: delete_alert(user_id=other.id, alert_id=made.id),
        lambda: read_firing(user_id=other.id, firing_id=firing.id),
    ):
        with pytest.raises(NotFound, match=r"alert\.not_found"):
            act()
    assert (stored(made).status, list_alerts(user_id=other.id)) == ("triggered", ())
    assert read_firing(user_id=mine.id, firing_id=firing.id).value == 151
    with as_user(other.id):
        assert not Alert.objects.exists()
        assert not AlertFiring.objects.exists()


def test_the_last_place_of_a_tier_is_taken_once_by_two_at_once(monkeypatch):
    monkeypatch.setitem(MOST_ALERTS, "free", 3)
    mine = factories.user()
    for target in ("151", "152"):
        an_alert(mine, target=target)

    found = all_at_once(*[lambda t=target: an_alert(mine, target=t) for target in ("153", "154")])

    [refusal] = [each for each in found if isinstance(each, Exception)]
    assert (refusal.code, kept(mine)) == ("alert.too_many", 3)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"every": timedelta(seconds=59)}, "alert.repeat_out_of_range"),
        ({"every": timedelta(days=31)}, "alert.repeat_out_of_range"),
        ({"expires_at": NOW}, "alert.until_out_of_range"),
        ({"expires_at": NOW + timedelta(days=400)}, "alert.until_out_of_range"),
        ({"note": "x" * 201}, "alert.note_too_long"),
        ({"note": "a\x00b"}, "alert.note_too_long"),
        ({"symbol": "NOPE"}, "market.not_found"),
        ({"symbol": "'; DROP TABLE alerts; --"}, "market.not_found"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(asked, code):
    mine = factories.user()
    with pytest.raises((Refused, NotFound)) as refused:
        create_alert(user_id=mine.id, wish=wish(**asked), now=NOW)
    assert (refused.value.code, kept(mine), told()) == (code, 0, 0)


def test_the_same_alert_is_kept_once_and_who_is_suspended_keeps_none():
    mine, out = factories.user(), factories.suspended_user()
    an_alert(mine)
    with pytest.raises(Conflict, match=r"alert\.exists"):
        an_alert(mine)
    with pytest.raises(NotAllowed):
        an_alert(out)
    assert (kept(mine), kept(out)) == (1, 0)


def test_alerts_of_play_money_are_on_the_prices_that_it_is_played_at():
    mine = factories.user()
    made = an_alert(mine, deployment="paper")
    assert made.deployment == "velocity"
    assert at(151)["fired"] == 1
