"""/alert and /alerts: what is typed, shown, tapped and told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from alerts.models import Alert
from alerts.services import evaluate_prices
from bot.alert_words import parse_alert, parse_until
from bot.texts.alerts import created_text, fired_text
from core.errors import Refused
from core.roles import as_sync
from markets.prices import Price
from tests import factories
from tests.telegram_user import text_of

NOW = datetime(2027, 3, 25, 12, 0, tzinfo=UTC)


def parse(text):
    return parse_alert(text, time_zone="Europe/Vienna", now=NOW)


def test_one_line_says_all_of_an_alert():
    said = parse("SOL>150 every 10m until 7d note sell <half> & rest")
    assert (said.symbol, said.condition, said.target) == ("SOL", "greater_than", 150)
    assert (said.every, said.note) == (timedelta(minutes=10), "sell <half> & rest")
    assert parse("sol below $0.00002").target == Decimal("0.00002")
    assert parse("SOL = 150").condition == "equals"


@pytest.mark.parametrize(
    ("typed", "there"),
    [
        # The clocks of Vienna go forward on 28 March 2027, at 01:00 UTC.
        ("7d", datetime(2027, 4, 1, 11, 0, tzinfo=UTC)),
        ("168h", datetime(2027, 4, 1, 12, 0, tzinfo=UTC)),
        ("18:30", datetime(2027, 3, 25, 17, 30, tzinfo=UTC)),
        ("13:00", datetime(2027, 3, 26, 12, 0, tzinfo=UTC)),
        ("2027-03-28", datetime(2027, 3, 28, 22, 0, tzinfo=UTC)),
    ],
)
def test_days_are_those_of_the_persons_calendar_also_when_clocks_are_put_forward(typed, there):
    assert parse_until(typed, time_zone="Europe/Vienna", now=NOW) == there


def test_the_hour_that_comes_twice_and_the_one_that_never_comes_are_moments():
    before = datetime(2027, 10, 30, 22, 0, tzinfo=UTC)
    assert parse_until("02:30", time_zone="Europe/Vienna", now=before) == datetime(
        2027, 10, 31, 0, 30, tzinfo=UTC
    )
    eve = datetime(2027, 3, 27, 22, 0, tzinfo=UTC)
    assert parse_until("02:30", time_zone="Europe/Vienna", now=eve) > eve


@pytest.mark.parametrize(
    "typed",
    [
        "SOL", "> 150", "SOL > ", "SOL > -5", "SOL > 1,5", "SOL > 1e5", "SOL > \u0661",
        "SOL > 150 < 160", "SOL > 150 every", "SOL > 150 every 10", "SOL > 150 every \u0662m",
        "SOL > 150 until yesterday", "SOL > 150 until 2027-02-30", "SOL > 150 until 9999-12-31",
        "SOL > 150 until 99999d 7", "SOL >= 150", "SOL > 150 note ", "\U0001f4a9 > 1", "x" * 400,
        "SOL > 150 150", "'; DROP TABLE alerts; -- > 1", "SOL > " + "9" * 30,
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_none_is_refused(typed):
    with pytest.raises(Refused):
        parse(typed)


def _prices(amount, now):
    return [Price(token="SOL", price=Decimal(amount), source="velocity", slot=1, observed_at=now)]


def test_an_alert_is_made_listed_told_paused_and_deleted_in_the_chat(carol, dave):
    carol.say("/alerts")
    carol.wait_for("You have no alerts")
    carol.say("/alert")
    carol.wait_for("each time it falls below")
    carol.say("/alert SOL > nonsense")
    carol.wait_for("is not an amount I can read")
    carol.say("/alert SOL > 1000000 every 10m until 7d note <b>sell</b> & rest")
    made = text_of(carol.wait_for("You are told each time"))
    assert "SOL above $1,000,000 at Velocity" in made
    assert "Again once it has been back below $995,000." in made
    assert "<b>sell</b> & rest" in made

    now = timezone.now()
    assert evaluate_prices(prices=_prices("1000001", now), now=now)["fired"] == 1
    fired = text_of(carol.wait_for("SOL is above $1,000,000"))
    assert "$1,000,001" in fired
    assert "<b>sell</b> & rest" in fired

    carol.say("/alerts")
    listed = carol.wait_for("told 1 times")
    carol.press(listed, "⏸ 1")
    paused = carol.wait_for("⏸ SOL")
    with as_sync():
        [alert] = Alert.objects.all()
    assert alert.paused_at is not None
    dave.say("/alerts")
    theirs = dave.wait_for("You have no alerts")
    dave.press_stale(theirs, f"al:d0:{alert.id.hex}")
    dave.wait_for("no such alert of yours")
    with as_sync():
        alert.refresh_from_db()
    assert alert.status == "active"
    carol.press(paused, "🗑 1")
    carol.wait_for("You have no alerts")
    with as_sync():
        alert.refresh_from_db()
    assert alert.status == "cancelled"


@pytest.mark.django_db
def test_what_a_person_wrote_is_shown_as_text_and_nothing_else():
    from tests.alerts.worlds import a_market, an_alert, at

    a_market()
    mine = factories.user()
    made = an_alert(mine, note='<a href="tg://user?id=1">x</a> & </b>')
    at(151)
    from alerts.models import AlertFiring
    from alerts.services import read_firing

    with as_sync():
        firing = AlertFiring.objects.get()
    told = read_firing(user_id=mine.id, firing_id=firing.id)
    for text in (created_text(made, time_zone="UTC"), fired_text(told, time_zone="UTC")):
        assert "&lt;a href=" in text
        assert "</b> &" not in text
        assert "<a " not in text
