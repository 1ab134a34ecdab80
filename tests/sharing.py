"""How the processes that run the suite share its tests."""

import re
import zlib
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
# Each process that runs tests of the whole desk starts one desk of its own.
DESKS = 2
_ASKS_FOR_A_DESK = re.compile(r"\bhouse\b")
# Fixtures behind which other processes run, at a pace that this machine gives them.
_OF_PROCESSES = {"desk_sandbox_process", "sandbox_process", "venue_sandbox", "web", "open_house"}
_START_PROCESSES = ("tests/journeys/", "tests/campaign/", "tests/laminator/local/")


class FilesTogether(LoadScopeScheduling):
    """The tests of a file stay together, and those of the whole desk in few processes."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return f"desk {zlib.crc32(file.encode()) % DESKS}" if needs_desk(file) else file


@cache
def needs_desk(file):
    """Whether a test in this file has everything running."""
    path = ROOT / file
    return file.startswith("tests/journeys/") and bool(_ASKS_FOR_A_DESK.search(path.read_text()))


def place(item):
    """What takes longest begins first: whole desks, then whatever starts processes of its own."""
    file = item.nodeid.partition("::")[0]
    if needs_desk(file):
        return 0
    return 1 if file.startswith(_START_PROCESSES) else 2


def plays_on_processes(item):
    """Whether the test waits for processes that go on by themselves, on however busy a machine.

    Such a one is played once more before it counts as failed, and the run tells of both. All that
    is decided by the code alone has one chance.
    """
    file = item.nodeid.partition("::")[0]
    return file.startswith(_START_PROCESSES) or not _OF_PROCESSES.isdisjoint(item.fixturenames)
