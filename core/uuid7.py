"""UUID version 7 (RFC 9562): keys that sort by the millisecond they were made in."""

import os
import threading
import time
import uuid
from datetime import UTC, datetime

_lock = threading.Lock()
_last = (0, 0)


def uuid7() -> uuid.UUID:
    """A new key: 48 bits of Unix milliseconds, 12 of a counter, 62 random.

    Keys made in one process rise strictly: within a millisecond the counter goes up, and when
    it is spent the millisecond is borrowed from the future (as PostgreSQL 18 does it too).
    """
    global _last
    with _lock:
        now, (then, counter) = time.time_ns() // 1_000_000, _last
        if now > then:
            # A random start leaves room to count and keeps keys of two processes apart.
            now, counter = now, int.from_bytes(os.urandom(2)) & 0x7FF
        elif counter < 0xFFF:
            now, counter = then, counter + 1
        else:
            now, counter = then + 1, 0
        _last = (now, counter)
    tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return uuid.UUID(int=(now << 80) | (7 << 76) | (counter << 64) | (0b10 << 62) | tail)


def time_of(key: uuid.UUID) -> datetime:
    """The moment (UTC, milliseconds) that a version 7 key carries."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, tz=UTC)
