"""aiogram, unmodified, works against the Telegram stand-in."""

import asyncio
import base64
from typing import Any

import pytest
from aiogram import Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from tests.sandbox.telegram_service import ALICE, BOB, Telegram, in_telegram

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def keyboard(*buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=text, callback_data=data) for text, data in buttons]
    return InlineKeyboardMarkup(inline_keyboard=[row])


@in_telegram
async def test_a_polling_dispatcher_answers_a_command_and_edits_its_card_when_a_button_is_pressed(
    telegram: Telegram,
) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("start"))
    async def start(message: Message) -> None:
        await message.answer("<b>Open?</b>", reply_markup=keyboard(("Yes", "open:1")))

    @dispatcher.callback_query(F.data == "open:1")
    async def press(query: CallbackQuery) -> None:
        await query.answer("Opening", show_alert=True)
        assert isinstance(query.message, Message)
        await query.message.edit_text("Opened")

    bot = telegram.bot()
    bot.default = DefaultBotProperties(parse_mode="HTML")
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    said = await telegram.post(f"users/{ALICE}/say", text="/start")
    card = await message_after(telegram, said["revision"], "Open?")
    assert card["entities"] == [{"type": "bold", "offset": 0, "length": 5}]

    pressed = await telegram.post(
        f"users/{ALICE}/press", message_id=card["message_id"], label="Yes"
    )
    edited = await message_after(telegram, pressed["revision"], "Opened")
    assert edited["message_id"] == card["message_id"]
    assert "reply_markup" not in edited
    assert [old["text"] for old in edited["history"]] == ["Open?"]
    [query] = (await telegram.get("callbacks"))["callbacks"]
    assert query["id"] == pressed["query_id"]
    assert query["answer"] == {"text": "Opening", "show_alert": True}
    await dispatcher.stop_polling()
    await polling


async def message_after(telegram: Telegram, revision: int, text: str) -> dict[str, Any]:
    while True:
        changes = await telegram.get("changes", after=revision, timeout=60, chat_id=ALICE)
        assert changes["changes"], f"no message {text!r} came"
        revision = changes["revision"]
        for change in changes["changes"]:
            if change["kind"] == "message" and change["message"].get("text") == text:
                return dict(change["message"])


@in_telegram
async def test_every_kind_of_answer_is_decoded(telegram: Telegram) -> None:
    await telegram.start()
    bot = telegram.bot()
    me = await bot.get_me()
    assert me.is_bot
    assert me.id == 424242
    sent = await bot.send_message(ALICE, "one")
    reply = await bot.send_message(
        ALICE, "two", reply_parameters=ReplyParameters(message_id=sent.message_id)
    )
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == sent.message_id
    chat = await bot.get_chat(ALICE)
    assert (chat.type, chat.first_name) == ("private", "Alice")
    member = await bot.get_chat_member(ALICE, ALICE)
    assert member.status == "member"
    assert await bot.send_chat_action(ALICE, "typing")
    assert await bot.pin_chat_message(ALICE, sent.message_id)
    pinned = (await bot.get_chat(ALICE)).pinned_message
    assert pinned is not None
    assert pinned.message_id == sent.message_id
    assert await bot.set_message_reaction(
        ALICE, sent.message_id, reaction=[ReactionTypeEmoji(emoji="👍")]
    )
    assert await bot.delete_message(ALICE, reply.message_id)
    assert await bot.set_my_description("A desk")
    assert (await bot.get_my_description()).description == "A desk"
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_webhook_info()).url == ""


@in_telegram
async def test_commands_are_kept_per_scope(telegram: Telegram) -> None:
    bot = telegram.bot()
    commands = [BotCommand(command="start", description="Begin")]
    scope = BotCommandScopeAllPrivateChats()
    assert await bot.set_my_commands(commands, scope=scope)
    [command] = await bot.get_my_commands(scope=scope)
    assert (command.command, command.description) == ("start", "Begin")
    assert await bot.get_my_commands() == []
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Start now", description="Begin")])


