"""A price makes an alert fire once, whoever evaluates it and however it trembles."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.models import Alert
from alerts.services import evaluate_prices, expire_alerts, pause_alert, resume_alert
from audit.models import AuditLog
from core.roles import as_admin, as_sync
from tests import factories
from tests.alerts.worlds import NOW, a_market, an_alert, at, firings, price, stored, told
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _market():
    a_market()


def test_a_price_that_trembles_is_told_once_by_two_evaluators_and_after_a_restart():
    an_alert(every=timedelta(minutes=1))
    trembling = ["149.9", "150.1", "149.8", "150.3", "149.7", "150.2", "149.9", "150.4"]

    for second, amount in enumerate(trembling):
        both = all_at_once(*[lambda a=amount, s=second: at(a, seconds=s * 120)] * 2)
        assert all(isinstance(each, dict) for each in both), both
        # Neither evaluator remembers anything.
        connection.close()

    assert (told(), firings()) == (1, [(1, Decimal("150.1"))])

    # Only back beyond the band is it another time.
    at("149.24", seconds=1000)
    at("150.5", seconds=1001)
    assert firings() == [(1, Decimal("150.1")), (2, Decimal("150.5"))]


def test_four_evaluators_at_once_tell_each_of_many_alerts_once():
    people = [factories.user() for _ in range(20)]
    made = [
        an_alert(of, condition=condition, target=target)
        for of in people
        for condition, target in (("greater_than", "150"), ("less_than", "170"), ("equals", "155"))
    ]

    found = all_at_once(*[lambda: at(160)] * 4)

    # Until a price was seen, what is to be met does not know its side.
    at("155", seconds=1)
    assert sum(each["fired"] for each in found) == 40
    assert told() == len(made)
    assert {number for number, _ in firings()} == {1}


def test_a_firing_its_message_and_its_log_entry_are_one_transaction():
    alert = an_alert()
    with as_sync():
        assert at(151)["fired"] == 1
        transaction.set_rollback(True)
    assert (told(), firings(), stored(alert).status) == (0, [], "active")

    assert at(151, seconds=5) == {"fired": 1, "armed": 0}
    after = stored(alert)
    assert (told(), after.status, after.trigger_count) == (1, "triggered", 1)
    assert after.triggered_at == NOW + timedelta(seconds=5)
    with as_admin():
        [entry] = AuditLog.objects.filter(action="alert.triggered")
    assert (entry.user_id, entry.resource_id) == (after.user_id, str(alert.id))
    assert at(152, seconds=6) == {"fired": 0, "armed": 0}


def test_at_its_target_a_price_is_neither_above_nor_below():
    an_alert()
    an_alert(condition="less_than")
    assert at(150) == {"fired": 0, "armed": 0}
    assert at("150.000000000000000001", seconds=1)["fired"] == 1
    assert at("149.99", seconds=2)["fired"] == 1


def test_what_is_to_be_met_fires_from_either_side_and_not_from_where_it_stands():
    an_alert(condition="equals", every=timedelta(minutes=1))
    assert at("150.2") == {"fired": 0, "armed": 0}
    assert at("151", seconds=10) == {"fired": 0, "armed": 1}
    assert at("149.9", seconds=20) == {"fired": 1, "armed": 0}
    assert at("150.1", seconds=100) == {"fired": 0, "armed": 0}
    assert at("149", seconds=110) == {"fired": 0, "armed": 1}
    assert at("150", seconds=120) == {"fired": 1, "armed": 0}


def test_two_firings_are_not_closer_than_was_asked_for():
    an_alert(every=timedelta(minutes=10))
    assert at(151)["fired"] == 1
    assert at(140, seconds=10)["armed"] == 1
    assert at(151, seconds=599)["fired"] == 0
    assert at(151, seconds=600)["fired"] == 1


def test_what_has_expired_or_is_paused_tells_nothing():
    gone = an_alert(expires_at=NOW + timedelta(seconds=60))
    resting = an_alert(target="151")
    mine = stored(resting).user_id
    pause_alert(user_id=mine, alert_id=resting.id, now=NOW)

    assert at(160, seconds=60)["fired"] == 0
    assert expire_alerts(now=NOW + timedelta(seconds=59)) == 0
    assert expire_alerts(now=NOW + timedelta(seconds=60)) == 1
    assert (told(), stored(gone).status) == (0, "expired")

    resume_alert(user_id=mine, alert_id=resting.id)
    assert at(160, seconds=61)["fired"] == 1


def test_a_stale_price_and_one_of_another_market_are_no_reason_to_tell():
    an_alert()
    evaluate_prices(prices=[price(151)], now=NOW + timedelta(seconds=31))
    at(151, token="BTC")
    assert (evaluate_prices(prices=[], now=NOW), told()) == ({"fired": 0, "armed": 0}, 0)


@given(path=st.lists(st.integers(1480, 1520), min_size=1, max_size=25))
@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_price_does_it_fires_as_a_switch_with_a_band_does(path):
    with as_sync():
        Alert.objects.all().delete()
    alert = an_alert(every=timedelta(minutes=1))
    armed, wanted = True, 0
    for step, tenth in enumerate(path):
        amount = Decimal(tenth) / 10
        at(amount, seconds=60 * step)
        if armed and amount > 150:
            armed, wanted = False, wanted + 1
        elif not armed and amount <= Decimal("149.25"):
            armed = True
    assert (stored(alert).trigger_count, stored(alert).armed) == (wanted, armed)


def test_the_search_reads_no_more_than_what_prices_reach():
    """By the plan: both looks go by their indexes, whatever the planner thinks of a price."""
    from alerts.transitions import BY_PRICES

    told_of = {"sources": ["velocity"], "tokens": ["SOL"], "prices": [150], "now": timezone.now()}
    owner = factories.user()
    factories.alert(owner)
    with as_sync(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {BY_PRICES}", told_of)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "alerts_rising" in plan
    assert "alerts_falling" in plan
