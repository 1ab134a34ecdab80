"""Events of the desk: one row as long as they last, told to staff once, taken up by name."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError
from django.urls import reverse
from django.utils import timezone
from pydantic import SecretStr

from alerts.enums import Severity
from alerts.models import OutboxMessage, SystemEvent
from alerts.services import (
    acknowledge_system_event,
    record_system_event,
    resolve_system_events,
    watch_events,
)
from audit.models import AuditLog
from chain.services import halt_desk, lift_halt
from core.errors import Conflict, NotAllowed
from core.roles import as_admin, as_sync, as_user
from tests import factories
from tests.admin.conftest import enter  # noqa: F401  # a fixture
from trading.models import Difference
from trading.services.venue_gates import record_venue_gate

STAFF_CHAT = -1_001_234

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff_chat(settings):
    """Staff have a channel of their own; no node of the chain answers."""
    nowhere = (SecretStr("http://127.0.0.1:1"),)
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"telegram_staff_chat_id": STAFF_CHAT, "solana_rpc_urls": nowhere}
    )


def an_event(**changes):
    told = {
        "event_type": "test", "severity": Severity.CRITICAL, "source": "tests", "subject": "it",
        "message": "Something is wrong.", "now": timezone.now(),
    }  # fmt: skip
    return record_system_event(**told | changes)


def events(**wanted):
    with as_sync():
        return list(SystemEvent.objects.filter(**wanted).order_by("created_at"))


def told_to_staff():
    with as_sync():
        return OutboxMessage.objects.filter(chat_id=STAFF_CHAT, user=None).count()


def test_the_same_news_is_one_event_told_once():
    first = an_event()

    assert an_event() is None
    assert [row.pk for row in events()] == [first]
    assert told_to_staff() == 1


def test_other_words_of_the_same_thing_change_the_event_and_its_card():
    first = an_event()

    assert an_event(message="Now worse.") == first
    assert [row.message for row in events()] == ["Now worse."]
    assert told_to_staff() == 2
    with as_sync():
        assert OutboxMessage.objects.values("card").distinct().count() == 1


def test_only_what_is_critical_is_told_to_staff():
    an_event(severity=Severity.WARNING)

    assert len(events()) == 1
    assert told_to_staff() == 0


def test_what_ended_may_happen_anew():
    first = an_event()

    assert resolve_system_events(event_type="test", subject="it", now=timezone.now()) == 1
    assert resolve_system_events(event_type="test", subject="it", now=timezone.now()) == 0
    assert an_event() not in (None, first)
    assert [row.status for row in events()] == ["resolved", "new"]


def test_staff_take_an_event_up_once_and_by_name():
    with as_admin():
        one, other = factories.staff("ops"), factories.staff("risk")
    event_id = an_event()

    acknowledge_system_event(event_id=event_id, staff_id=one.pk, now=timezone.now())
    with pytest.raises(Conflict, match=r"system_event\.not_new"):
        acknowledge_system_event(event_id=event_id, staff_id=other.pk, now=timezone.now())

    [row] = events()
    assert (row.status, row.acknowledged_by_id) == ("acknowledged", one.pk)
    with as_sync():
        assert AuditLog.objects.filter(action="systemevent.acknowledged").count() == 1


@pytest.mark.parametrize("role", ["viewer", "trader"])
def test_who_may_not_act_takes_nothing_up(role):
    with as_admin():
        who = factories.staff(role)
    event_id = an_event()

    with pytest.raises(NotAllowed):
        acknowledge_system_event(event_id=event_id, staff_id=who.pk, now=timezone.now())

    assert [row.status for row in events()] == ["new"]
    assert told_to_staff() == 1


def test_the_list_of_events_takes_them_up(enter):  # noqa: F811
    event_id = an_event()
    page = reverse("admin:alerts_systemevent_changelist")
    wish = {"action": "acknowledge", "_selected_action": [str(event_id)]}

    enter("viewer").post(page, wish)
    by_viewer = events()[0].status
    enter("support").post(page, wish)

    assert (by_viewer, events()[0].status) == ("new", "acknowledged")


def test_a_persons_transaction_sees_no_event():
    an_event()

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        as_user(factories.user().pk),
    ):
        SystemEvent.objects.exists()


def test_a_halt_is_critical_until_the_desk_goes_on():
    halt_desk(reason="restored", now=timezone.now())
    halt_desk(reason="restored", now=timezone.now())

    [halt] = events(event_type="desk_halted")
    assert (halt.severity, halt.status, told_to_staff()) == ("critical", "new", 1)
    lift_halt(now=timezone.now())
    assert [row.status for row in events(event_type="desk_halted")] == ["resolved"]


def test_a_closed_gate_is_told_with_its_reasons_and_ends_with_the_next_good_look():
    now = timezone.now()
    record_venue_gate(deployment="drift", reasons=[], now=now)
    assert events() == []

    record_venue_gate(deployment="drift", reasons=["The venue has paused trading."], now=now)
    record_venue_gate(deployment="drift", reasons=["The venue has paused trading."], now=now)

    [closed] = events()
    assert closed.subject == "drift"
    assert "paused trading" in closed.message
    assert told_to_staff() == 1
    record_venue_gate(deployment="drift", reasons=[], now=now)
    assert [row.status for row in events()] == ["resolved"]


def test_a_difference_that_grows_old_is_told_until_it_agrees_again():
    account = factories.venue_account()
    with as_sync():
        row = Difference.objects.create(account=account, what="collateral", expected=1, actual=2)
        assert not SystemEvent.objects.exists()
        row.owner, row.escalated_at = "ops", timezone.now()
        row.save()

    [told] = events()
    assert (told.event_type, told.subject) == ("difference_unexplained", str(row.pk))
    with as_sync():
        row.resolved_at = timezone.now()
        row.save()
    assert [each.status for each in events()] == ["resolved"]


def test_an_outcome_unknown_past_its_deadline_is_told_until_it_is_known():
    now = timezone.now()
    with as_sync():
        sent = factories.signed_submission(
            state="sent", created_at=now - timedelta(minutes=9), deadline=now
        )
    assert watch_events(now=now + timedelta(minutes=1)) == {"unknown": 0}

    assert watch_events(now=now + timedelta(minutes=5)) == {"unknown": 1}
    assert watch_events(now=now + timedelta(minutes=6)) == {"unknown": 1}

    assert [row.status for row in events(event_type="unknown_outcomes")] == ["new"]
    assert told_to_staff() == 1
    with as_sync():
        type(sent).objects.filter(pk=sent.pk).update(state="finalized")
    watch_events(now=now + timedelta(minutes=7))
    assert [row.status for row in events(event_type="unknown_outcomes")] == ["resolved"]
