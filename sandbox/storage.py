"""The sandbox's memory on disk: one file, replaced whole."""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from sandbox.state import Json

FILE_NAME = "sandbox.json"


class UnreadableState(Exception):
    """The saved state cannot be read."""


def load_state(directory: Path) -> Json:
    """What was saved, None if nothing was."""
    path = directory / FILE_NAME
    if not path.exists():
        return None
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise UnreadableState(
            f"{path} is damaged ({error}). Move it away to begin with a new sandbox."
        ) from error


def save_state(directory: Path, state: Json) -> None:
    """Save, so that a crash leaves either the old or the new state."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(orjson.dumps(state))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
