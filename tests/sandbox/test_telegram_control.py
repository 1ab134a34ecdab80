"""The control API plays users as strictly as Telegram's own apps would."""

import asyncio

import httpx
import pytest

from sandbox.telegram.world import DEFAULT_TOKEN
from tests.sandbox.telegram_service import ALICE, BOB, Telegram, in_telegram
from tests.sandbox_server import SandboxHandle
from tests.telegram_user import NothingCame, TelegramUser, buttons_of

CARD = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "yes:1"}, {"text": "No", "callback_data": "no:1"}],
        [{"text": "Web", "url": "https://example.com/"}],
    ]
}


async def card_for(telegram: Telegram, user_id: int = ALICE) -> int:
    await telegram.start(user_id)
    sent = await telegram.api("sendMessage", chat_id=user_id, text="Sure?", reply_markup=CARD)
    return int(sent["result"]["message_id"])


async def updates_of(telegram: Telegram) -> list[dict[str, object]]:
    return list((await telegram.api("getUpdates"))["result"])


@in_telegram
async def test_buttons_are_pressed_by_index_place_label_and_data(telegram: Telegram) -> None:
    message_id = await card_for(telegram)
    choices = ({"button": 1}, {"button": [0, 1]}, {"label": "No"}, {"data": "no:1"})
    for choice in choices:
        path = f"users/{ALICE}/press"
        assert (await telegram.post(path, message_id=message_id, **choice))["status"] == 200
    pressed = [update["callback_query"] for update in await updates_of(telegram)]
    assert [query["data"] for query in pressed] == ["no:1"] * 4
    assert len({query["id"] for query in pressed}) == 4
    assert pressed[0]["from"]["id"] == ALICE
    assert pressed[0]["message"]["message_id"] == message_id


@in_telegram
async def test_buttons_that_are_gone_are_pressed_only_as_stale(telegram: Telegram) -> None:
    message_id = await card_for(telegram)
    await telegram.api("editMessageText", chat_id=ALICE, message_id=message_id, text="Done")
    path = f"users/{ALICE}/press"
    gone = await telegram.post(path, message_id=message_id, data="yes:1")
    assert gone["status"] == 409
    assert await updates_of(telegram) == []
    stale = await telegram.post(path, message_id=message_id, data="yes:1", stale=True, times=2)
    first, second = await updates_of(telegram)
    assert first == second
    assert first["update_id"] == stale["update_id"]

    await telegram.api("deleteMessage", chat_id=ALICE, message_id=message_id)
    await telegram.post(path, message_id=message_id, data="yes:1", stale=True)
    inaccessible = (await updates_of(telegram))[-1]["callback_query"]["message"]
    assert inaccessible["date"] == 0
    assert "text" not in inaccessible


@in_telegram
async def test_a_link_button_sends_nothing_to_the_bot(telegram: Telegram) -> None:
    message_id = await card_for(telegram)
    answer = await telegram.post(f"users/{ALICE}/press", message_id=message_id, label="Web")
    assert answer["status"] == 409
    assert await updates_of(telegram) == []


@in_telegram
async def test_a_text_that_is_too_long_becomes_several_messages(telegram: Telegram) -> None:
    said = await telegram.post(f"users/{ALICE}/say", text="x" * 5000)
    assert [len(message["text"]) for message in said["messages"]] == [4096, 904]
    assert len(await updates_of(telegram)) == 2
    empty = await telegram.post(f"users/{ALICE}/say", text="  ")
    assert empty["status"] == 400


@in_telegram
async def test_users_edit_their_own_messages_only(telegram: Telegram) -> None:
    said = await telegram.post(f"users/{ALICE}/say", text="/long sol 10")
    message_id = said["messages"][0]["message_id"]
    telegram.world.updates.drop_pending()
    path = f"users/{ALICE}/edit"
    edited = await telegram.post(path, message_id=message_id, text="/long sol 1000")
    assert [old["text"] for old in edited["message"]["history"]] == ["/long sol 10"]
    [update] = await updates_of(telegram)
    assert update["edited_message"]["text"] == "/long sol 1000"
    foreign = await telegram.post(
        f"users/{BOB}/edit", message_id=message_id, text="x", chat_id=ALICE
    )
    assert foreign["status"] == 409
    bots = await card_for(telegram)
    assert (await telegram.post(path, message_id=bots, text="x"))["status"] == 409


