"""Slots, block heights, blockhashes and commitment levels."""

from __future__ import annotations

import hashlib
from typing import Final

from solders.hash import Hash

from sandbox.solana.known import BLOCKHASH_WINDOW

GENESIS_SLOT: Final = 300_000_000
SKIPPED_SLOTS: Final = 21_000_000
"""Slots that never had a block: heights lie below slots, as on the real network."""
COMMITMENT_LAG: Final = {"processed": 0, "confirmed": 2, "finalized": 32}
DEPRECATED_COMMITMENTS: Final = {
    "recent": "processed",
    "single": "confirmed",
    "singleGossip": "confirmed",
    "root": "finalized",
    "max": "finalized",
}


class SlotLine:
    """The line of slots; a blockhash is a function of the seed and its slot."""

    def __init__(self, *, seed: int, slot: int = GENESIS_SLOT) -> None:
        self._seed = seed
        self.slot = slot
        self._slots_by_hash: dict[Hash, int] = {}
        self._remembered_to = slot - 2 * BLOCKHASH_WINDOW - 1
        self._remember()

    def advance(self, slots: int) -> None:
        """Move on by `slots`."""
        self.slot += slots
        self._remember()

    def jump(self, slot: int) -> None:
        """Stand at a slot, wherever it lies."""
        self.slot = slot
        self._slots_by_hash.clear()
        self._remembered_to = slot - 2 * BLOCKHASH_WINDOW - 1
        self._remember()

    def height(self, slot: int | None = None) -> int:
        """The block height at a slot."""
        return (self.slot if slot is None else slot) - SKIPPED_SLOTS

    def blockhash(self, slot: int | None = None) -> Hash:
        """The hash of the block of a slot."""
        at = self.slot if slot is None else slot
        return Hash(hashlib.sha256(f"block:{self._seed}:{at}".encode()).digest())

    def last_valid_height(self, slot: int) -> int:
        """The last height at which a message on this slot's blockhash is accepted."""
        return self.height(slot) + BLOCKHASH_WINDOW

    def is_valid(self, blockhash: Hash, *, at_slot: int | None = None) -> bool:
        """Whether a message on this blockhash is accepted at a slot."""
        made = self._slots_by_hash.get(blockhash)
        now = self.slot if at_slot is None else at_slot
        return made is not None and made <= now and self.height(now) <= self.last_valid_height(made)

    def slot_of(self, blockhash: Hash) -> int | None:
        """The slot of a recent blockhash."""
        return self._slots_by_hash.get(blockhash)

    def _remember(self) -> None:
        first = max(self._remembered_to + 1, self.slot - 4 * BLOCKHASH_WINDOW)
        for slot in range(first, self.slot + 1):
            self._slots_by_hash[self.blockhash(slot)] = slot
        self._remembered_to = self.slot
        if len(self._slots_by_hash) > 16 * BLOCKHASH_WINDOW:
            oldest = self.slot - 4 * BLOCKHASH_WINDOW
            self._slots_by_hash = {h: s for h, s in self._slots_by_hash.items() if s >= oldest}
