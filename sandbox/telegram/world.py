"""Who and what there is in the stand-in's Telegram: people, chats, messages, the bot's settings."""

from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.state import SandboxState
from sandbox.telegram.changes import ChangeFeed
from sandbox.telegram.errors import bad_request, forbidden
from sandbox.telegram.files import FileStore
from sandbox.telegram.limits import FloodLimits
from sandbox.telegram.updates import UpdateQueue

SANDBOX_TOKEN_PREFIX = "424242:SANDBOX-"  # noqa: S105 (no secret: it opens the stand-in only)
"""Any token that begins so is the one bot's; any other is unauthorized."""
DEFAULT_TOKEN = SANDBOX_TOKEN_PREFIX + "laminator-local-trading-desk"

BOT_ID = 424242
FIRST_USER_ID = 700_000_001
FIRST_GROUP_ID = -1_001_000_000_001
CALLBACK_SECONDS = 60
"""How long Telegram waits for the answer to a pressed button."""
CALLBACKS_KEPT = 5_000

_SNAPSHOT_FIELDS = ("next_user_id", "next_group_id", "next_message_id", "next_callback_id")


@dataclass(slots=True)
class Person:
    """A Telegram user; the bot can write to those who wrote first and have not blocked it."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def as_user(self) -> dict[str, Any]:
        """The Bot API's User object."""
        names = {"last_name": self.last_name, "username": self.username}
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            **{key: value for key, value in names.items() if value},
            "language_code": self.language_code,
        }


@dataclass(slots=True)
class Chat:
    """A private chat (its id is the user's) or a supergroup."""

    id: int
    type: str
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "member"
    pinned: list[int] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return self.type != "private"


@dataclass(slots=True)
class MessageRecord:
    """A message as the Bot API shows it now, and what it was before each edit."""

    message: dict[str, Any]
    by_bot: bool
    silent: bool = False
    deleted: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    reactions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.message["message_id"])

    @property
    def chat_id(self) -> int:
        return int(self.message["chat"]["id"])

    def as_json(self) -> dict[str, Any]:
        """The message with `by_bot`, `silent`, `deleted`, `history` and `reactions` beside it."""
        return {
            **self.message,
            "by_bot": self.by_bot,
            "silent": self.silent,
            "deleted": self.deleted,
            "history": list(self.history),
            "reactions": list(self.reactions),
        }


