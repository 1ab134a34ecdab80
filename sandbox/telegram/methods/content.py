"""What a message consists of: text or caption with entities, a file, a keyboard, a reply."""

from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import StoredFile
from sandbox.telegram.formatting import (
    MAX_CAPTION_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    parse_formatted,
)
from sandbox.telegram.keyboards import parse_markup
from sandbox.telegram.methods.registry import MethodCall
from sandbox.telegram.world import Chat

MEDIA_KINDS = ("photo", "document")


def text_content(call: MethodCall) -> dict[str, Any]:
    """The checked `text` and its entities."""
    parameters = call.parameters
    text, entities = parse_formatted(
        parameters.text("text"), parameters.text("parse_mode"), parameters.array("entities")
    )
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise bad_request("message is too long")
    content: dict[str, Any] = {"text": text}
    if entities:
        content["entities"] = entities
    preview = parameters.document("link_preview_options")
    if isinstance(preview, dict):
        content["link_preview_options"] = preview
    return content


def caption_content(caption: str, parse_mode: str, given: list[dict[str, Any]]) -> dict[str, Any]:
    """The checked caption and its entities; nothing for an empty one."""
    text, entities = parse_formatted(caption, parse_mode, given)
    if len(text) > MAX_CAPTION_CHARACTERS:
        raise bad_request("message caption is too long")
    content: dict[str, Any] = {"caption": text} if text else {}
    if entities:
        content["caption_entities"] = entities
    return content


def media_content(stored: StoredFile) -> dict[str, Any]:
    """A photo's or a document's part of a message."""
    if stored.kind == "photo":
        return {"photo": stored.as_photo()}
    return {"document": stored.as_document()}


def given_file(call: MethodCall, *, kind: str, reference: str) -> StoredFile:
    """The file a call uploads under `kind` or by `attach://`, or sends again by its file_id."""
    upload = call.parameters.attached(reference)
    if upload is None and not reference:
        upload = call.parameters.upload(kind)
    if upload is not None:
        return call.world.files.add(upload, kind=kind)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        # The stand-in reaches no network, and Telegram cannot reach a loopback address either.
        raise bad_request("failed to get HTTP URL content")
    return call.world.files.get(reference, kind=kind)


def keyboard_content(call: MethodCall) -> dict[str, Any]:
    """The reply markup as a message's content, if there is one."""
    markup = parse_markup(call.parameters.raw("reply_markup"))
    return {"reply_markup": markup} if markup else {}


def reply_content(call: MethodCall, chat: Chat) -> dict[str, Any]:
    """The message that is replied to, as the Bot API nests it."""
    asked = call.parameters.document("reply_parameters")
    if not isinstance(asked, dict):
        if not call.parameters.has("reply_to_message_id"):
            return {}
        asked = {
            "message_id": call.parameters.integer("reply_to_message_id"),
            "allow_sending_without_reply": call.parameters.boolean("allow_sending_without_reply"),
        }
    try:
        message_id = int(asked["message_id"])
    except (KeyError, TypeError, ValueError):
        raise bad_request("can't parse reply parameters: Can't find field message_id") from None
    record = call.world.messages[chat.id].get(message_id)
    if record is None or record.deleted:
        if asked.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    nested = {key: value for key, value in record.message.items() if key != "reply_to_message"}
    return {"reply_to_message": nested}
