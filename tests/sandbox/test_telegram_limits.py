"""The Telegram stand-in refuses what Telegram refuses, in its words."""

import json

import aiohttp
import pytest

from sandbox.state import SandboxState
from sandbox.telegram.errors import ApiError
from sandbox.telegram.formatting import parse_formatted
from sandbox.telegram.world import DEFAULT_TOKEN
from tests.sandbox.telegram_service import ALICE, BOB, Telegram, in_telegram, telegram_running


def html(source: str) -> tuple[str, list[dict[str, object]]]:
    return parse_formatted(source, "HTML", [])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("a <i>b", 'Can\'t find end tag corresponding to start tag "i"'),
        ("é<foo>b</foo>", 'Unsupported start tag "foo" at byte offset 2'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag "),
    ],
)
def test_wrong_html_is_refused_as_telegram_words_it(source: str, problem: str) -> None:
    with pytest.raises(ApiError) as refusal:
        html(source)
    assert refusal.value.status == 400
    start = f"Bad Request: can't parse entities: {problem}"
    assert refusal.value.description.startswith(start)


def test_html_becomes_text_and_entities_in_utf16_units() -> None:
    text, entities = html(
        '  😀 <b>bold <i>both</i></b> &lt;&amp;&#36; <a href="https://x.io/">l</a>\n'
    )
    assert text == "😀 bold both <&$ l"
    assert entities == [
        {"type": "bold", "offset": 3, "length": 9},
        {"type": "italic", "offset": 8, "length": 4},
        {"type": "text_link", "offset": 17, "length": 1, "url": "https://x.io/"},
    ]


def test_code_blocks_name_their_language_and_hide_what_looks_like_a_link() -> None:
    text, entities = html('<pre><code class="language-json">/a @bob https://x.io</code></pre>')
    assert text == "/a @bob https://x.io"
    assert entities == [{"type": "pre", "offset": 0, "length": 20, "language": "json"}]


def test_commands_links_and_mentions_are_found_in_plain_text() -> None:
    _, entities = parse_formatted("/long sol, see https://x.io/a_b. @alice_trades $SOL", "", [])
    found = [(entity["type"], entity["offset"], entity["length"]) for entity in entities]
    assert found == [
        ("bot_command", 0, 5),
        ("url", 15, 16),
        ("mention", 33, 13),
        ("cashtag", 47, 4),
    ]


def test_a_link_that_telegram_cannot_open_loses_its_link_only() -> None:
    assert html('<a href="javascript:alert(1)">x</a>') == ("x", [])


def test_entities_given_by_hand_are_checked() -> None:
    bold = {"type": "bold", "offset": 0, "length": 1}
    assert parse_formatted("x", "", [bold]) == ("x", [bold])
    with pytest.raises(ApiError, match="can't parse MessageEntity"):
        parse_formatted("x", "", [{"type": "bold"}])


def test_other_parse_modes_are_not_there() -> None:
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        parse_formatted("*x*", "MarkdownV2", [])


@in_telegram
async def test_lengths_count_characters_after_the_html_is_parsed(telegram: Telegram) -> None:
    await telegram.start()
    longest = f"<b>{'😀' * 4096}</b>"
    body = await telegram.api("sendMessage", chat_id=ALICE, text=longest, parse_mode="HTML")
    assert len(body["result"]["text"]) == 4096
    too_long = await telegram.refusal("sendMessage", chat_id=ALICE, text="x" * 4097)
    assert too_long == "Bad Request: message is too long"
    empty = await telegram.refusal("sendMessage", chat_id=ALICE, text="<b> </b>", parse_mode="HTML")
    assert empty == "Bad Request: message text is empty"


@in_telegram
async def test_captions_end_at_1024_characters(telegram: Telegram) -> None:
    await telegram.start()
    sent = {}
    for length in (1024, 1025):
        form = aiohttp.FormData({"chat_id": str(ALICE), "caption": "x" * length})
        form.add_field("document", b"some bytes", filename="a.txt")
        url = f"{telegram.url}/bot{DEFAULT_TOKEN}/sendDocument"
        async with telegram.http.post(url, data=form) as response:
            sent[length] = await response.json()
    assert sent[1024]["ok"]
    assert sent[1025]["description"] == "Bad Request: message caption is too long"


