"""The venue deployments that the desk knows: where a program lives and what it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from drift.layouts.drift_v2 import DRIFT_V2
from drift.layouts.drift_v2_2024_10 import DRIFT_V2_2024_10
from drift.layouts.schema import Layout
from drift.layouts.velocity_2026_06 import VELOCITY_2026_06

TOKEN_PROGRAM_ID = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105
TOKEN_2022_PROGRAM_ID = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105
WRAPPED_SOL_MINT = "So11111111111111111111111111111111111111112"
VELOCITY_DEVNET_QUOTE_MINT = "GqmEqYsy8EyvofDpmtFxK8zhYrgWgNokAtYoduQdL7v6"


class OracleKind(StrEnum):
    PYTH = "pyth"  # price accounts of Pyth's own program, version 2 of their format
    PYTH_LAZER = "pyth_lazer"  # PythLazerOracle accounts owned by the venue program


class Capability(StrEnum):
    """What a deployment's program can do beyond the instructions that all share."""

    SPOT_TRADING = "spot_trading"
    ORACLE_OFFSET_LIMIT_ORDERS = "oracle_offset_limit_orders"
    # ModifyOrderParams.policy knows bit 2: a new size is what remains, whatever was filled before.
    MODIFY_EXCLUDES_PREVIOUS_FILL = "modify_excludes_previous_fill"
    BUILDER_FEES = "builder_fees"
    # Offsets from the oracle take 8 bytes of an order's parameters, else 4.
    WIDE_ORACLE_OFFSETS = "wide_oracle_offsets"
    ISOLATED_POSITIONS = "isolated_positions"


@dataclass(frozen=True, slots=True)
class Collateral:
    """A token that accounts may hold, and the spot market of it. All are of the token program."""

    symbol: str
    market_index: int
    mint: str
    decimals: int

    @property
    def is_native(self) -> bool:
        """SOL, which is wrapped on its way in and unwrapped on its way out."""
        return self.mint == WRAPPED_SOL_MINT


SOL_COLLATERAL = Collateral("SOL", 1, WRAPPED_SOL_MINT, 9)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One program on one chain; addresses are base58.

    `signer_seed` derives the authority of the token vaults and is the name of its slot in
    instructions; the state account repeats that address as `signer`.
    """

    key: str
    title: str
    program_id: str
    state_seed: str
    signer_seed: str
    quote_mint: str
    quote_symbol: str
    quote_decimals: int
    token_programs: frozenset[str]
    layout: Layout
    capabilities: frozenset[Capability]
    authority_signs_initialize: bool
    oracle_kind: OracleKind
    perp_symbols: Mapping[int, str]
    # Beside the quote token.
    other_collateral: tuple[Collateral, ...]

    @property
    def collateral(self) -> dict[str, Collateral]:
        """By symbol; the quote token first."""
        quote = Collateral(self.quote_symbol, 0, self.quote_mint, self.quote_decimals)
        return {token.symbol: token for token in (quote, *self.other_collateral)}

    @property
    def account_sizes(self) -> dict[str, int]:
        """The least number of bytes of each account the desk reads."""
        return {name: account.size for name, account in self.layout.accounts.items()}


DRIFT = Deployment(
    key="drift",
    title="Drift v2",
    program_id="dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH",
    state_seed="drift_state",
    signer_seed="drift_signer",
    quote_mint="EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    quote_symbol="USDC",
    quote_decimals=6,
    token_programs=frozenset({TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID}),
    layout=DRIFT_V2,
    capabilities=frozenset(
        {
            Capability.SPOT_TRADING,
            Capability.ORACLE_OFFSET_LIMIT_ORDERS,
            Capability.MODIFY_EXCLUDES_PREVIOUS_FILL,
        }
    ),
    authority_signs_initialize=True,
    oracle_kind=OracleKind.PYTH,
    perp_symbols=MappingProxyType({0: "SOL-PERP", 1: "BTC-PERP", 2: "ETH-PERP"}),
    other_collateral=(SOL_COLLATERAL,),
)

# The same program as it was built in October 2024: the build the recorded transactions ran on.
DRIFT_2024_10 = replace(
    DRIFT,
    layout=DRIFT_V2_2024_10,
    capabilities=DRIFT.capabilities - {Capability.MODIFY_EXCLUDES_PREVIOUS_FILL},
)

VELOCITY = Deployment(
    key="velocity",
    title="Velocity",
    program_id="vELoC1audYbSYVRXn1vPaV8Axoa9oU6BYmNGZZBDZ1P",
    state_seed="velocity_state",
    signer_seed="velocity_signer",
    quote_mint="Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",
    quote_symbol="USDT",
    quote_decimals=6,
    token_programs=frozenset({TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID}),
    layout=VELOCITY_2026_06,
    capabilities=frozenset(
        {
            Capability.MODIFY_EXCLUDES_PREVIOUS_FILL,
            Capability.BUILDER_FEES,
            Capability.WIDE_ORACLE_OFFSETS,
            Capability.ISOLATED_POSITIONS,
        }
    ),
    authority_signs_initialize=False,
    oracle_kind=OracleKind.PYTH_LAZER,
    perp_symbols=MappingProxyType({0: "SOL-PERP", 1: "BTC-PERP", 2: "ETH-PERP", 3: "HYPE-PERP"}),
    other_collateral=(SOL_COLLATERAL,),
)

DEPLOYMENTS: Mapping[str, Deployment] = MappingProxyType(
    {deployment.key: deployment for deployment in (VELOCITY, DRIFT)}
)
DEFAULT_DEPLOYMENT = VELOCITY.key