@in_telegram
async def test_pictures_and_documents_go_there_and_back(telegram: Telegram) -> None:
    await telegram.start()
    bot = telegram.bot()
    photo = BufferedInputFile(PIXEL, "chart.png")
    message = await bot.send_photo(ALICE, photo, caption="<i>Chart</i>", parse_mode="HTML")
    assert message.photo is not None
    assert (message.photo[0].width, message.photo[0].height) == (1, 1)
    assert message.caption == "Chart"
    downloaded = await bot.download(message.photo[0])
    assert downloaded is not None
    assert downloaded.read() == PIXEL

    again = await bot.send_photo(ALICE, message.photo[0].file_id)
    assert again.photo is not None
    assert again.photo[0].file_id == message.photo[0].file_id
    document = await bot.send_document(ALICE, BufferedInputFile(b"a,b\n1,2\n", "fills.csv"))
    assert document.document is not None
    assert (document.document.file_name, document.document.file_size) == ("fills.csv", 8)
    changed = await bot.edit_message_caption(
        chat_id=ALICE, message_id=message.message_id, caption="New"
    )
    assert isinstance(changed, Message)
    assert changed.caption == "New"
    media = InputMediaPhoto(media=BufferedInputFile(PIXEL, "b.png"), caption="Other")
    replaced = await bot.edit_message_media(media, chat_id=ALICE, message_id=message.message_id)
    assert isinstance(replaced, Message)
    assert replaced.caption == "Other"
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ALICE, BufferedInputFile(b"no picture", "a.png"))
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=ALICE, message_id=message.message_id)


@in_telegram
async def test_refusals_become_aiograms_exceptions(telegram: Telegram) -> None:
    await telegram.start()
    bot = telegram.bot()
    faults = telegram.state.faults
    message = await bot.send_message(ALICE, "same")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("same", chat_id=ALICE, message_id=message.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=ALICE, message_id=999)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(BOB, "he never wrote")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("123")
    with pytest.raises(TelegramUnauthorizedError):
        await telegram.bot("424242:somebody-elses").get_me()
    faults.set("telegram.flood", count=1, retry_after=7)
    with pytest.raises(TelegramRetryAfter) as flood:
        await bot.send_message(ALICE, "x")
    assert flood.value.retry_after == 7
    faults.set("telegram.error", count=1, status=502)
    with pytest.raises(TelegramServerError):
        await bot.send_message(ALICE, "x")
    faults.set("telegram.garbage", count=1)
    with pytest.raises(ClientDecodeError):
        await bot.send_message(ALICE, "x")
    await telegram.post(f"users/{ALICE}/block")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(ALICE, "x")
    await telegram.post(f"users/{ALICE}/unblock")
    assert (await bot.send_message(ALICE, "back")).text == "back"


@in_telegram
async def test_an_answer_can_be_lost_after_or_before_the_message_was_taken(
    telegram: Telegram,
) -> None:
    await telegram.start()
    bot = telegram.bot()
    telegram.state.faults.set("telegram.lose_answer", count=1, method="sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ALICE, "taken")
    telegram.state.faults.set("telegram.drop", count=1, method="sendMessage")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ALICE, "not taken")
    shown = (await telegram.get(f"chats/{ALICE}/messages"))["messages"]
    assert [message["text"] for message in shown] == ["/start", "taken"]


@in_telegram
async def test_a_second_poller_ends_the_first_ones_wait(telegram: Telegram) -> None:
    first = asyncio.create_task(telegram.bot().get_updates(timeout=30))
    while telegram.state.calls.select(method="getUpdates") == []:
        await asyncio.sleep(0)
    second = asyncio.create_task(telegram.bot().get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await telegram.post(f"users/{ALICE}/say", text="hello")
    [update] = await second
    assert update.message is not None
    assert update.message.text == "hello"


@in_telegram
async def test_a_webhook_gets_updates_with_the_secret_until_it_takes_them(
    telegram: Telegram,
) -> None:
    bot = telegram.bot()
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> Any:
        return message.answer(f"pushed: {message.text}")

    handler = SimpleRequestHandler(
        dispatcher, bot, handle_in_background=False, secret_token="right-secret"
    )
    app = web.Application()
    handler.register(app, path="/hook")
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"

    await bot.set_webhook(url, secret_token="wrong-secret")
    said = await telegram.post(f"users/{ALICE}/say", text="hi")
    while not (info := await bot.get_webhook_info()).last_error_message:
        await asyncio.sleep(0.01)
    assert info.last_error_message == "Wrong response from the webhook: 401 Unauthorized"
    assert info.pending_update_count == 1
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()

    await bot.set_webhook(url, secret_token="right-secret")
    answer = await message_after(telegram, said["revision"], "pushed: hi")
    assert answer["by_bot"]
    assert (await bot.get_webhook_info()).pending_update_count == 0
    await bot.delete_webhook()
    assert await bot.get_updates() == []
    await runner.cleanup()
