"""What all messages to a deployment are planned with: its builder, its trader, their pairing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from chain.messages import AllowedInstruction
from core.errors import Refused
from drift.account_report import counters
from drift.accounts import UserAccount
from drift.instructions import InstructionBuilder, Trader
from drift.layouts.deployments import Deployment
from drift.remaining_accounts import Markets
from drift.snapshot import Snapshot
from trading.venues.base import VenueMessage

SUB_ACCOUNT_ID = 0
SUB_ACCOUNT_NAME = "Main Account"

# An instruction, and what it may be, said apart from what built it.
Step: TypeAlias = tuple[Instruction, AllowedInstruction]


def builder_of(snapshot: Snapshot) -> InstructionBuilder:
    markets = Markets(perp=snapshot.perp_markets, spot=snapshot.spot_markets)
    return InstructionBuilder(snapshot.deployment, markets)


def trader_of(wallet_address: str, snapshot: Snapshot) -> Trader:
    """The wallet with its account, which the snapshot read first; there may be none yet."""
    wallet = Pubkey.from_string(wallet_address)
    return Trader(
        authority=wallet, sub_account_id=SUB_ACCOUNT_ID, signer=wallet, account=snapshot.user(0)
    )


def account_of(trader: Trader, deployment: Deployment) -> UserAccount:
    """Raises Refused where there is no account yet."""
    if trader.account is None:
        raise Refused("venue.no_account", venue=deployment.key)
    return trader.account


def message_of(steps: Sequence[Step], trader: Trader) -> VenueMessage:
    return VenueMessage(
        instructions=tuple(instruction for instruction, _ in steps),
        allowed=tuple(allowed for _, allowed in steps),
        counters=dict(counters(trader.account)),
    )
