"""The chat page in a real browser: what users see and what their taps do."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox.telegram.world import DEFAULT_TOKEN
from tests.chromium import running_chromium
from tests.sandbox_server import SandboxHandle

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}
ADDRESS = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


@dataclass
class Chat:
    """One user of the page, and the bot on the other side."""

    page: Page
    http: httpx.Client
    user_id: int
    problems: list[str] = field(default_factory=list)

    def bot(self, method: str, **parameters: Any) -> Any:
        parameters.setdefault("chat_id", self.user_id)
        answer = self.http.post(f"/bot{DEFAULT_TOKEN}/{method}", json=parameters).json()
        assert answer["ok"], answer
        return answer["result"]

    def send(self, text: str, *rows: list[dict[str, str]], **parameters: Any) -> int:
        markup = {"inline_keyboard": list(rows)} if rows else None
        sent = self.bot(
            "sendMessage", text=text, parse_mode="HTML", reply_markup=markup, **parameters
        )
        return int(sent["message_id"])

    def edit(self, message_id: int, text: str) -> None:
        self.bot("editMessageText", message_id=message_id, text=text, parse_mode="HTML")

    def send_file(self, kind: str, name: str, content: bytes, caption: str) -> None:
        answer = self.http.post(
            f"/bot{DEFAULT_TOKEN}/send{kind.title()}",
            data={"chat_id": str(self.user_id), "caption": caption},
            files={kind: (name, content)},
        )
        assert answer.json()["ok"], answer.text

    def said(self) -> list[str]:
        """The texts that the user wrote."""
        messages = self.http.get(f"/control/chats/{self.user_id}/messages").json()["messages"]
        return [message["text"] for message in messages if not message["by_bot"]]

    def query_id(self) -> str:
        queries = self.http.get("/control/callbacks").json()["callbacks"]
        return str([query for query in queries if query["user_id"] == self.user_id][-1]["id"])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(params=[PHONE], ids=["phone"])
def chat(request: Any, chromium: Browser, sandbox: SandboxHandle) -> Iterator[Chat]:
    """A new user's chat, opened on a phone; started, and clean of errors at the end."""
    with httpx.Client(base_url=sandbox.telegram_url) as http:
        user_id = http.post("/control/users", json={"first_name": "Carol"}).json()["id"]
        context = chromium.new_context(
            viewport=request.param, permissions=["clipboard-read", "clipboard-write"]
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        chat = Chat(page, http, user_id)
        page.on("pageerror", lambda error: chat.problems.append(str(error)))
        page.on("console", lambda line: line.type == "error" and chat.problems.append(line.text))
        page.goto(f"{sandbox.telegram_url}/?user={user_id}")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator(".mine .text")).to_have_text("/start")
        yield chat
        context.close()
    assert chat.problems == []


def test_start_is_what_a_new_user_sends_first(chat: Chat) -> None:
    assert chat.said() == ["/start"]
    expect(chat.page.get_by_text("SANDBOX", exact=True)).to_be_visible()
    expect(chat.page.get_by_label("Message", exact=True)).to_be_visible()


def test_a_card_is_edited_in_place_and_its_used_buttons_vanish(chat: Chat) -> None:
    page = chat.page
    confirm = [{"text": "Confirm", "callback_data": "y"}, {"text": "Cancel", "callback_data": "n"}]
    message_id = chat.send("<b>LONG</b> 3.33 SOL", confirm)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".key.pending")).to_have_text("Confirm")

    chat.bot("answerCallbackQuery", callback_query_id=chat.query_id(), text="Placing it")
    expect(page.locator(".toast")).to_have_text("Placing it")
    expect(page.locator(".key.pending")).to_have_count(0)
    chat.edit(message_id, "<b>LONG</b> filled")
    card = page.locator(f'[data-id="{message_id}"]')
    expect(card.locator(".text")).to_have_text("LONG filled")
    expect(card.locator(".key")).to_have_count(0)
    expect(page.locator(".message")).to_have_count(2)
    card.get_by_role("button", name="edited").click()
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.locator(".history li").first).to_contain_text("3.33 SOL")


