"""The bot's updates until it has confirmed them: long polling, offsets, the webhook's settings."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.state import SandboxState
from sandbox.telegram.errors import ApiError, conflict

FIRST_UPDATE_ID = 900_000_001
MAX_POLL_SECONDS = 50
MAX_BATCH = 100
# Telegram leaves these out unless they are asked for by name.
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True)
class PendingUpdate:
    """An update that the bot has not confirmed; withdrawn after so many deliveries, if given."""

    update: dict[str, Any]
    deliveries_left: int | None = None

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


@dataclass(slots=True)
class Webhook:
    """Where updates are pushed, and how the last push failed."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    last_error_at: int | None = None
    last_error: str = ""


class UpdateQueue:
    """Updates in order of their ids; either polled or pushed, never both."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self._pending: list[PendingUpdate] = []
        self._next_id = FIRST_UPDATE_ID
        self._allowed: list[str] = []
        self._arrived = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self.webhook: Webhook | None = None

    @property
    def pending_count(self) -> int:
        return len(self._pending)

    @property
    def allowed(self) -> list[str]:
        return list(self._allowed)

    def push(self, kind: str, content: dict[str, Any], *, times: int = 1) -> int | None:
        """Queue an update `times` times under one id; None if the bot does not ask for its kind."""
        if kind not in self._allowed if self._allowed else kind in NOT_BY_DEFAULT:
            return None
        if self._state.faults.consume("telegram.drop_update", kind=kind) is not None:
            return None
        if self._state.faults.consume("telegram.duplicate_update", kind=kind) is not None:
            times += 1
        return self.push_raw({kind: content}, times=times)

    def push_raw(
        self, update: dict[str, Any], *, times: int = 1, deliveries: int | None = None
    ) -> int:
        """Queue an update as it is, `times` times; without an update_id it gets the next one."""
        update = {"update_id": self._next_id, **update}
        self._next_id = max(self._next_id, int(update["update_id"]) + 1)
        for _ in range(times):
            self._pending.append(PendingUpdate(update, deliveries))
        self._pending.sort(key=lambda pending: pending.id)
        self._wake()
        return int(update["update_id"])

    def allow(self, kinds: list[str]) -> None:
        """Kinds of updates to queue from now on; none named means Telegram's default."""
        self._allowed = list(kinds)

    def drop_pending(self) -> None:
        self._pending.clear()

    def confirm_before(self, update_id: int) -> None:
        """Forget every update below `update_id`."""
        self._pending = [pending for pending in self._pending if pending.id >= update_id]

    def confirm(self, pending: PendingUpdate) -> None:
        """Forget one delivery of a pushed update."""
        self._pending = [other for other in self._pending if other is not pending]

    async def poll(self, *, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """The answer of getUpdates; a second poller ends the first one's wait with a 409."""
        if self.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        loop = asyncio.get_running_loop()
        self._end_poll(
            conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )
        )
        terminated: asyncio.Future[None] = loop.create_future()
        self._poll = terminated
        try:
            self._confirm_offset(offset)
            deadline = loop.time() + min(max(seconds, 0), MAX_POLL_SECONDS)
            while True:
                arrived = asyncio.ensure_future(self._arrived.wait())
                batch = self._batch(limit)
                left = deadline - loop.time()
                if batch or left <= 0:
                    arrived.cancel()
                    return batch
                waited: set[asyncio.Future[Any]] = {arrived, terminated}
                await asyncio.wait(waited, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                arrived.cancel()
                if terminated.done():
                    terminated.result()
        finally:
            if self._poll is terminated:
                self._poll = None
            if terminated.done():
                terminated.exception()
            else:
                terminated.cancel()

    def end_poll(self) -> None:
        """End a poll that waits: the service stops."""
        self._end_poll(ApiError(502, "Bad Gateway"))

    def _end_poll(self, reason: ApiError) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(reason)

    def _confirm_offset(self, offset: int) -> None:
        if offset > 0:
            self.confirm_before(offset)
        elif offset < 0 and self._pending:
            self._pending = self._pending[offset:]

    def _batch(self, limit: int) -> list[dict[str, Any]]:
        chosen = self._pending[: min(max(limit, 1), MAX_BATCH)]
        for pending in chosen:
            self.count_delivery(pending)
        return [pending.update for pending in chosen]

    def count_delivery(self, pending: PendingUpdate) -> None:
        """Withdraw an update that was to be delivered only so many times."""
        if pending.deliveries_left is not None:
            pending.deliveries_left -= 1
            if pending.deliveries_left <= 0:
                self.confirm(pending)

    def set_webhook(self, webhook: Webhook | None) -> None:
        self.webhook = webhook
        self._wake()

    async def next_to_push(self) -> tuple[Webhook, PendingUpdate]:
        """Waits until a webhook is set and an update is there for it."""
        while True:
            arrived = self._arrived
            if self.webhook is not None and self._pending:
                return self.webhook, self._pending[0]
            await arrived.wait()

    def _wake(self) -> None:
        self._arrived.set()
        self._arrived = asyncio.Event()

    def snapshot(self) -> dict[str, Any]:
        return {
            "pending": [asdict(pending) for pending in self._pending],
            "next_id": self._next_id,
            "allowed": self._allowed,
            "webhook": asdict(self.webhook) if self.webhook else None,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self._pending = [PendingUpdate(**item) for item in saved["pending"]]
        self._next_id = saved["next_id"]
        self._allowed = saved["allowed"]
        self.webhook = Webhook(**saved["webhook"]) if saved["webhook"] else None
        self._wake()
