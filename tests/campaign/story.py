"""What a run tells of itself."""

from dataclasses import dataclass, field

import redis
from django.db import DatabaseError

# What goes away by itself, for whoever asks a server that is being crashed.
BROKEN = (DatabaseError, redis.RedisError)


@dataclass
class Step:
    """One act as it went; `row` is where a worker was killed, `missed` where it was to be."""

    act: str
    fault: str
    row: str = ""
    missed: str = ""
    outcome: str = ""
    seconds: float = 0


@dataclass
class Run:
    """What a seed led to; `wrong` says what did not hold, and is "" for a good run."""

    seed: int
    deployment: str = ""
    providers: int = 1
    steps: list[Step] = field(default_factory=list)
    wrong: str = ""
    seconds: float = 0