def test_an_alert_waits_for_the_user(chat: Chat) -> None:
    chat.send("Sure?", [{"text": "Yes", "callback_data": "y"}])
    chat.page.get_by_role("button", name="Yes").click()
    expect(chat.page.locator(".key.pending")).to_be_visible()
    chat.bot(
        "answerCallbackQuery", callback_query_id=chat.query_id(), text="Too late", show_alert=True
    )
    expect(chat.page.locator("dialog")).to_contain_text("Too late")
    chat.page.get_by_role("button", name="OK").click()
    expect(chat.page.locator("dialog")).to_have_count(0)


def test_the_bots_text_is_shown_as_text_whatever_it_holds(chat: Chat) -> None:
    hostile = "&lt;img src=x onerror=alert(1)&gt; <b>&lt;script&gt;</b>"
    chat.send(f'{hostile} <a href="https://example.com/?a=1&amp;b=2">link</a> 😀 <i>end</i>')
    text = chat.page.locator(".message:not(.mine) .text")
    expect(text).to_have_text("<img src=x onerror=alert(1)> <script> link 😀 end")
    expect(text.locator("img, script")).to_have_count(0)
    expect(text.locator("b, strong")).to_have_text("<script>")
    expect(text.locator("em")).to_have_text("end")
    link = text.locator("a")
    expect(link).to_have_attribute("href", "https://example.com/?a=1&b=2")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    # An entity can carry any address; the Bot API takes entities unparsed too.
    chat.bot(
        "sendMessage",
        text="tap here",
        entities=[{"type": "text_link", "offset": 4, "length": 4, "url": "javascript:alert(1)"}],
    )
    last = chat.page.locator(".message").last
    expect(last).to_contain_text("tap here")
    expect(last.locator("a")).to_have_count(0)


def test_code_is_copied_by_a_tap(chat: Chat) -> None:
    chat.send(f"Your address: <code>{ADDRESS}</code>")
    chat.page.locator("code").click()
    expect(chat.page.locator(".toast")).to_have_text("Copied")
    assert chat.page.evaluate("navigator.clipboard.readText()") == ADDRESS


def test_commands_are_listed_completed_and_sent(chat: Chat) -> None:
    commands = [("long", "Open a long"), ("short", "Open a short"), ("history", "What happened")]
    chat.bot(
        "setMyCommands",
        commands=[{"command": name, "description": text} for name, text in commands],
        scope={"type": "chat", "chat_id": chat.user_id},
    )
    page = chat.page
    page.get_by_role("button", name="Commands").click()
    expect(page.get_by_role("option")).to_have_count(3)
    field = page.get_by_label("Message", exact=True)
    field.fill("/sh")
    expect(page.get_by_role("option")).to_have_text("/shortOpen a short")
    field.press("Tab")
    expect(field).to_have_value("/short ")
    field.press_sequentially("sol 100")
    field.press("Enter")
    expect(page.locator(".mine .text").last).to_have_text("/short sol 100")
    field.fill("/his")
    field.press("Enter")
    expect(page.locator(".mine .text").last).to_have_text("/history")
    assert chat.said() == ["/start", "/short sol 100", "/history"]


