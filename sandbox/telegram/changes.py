"""The feed of everything that happened in the chats, for the page and for tests that wait."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

CHANGES_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened, numbered without gaps."""

    revision: int
    kind: str
    chat_id: int | None
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "revision": self.revision,
            "kind": self.kind,
            "chat_id": self.chat_id,
            **self.facts,
        }


class ChangeFeed:
    """The last changes, and a way to wait for the next."""

    def __init__(self) -> None:
        self.revision = 0
        self.closed = False
        self._kept: deque[Change] = deque(maxlen=CHANGES_KEPT)
        self._next = asyncio.Event()

    def publish(self, kind: str, *, chat_id: int | None = None, **facts: Any) -> None:
        """Number a change, keep it and wake whoever waits."""
        self.revision += 1
        self._kept.append(Change(self.revision, kind, chat_id, facts))
        self._next.set()
        self._next = asyncio.Event()

    def since(self, revision: int, *, chat_id: int | None = None) -> list[Change]:
        """Changes above `revision`, of one chat if named; `reset` alone when they are gone."""
        if revision > self.revision or (self._kept and revision + 1 < self._kept[0].revision):
            return [Change(self.revision, "reset", None, {})]
        newest_first = []
        for change in reversed(self._kept):
            if change.revision <= revision:
                break
            if chat_id in (None, change.chat_id):
                newest_first.append(change)
        return newest_first[::-1]

    async def wait(
        self, revision: int, *, seconds: float, chat_id: int | None = None
    ) -> list[Change]:
        """As `since`, but waits up to `seconds` for the first one."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            following = self._next
            found = self.since(revision, chat_id=chat_id)
            left = deadline - asyncio.get_running_loop().time()
            if found or left <= 0 or self.closed:
                return found
            try:
                await asyncio.wait_for(following.wait(), left)
            except TimeoutError:
                return []

    def close(self) -> None:
        """End every wait: the service stops."""
        self.closed = True
        self._next.set()

    def restart(self, revision: int) -> None:
        """Go on from a number after a restore; older changes are gone."""
        # Watchers may have seen more than was saved: they must not take new numbers for old ones.
        self.revision = revision + CHANGES_KEPT
        self._kept.clear()
        self.publish("reset")
