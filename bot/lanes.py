"""Updates of one person in their order, those of different people at the same time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable

Work = Callable[[], Awaitable[None]]


class Lanes:
    """One queue a person; `width` of them move at once, `limit` pieces of work wait at most."""

    def __init__(self, *, width: int = 64, limit: int = 500) -> None:
        self._lanes: dict[Hashable, deque[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._width = asyncio.Semaphore(width)
        self._room = asyncio.Semaphore(limit)

    async def put(self, key: Hashable, work: Work) -> None:
        """Queue `work`; waits while there is too much. `work` must not raise."""
        await self._room.acquire()
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(work)
            return
        self._lanes[key] = deque([work])
        task = asyncio.create_task(self._move(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def under_way(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    async def drain(self, *, seconds: float) -> bool:
        """Wait until everything is done; False if that took too long."""
        if not self._tasks:
            return True
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        return not late

    async def _move(self, key: Hashable) -> None:
        lane = self._lanes[key]
        try:
            while lane:
                async with self._width:
                    await lane[0]()
                lane.popleft()
                self._room.release()
        finally:
            del self._lanes[key]
