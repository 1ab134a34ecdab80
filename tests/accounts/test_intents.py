"""One key, one act, for ever: also between threads, channels and people."""

import pytest
from django.utils import timezone

from accounts.models import Intent
from accounts.services import content_hash_of, end_intent, record_intent
from audit.models import AuditLog
from core.errors import Conflict
from core.roles import as_sync, as_user
from core.uuid7 import uuid7
from tests import factories
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db

CONTENT = {"size": "1", "symbol": "SOL"}


def record(user, key="key", channel="telegram", kind="order", content=CONTENT):
    with as_user(user.pk):
        return record_intent(
            intent_id=uuid7(), user_id=user.pk, channel=channel, key=key, kind=kind,
            content=content, deadline=None,
        )  # fmt: skip


def test_the_first_use_of_a_key_is_new_and_the_next_ones_give_the_same_row():
    user = factories.user()
    first, is_new = record(user)
    again, is_new_again = record(user, content={"symbol": "SOL", "size": "1"})
    assert (is_new, is_new_again, again.pk) == (True, False, first.pk)
    with as_sync():
        entry = AuditLog.objects.get(action="intent.created")
    assert entry.new_values == {"kind": "order"} | CONTENT


@pytest.mark.parametrize(
    "other", [{"content": {"size": "1.0", "symbol": "SOL"}}, {"kind": "close"}]
)
def test_a_key_of_other_content_is_a_conflict(other):
    user = factories.user()
    record(user)
    with pytest.raises(Conflict):
        record(user, **other)
    with as_sync():
        assert Intent.objects.count() == 1


def test_channels_and_people_have_keys_of_their_own():
    user = factories.user()
    ids = {record(user)[0].pk, record(user, channel="rest")[0].pk, record(factories.user())[0].pk}
    assert len(ids) == 3


def test_of_fifty_threads_one_makes_the_row():
    user = factories.user()
    outcomes = all_at_once(*[lambda: record(user)] * 50)
    assert sum(is_new for _, is_new in outcomes) == 1
    assert len({intent.pk for intent, _ in outcomes}) == 1


def test_an_act_that_is_rolled_back_leaves_its_key_free():
    user = factories.user()

    def crash():
        with as_user(user.pk):
            record(user)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert record(user)[1]


def test_the_hash_is_of_the_content_and_not_of_its_order():
    assert content_hash_of({"a": 1, "b": 2}) == content_hash_of({"b": 2, "a": 1})
    assert content_hash_of({"a": 1}) != content_hash_of({"a": "1"})


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ([True], "executed"),
        ([False], "not_executed"),
        ([False, True], "executed"),
        ([True, False], "executed"),
        ([False, False], "not_executed"),
    ],
)
def test_the_first_end_stays_but_what_was_executed_after_all_counts(ends, status):
    intent = factories.intent()
    now = timezone.now()
    for executed in ends:
        with as_sync():
            end_intent(intent_id=intent.pk, executed=executed, now=now)
    with as_sync():
        row = Intent.objects.get(pk=intent.pk)
        actions = set(
            AuditLog.objects.filter(resource_id=str(intent.pk)).values_list("action", flat=True)
        )
    assert (row.status, row.ended_at) == (status, now)
    assert f"intent.{status}" in actions


def test_what_has_no_intent_is_ended_without_one():
    with as_sync():
        end_intent(intent_id=uuid7(), executed=True, now=timezone.now())
        assert Intent.objects.count() == 0
