"""Quiet hours on the clock of where the person is, also on the days when it is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.quiet_hours import quiet_until


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "hours", "zone", "until"),
    [
        ("2026-07-01T12:00", (22, 7), "Europe/Vienna", None),
        ("2026-07-01T20:30", (22, 7), "Europe/Vienna", "2026-07-02T05:00"),
        ("2026-01-01T20:30", (22, 7), "Europe/Vienna", None),
        ("2026-01-01T21:00", (22, 7), "Europe/Vienna", "2026-01-02T06:00"),
        ("2026-01-02T05:59", (22, 7), "Europe/Vienna", "2026-01-02T06:00"),
        ("2026-01-02T06:00", (22, 7), "Europe/Vienna", None),
        ("2026-07-01T05:00", (13, 15), "Asia/Kolkata", None),
        ("2026-07-01T08:00", (13, 15), "Asia/Kolkata", "2026-07-01T09:30"),
        # The night in which the clock goes forward has an hour less, that in which it goes back
        # an hour more.
        ("2026-03-28T21:30", (22, 7), "Europe/Vienna", "2026-03-29T05:00"),
        ("2026-10-24T20:30", (22, 7), "Europe/Vienna", "2026-10-25T06:00"),
        # An end that the clock skips; one that comes twice; a night that ends after both.
        ("2026-03-29T00:30", (22, 2), "Europe/Vienna", "2026-03-29T01:00"),
        ("2026-10-24T23:30", (22, 2), "Europe/Vienna", "2026-10-25T00:00"),
        ("2026-10-25T00:30", (22, 2), "Europe/Vienna", None),
        ("2026-10-25T01:30", (22, 3), "Europe/Vienna", "2026-10-25T02:00"),
        ("2026-07-01T12:00", None, "Europe/Vienna", None),
    ],
)
def test_quiet_ends_when_the_persons_clock_says_so(now, hours, zone, until):
    found = quiet_until(now=utc(now), hours=hours, time_zone=zone)

    assert found == (until and utc(until))


@hypothesis_settings(max_examples=40)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda hours: hours[0] != hours[1]),
    st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_quiet_is_always_less_than_two_days_and_over_at_its_end(naive, hours, zone):
    now = naive.replace(tzinfo=UTC)

    until = quiet_until(now=now, hours=hours, time_zone=zone)

    if until is not None:
        assert now <= until <= now + timedelta(hours=25)
        assert until.astimezone(ZoneInfo(zone)).hour in (hours[1], (hours[1] + 1) % 24)
        assert quiet_until(now=until, hours=hours, time_zone=zone) is None
