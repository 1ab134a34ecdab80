"""One running instruction: its accounts checked and viewed, its markets and oracles, its events."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from solders.pubkey import Pubkey

from drift.layouts.schema import AccountSlot
from sandbox.perps.borsh import write_fields
from sandbox.perps.deployment import TOKEN_PROGRAM, Deployment
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.model import PerpMarket, SpotMarket, User
from sandbox.perps.oracles import LAZER_DISCRIMINATOR, PYTH_PROGRAMS, Oracles
from sandbox.perps.terms import Paused
from sandbox.perps.views import View
from sandbox.solana.programs import AccountReference, AccountView, InstructionContext

KINDS = {
    "state": "State",
    "user": "User",
    "from_user": "User",
    "to_user": "User",
    "filler": "User",
    "liquidator": "User",
    "user_stats": "UserStats",
    "filler_stats": "UserStats",
    "liquidator_stats": "UserStats",
    "perp_market": "PerpMarket",
    "spot_market": "SpotMarket",
    "spot_market_vault": "Token",
    "user_token_account": "Token",
}


@dataclass(slots=True)
class Frame:
    """What the rules see of an instruction."""

    ctx: InstructionContext
    deployment: Deployment
    now: int
    slot: int
    args: Any
    slots: tuple[AccountSlot, ...]
    named: dict[str, AccountReference]
    remaining: list[AccountReference]
    views: dict[str, Any] = field(default_factory=dict)
    state: Any = None
    oracles: Oracles = field(init=False)
    spot_markets: dict[int, SpotMarket] = field(default_factory=dict)
    perp_markets: dict[int, PerpMarket] = field(default_factory=dict)
    users: dict[Pubkey, User] = field(default_factory=dict)
    user_stats: dict[Pubkey, Any] = field(default_factory=dict)

    def key(self, name: str) -> Pubkey:
        return self.named[name].pubkey

    def account(self, name: str) -> AccountView:
        return self.ctx.account(self.named[name].pubkey)

    def open_accounts(self, *, uninitialized: frozenset[str] = frozenset()) -> None:
        """Check the named accounts as the programs' framework does, types before constraints."""
        declared = [slot for slot in self.slots if slot.name not in uninitialized]
        for slot in declared:
            if slot.signer:
                require(self.named[slot.name].is_signer, Error.NOT_SIGNER)
            kind = KINDS.get(slot.name)
            if kind == "Token":
                self._require_token_account(slot.name)
            elif kind is not None:
                self.views[slot.name] = self._load(slot.name, kind)
            elif slot.name == "token_program":
                require(self.key(slot.name) == TOKEN_PROGRAM, Error.INVALID_PROGRAM_ID)
        for slot in declared:
            if slot.writable:
                require(self.named[slot.name].is_writable, Error.CONSTRAINT_MUT)
        self.state = self.views.get("state")
        # The few instructions that take no state read prices, but judge none.
        rails = self.state.oracle_guard_rails if self.state is not None else None
        self.oracles = Oracles(rails, slot=self.slot)

    def _load(self, name: str, kind: str) -> Any:
        account = self.account(name)
        if kind == "State" and account.lamports == 0:
            raise Refused(Error.NOT_INITIALIZED)
        require(account.owner == self.deployment.program_id, Error.OWNED_BY_WRONG_PROGRAM)
        expected = self.deployment.discriminator(kind)
        require(bytes(account.data[:8]) == expected, Error.DISCRIMINATOR_MISMATCH)
        return self.deployment.view(kind, account.data, self.key(name))

    def _require_token_account(self, name: str) -> None:
        account = self.account(name)
        if account.lamports == 0:
            raise Refused(Error.NOT_INITIALIZED)
        require(account.owner == TOKEN_PROGRAM, Error.OWNED_BY_WRONG_PROGRAM)

    def token_mint(self, name: str) -> Pubkey:
        return Pubkey.from_bytes(bytes(self.account(name).data[:32]))

    def token_owner(self, name: str) -> Pubkey:
        return Pubkey.from_bytes(bytes(self.account(name).data[32:64]))

    def token_amount(self, name: str) -> int:
        return int.from_bytes(self.account(name).data[64:72], "little")

    def require_not_paused(self, *operations: Paused) -> None:
        for operation in operations:
            if self.state.exchange_status & operation == operation:
                raise Refused(Error.EXCHANGE_PAUSED)

    def load_maps(self, *, perp: int | None = None, spot: int | None = None) -> None:
        """Read oracles, spot and perp markets, then users, from the remaining accounts.

        `perp` and `spot` name markets that have to be writable.
        """
        waiting = list(self.remaining)
        self._load_oracles(waiting)
        for index, view in self._markets(waiting, "SpotMarket"):
            require(index not in self.spot_markets, Error.INVALID_SPOT_MARKET_ACCOUNT)
            require(index != spot or waiting[0].is_writable, Error.SPOT_MARKET_WRONG_MUTABILITY)
            self.spot_markets[index] = view
        for index, view in self._markets(waiting, "PerpMarket"):
            require(index not in self.perp_markets, Error.INVALID_MARKET_ACCOUNT)
            require(index != perp or waiting[0].is_writable, Error.MARKET_WRONG_MUTABILITY)
            self.perp_markets[index] = view
        self.remaining = waiting

    def _load_oracles(self, waiting: list[AccountReference]) -> None:
        while waiting:
            key = waiting[0].pubkey
            account = self.ctx.account(key)
            lazer = (
                account.owner == self.deployment.program_id
                and account.data[:8] == LAZER_DISCRIMINATOR
            )
            if not lazer and account.owner not in PYTH_PROGRAMS:
                return
            self.oracles.raw[key] = (bytes(account.data), lazer)
            waiting.pop(0)

    def _markets(self, waiting: list[AccountReference], kind: str) -> Iterator[tuple[int, Any]]:
        while waiting:
            account = self.ctx.account(waiting[0].pubkey)
            if bytes(account.data[:8]) != self.deployment.discriminator(kind):
                return
            view = self.deployment.view(kind, account.data, waiting[0].pubkey)
            yield view.market_index, view
            waiting.pop(0)

    def pair_of_users(self) -> tuple[User, Any] | None:
        """The User and UserStats at the head of the remaining accounts, if they are there."""
        waiting = self.remaining
        user = self._loaded(waiting[0], "User") if waiting else None
        if user is None:
            return None
        require(waiting[0].is_writable, Error.REFERRER_MUST_BE_WRITABLE)
        stats = self._loaded(waiting[1], "UserStats") if len(waiting) > 1 else None
        if stats is None:
            return None
        require(waiting[1].is_writable, Error.REFERRER_MUST_BE_WRITABLE)
        return user, stats

    def load_users(self) -> None:
        """Read the pairs of makers' User and UserStats that follow the markets."""
        waiting = self.remaining
        while waiting:
            view = self._loaded(waiting[0], "User")
            if view is None:
                return
            require(waiting[0].is_writable, Error.USER_WRONG_MUTABILITY)
            self.users[waiting.pop(0).pubkey] = view
            require(bool(waiting), Error.USER_STATS_NOT_FOUND)
            stats = self._loaded(waiting[0], "UserStats")
            require(stats is not None, Error.INVALID_USER_STATS)
            waiting.pop(0)
            if stats.authority not in self.user_stats:
                self.user_stats[stats.authority] = stats

    def _loaded(self, reference: AccountReference, kind: str) -> Any:
        account = self.ctx.account(reference.pubkey)
        if bytes(account.data[:8]) != self.deployment.discriminator(kind):
            return None
        return self.deployment.view(kind, account.data, reference.pubkey)

    def spot_market(self, index: int) -> SpotMarket:
        market = self.spot_markets.get(index)
        if market is None:
            raise Refused(Error.SPOT_MARKET_NOT_FOUND)
        return market

    def perp_market(self, index: int) -> PerpMarket:
        market = self.perp_markets.get(index)
        if market is None:
            raise Refused(Error.PERP_MARKET_NOT_FOUND)
        return market

    def emit(self, event: str, *, stack: bool = False, **values: Any) -> None:
        """Log an event; those of order paths (`stack`) come as text, the others as data."""
        declared = self.deployment.layout.events[event]
        body = write_fields(self.deployment.layout, declared.fields, values)
        data = declared.discriminator + body
        if stack:
            self.ctx.log(base64.b64encode(data).decode())
        else:
            self.ctx.log_data(data)


def same_place(one: View, other: View) -> bool:
    """Whether two views look at the same bytes."""
    return one.data is other.data and one.base == other.base