@pytest.mark.parametrize(
    ("button", "problem"),
    [
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "url": "http://localhost:8000/"},
            "inline keyboard button URL 'http://localhost:8000/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "url": "ftp://example.com"},
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "web_app": {"url": "http://127.0.0.1/app"}},
            "inline keyboard button Web App URL 'http://127.0.0.1/app' is invalid: "
            "Only HTTPS links are allowed",
        ),
    ],
)
def test_wrong_buttons_are_refused(button: dict[str, object], problem: str) -> None:
    @in_telegram
    async def scenario(telegram: Telegram) -> None:
        await telegram.start()
        markup = {"inline_keyboard": [[button]]}
        refusal = await telegram.refusal(
            "sendMessage", chat_id=ALICE, text="x", reply_markup=markup
        )
        assert refusal == f"Bad Request: {problem}"
        assert len(telegram.world.messages[ALICE]) == 1

    scenario()


@in_telegram
async def test_64_bytes_of_callback_data_pass(telegram: Telegram) -> None:
    await telegram.start()
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "é" * 32}]]}
    body = await telegram.api("sendMessage", chat_id=ALICE, text="x", reply_markup=markup)
    assert body["result"]["reply_markup"] == markup


@in_telegram
async def test_an_edit_without_a_keyboard_takes_the_keyboard_away(telegram: Telegram) -> None:
    await telegram.start()
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "1"}]]}
    sent = await telegram.api("sendMessage", chat_id=ALICE, text="x", reply_markup=markup)
    card = {"chat_id": ALICE, "message_id": sent["result"]["message_id"]}
    same = await telegram.refusal("editMessageText", **card, text="x", reply_markup=markup)
    assert "message is not modified" in same
    edited = await telegram.api("editMessageText", **card, text="x")
    assert "reply_markup" not in edited["result"]
    assert edited["result"]["edit_date"] >= edited["result"]["date"]
    assert "message is not modified" in await telegram.refusal("editMessageReplyMarkup", **card)


@in_telegram
async def test_only_own_and_present_messages_are_edited_and_deleted(telegram: Telegram) -> None:
    await telegram.start()
    theirs = next(iter(telegram.world.messages[ALICE]))
    refusal = await telegram.refusal("editMessageText", chat_id=ALICE, message_id=theirs, text="x")
    assert refusal == "Bad Request: message can't be edited"
    assert (await telegram.api("deleteMessage", chat_id=ALICE, message_id=theirs))["ok"]
    again = await telegram.refusal("deleteMessage", chat_id=ALICE, message_id=theirs)
    assert again == "Bad Request: message to delete not found"
    sent = await telegram.api("sendMessage", chat_id=ALICE, text="old")
    telegram.state.clock.offset_seconds += 48 * 3600
    old = await telegram.refusal(
        "deleteMessage", chat_id=ALICE, message_id=sent["result"]["message_id"]
    )
    assert old == "Bad Request: message can't be deleted for everyone"


@in_telegram
async def test_floods_are_answered_with_the_seconds_to_wait(telegram: Telegram) -> None:
    await telegram.start()
    await telegram.start(BOB)
    for _ in range(20):
        assert (await telegram.api("sendMessage", chat_id=ALICE, text="x"))["ok"]
    flood = await telegram.api("sendMessage", chat_id=ALICE, text="x")
    assert flood["error_code"] == 429
    assert flood["description"] == "Too Many Requests: retry after 1"
    assert flood["parameters"] == {"retry_after": 1}
    assert (await telegram.api("sendMessage", chat_id=BOB, text="x"))["ok"]
    telegram.state.clock.offset_seconds += 2
    assert (await telegram.api("sendMessage", chat_id=ALICE, text="x"))["ok"]


@in_telegram
async def test_limits_hold_over_all_chats_and_for_groups_and_can_be_set(
    telegram: Telegram,
) -> None:
    async def set_limits(**rules: dict[str, float]) -> None:
        url = f"{telegram.url}/control/limits"
        async with telegram.http.put(url, json=rules) as response:
            assert response.status == 200

    await telegram.start()
    group = await telegram.post("groups", title="Desk", members=[ALICE])
    unlimited = {"per_second": 0, "burst": 0}
    await set_limits(overall={"per_second": 0.001, "burst": 2}, chat=unlimited)
    for _ in range(2):
        assert (await telegram.api("sendMessage", chat_id=ALICE, text="x"))["ok"]
    overall = await telegram.api("sendMessage", chat_id=group["id"], text="x")
    assert overall["parameters"]["retry_after"] > 900
    await set_limits(overall=unlimited)
    for _ in range(20):
        assert (await telegram.api("sendMessage", chat_id=group["id"], text="x"))["ok"]
    limited = await telegram.api("sendMessage", chat_id=group["id"], text="x")
    assert limited["parameters"] == {"retry_after": 3}


