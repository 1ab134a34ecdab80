"""The staff's channel hears of what is critical: by one message each, edited as it goes on."""

import httpx
import pytest
from django.utils import timezone

from alerts.enums import Severity
from alerts.services import acknowledge_system_event, record_system_event, resolve_system_events
from core.roles import as_admin
from tests import factories
from tests.bot.conftest import eventually
from tests.telegram_user import text_of


@pytest.fixture
def group(desk, join, settings, start_bot):
    """Reads the texts that the bot wrote to the staff's group, each with its earlier ones."""
    who = join("Sam")
    answer = httpx.post(
        f"{desk.telegram_url}/control/groups", json={"title": "Staff", "members": [who.id]}
    )
    assert answer.is_success, answer.text
    chat_id = int(answer.json()["id"])
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"telegram_staff_chat_id": chat_id}
    )
    start_bot()

    def read():
        url = f"{desk.telegram_url}/control/chats/{chat_id}/messages"
        return [each for each in httpx.get(url).json()["messages"] if each["by_bot"]]

    return read


def test_a_critical_event_is_one_message_that_follows_it(group):
    def tell(message):
        return record_system_event(
            event_type="desk_halted", severity=Severity.CRITICAL, source="chain", message=message,
            now=timezone.now(),
        )  # fmt: skip

    event_id = tell("restored <from> a copy")
    tell("restored <from> a copy")
    eventually(lambda: group() and "restored <from> a copy" in text_of(group()[0]))
    with as_admin():
        staff = factories.staff("ops")
    acknowledge_system_event(event_id=event_id, staff_id=staff.pk, now=timezone.now())
    eventually(lambda: f"Taken up by {staff.email}" in text_of(group()[0]))
    resolve_system_events(event_type="desk_halted", now=timezone.now())
    eventually(lambda: "It is over." in text_of(group()[0]))

    assert len(group()) == 1
