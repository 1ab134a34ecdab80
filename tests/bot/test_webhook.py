"""Updates that Telegram pushes: with the secret alone, kept before they are acknowledged, once."""

import httpx
import pytest
from pydantic import SecretStr

from bot.models import TelegramUpdate
from core.roles import as_sync
from tests.bot.conftest import eventually
from tests.sandbox_server import free_ports
from tests.telegram_user import text_of

SECRET = "a-secret-of-this-test"


@pytest.fixture
def webhook_url(desk, settings):
    """The bot of this test listens there, and Telegram is told so."""
    port = free_ports(1)
    url = f"http://127.0.0.1:{port}/telegram"
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={
            "telegram_webhook_url": url,
            "telegram_webhook_secret": SecretStr(SECRET),
            "telegram_webhook_port": port,
            "laminator_host": "127.0.0.1",
        }
    )
    yield url
    httpx.post(f"{desk.telegram_url}/bot{token_of(settings)}/deleteWebhook")


def token_of(settings):
    return settings.ENVIRONMENT.telegram_bot_token.get_secret_value()


@pytest.fixture
def pushed(webhook_url, start_bot, join):
    """Erin, whose messages come by pushes."""
    start_bot()
    erin = join("Erin")
    eventually(lambda: is_listening(webhook_url))
    return erin


def is_listening(url):
    try:
        return httpx.post(url, json={}).status_code == 401
    except httpx.HTTPError:
        return False


def update(number, person, text):
    return {
        "update_id": number,
        "message": {
            "message_id": number, "date": 1, "text": text,
            "from": {"id": person.id, "is_bot": False, "first_name": "Erin"},
            "chat": {"id": person.id, "type": "private"},
        },
    }  # fmt: skip


def push(url, body, secret=SECRET):
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return httpx.post(url, json=body, headers=headers).status_code


def test_pushed_messages_are_answered(pushed):
    pushed.say("/help")
    pushed.wait_for("What I can do")


def test_a_push_without_the_secret_is_refused_and_leaves_nothing(pushed, webhook_url):
    assert push(webhook_url, update(900_001, pushed, "/help"), secret="another") == 401
    assert httpx.post(webhook_url, json=update(900_002, pushed, "/help")).status_code == 401
    with as_sync():
        assert not TelegramUpdate.objects.filter(pk__gte=900_000).exists()


def test_what_is_no_update_is_refused(pushed, webhook_url):
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    assert httpx.post(webhook_url, content=b"{not json", headers=headers).status_code == 400
    assert push(webhook_url, [1, 2]) == 400
    assert push(webhook_url, {"update_id": "one"}) == 200


def test_the_same_push_three_times_is_answered_once(pushed, webhook_url):
    pushed.say("/start")
    pushed.wait_for("Welcome")
    for _ in range(3):
        assert push(webhook_url, update(900_010, pushed, "/status")) == 200
    pushed.wait_for("Books (database)")
    pushed.say("/help")
    pushed.wait_for("What I can do")
    told = [text_of(message) for message in pushed.messages() if message["by_bot"]]
    assert sum("Books (database)" in text for text in told) == 1