@in_telegram
async def test_a_pressed_button_can_be_answered_for_a_minute(telegram: Telegram) -> None:
    await telegram.start()
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "1"}]]}
    sent = await telegram.api("sendMessage", chat_id=ALICE, text="x", reply_markup=markup)
    message_id = sent["result"]["message_id"]
    press = await telegram.post(f"users/{ALICE}/press", message_id=message_id, button=0)
    telegram.state.clock.offset_seconds += 61
    late = await telegram.refusal("answerCallbackQuery", callback_query_id=press["query_id"])
    assert late == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )


@in_telegram
async def test_tokens_and_methods_must_be_known(telegram: Telegram) -> None:
    statuses = {}
    for path in ("bot1:wrong/getMe", "botnothing/getMe", f"bot{DEFAULT_TOKEN}/sendPoll"):
        async with telegram.http.get(f"{telegram.url}/{path}") as response:
            statuses[path] = (response.status, (await response.json())["error_code"])
    assert list(statuses.values()) == [(401, 401), (404, 404), (404, 404)]
    async with telegram.http.get(f"{telegram.url}/bot{DEFAULT_TOKEN}/GETME") as response:
        assert (await response.json())["result"]["is_bot"] is True


@in_telegram
async def test_offsets_confirm_and_kinds_not_asked_for_are_not_told(telegram: Telegram) -> None:
    for text in ("one", "two", "three"):
        await telegram.post(f"users/{ALICE}/say", text=text)

    async def texts(**parameters: object) -> list[str]:
        updates = (await telegram.api("getUpdates", **parameters))["result"]
        return [update["message"]["text"] for update in updates]

    assert await texts(limit=2) == ["one", "two"]
    first = (await telegram.api("getUpdates", limit=1))["result"][0]["update_id"]
    assert await texts(offset=first + 1) == ["two", "three"]
    assert await texts(offset=-1) == ["three"]
    assert await texts() == ["three"]
    assert await texts(offset=first + 3, allowed_updates=["callback_query"]) == []
    said = await telegram.post(f"users/{ALICE}/say", text="unheard")
    assert said["update_ids"] == [None]
    assert await texts(offset=first + 3) == []


@in_telegram
async def test_faults_duplicate_and_lose_updates(telegram: Telegram) -> None:
    telegram.state.faults.set("telegram.duplicate_update", kind="message", count=1)
    await telegram.post(f"users/{ALICE}/say", text="twice")
    telegram.state.faults.set("telegram.drop_update", kind="message", count=1)
    await telegram.post(f"users/{ALICE}/say", text="never")
    updates = (await telegram.api("getUpdates"))["result"]
    assert [update["message"]["text"] for update in updates] == ["twice", "twice"]
    assert len({update["update_id"] for update in updates}) == 1


@in_telegram
async def test_what_is_remembered_survives_a_restart(telegram: Telegram) -> None:
    await telegram.start()
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "1"}]]}
    sent = await telegram.api("sendMessage", chat_id=ALICE, text="card", reply_markup=markup)
    message_id = sent["result"]["message_id"]
    await telegram.api("editMessageText", chat_id=ALICE, message_id=message_id, text="done")
    await telegram.post(f"users/{BOB}/say", text="waiting")
    saved = json.loads(json.dumps(telegram.state.snapshot()))

    state = SandboxState()
    state.restore(saved)
    async with telegram_running(state) as again:
        messages = (await again.get(f"chats/{ALICE}/messages"))["messages"]
        assert messages == (await telegram.get(f"chats/{ALICE}/messages"))["messages"]
        [update] = (await again.api("getUpdates"))["result"]
        assert update["message"]["text"] == "waiting"
        sent = await again.api("sendMessage", chat_id=BOB, text="new")
        assert sent["result"]["message_id"] == message_id + 2
