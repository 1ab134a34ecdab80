"""What one websocket of a node was asked for, and which of its numbers tells of what."""

import json
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

# So many questions may wait for an answer: a burst is what providers cut connections for.
_MOST_UNANSWERED = 50
# What was refused, or told of once, is asked for again after that: there may be room by then.
_QUIET_SECONDS = 60.0
# Nothing of an account travels: that it changed is all that is asked for.
_NOTHING = {"offset": 0, "length": 0}


def websocket_url(rpc_url: str) -> str:
    """Where the node at this address has its websocket, by the convention of Solana's clients.

    The same place; one port further on where a port is named.
    """
    parts = urlsplit(rpc_url)
    place = parts.netloc
    if parts.port is not None:
        place = f"{place.removesuffix(f':{parts.port}')}:{parts.port + 1}"
    scheme = "wss" if parts.scheme == "https" else "ws"
    return parts._replace(scheme=scheme, netloc=place).geturl()


def desk_websocket_url() -> str:
    """The address that the settings name, or that of the first node's."""
    environment = settings.ENVIRONMENT
    if environment.solana_ws_url:
        return str(environment.solana_ws_url.get_secret_value())
    [first, *_] = environment.solana_rpc_urls or ()
    return websocket_url(first.get_secret_value())


class Kind(StrEnum):
    """What may be watched; the words are those of the node's methods."""

    ACCOUNT = "account"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing to be told of; `key` is the row that a hint asks to look at."""

    kind: Kind
    subject: str
    commitment: str
    key: uuid.UUID

    def params(self) -> list[Any]:
        options: dict[str, Any] = {"commitment": self.commitment}
        if self.kind is Kind.ACCOUNT:
            options |= {"encoding": "base64", "dataSlice": _NOTHING}
        return [self.subject, options]


class Conversation:
    """The questions and answers of one connection; `hint` is called with what may have moved.

    It hints also at what has just begun to be watched: what happened before that was told to
    nobody. What a notification says is not read.
    """

    def __init__(
        self, *, send: Callable[[str], None], hint: Callable[[Watch], None], limit: int
    ) -> None:
        self._send, self._hint, self._limit = send, hint, limit
        self._ids = count(1)
        self._asked: dict[int, Watch] = {}
        self._by_number: dict[int, Watch] = {}
        # None: asked for, and not answered yet.
        self._numbers: dict[Watch, int | None] = {}
        self._quiet_until: dict[Watch, float] = {}
        self._slots_asked = self._ask("slotSubscribe", [])
        self._slots: int | None = None
        self.heard_at = time.monotonic()
        self.tells_slots = True
        self.ignored = 0

    @property
    def standing(self) -> int:
        """How many things this connection tells of."""
        return len(self._by_number)

    def keep(self, wanted: Collection[Watch]) -> None:
        """Ask for what is new, the first ones first, and let go of what is wanted no more."""
        now = time.monotonic()
        kept = dict.fromkeys(wanted)
        for watch, number in list(self._numbers.items()):
            if watch not in kept and number is not None:
                self._forget(number)
                self._ask(f"{watch.kind}Unsubscribe", [number])
        for watch in self._quiet_until.keys() - kept.keys():
            del self._quiet_until[watch]
        for watch in kept:
            if len(self._asked) >= _MOST_UNANSWERED or len(self._numbers) >= self._limit:
                return
            if watch not in self._numbers and self._quiet_until.get(watch, now) <= now:
                self._numbers[watch] = None
                self._asked[self._ask(f"{watch.kind}Subscribe", watch.params())] = watch

    def hear(self, text: str | bytes) -> None:
        """Take one message; what is not an answer to us or a number of ours changes nothing."""
        try:
            told = json.loads(text)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            self.ignored += 1
        elif "id" in told:
            self._hear_answer(told)
        else:
            self._hear_notification(told)

    def _hear_answer(self, told: dict[str, Any]) -> None:
        result, answered = told.get("result"), told["id"]
        is_number = isinstance(result, int) and not isinstance(result, bool)
        number: int | None = result if is_number else None
        if answered == self._slots_asked:
            self.tells_slots, self._slots = is_number, number
            return
        watch = self._asked.pop(answered, None) if isinstance(answered, int) else None
        if watch is None:
            return
        if number is None or number in self._by_number:
            del self._numbers[watch]
            self._rest(watch)
            return
        self._numbers[watch], self._by_number[number] = number, watch
        self._hint(watch)

    def _hear_notification(self, told: dict[str, Any]) -> None:
        params = told.get("params")
        number = params.get("subscription") if isinstance(params, dict) else None
        if not isinstance(number, int):
            self.ignored += 1
            return
        if number == self._slots:
            self.heard_at = time.monotonic()
            return
        watch = self._by_number.get(number)
        if watch is None:
            self.ignored += 1
            return
        if watch.kind is Kind.SIGNATURE:
            # A node tells of a signature once, and has forgotten who asked.
            self._forget(number)
            self._rest(watch)
        self._hint(watch)

    def _rest(self, watch: Watch) -> None:
        self._quiet_until[watch] = time.monotonic() + _QUIET_SECONDS

    def _forget(self, number: int) -> None:
        del self._numbers[self._by_number.pop(number)]

    def _ask(self, method: str, params: list[Any]) -> int:
        number = next(self._ids)
        self._send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        return number
