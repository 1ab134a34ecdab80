"""The recorded transactions, and their account bytes."""

import base64
import json
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from solders.pubkey import Pubkey

FOLDER = Path(__file__).parents[1] / "data" / "vectors"
SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.json"))
OWNED_BY_PROGRAM = ("State", "User", "UserStats", "PerpMarket", "SpotMarket")


@cache
def scenario(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


def account_bytes(account: dict[str, Any]) -> bytes:
    return zlib.decompress(base64.b64decode(account["data_zb64"]))


def recorded_accounts(name: str) -> Iterator[dict[str, Any]]:
    """Every account of the program whose bytes the scenario holds, in order."""
    recording = scenario(name)
    for accounts in (
        recording["genesis"]["accounts"],
        *(step["accounts_after"] for step in recording["steps"]),
    ):
        for account in accounts.values():
            if account.get("kind") in OWNED_BY_PROGRAM and "data_zb64" in account:
                yield account


def as_recorded(value: Any) -> Any:
    """Write decoded values as the recordings do: integers as strings, bytes as hex, no padding."""
    match value:
        case bool() | None | str():
            return value
        case int():
            return str(value)
        case bytes():
            return value.hex()
        case Pubkey():
            return str(value)
        case list():
            return [as_recorded(item) for item in value]
        case dict():
            return {key: as_recorded(item) for key, item in value.items() if key != "padding"}
    raise TypeError(type(value))
