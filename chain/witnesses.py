"""What a desk has reached, kept outside of its database: a file of this machine, and Redis.

Either may be lost; the larger of the two counts.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from core.errors import Misconfigured
from core.redis import redis

log = structlog.get_logger(__name__)


def read_witnesses(desk_id: uuid.UUID) -> int:
    """The largest number that a witness holds for this desk; 0 where none knows it."""
    return max(_read_file(desk_id), _read_redis(desk_id))


def tell_witnesses(desk_id: uuid.UUID, number: int) -> None:
    """Let both know a number that the database has committed; one that cannot is logged."""
    try:
        _write_file(desk_id, number)
    except OSError as error:
        log.warning("witness_not_written", witness="file", reason=type(error).__name__)
    try:
        redis().set(_key(desk_id), number)
    except (RedisError, Misconfigured) as error:
        log.warning("witness_not_written", witness="redis", reason=type(error).__name__)


def _read_file(desk_id: uuid.UUID) -> int:
    try:
        told = json.loads(_file().read_text())
        return int(told["number"]) if told["desk_id"] == str(desk_id) else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _write_file(desk_id: uuid.UUID, number: int) -> None:
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a torn witness would be none.
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.write_text(json.dumps({"desk_id": str(desk_id), "number": number}))
    fresh.replace(file)


def _read_redis(desk_id: uuid.UUID) -> int:
    try:
        found: Any = redis().get(_key(desk_id))
        return int(found or 0)
    except (RedisError, Misconfigured, ValueError):
        return 0


def _file() -> Path:
    return Path(settings.ENVIRONMENT.var_dir) / "run" / "desk-epoch.json"


def _key(desk_id: uuid.UUID) -> str:
    return f"desk:epoch:{desk_id}"
