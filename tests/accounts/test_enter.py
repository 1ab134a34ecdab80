"""People come in by Telegram: made once, kept up to date, told apart."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import access_user, enter_telegram_user, find_user_by_telegram
from audit.models import AuditLog
from core.errors import NotAllowed, NotFound
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


def enter(telegram_id=77, username="tess", now=None):
    return enter_telegram_user(
        telegram_id=telegram_id, username=username, first_name="Tess", last_name=None,
        now=now or timezone.now(),
    )  # fmt: skip


def actions():
    with as_sync():
        rows = AuditLog.objects.filter(action__startswith="user.").order_by("created_at")
        return list(rows.values_list("action", flat=True))


def test_the_first_message_makes_the_person_and_the_next_does_not():
    first, is_new = enter()
    again, is_new_again = enter()
    assert (is_new, is_new_again, again.id) == (True, False, first.id)
    assert find_user_by_telegram(telegram_id=77) == first.id
    assert actions() == ["user.created"]


def test_many_first_messages_at_once_make_one_person():
    outcomes = all_at_once(*[enter] * 12)
    assert len({facts.id for facts, _ in outcomes}) == 1
    assert sum(is_new for _, is_new in outcomes) == 1
    with as_sync():
        assert User.objects.count() == 1


def test_a_new_name_is_kept_and_recorded():
    enter()
    facts, _ = enter(username="tess2")
    assert facts.username == "tess2"
    assert actions() == ["user.created", "user.changed"]


def test_the_last_sight_moves_once_a_minute():
    now = timezone.now().replace(second=0, microsecond=0)
    facts, _ = enter(now=now)

    def last_active():
        with as_sync():
            return User.objects.get(pk=facts.id).last_active

    enter(now=now + timedelta(seconds=40))
    assert last_active() == now
    enter(now=now + timedelta(seconds=61))
    assert last_active() == now + timedelta(seconds=61)


@pytest.mark.parametrize("status", ["suspended", "banned", "closed"])
def test_who_may_not_use_the_desk_is_told_so(status):
    user = factories.user(status=status)
    with pytest.raises(NotAllowed) as caught:
        access_user(user_id=user.pk)
    assert caught.value.params == {"status": status}


def test_nobody_is_not_found():
    assert find_user_by_telegram(telegram_id=1) is None
    with pytest.raises(NotFound):
        access_user(user_id=uuid7())
