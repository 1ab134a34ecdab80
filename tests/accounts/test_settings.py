"""A person's settings: shapes, defaults, and changes that do not undo each other."""

import pytest

from accounts.models import UserSetting
from accounts.services import change_setting, read_settings
from accounts.settings_shapes import SHAPES
from core.errors import NotFound, Refused
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


def test_what_was_never_changed_has_its_default():
    settings = read_settings(user_id=factories.user().pk)
    assert set(settings) == set(SHAPES)
    assert settings["trading"]["default_slippage"] == "0.5"
    assert settings["risk_management"]["max_leverage"] == "10"


def test_a_change_keeps_the_other_fields_and_other_people():
    user, other = factories.user(), factories.user()
    change_setting(user_id=user.pk, key="trading", changes={"default_slippage": "1"})
    change_setting(user_id=user.pk, key="trading", changes={"auto_close": True})
    trading = read_settings(user_id=user.pk)["trading"]
    assert (trading["default_slippage"], trading["auto_close"]) == ("1", True)
    assert read_settings(user_id=other.pk)["trading"]["auto_close"] is False


def test_two_first_changes_at_once_are_both_kept():
    user = factories.user()
    changes = [{"default_slippage": "1"}, {"auto_close": True}, {"confirm": False}]
    outcomes = all_at_once(
        *[
            lambda change=change: change_setting(user_id=user.pk, key="trading", changes=change)
            for change in changes
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [dict] * 3
    trading = read_settings(user_id=user.pk)["trading"]
    assert (trading["default_slippage"], trading["auto_close"], trading["confirm"]) == (
        "1", True, False,
    )  # fmt: skip
    with as_sync():
        assert UserSetting.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(
    ("key", "changes", "code"),
    [
        ("unheard of", {}, "settings.unknown_key"),
        ("trading", {"unheard of": 1}, "settings.invalid"),
        ("trading", {"default_slippage": "0"}, "settings.invalid"),
        ("trading", {"default_slippage": "5.01"}, "settings.invalid"),
        ("trading", {"default_slippage": "NaN"}, "settings.invalid"),
        ("trading", {"priority_fee_cap": "1"}, "settings.invalid"),
        ("risk_management", {"max_leverage": "Infinity"}, "settings.invalid"),
        ("risk_management", {"max_leverage": "101"}, "settings.invalid"),
        ("trading", {"deployment": "unheard of"}, "settings.invalid"),
        ("display", {"time_zone": "Moon/Base"}, "settings.invalid"),
    ],
)
def test_a_bad_change_is_refused_and_writes_nothing(key, changes, code):
    user = factories.user()
    with pytest.raises(Refused) as caught:
        change_setting(user_id=user.pk, key=key, changes=changes)
    assert caught.value.code == code
    with as_sync():
        assert UserSetting.objects.count() == 0


def test_nobody_has_no_settings_to_change():
    with pytest.raises(NotFound):
        change_setting(user_id=uuid7(), key="trading", changes={"auto_close": True})


def test_a_chosen_venue_that_was_closed_counts_as_the_default_and_stops_no_other_change(settings):
    user = factories.user()
    change_setting(user_id=user.pk, key="trading", changes={"deployment": "drift"})
    assert read_settings(user_id=user.pk)["trading"]["deployment"] == "drift"
    settings.VENUES = {"velocity": settings.VENUES["velocity"]}
    assert read_settings(user_id=user.pk)["trading"]["deployment"] is None
    trading = change_setting(user_id=user.pk, key="trading", changes={"auto_close": True})
    assert (trading["auto_close"], trading["deployment"]) == (True, None)
    with pytest.raises(Refused):
        change_setting(user_id=user.pk, key="trading", changes={"deployment": "drift"})
