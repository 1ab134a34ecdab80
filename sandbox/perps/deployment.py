"""A deployment: which program it is, how its accounts are laid out, where it differs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from solders.pubkey import Pubkey

from drift.layouts import deployments as declared
from drift.layouts.schema import Layout
from sandbox.perps.model import RULES, Market, Statuses
from sandbox.perps.views import View, ViewCompiler

TOKEN_PROGRAM = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
SYSTEM_PROGRAM = Pubkey.default()
ACCOUNT_KINDS = ("State", "User", "UserStats", "PerpMarket", "SpotMarket", "PythLazerOracle")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One program as data, with the addresses and views that follow from it."""

    declared: declared.Deployment
    program_id: Pubkey

    @property
    def key(self) -> str:
        return self.declared.key

    @property
    def layout(self) -> Layout:
        return self.declared.layout

    @property
    def is_later_build(self) -> bool:
        """Whether the build is one after that of October 2024, by what its orders hold."""
        return any(field.name == "posted_slot_tail" for field in self.layout.types["Order"])

    @property
    def quote_mint(self) -> Pubkey:
        return Pubkey.from_string(self.declared.quote_mint)

    @property
    def uses_lazer(self) -> bool:
        return self.declared.oracle_kind == declared.OracleKind.PYTH_LAZER

    def pda(self, *seeds: bytes) -> Pubkey:
        """The program's address for these seeds."""
        return _address(self.program_id, seeds)

    @property
    def state(self) -> Pubkey:
        return self.pda(self.declared.state_seed.encode())

    def signer(self) -> tuple[Pubkey, int]:
        """The address that owns the vaults, and its bump."""
        seed = self.declared.signer_seed.encode()
        address, bump = Pubkey.find_program_address([seed], self.program_id)
        return address, bump

    def user(self, authority: Pubkey, sub_account_id: int = 0) -> Pubkey:
        return self.pda(b"user", bytes(authority), sub_account_id.to_bytes(2, "little"))

    def user_stats(self, authority: Pubkey) -> Pubkey:
        return self.pda(b"user_stats", bytes(authority))

    def perp_market(self, index: int) -> Pubkey:
        return self.pda(b"perp_market", index.to_bytes(2, "little"))

    def spot_market(self, index: int) -> Pubkey:
        return self.pda(b"spot_market", index.to_bytes(2, "little"))

    def vault(self, index: int) -> Pubkey:
        return self.pda(b"spot_market_vault", index.to_bytes(2, "little"))

    def insurance_vault(self, index: int) -> Pubkey:
        return self.pda(b"insurance_fund_vault", index.to_bytes(2, "little"))

    def view(self, kind: str, data: bytearray, key: Pubkey | None = None) -> Any:
        """Attribute access to an account's bytes."""
        return _views(self.layout.version)[kind](data, 0, key)

    def size(self, kind: str) -> int:
        return self.layout.accounts[kind].size

    def discriminator(self, kind: str) -> bytes:
        return self.layout.accounts[kind].discriminator


@lru_cache(maxsize=65_536)
def _address(program_id: Pubkey, seeds: tuple[bytes, ...]) -> Pubkey:
    address: Pubkey = Pubkey.find_program_address(list(seeds), program_id)[0]
    return address


def deployment(of: declared.Deployment) -> Deployment:
    """What the engine needs of a declared deployment."""
    _layouts[of.layout.version] = of.layout
    return Deployment(of, Pubkey.from_string(of.program_id))


_layouts: dict[str, Layout] = {}


@cache
def _views(version: str) -> dict[str, type[View]]:
    layout = _layouts[version]
    compiler = ViewCompiler(layout, RULES)
    views = {kind: compiler.account(kind) for kind in ACCOUNT_KINDS}
    for kind in ("PerpMarket", "SpotMarket"):
        cast("type[Market]", views[kind]).statuses = Statuses(layout.enums["MarketStatus"])
    return views


DRIFT = deployment(declared.DRIFT)
DRIFT_2024_10 = deployment(declared.DRIFT_2024_10)
VELOCITY = deployment(declared.VELOCITY)
