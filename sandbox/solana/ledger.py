"""The history of transactions: by signature, by address, by slot."""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from solders.transaction import VersionedTransaction

from sandbox.state import Json

RECORDS_KEPT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRecord:
    """A transaction that is in a block; JSON types only, so that it is saved as it stands."""

    signature: str
    slot: int
    block_time: int
    raw: str
    """The wire bytes, base64."""
    version: Json
    error: Json
    fee: int
    keys: tuple[str, ...]
    static_count: int
    writable_loaded_count: int
    pre_balances: tuple[int, ...]
    post_balances: tuple[int, ...]
    pre_token_balances: tuple[dict[str, Json], ...]
    post_token_balances: tuple[dict[str, Json], ...]
    logs: tuple[str, ...]
    inner: tuple[dict[str, Json], ...]
    units: int
    return_data: dict[str, Json] | None
    unit_price: int
    """Priority fee in millionths of a lamport per compute unit."""
    memo: str | None
    internal: bool = False
    """Sent by the sandbox itself (keepers), not by a client."""

    @property
    def transaction(self) -> VersionedTransaction:
        """The transaction, decoded."""
        return VersionedTransaction.from_bytes(base64.b64decode(self.raw))

    def as_json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in self.__slots__}


def record_from_json(saved: Mapping[str, Any]) -> TransactionRecord:
    """The record that `as_json` gave."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()
    }
    return TransactionRecord(**values)


class Ledger:
    """Records in the order in which they happened; their slots never fall."""

    def __init__(self) -> None:
        self._records: list[TransactionRecord] = []
        self._slots: list[int] = []
        self._positions: dict[str, int] = {}
        self._by_address: dict[str, list[int]] = {}
        # Their places stay, so that whoever reads on from a cursor misses nothing.
        self._taken_back: set[int] = set()

    def __len__(self) -> int:
        return len(self._records)

    def append(self, record: TransactionRecord) -> None:
        """Add a record at the end."""
        position = len(self._records)
        self._records.append(record)
        self._slots.append(record.slot)
        self._positions[record.signature] = position
        for key in dict.fromkeys(record.keys):
            self._by_address.setdefault(key, []).append(position)

    def find(self, signature: str) -> TransactionRecord | None:
        """The record of a signature, None if it never landed."""
        position = self._positions.get(signature)
        return None if position is None else self._records[position]

    def take_back_since(self, slot: int) -> list[TransactionRecord]:
        """Forget what is in blocks after `slot`; the records, oldest first."""
        first = bisect_left(self._slots, slot + 1)
        places = [each for each in range(first, len(self._records)) if self._is_there(each)]
        for place in places:
            self._taken_back.add(place)
            del self._positions[self._records[place].signature]
        return [self._records[place] for place in places]

    def _is_there(self, place: int) -> bool:
        return place not in self._taken_back

    def _between(self, start: int, end: int) -> list[TransactionRecord]:
        return [
            record
            for place, record in enumerate(self._records[start:end], start)
            if self._is_there(place)
        ]

    def show_as(self, signature: str, version: int) -> None:
        """From now on the record is one of this version; raises KeyError."""
        position = self._positions[signature]
        self._records[position] = replace(self._records[position], version=version)

    def since(self, cursor: int, *, up_to_slot: int) -> tuple[int, Sequence[TransactionRecord]]:
        """Records from a cursor on, up to a slot, and the cursor behind them."""
        end = bisect_left(self._slots, up_to_slot + 1)
        return max(cursor, end), self._between(cursor, end)

    def newest(self, count: int) -> list[TransactionRecord]:
        """The last records, newest first."""
        return self._between(max(0, len(self._records) - count), len(self._records))[::-1]

    def in_slots(self, first: int, last: int) -> Sequence[TransactionRecord]:
        """Records of a range of slots, both ends included."""
        return self._between(bisect_left(self._slots, first), bisect_left(self._slots, last + 1))

    def of_address(
        self, address: str, *, before: str | None = None, until: str | None = None
    ) -> list[TransactionRecord]:
        """Records that name an address, newest first, between two signatures (not included)."""
        positions = self._by_address.get(address, [])
        upper = self._positions.get(before, -1) if before else len(self._records)
        lower = self._positions.get(until, -1) if until else -1
        start, end = bisect_left(positions, lower + 1), bisect_left(positions, upper)
        return [
            self._records[position]
            for position in reversed(positions[start:end])
            if self._is_there(position)
        ]

    def snapshot(self) -> Json:
        """The newest records, as JSON."""
        kept = self._between(max(0, len(self._records) - RECORDS_KEPT), len(self._records))
        return [record.as_json() for record in kept]

    def restore(self, saved: Json) -> None:
        """Start from saved records."""
        self.__init__()  # type: ignore[misc]
        for item in saved:
            self.append(record_from_json(item))
