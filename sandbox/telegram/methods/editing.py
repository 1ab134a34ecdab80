"""Methods that change, delete, pin or react to messages that are there."""

from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.keyboards import inline_only, parse_markup
from sandbox.telegram.methods.content import (
    MEDIA_KINDS,
    caption_content,
    given_file,
    media_content,
    text_content,
)
from sandbox.telegram.methods.registry import MethodCall, bot_method
from sandbox.telegram.world import Chat, MessageRecord

DELETABLE_SECONDS = 48 * 3600
CONTENT_FIELDS = ("text", "entities", "caption", "caption_entities", *MEDIA_KINDS)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@bot_method
def edit_message_text(call: MethodCall) -> dict[str, Any]:
    chat, record = _message_to_edit(call)
    content = text_content(call)
    if "text" not in record.message:
        raise bad_request("there is no text in the message to edit")
    return _edit(call, chat, record, content)


@bot_method
def edit_message_caption(call: MethodCall) -> dict[str, Any]:
    chat, record = _message_to_edit(call)
    caption = caption_content(
        call.parameters.text("caption"),
        call.parameters.text("parse_mode"),
        call.parameters.array("caption_entities"),
    )
    media = _media_of(record)
    if not media:
        raise bad_request("there is no caption in the message to edit")
    return _edit(call, chat, record, media | caption)


@bot_method
def edit_message_media(call: MethodCall) -> dict[str, Any]:
    chat, record = _message_to_edit(call)
    media = call.parameters.document("media")
    if not isinstance(media, dict) or media.get("type") not in MEDIA_KINDS:
        raise bad_request("can't parse InputMedia: photo or document expected")
    caption = caption_content(
        str(media.get("caption") or ""),
        str(media.get("parse_mode") or ""),
        media.get("caption_entities") or [],
    )
    reference = str(media.get("media") or "")
    stored = given_file(call, kind=media["type"], reference=reference)
    return _edit(call, chat, record, media_content(stored) | caption)


@bot_method
def edit_message_reply_markup(call: MethodCall) -> dict[str, Any]:
    chat, record = _message_to_edit(call)
    same = {key: record.message[key] for key in CONTENT_FIELDS if key in record.message}
    return _edit(call, chat, record, same)


def _message_to_edit(call: MethodCall) -> tuple[Chat, MessageRecord]:
    chat = call.chat_to_write()
    message_id = call.parameters.integer("message_id", default=0)
    if not message_id:
        raise bad_request("message identifier is not specified")
    record = call.world.find_message(chat, message_id, act="edit")
    if not record.by_bot:
        raise bad_request("message can't be edited")
    return chat, record


def _media_of(record: MessageRecord) -> dict[str, Any]:
    return {key: record.message[key] for key in MEDIA_KINDS if key in record.message}


def _edit(
    call: MethodCall, chat: Chat, record: MessageRecord, content: dict[str, Any]
) -> dict[str, Any]:
    markup = inline_only(parse_markup(call.parameters.raw("reply_markup")))
    if markup:
        content = content | {"reply_markup": markup}
    compared = (*CONTENT_FIELDS, "reply_markup")
    if all(record.message.get(key) == content.get(key) for key in compared):
        raise bad_request(NOT_MODIFIED)
    call.spend(chat)
    call.world.edit_message(record, content)
    return record.message


@bot_method
def delete_message(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    _delete(call, chat, call.parameters.integer("message_id"))
    return True


@bot_method
def delete_messages(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    message_ids = call.parameters.array("message_ids")
    if not 1 <= len(message_ids) <= 100 or not all(isinstance(one, int) for one in message_ids):
        raise bad_request("message identifiers are not specified")
    for message_id in message_ids:
        record = call.world.messages[chat.id].get(message_id)
        if record is not None and not record.deleted:
            _delete(call, chat, record.id)
    return True


def _delete(call: MethodCall, chat: Chat, message_id: int) -> None:
    record = call.world.find_message(chat, message_id, act="delete")
    too_old = call.world.now() - record.message["date"] >= DELETABLE_SECONDS
    not_ours_in_group = chat.is_group and not record.by_bot and chat.bot_status != "administrator"
    if too_old or not_ours_in_group:
        raise bad_request("message can't be deleted for everyone")
    record.deleted = True
    if record.id in chat.pinned:
        chat.pinned.remove(record.id)
    call.world.changes.publish("deleted", chat_id=chat.id, message_id=record.id)


@bot_method
def pin_chat_message(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    message_id = call.parameters.integer("message_id")
    record = call.world.find_message(chat, message_id, act="pin")
    chat.pinned = [*(other for other in chat.pinned if other != record.id), record.id]
    call.world.changes.publish("pinned", chat_id=chat.id, pinned=list(chat.pinned))
    return True


@bot_method
def unpin_chat_message(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    newest = chat.pinned[-1] if chat.pinned else 0
    message_id = call.parameters.integer("message_id", default=newest)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    call.world.changes.publish("pinned", chat_id=chat.id, pinned=list(chat.pinned))
    return True


@bot_method
def unpin_all_chat_messages(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    chat.pinned.clear()
    call.world.changes.publish("pinned", chat_id=chat.id, pinned=[])
    return True


@bot_method
def set_message_reaction(call: MethodCall) -> bool:
    chat = call.chat_to_write()
    record = call.world.find_message(chat, call.parameters.integer("message_id"), act="react")
    reactions = call.parameters.array("reaction")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(not isinstance(one, dict) or not one.get("emoji") for one in reactions):
        raise bad_request("REACTION_INVALID")
    record.reactions = reactions
    call.world.publish_message(record)
    return True