def test_pictures_documents_and_typing_are_shown(chat: Chat) -> None:
    chat.bot("sendChatAction", action="upload_photo")
    expect(chat.page.get_by_role("status").first).to_have_text("sending a file…")
    chat.send_file("photo", "chart.png", PIXEL, "SOL, one hour")
    picture = chat.page.locator(".picture img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1
    expect(chat.page.get_by_role("status").first).to_have_text("bot")
    chat.send_file("document", "fills.csv", b"a,b\n", "Your fills")
    attachment = chat.page.locator(".attachment")
    expect(attachment).to_contain_text("fills.csv")
    with chat.page.expect_download() as download:
        attachment.click()
    assert download.value.path().read_bytes() == b"a,b\n"


def test_own_messages_are_edited_and_the_bots_replied_to(chat: Chat) -> None:
    page = chat.page
    chat.send("Which size?")
    page.locator(".message:not(.mine) .bubble").click(button="right")
    page.get_by_role("menuitem", name="Reply").click()
    field = page.get_by_label("Message", exact=True)
    field.fill("0.5")
    field.press("Enter")
    expect(page.locator(".mine .quote")).to_contain_text("Which size?")
    page.locator(".mine .bubble").last.click(button="right")
    page.get_by_role("menuitem", name="Edit").click()
    expect(field).to_have_value("0.5")
    field.fill("0.6")
    field.press("Enter")
    expect(page.locator(".mine .text").last).to_have_text("0.6")
    assert chat.said() == ["/start", "0.6"]


def test_users_are_switched_and_made_and_see_only_their_own_chat(chat: Chat) -> None:
    page = chat.page
    chat.send("for Carol alone")
    expect(page.locator(".message .text").last).to_have_text("for Carol alone")
    page.get_by_label("Switch user").click()
    page.get_by_role("button", name="New user").click()
    page.get_by_label("Name", exact=True).fill("Dave <b>")
    page.get_by_role("button", name="Create").click()
    expect(page.locator(".message")).to_have_count(0)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".mine .text")).to_have_text("/start")

    chat.send("while away")
    expect(page.get_by_label("Switch user")).to_contain_text("1")
    page.get_by_label("Switch user").click()
    carol = page.locator(".seat", has_text="while away")
    expect(carol.locator("b")).to_have_text("1")
    expect(page.locator(".seat", has_text="Dave <b>")).to_be_visible()
    carol.click()
    expect(page.locator(".message .text").last).to_have_text("while away")
    expect(page.get_by_label("Switch user")).not_to_contain_text("1")


def test_a_user_who_blocked_the_bot_can_only_unblock_it(chat: Chat) -> None:
    page = chat.page
    page.get_by_label("Switch user").click()
    page.get_by_role("button", name="Block the bot").click()
    page.get_by_label("Close").click()
    expect(page.get_by_label("Message", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Unblock the bot", exact=True).click()
    expect(page.get_by_label("Message", exact=True)).to_be_visible()


def test_the_faucet_finds_the_address_in_the_chat(chat: Chat, sandbox: SandboxHandle) -> None:
    chat.send(f"Your address: <code>{ADDRESS}</code>")
    before = sandbox.rpc("getBalance", ADDRESS)["value"]
    expect(chat.page.locator("code")).to_be_visible()
    chat.page.get_by_label("Faucet: get test money").click()
    expect(chat.page.get_by_label("Wallet address")).to_have_value(ADDRESS)
    chat.page.get_by_role("button", name="Get test money", exact=True).click()
    expect(chat.page.locator(".toast")).to_contain_text("2 SOL")
    after = sandbox.rpc("getBalance", ADDRESS, {"commitment": "processed"})["value"]
    assert after - before == 2_000_000_000


@pytest.mark.parametrize("chat", [PHONE, DESKTOP], indirect=True, ids=["phone", "desktop"])
def test_long_words_and_wide_blocks_stay_inside_the_page(chat: Chat) -> None:
    wide = "x" * 300
    row = [{"text": "A very long label of a button", "callback_data": str(n)} for n in range(3)]
    chat.send(f"{wide}\n<pre>{wide}</pre>\n<code>{wide}</code>", row)
    expect(chat.page.locator(".key")).to_have_count(3)
    too_wide = "node => node.scrollWidth > node.clientWidth"
    for part in ("html", "#seats", "#log"):
        assert not chat.page.locator(part).evaluate(too_wide), part
    boxes = chat.page.locator(".message .bubble").last.bounding_box()
    assert boxes is not None
    assert boxes["x"] + boxes["width"] <= chat.page.evaluate("innerWidth")


def test_what_happened_while_the_page_was_closed_is_there_when_it_opens(chat: Chat) -> None:
    message_id = chat.send("first")
    chat.page.reload()
    expect(chat.page.locator(f'[data-id="{message_id}"]')).to_be_visible()
    chat.send("second")
    expect(chat.page.locator(".message .text").last).to_have_text("second")
    expect(chat.page.locator(".day")).to_have_text("Today")
