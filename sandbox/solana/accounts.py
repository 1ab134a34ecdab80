"""Accounts with their recent past, so that a read can be answered as of an earlier slot."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.solana.known import TOKEN_PROGRAMS

SLOTS_REMEMBERED = 400
"""Finality's lag and the worst node lag together must stay below this."""
CHANGES_KEPT = 50_000
TOKEN_ACCOUNT_SIZE = 165


@dataclass(frozen=True, slots=True)
class Change:
    """One write to one account."""

    slot: int
    pubkey: Pubkey


class AccountStore:
    """Every account that genesis, a cheat or a transaction wrote, by slot and by owner."""

    def __init__(self) -> None:
        self._versions: dict[Pubkey, list[tuple[int, Account | None]]] = {}
        self._by_program: dict[Pubkey, set[Pubkey]] = {}
        # The same in the order of their bytes, until one more comes: keepers ask in every slot.
        self._in_order: dict[Pubkey, list[Pubkey]] = {}
        self._by_token_owner: dict[bytes, set[Pubkey]] = {}
        self._changes: deque[Change] = deque(maxlen=CHANGES_KEPT)
        self._change_count = 0
        # What was before each write of a transaction, not of a cheat: a fork takes back its blocks.
        self._in_blocks: deque[tuple[int, Pubkey, Account | None]] = deque(maxlen=CHANGES_KEPT)

    def __contains__(self, pubkey: Pubkey) -> bool:
        return pubkey in self._versions

    def write(
        self,
        pubkey: Pubkey,
        account: Account | None,
        *,
        slot: int,
        by_transaction: bool = False,
    ) -> None:
        """Make `account` (None: closed) the newest version, as of `slot`."""
        if by_transaction:
            self._in_blocks.append((slot, pubkey, self.read(pubkey)))
        versions = self._versions.setdefault(pubkey, [])
        if versions and versions[-1][0] == slot:
            versions[-1] = (slot, account)
        else:
            versions.append((slot, account))
        while len(versions) > 1 and versions[1][0] <= slot - SLOTS_REMEMBERED:
            del versions[0]
        if account is not None:
            owned = self._by_program.setdefault(account.owner, set())
            if pubkey not in owned:
                owned.add(pubkey)
                self._in_order.pop(account.owner, None)
            if account.owner in TOKEN_PROGRAMS and len(account.data) >= TOKEN_ACCOUNT_SIZE:
                self._by_token_owner.setdefault(account.data[32:64], set()).add(pubkey)
        self._changes.append(Change(slot, pubkey))
        self._change_count += 1

    def forget_since(self, slot: int, *, now: int) -> dict[Pubkey, Account | None]:
        """Take back what transactions wrote after the end of `slot`; the accounts as they were.

        Their versions since then are gone, also for those who read an earlier slot.
        """
        before: dict[Pubkey, tuple[int, Account | None]] = {}
        while self._in_blocks and self._in_blocks[-1][0] > slot:
            written, pubkey, account = self._in_blocks.pop()
            before[pubkey] = (written, account)
        for pubkey, (written, account) in sorted(before.items(), key=lambda each: bytes(each[0])):
            kept = [each for each in self._versions[pubkey] if each[0] < written]
            # What a cheat wrote before in the same slot is in it.
            self._versions[pubkey] = [*kept, (written, account)]
            self._changes.append(Change(now, pubkey))
            self._change_count += 1
        return {pubkey: account for pubkey, (_, account) in before.items()}

    def read(self, pubkey: Pubkey, *, slot: int | None = None) -> Account | None:
        """The account as of the end of `slot` (None: now)."""
        versions = self._versions.get(pubkey)
        if not versions:
            return None
        if slot is None:
            return versions[-1][1]
        for written, account in reversed(versions):
            if written <= slot:
                return account
        return None

    def owned_by(
        self, program_id: Pubkey, *, slot: int | None = None
    ) -> Iterator[tuple[Pubkey, Account]]:
        """Accounts of a program, in the order of their bytes."""
        for pubkey in self._ordered(program_id):
            account = self.read(pubkey, slot=slot)
            if account is not None and account.owner == program_id:
                yield pubkey, account

    def _ordered(self, program_id: Pubkey) -> list[Pubkey]:
        if program_id not in self._in_order:
            owned = self._by_program.get(program_id, ())
            self._in_order[program_id] = sorted(owned, key=bytes)
        return self._in_order[program_id]

    def token_accounts_of(
        self, owner: Pubkey, *, slot: int | None = None
    ) -> Iterator[tuple[Pubkey, Account]]:
        """Token accounts, of either token program, that `owner` holds."""
        for pubkey in sorted(self._by_token_owner.get(bytes(owner), ()), key=bytes):
            account = self.read(pubkey, slot=slot)
            if (
                account is not None
                and account.owner in TOKEN_PROGRAMS
                and account.data[32:64] == bytes(owner)
            ):
                yield pubkey, account

    @property
    def change_count(self) -> int:
        """How many writes there have been: a cursor for `changes_since`."""
        return self._change_count

    def changes_since(self, cursor: int, *, up_to_slot: int) -> tuple[int, list[Change]]:
        """Writes after `cursor` up to a slot, and the cursor behind them."""
        oldest = self._change_count - len(self._changes)
        position = max(cursor, oldest)
        found: list[Change] = []
        while position < self._change_count:
            change = self._changes[position - oldest]
            if change.slot > up_to_slot:
                break
            found.append(change)
            position += 1
        return position, found

    def current(self) -> Iterable[tuple[Pubkey, Account]]:
        """All accounts as they are now."""
        for pubkey, versions in self._versions.items():
            account = versions[-1][1]
            if account is not None:
                yield pubkey, account
