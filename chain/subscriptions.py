"""Hints by websocket: that something moved is noticed sooner; what it was is read as ever.

A notification never becomes a state. It asks for the look that the sweep and the pass over the
accounts take anyway, a little earlier; one that is lost, doubled or forged costs a look at most.
"""

import random
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from chain.budget import Priority, asking_as
from chain.websocket import Conversation, Kind, Watch
from core.errors import Unavailable

log = structlog.get_logger(__name__)
# After each failure in a row twice as long, and never all desks at the same moment.
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# A connection that stood for less is no success: some servers accept and cut.
_STEADY_SECONDS = 10.0
# Slots come several times a second; a connection that brings none has died unnoticed.
_SILENCE_SECONDS = 15.0
# The same thing is looked at no more often, whatever a server claims of it.
_LEAST_SECONDS = 0.5
_AGAIN_SECONDS = 2.0
_TICK_SECONDS = 0.1
_MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of things: which are wanted (at most so many), and how a hint is looked into.

    Both join no transaction of the caller; `look` reads the chain itself.
    """

    kind: Kind
    wanted: Callable[[int], Sequence[Watch]]
    look: Callable[[Collection[uuid.UUID]], object]
    every_seconds: float


class Hints:
    """What is hinted at and not looked into yet; twice the same is once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By kind and row: the moment from which it may be looked into.
        self._due_at: dict[tuple[Kind, uuid.UUID], float] = {}
        self._looked_at: dict[tuple[Kind, uuid.UUID], float] = {}

    def add(self, watch: Watch) -> None:
        name = (watch.kind, watch.key)
        with self._lock:
            looked_at = self._looked_at.get(name, float("-inf"))
            self._due_at.setdefault(name, looked_at + _LEAST_SECONDS)

    def take(self, kind: Kind) -> list[uuid.UUID]:
        """What is due; taken once, and not again before a while has passed."""
        now = time.monotonic()
        with self._lock:
            due = [name for name, at in self._due_at.items() if name[0] is kind and at <= now]
            for name in due:
                del self._due_at[name]
                self._looked_at[name] = now
            stale = [name for name, at in self._looked_at.items() if at < now - _LEAST_SECONDS]
            for name in stale:
                del self._looked_at[name]
        return [key for _, key in due]

    def put_back(self, kind: Kind, keys: Collection[uuid.UUID]) -> None:
        """Nothing answered: they are looked into a little later."""
        again_at = time.monotonic() + _AGAIN_SECONDS
        with self._lock:
            for key in keys:
                self._due_at.setdefault((kind, key), again_at)


class Subscriptions:
    """One connection that is kept up, and one thread that looks into what it hints at."""

    def __init__(
        self,
        *,
        url: str,
        topics: Sequence[Topic],
        limit: int,
        tell: Callable[..., object] = lambda **_: None,
    ) -> None:
        self._url, self._topics, self._limit, self._tell = url, topics, limit, tell
        self._hints = Hints()
        self._wanted: dict[Kind, Sequence[Watch]] = {topic.kind: () for topic in topics}
        self._facts: dict[str, Any] = {"connected": False, "standing": 0, "reconnects": -1}

    def run(self, stop: threading.Event) -> None:
        """Connect, follow and look until `stop` is set, whatever breaks meanwhile."""
        looking = threading.Thread(target=self._look, args=(stop,), name="hints")
        looking.start()
        try:
            self._stay_connected(stop)
        finally:
            stop.set()
            looking.join()

    # The connection.

    def _stay_connected(self, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            reason = "ended by the server"
            try:
                with connect(
                    self._url, open_timeout=10, close_timeout=1, ping_interval=10, ping_timeout=10
                ) as socket:
                    self._facts["reconnects"] += 1
                    self._follow(socket, stop)
            except (OSError, WebSocketException, ValueError) as error:
                reason = type(error).__name__
            self._facts |= {"connected": False, "standing": 0}
            if stop.is_set():
                return
            failures = 0 if time.monotonic() - began > _STEADY_SECONDS else failures + 1
            wait = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(failures, 10))
            wait *= random.uniform(0.8, 1.2)  # noqa: S311
            log.warning("subscriptions_cut", reason=reason, again_in_seconds=round(wait, 1))
            stop.wait(wait)

    def _follow(self, socket: Any, stop: threading.Event) -> None:
        talk = Conversation(send=socket.send, hint=self._hints.add, limit=self._limit)
        self._facts["connected"] = True
        log.info("subscriptions_connected")
        while not stop.is_set():
            talk.keep([watch for topic in self._topics for watch in self._wanted[topic.kind]])
            try:
                talk.hear(socket.recv(timeout=_TICK_SECONDS))
                for _ in range(_MOST_AT_ONCE):
                    talk.hear(socket.recv(timeout=0))
            except TimeoutError:
                pass
            self._facts |= {"standing": talk.standing, "ignored": talk.ignored}
            if talk.tells_slots and time.monotonic() - talk.heard_at > _SILENCE_SECONDS:
                log.warning("subscriptions_silent", seconds=_SILENCE_SECONDS)
                return

    # The looks.

    def _look(self, stop: threading.Event) -> None:
        refreshed_at = dict.fromkeys(self._wanted, float("-inf"))
        while not stop.wait(_TICK_SECONDS):
            left = self._limit
            for topic in self._topics:
                try:
                    now = time.monotonic()
                    if now - refreshed_at[topic.kind] >= topic.every_seconds:
                        refreshed_at[topic.kind] = now
                        self._wanted[topic.kind] = topic.wanted(max(left, 0))
                    left -= len(self._wanted[topic.kind])
                    self._look_into(topic)
                except Exception:
                    # A process's loop: the next round asks again, and so does the backstop.
                    log.exception("subscriptions_failed", kind=str(topic.kind))
                    stop.wait(1)
                finally:
                    connection.close()
            self._tell(**self._facts)

    def _look_into(self, topic: Topic) -> None:
        keys = self._hints.take(topic.kind)
        if not keys:
            return
        try:
            with asking_as(Priority.BACKSTOP):
                topic.look(keys)
        except Unavailable as error:
            log.warning("hints_wait", kind=str(topic.kind), hints=len(keys), reason=error.code)
            self._hints.put_back(topic.kind, keys)