@dataclass(slots=True)
class CallbackQuery:
    """A press of a button, until the bot answers it or it grows too old."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    asked_at: float
    answer: dict[str, Any] | None = None


class World:
    """Everything the stand-in remembers; saved and restored with the rest of the sandbox."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.changes = ChangeFeed()
        self.files = FileStore()
        self.limits = FloodLimits()
        self.updates = UpdateQueue(state)
        self.bot: dict[str, Any] = {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "Laminator",
            "username": "laminator_sandbox_bot",
        }
        self.settings: dict[str, Any] = {"commands": {}, "texts": {}, "menu_buttons": {}}
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, MessageRecord]] = {}
        self.callbacks: dict[str, CallbackQuery] = {}
        self.next_user_id = FIRST_USER_ID
        self.next_group_id = FIRST_GROUP_ID
        self.next_message_id = 1
        self.next_callback_id = 4_000_000_000_000_000_001
        self.add_person(first_name="Alice", username="alice_trades")
        self.add_person(first_name="Bob", username="bob_holds")

    def now(self) -> int:
        return self.state.clock.unix()

    def add_person(
        self,
        *,
        first_name: str,
        user_id: int | None = None,
        last_name: str = "",
        username: str = "",
        language_code: str = "en",
    ) -> Person:
        """A new user with a private chat; ids are given out in order unless one is named."""
        if user_id is None:
            user_id = self.next_user_id
        self.next_user_id = max(self.next_user_id, user_id + 1)
        person = Person(user_id, first_name, last_name, username, language_code)
        self.people[user_id] = person
        self.chats[user_id] = Chat(id=user_id, type="private", members={user_id: "member"})
        self.messages[user_id] = {}
        self.changes.publish("user", chat_id=user_id, user=asdict(person))
        return person

    def add_group(self, *, title: str, members: list[int], chat_id: int | None = None) -> Chat:
        """A new supergroup whose first member owns it."""
        if chat_id is None:
            chat_id = self.next_group_id
        self.next_group_id = min(self.next_group_id, chat_id - 1)
        statuses = dict.fromkeys(members, "member")
        if members:
            statuses[members[0]] = "creator"
        chat = Chat(id=chat_id, type="supergroup", title=title, members=statuses)
        self.chats[chat_id] = chat
        self.messages[chat_id] = {}
        self.changes.publish("chat", chat_id=chat_id, title=title)
        return chat

    def chat_object(self, chat: Chat) -> dict[str, Any]:
        """The Bot API's Chat object."""
        if chat.is_group:
            return {"id": chat.id, "title": chat.title, "type": chat.type}
        user = self.people[chat.id].as_user()
        names = ("first_name", "last_name", "username")
        kept: dict[str, Any] = {key: user[key] for key in names if key in user}
        return {"id": chat.id, **kept, "type": "private"}

    def known_chat(self, chat_id: object) -> Chat:
        """The chat of a call's chat_id: one that the bot has met."""
        if chat_id in (None, ""):
            raise bad_request("chat_id is empty")
        chat = self._find_chat(str(chat_id))
        met = chat is not None and (chat.is_group or self.people[chat.id].started)
        if chat is None or not met:
            raise bad_request("chat not found")
        return chat

    def _find_chat(self, chat_id: str) -> Chat | None:
        try:
            return self.chats.get(int(chat_id))
        except ValueError:
            return None

    def writable_chat(self, chat_id: object) -> Chat:
        """A known chat that the bot may write to, or the 403 that Telegram answers."""
        chat = self.known_chat(chat_id)
        if not chat.is_group:
            person = self.people[chat.id]
            if person.deactivated:
                raise forbidden("user is deactivated")
            if person.blocked:
                raise forbidden("bot was blocked by the user")
        elif chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        elif chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def find_message(self, chat: Chat, message_id: int, *, act: str) -> MessageRecord:
        """A message that is there, or `message to <act> not found`."""
        record = self.messages[chat.id].get(message_id)
        if record is None or record.deleted:
            raise bad_request(f"message to {act} not found")
        return record

    def add_callback(
        self, *, person: Person, chat: Chat, message_id: int, data: str
    ) -> CallbackQuery:
        """A new press of a button; the oldest are forgotten."""
        query = CallbackQuery(
            id=str(self.next_callback_id),
            user_id=person.id,
            chat_id=chat.id,
            message_id=message_id,
            data=data,
            asked_at=self.state.clock.now().timestamp(),
        )
        self.next_callback_id += 1
        self.callbacks[query.id] = query
        if len(self.callbacks) > CALLBACKS_KEPT:
            del self.callbacks[next(iter(self.callbacks))]
        return query

    def new_message(
        self,
        chat: Chat,
        *,
        sender: Person | None,
        content: dict[str, Any],
        silent: bool = False,
    ) -> MessageRecord:
        """Put a message into a chat, from a person or (None) from the bot."""
        message = {
            "message_id": self.next_message_id,
            "from": self.bot if sender is None else sender.as_user(),
            "chat": self.chat_object(chat),
            "date": self.now(),
            **content,
        }
        self.next_message_id += 1
        record = MessageRecord(message=message, by_bot=sender is None, silent=silent)
        self.messages[chat.id][record.id] = record
        self.publish_message(record)
        return record

    def edit_message(self, record: MessageRecord, content: dict[str, Any]) -> None:
        """Replace a message's content; what it was goes into its history."""
        kept = ("message_id", "from", "chat", "date", "reply_to_message")
        before = {key: value for key, value in record.message.items() if key not in kept}
        base = {key: value for key, value in record.message.items() if key in kept}
        record.history.append(before)
        record.message = {**base, "edit_date": self.now(), **content}
        self.publish_message(record)

    def publish_message(self, record: MessageRecord) -> None:
        """Tell the page and the tests how a message looks now."""
        self.changes.publish("message", chat_id=record.chat_id, message=record.as_json())

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON types; flood buckets start full again."""
        return {
            **{name: getattr(self, name) for name in _SNAPSHOT_FIELDS},
            "revision": self.changes.revision,
            "bot": self.bot,
            "settings": self.settings,
            "people": [asdict(person) for person in self.people.values()],
            "chats": [
                {**asdict(chat), "members": list(chat.members.items())}
                for chat in self.chats.values()
            ],
            "messages": [
                asdict(record) for records in self.messages.values() for record in records.values()
            ],
            "callbacks": [asdict(query) for query in self.callbacks.values()],
            "files": self.files.snapshot(),
            "limits": self.limits.as_json(),
            "updates": self.updates.snapshot(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on from a snapshot; whoever watches is told to read everything anew."""
        for name in _SNAPSHOT_FIELDS:
            setattr(self, name, saved[name])
        self.bot = saved["bot"]
        self.settings = saved["settings"]
        self.people = {item["id"]: Person(**item) for item in saved["people"]}
        self.chats = {
            item["id"]: Chat(**{**item, "members": dict(item["members"])})
            for item in saved["chats"]
        }
        self.messages = {chat_id: {} for chat_id in self.chats}
        for item in saved["messages"]:
            record = MessageRecord(**item)
            self.messages[record.chat_id][record.id] = record
        self.callbacks = {item["id"]: CallbackQuery(**item) for item in saved["callbacks"]}
        self.files.restore(saved["files"])
        self.limits.configure(saved["limits"])
        self.updates.restore(saved["updates"])
        self.changes.restart(saved["revision"])
