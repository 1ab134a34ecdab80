"""Imports without what a library only takes along because it happens to be installed.

Every process starts with them, and a desk is eight processes.
"""

import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Within the block these modules cannot be imported, unless that was done before.

    For the optional parts of libraries: what is imported here goes without them for good.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def only_utc() -> Iterator[None]:
    """Within the block a library that lists all time zones finds this one."""
    known = zoneinfo.available_timezones
    zoneinfo.available_timezones = lambda: {"UTC"}
    try:
        yield
    finally:
        zoneinfo.available_timezones = known
