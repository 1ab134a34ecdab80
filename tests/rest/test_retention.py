"""Requests are forgotten after their time; that their keys were used never is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import RestCall
from accounts.services.rest_calls import act_once, forget_calls
from core.errors import Refused
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=40)


def act(person, key, *, body="x", acts=None, now=None):
    return act_once(
        user_id=person.pk, key=key, request={"body": body}, now=now or timezone.now(),
        act=lambda name: (acts if acts is not None else []).append(name) or "acted",
        read_again=lambda intent_id: intent_id,
    )  # fmt: skip


def kept():
    with as_sync():
        return RestCall.objects.count()


def test_old_requests_are_forgotten_and_young_ones_are_not(owner_sql):
    person, now = factories.user(), timezone.now()
    factories.rest_call(person, created_at=now - LONG_AGO)
    young = factories.rest_call(person, created_at=now - timedelta(days=29))

    assert forget_calls(now=now) == {"forgotten": 1}
    assert forget_calls(now=now) == {"forgotten": 0}

    with as_sync():
        assert [row.pk for row in RestCall.objects.all()] == [young.pk]
    assert owner_sql.execute(
        "SELECT count(*), max(new_values->>'rows') FROM audit_logs"
        " WHERE action = 'restcall.forgotten'"
    ).fetchone() == (1, "1")


def test_a_request_that_is_under_way_is_not_forgotten():
    now = timezone.now()
    factories.rest_call(
        created_at=now - LONG_AGO, running=uuid7(), running_until=now + timedelta(seconds=30)
    )

    assert forget_calls(now=now) == {"forgotten": 0}


def test_a_key_whose_request_was_forgotten_acts_never_again():
    person, now, acts = factories.user(), timezone.now(), []
    factories.rest_call(person, idempotency_key="k", created_at=now - LONG_AGO)
    factories.intent(person, channel="rest", idempotency_key="k", created_at=now - LONG_AGO)
    forget_calls(now=now)

    for body in ("x", "x", "x"):
        with pytest.raises(Refused, match=r"request\.key_spent"):
            act(person, "k", body=body, acts=acts)
    with pytest.raises(Refused, match=r"request\.key_used"):
        act(person, "k", body="another", acts=acts)

    assert acts == []


def test_a_key_of_a_refused_request_may_be_tried_again_also_long_after():
    person, now, acts = factories.user(), timezone.now(), []
    factories.rest_call(person, idempotency_key="k", created_at=now - LONG_AGO)
    forget_calls(now=now)

    assert act(person, "k", acts=acts) == "acted"
    assert acts == ["k"]


def test_a_first_result_comes_again_as_long_as_its_request_is_known():
    person, now = factories.user(), timezone.now()
    then = now - timedelta(days=29)
    act(person, "k", now=then)
    made = factories.intent(person, channel="rest", idempotency_key="k", created_at=then)
    forget_calls(now=now)

    assert act(person, "k") == made.pk
    assert kept() == 1
