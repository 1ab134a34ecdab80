"""What users do: write, edit, press buttons, block the bot, gather in groups."""

import re
from typing import Any

from sandbox.telegram.formatting import MAX_TEXT_CHARACTERS, parse_formatted
from sandbox.telegram.world import CallbackQuery, Chat, MessageRecord, Person, World


class ActRefused(Exception):
    """A user cannot do this; the control API answers `status` and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def access_person(world: World, user_id: int) -> Person:
    """The user of this id."""
    person = world.people.get(user_id)
    if person is None:
        raise ActRefused(404, f"there is no user {user_id}")
    return person


def access_chat(world: World, chat_id: int, *, person: Person | None = None) -> Chat:
    """The chat of this id, in which the person must be a member."""
    chat = world.chats.get(chat_id)
    if chat is None:
        raise ActRefused(404, f"there is no chat {chat_id}")
    if person is not None and chat.members.get(person.id, "left") in ("left", "kicked"):
        raise ActRefused(409, f"user {person.id} is not in chat {chat_id}")
    return chat


def access_message(world: World, chat: Chat, message_id: int) -> MessageRecord:
    """The message of this id, deleted or not."""
    record = world.messages[chat.id].get(message_id)
    if record is None:
        raise ActRefused(404, f"there is no message {message_id} in chat {chat.id}")
    return record


def say(
    world: World,
    *,
    person: Person,
    chat: Chat,
    text: str,
    reply_to: int | None = None,
    times: int = 1,
) -> list[tuple[MessageRecord, int | None]]:
    """Write a text as a user; gives the messages, each with the id of its update (None: not told).

    Above 4,096 characters it becomes several messages, as Telegram's clients do. `times` repeats
    each update under its id.
    """
    _check_can_write(person, chat)
    if not text.strip():
        raise ActRefused(400, "Telegram's clients send no empty text")
    person.started = True
    sent = []
    for start in range(0, len(text), MAX_TEXT_CHARACTERS):
        part, entities = parse_formatted(text[start : start + MAX_TEXT_CHARACTERS], "", [])
        if not part:
            continue
        content: dict[str, Any] = {"text": part}
        if entities:
            content["entities"] = entities
        if reply_to is not None:
            nested = access_message(world, chat, reply_to).message
            without = {key: nested[key] for key in nested if key != "reply_to_message"}
            content["reply_to_message"] = without
        record = world.new_message(chat, sender=person, content=content)
        update_id = None
        if _bot_sees(world, chat, record):
            update_id = world.updates.push("message", record.message, times=times)
        sent.append((record, update_id))
    return sent


def edit_text(
    world: World, *, person: Person, chat: Chat, message_id: int, text: str
) -> tuple[MessageRecord, int | None]:
    """Edit a text that the user wrote before."""
    _check_can_write(person, chat)
    record = access_message(world, chat, message_id)
    if record.deleted or record.by_bot or record.message["from"]["id"] != person.id:
        raise ActRefused(409, "only one's own messages can be edited")
    plain, entities = parse_formatted(text[:MAX_TEXT_CHARACTERS], "", [])
    if not plain:
        raise ActRefused(400, "Telegram's clients send no empty text")
    content: dict[str, Any] = {"text": plain} | ({"entities": entities} if entities else {})
    world.edit_message(record, content)
    update_id = None
    if _bot_sees(world, chat, record):
        update_id = world.updates.push("edited_message", record.message)
    return record, update_id


def _check_can_write(person: Person, chat: Chat) -> None:
    if person.deactivated:
        raise ActRefused(409, f"user {person.id} is deactivated")
    if person.blocked and not chat.is_group:
        raise ActRefused(409, f"user {person.id} has blocked the bot: unblock it first")


def _bot_sees(world: World, chat: Chat, record: MessageRecord) -> bool:
    # In groups a bot in privacy mode gets commands meant for it and replies to it, nothing else.
    if not chat.is_group:
        return True
    if chat.bot_status in ("left", "kicked"):
        return False
    if record.message.get("reply_to_message", {}).get("from", {}).get("id") == world.bot["id"]:
        return True
    command = re.match(r"/\w+(?:@(\w+))?", record.message.get("text", ""))
    addressee = command.group(1) if command else None
    return command is not None and addressee in (None, world.bot["username"])


def buttons_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The inline buttons of a message in reading order."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def press(
    world: World,
    *,
    person: Person,
    chat: Chat,
    message_id: int,
    data: str,
    stale: bool = False,
    times: int = 1,
) -> tuple[CallbackQuery, int | None]:
    """Press the button that carries `data`.

    `stale` presses one that is not on the message now, as a client does that has not seen an edit
    or a deletion. `times` repeats the update under its id.
    """
    _check_can_write(person, chat)
    record = access_message(world, chat, message_id)
    offered = [button.get("callback_data") for button in buttons_of(record.message)]
    if not stale and (record.deleted or data not in offered):
        raise ActRefused(409, f"message {message_id} has no button with data {data!r}")
    query = world.add_callback(person=person, chat=chat, message_id=message_id, data=data)
    shown = record.message
    if record.deleted:
        shown = {"chat": shown["chat"], "message_id": message_id, "date": 0}
    content = {
        "id": query.id,
        "from": person.as_user(),
        "message": shown,
        "chat_instance": str(world.bot["id"] * 1_000_003 + chat.id),
        "data": data,
    }
    world.changes.publish(
        "pressed",
        chat_id=chat.id,
        user_id=person.id,
        message_id=message_id,
        query_id=query.id,
        data=data,
    )
    return query, world.updates.push("callback_query", content, times=times)


def set_blocked(world: World, *, person: Person, blocked: bool) -> int | None:
    """Block or unblock the bot as a user."""
    if person.blocked == blocked:
        return None
    before, after = ("member", "kicked") if blocked else ("kicked", "member")
    person.blocked = blocked
    world.changes.publish("blocked", chat_id=person.id, user_id=person.id, blocked=blocked)
    return _tell_membership(world, world.chats[person.id], person, before, after)


def set_bot_status(world: World, *, chat: Chat, person: Person, status: str) -> int | None:
    """Add the bot to a group, or remove it, as the person."""
    if status not in ("member", "administrator", "left", "kicked"):
        raise ActRefused(400, f"{status!r} is no status of a bot in a group")
    before, chat.bot_status = chat.bot_status, status
    world.changes.publish("chat", chat_id=chat.id, title=chat.title)
    return _tell_membership(world, chat, person, before, status)


def _tell_membership(
    world: World, chat: Chat, person: Person, before: str, after: str
) -> int | None:
    def member(status: str) -> dict[str, Any]:
        extra = {"until_date": 0} if status == "kicked" else {}
        return {"user": world.bot, "status": status, **extra}

    content = {
        "chat": world.chat_object(chat),
        "from": person.as_user(),
        "date": world.now(),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }
    return world.updates.push("my_chat_member", content)
