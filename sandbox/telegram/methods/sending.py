"""Methods that put messages into chats."""

from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.content import (
    caption_content,
    given_file,
    keyboard_content,
    media_content,
    reply_content,
    text_content,
)
from sandbox.telegram.methods.registry import MethodCall, bot_method
from sandbox.telegram.world import Chat

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


@bot_method
def send_message(call: MethodCall) -> dict[str, Any]:
    chat = call.chat_to_write()
    content = text_content(call) | keyboard_content(call)
    return _send(call, chat, content)


@bot_method
def send_photo(call: MethodCall) -> dict[str, Any]:
    return _send_media(call, "photo")


@bot_method
def send_document(call: MethodCall) -> dict[str, Any]:
    return _send_media(call, "document")


def _send_media(call: MethodCall, kind: str) -> dict[str, Any]:
    chat = call.chat_to_write()
    parameters = call.parameters
    caption = caption_content(
        parameters.text("caption"),
        parameters.text("parse_mode"),
        parameters.array("caption_entities"),
    )
    content = caption | keyboard_content(call)
    stored = given_file(call, kind=kind, reference=parameters.text(kind))
    return _send(call, chat, media_content(stored) | content)


def _send(call: MethodCall, chat: Chat, content: dict[str, Any]) -> dict[str, Any]:
    content = reply_content(call, chat) | content
    if call.parameters.boolean("protect_content"):
        content["has_protected_content"] = True
    call.spend(chat)
    silent = call.parameters.boolean("disable_notification")
    record = call.world.new_message(chat, sender=None, content=content, silent=silent)
    return shown_to_bot(record.message)


def shown_to_bot(message: dict[str, Any]) -> dict[str, Any]:
    """A message as the Bot API answers it, where only inline keyboards are shown."""
    markup = message.get("reply_markup")
    if markup is not None and "inline_keyboard" not in markup:
        return {key: value for key, value in message.items() if key != "reply_markup"}
    return message


@bot_method
def send_chat_action(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    action = call.parameters.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.world.changes.publish("action", chat_id=chat.id, action=action)
    return True