@in_telegram
async def test_blocking_tells_the_bot_and_keeps_the_user_from_writing(telegram: Telegram) -> None:
    await telegram.start()
    await telegram.post(f"users/{ALICE}/block")
    assert (await telegram.post(f"users/{ALICE}/say", text="x"))["status"] == 409
    await telegram.post(f"users/{ALICE}/unblock")
    told = [update["my_chat_member"] for update in await updates_of(telegram)]
    assert [change["new_chat_member"]["status"] for change in told] == ["kicked", "member"]


@in_telegram
async def test_in_groups_the_bot_hears_commands_and_replies_to_it_alone(
    telegram: Telegram,
) -> None:
    group = await telegram.post("groups", title="Desk", members=[ALICE, BOB])
    chat = {"chat_id": group["id"]}
    sent = await telegram.api("sendMessage", **chat, text="hello all")
    telegram.world.updates.drop_pending()
    path = f"users/{BOB}/say"
    for text in ("just talk", "/start", "/start@other_bot", "/start@laminator_sandbox_bot"):
        await telegram.post(path, **chat, text=text)
    await telegram.post(path, **chat, text="yes", reply_to=sent["result"]["message_id"])
    heard = [update["message"] for update in await updates_of(telegram)]
    assert [message["text"] for message in heard] == [
        "/start",
        "/start@laminator_sandbox_bot",
        "yes",
    ]
    assert heard[0]["chat"] == {"id": group["id"], "title": "Desk", "type": "supergroup"}
    await telegram.post(f"groups/{group['id']}/bot", user_id=ALICE, status="kicked")
    refusal = await telegram.refusal("sendMessage", **chat, text="x")
    assert refusal == "Forbidden: bot was kicked from the supergroup chat"


@in_telegram
async def test_any_update_can_be_sent_twice_or_malformed_and_withdrawn(
    telegram: Telegram,
) -> None:
    broken = {"message": {"message_id": "not a number"}}
    await telegram.post("updates", update=broken, deliveries=1)
    await telegram.post("updates", update={"update_id": 5, "poll_answer": {}}, times=2)
    first = await updates_of(telegram)
    assert [update["update_id"] for update in first][:2] == [5, 5]
    assert first[2]["message"] == broken["message"]
    assert [update["update_id"] for update in await updates_of(telegram)] == [5, 5]


@in_telegram
async def test_waiting_for_changes_ends_with_the_first_one(telegram: Telegram) -> None:
    revision = (await telegram.get("state"))["revision"]
    waiting = asyncio.create_task(telegram.get("changes", after=revision, timeout=60, chat_id=BOB))
    await telegram.start(ALICE)
    await telegram.post(f"users/{BOB}/say", text="now")
    [change] = (await waiting)["changes"]
    assert (change["kind"], change["message"]["text"]) == ("message", "now")
    assert (await telegram.get("changes", after=change["revision"]))["changes"] == []


@in_telegram
async def test_a_page_of_another_origin_cannot_act(telegram: Telegram) -> None:
    url = f"{telegram.url}/control/users/{ALICE}/say"
    async with telegram.http.post(url, data='{"text": "/panic"}') as response:
        assert response.status == 415
    assert await updates_of(telegram) == []


@in_telegram
async def test_unknown_ids_and_mistyped_fields_are_named(telegram: Telegram) -> None:
    assert (await telegram.post("users/1/say", text="x"))["error"] == "there is no user 1"
    mistyped = await telegram.post(f"users/{ALICE}/say", text=5)
    assert mistyped["error"] == "text must be a string"
    taken = await telegram.post("users", id=ALICE, first_name="Eve")
    assert taken["status"] == 409
    created = await telegram.post("users", first_name="Carol")
    assert created["id"] == BOB + 1


def test_a_user_waits_for_what_the_bot_shows(sandbox: SandboxHandle) -> None:
    user = TelegramUser(sandbox.telegram_url)
    bot = httpx.Client(base_url=f"{sandbox.telegram_url}/bot{DEFAULT_TOKEN}/")
    user.say("/start")
    sent = bot.post("sendMessage", json={"chat_id": user.id, "text": "Hi", "reply_markup": CARD})
    card = user.wait_for("Hi")
    assert buttons_of(card) == ["Yes", "No", "Web"]
    query_id = user.press(card, "Yes")
    bot.post("answerCallbackQuery", json={"callback_query_id": query_id, "text": "Done"})
    assert user.answer_to(query_id)["text"] == "Done"
    message_id = sent.json()["result"]["message_id"]
    edit = {"chat_id": user.id, "message_id": message_id, "text": "Hi again"}
    bot.post("editMessageText", json=edit)
    assert user.wait_for("Hi")["history"] != []
    with pytest.raises(NothingCame, match="Hi again"):
        user.wait_for("never", seconds=0.05)
    user.close()
    bot.close()
