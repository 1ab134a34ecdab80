"""A person at the sandbox's Telegram: says, presses, waits for answers."""

import time
from collections.abc import Callable
from typing import Any

import httpx

Message = dict[str, Any]
WAIT_SECONDS = 120


class NothingCame(AssertionError):
    """The bot did not show what was waited for; the error shows the chat instead."""


class TelegramUser:
    """Plays one user through the control API; message texts are without markup."""

    def __init__(self, telegram_url: str, *, first_name: str = "Carol") -> None:
        """A new user; close() when done."""
        self._http = httpx.Client(base_url=telegram_url, timeout=WAIT_SECONDS + 60)
        self.id = int(self._post("users", first_name=first_name)["id"])
        self._revision = int(self._http.get("/control/state").json()["revision"])

    def close(self) -> None:
        self._http.close()

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._http.post(f"/control/{path}", json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def _act(self, act: str, **body: Any) -> dict[str, Any]:
        answer = self._post(f"users/{self.id}/{act}", **body)
        self._revision = answer["revision"]
        return answer

    def say(self, text: str, *, times: int = 1) -> Message:
        """Write a text; `times` delivers its update again under the same id."""
        return dict(self._act("say", text=text, times=times)["messages"][-1])

    def edit(self, message_id: int, text: str) -> None:
        """Edit a text written before."""
        self._act("edit", message_id=message_id, text=text)

    def press(self, message: Message, label: str, *, times: int = 1) -> str:
        """Press the button whose label contains `label`; the callback query's id."""
        answer = self._act("press", message_id=message["message_id"], label=label, times=times)
        return str(answer["query_id"])

    def press_stale(self, message: Message, data: str) -> str:
        """Press a button that is no longer there."""
        answer = self._act("press", message_id=message["message_id"], data=data, stale=True)
        return str(answer["query_id"])

    def messages(self) -> list[Message]:
        """The chat as it looks now, without deleted messages."""
        shown = self._http.get(f"/control/chats/{self.id}/messages").json()["messages"]
        return [message for message in shown if not message["deleted"]]

    def wait_for(
        self, what: str | Callable[[Message], bool], *, seconds: float = WAIT_SECONDS
    ) -> Message:
        """The first message of the bot, new or edited since the last act, that shows `what`."""
        matches = what if callable(what) else (lambda message: what in text_of(message))
        deadline = time.monotonic() + seconds
        revision = self._revision
        while (left := deadline - time.monotonic()) > 0:
            query = {"after": revision, "timeout": min(left, 20), "chat_id": self.id}
            answer = self._http.get("/control/changes", params=query).json()
            for change in answer["changes"]:
                message = change.get("message")
                if message and message["by_bot"] and matches(message):
                    return dict(message)
            revision = answer["revision"]
        shown = "\n---\n".join(text_of(message) for message in self.messages()[-6:])
        raise NothingCame(f"{what!r} did not come; the chat ends with:\n{shown}")

    def answer_to(self, query_id: str, *, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """The bot's answer to a pressed button: {text, show_alert}."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for query in self._http.get("/control/callbacks").json()["callbacks"]:
                if query["id"] == query_id and query["answer"] is not None:
                    return dict(query["answer"])
            time.sleep(0.02)
        raise NothingCame(f"the button press {query_id} was not answered")


def text_of(message: Message) -> str:
    """A message's text or caption."""
    return str(message.get("text", message.get("caption", "")))


def buttons_of(message: Message) -> list[str]:
    """The labels of a message's inline buttons in reading order."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]
