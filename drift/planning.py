"""From requests to instructions: pure functions of a request and of the account as last read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from chain.messages import AllowedInstruction
from core.errors import Refused
from drift.account_report import counters
from drift.instructions import InstructionBuilder, Trader
from drift.layouts.deployments import TOKEN_PROGRAM_ID, Deployment
from drift.order_terms import order_params, order_terms
from drift.pdas import ASSOCIATED_TOKEN_PROGRAM_ID, SYSTEM_PROGRAM_ID, associated_token_address
from drift.policy import Policy
from drift.remaining_accounts import Markets
from drift.snapshot import Snapshot
from drift.units import to_units
from trading.venues.base import DepositRequest, OrderRequest, VenueMessage

SUB_ACCOUNT_ID = 0
SUB_ACCOUNT_NAME = "Main Account"
QUOTE_MARKET_INDEX = 0
_TOKEN_PROGRAM = Pubkey.from_string(TOKEN_PROGRAM_ID)
_TRANSFER_CHECKED = 12
_CREATE_IDEMPOTENT = 1


@dataclass(frozen=True, slots=True)
class Presence:
    """Which accounts of a deposit are there already."""

    user: bool
    user_stats: bool
    payer_token_account: bool


class Planner:
    """Builds the messages of one deployment, and says apart from that what they may be."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def deposit(
        self, request: DepositRequest, snapshot: Snapshot, presence: Presence
    ) -> VenueMessage:
        """Make the account if it is missing, pay the sponsor its due, deposit.

        Raises Refused for another token than the quote token or an amount that is too fine.
        """
        deployment = self._deployment
        if request.token_symbol != deployment.quote_symbol:
            raise Refused("venue.wrong_token", token=request.token_symbol)
        amount = to_units(request.amount, deployment.quote_decimals)
        wallet = Pubkey.from_string(request.wallet_address)
        builder = self._builder(snapshot)
        trader = self._trader(request.wallet_address, snapshot)
        policy = Policy(deployment, request.wallet_address)
        steps = self._creation(request, presence, builder, policy)
        if request.payer != request.wallet_address:
            steps += self._sponsoring(request, presence, policy)
        deposited = builder.deposit(
            trader=trader,
            market_index=QUOTE_MARKET_INDEX,
            amount=amount,
            user_token_account=self._token_account(wallet),
            token_program=_TOKEN_PROGRAM,
        )
        steps.append((deposited, policy.deposit(amount=amount)))
        return _message(steps, trader)

    def orders(self, requests: Sequence[OrderRequest], snapshot: Snapshot) -> VenueMessage:
        """Place all or none; those that are to fill at once take first, the others rest together.

        Raises Refused, Unavailable.
        """
        addresses = {request.wallet_address for request in requests}
        if len(addresses) != 1:
            raise ValueError("a message places orders of one account")
        (address,) = addresses
        trader = self._trader(address, snapshot)
        if trader.account is None:
            raise Refused("venue.no_account", venue=self._deployment.key)
        builder, policy = self._builder(snapshot), Policy(self._deployment, address)
        terms = [order_terms(request, snapshot) for request in requests]
        stats = snapshot.user_stats(1)
        steps = []
        for taken in (order for order in terms if order.immediate):
            placed = builder.place_and_take_perp_order(
                trader=trader,
                order=order_params(taken),
                referrer=stats.referrer if stats else Pubkey.default(),
            )
            steps.append((placed, policy.place_and_take(taken)))
        # The program judges the margin at the last of several: it is to be one that adds risk.
        resting = [order for order in terms if not order.immediate]
        resting.sort(key=lambda order: not order.reduce_only)
        if len(resting) == 1:
            placed = builder.place_perp_order(trader=trader, order=order_params(resting[0]))
            steps.append((placed, policy.place_order(resting[0])))
        elif resting:
            placed = builder.place_orders(trader=trader, orders=map(order_params, resting))
            steps.append((placed, policy.place_orders(resting)))
        return _message(steps, trader)

    def cancel(
        self, *, wallet_address: str, order_ids: Sequence[str], snapshot: Snapshot
    ) -> VenueMessage:
        """Cancel orders by their ids; one that is gone is passed over. Raises Refused."""
        trader = self._trader(wallet_address, snapshot)
        if trader.account is None:
            raise Refused("venue.no_account", venue=self._deployment.key)
        ids = tuple(int(order_id) for order_id in order_ids)
        cancelled = self._builder(snapshot).cancel_orders_by_ids(trader=trader, order_ids=ids)
        allowed = Policy(self._deployment, wallet_address).cancel_orders(order_ids=ids)
        return _message([(cancelled, allowed)], trader)

    def _creation(
        self,
        request: DepositRequest,
        presence: Presence,
        builder: InstructionBuilder,
        policy: Policy,
    ) -> list[tuple[Instruction, AllowedInstruction]]:
        wallet, payer = map(Pubkey.from_string, (request.wallet_address, request.payer))
        steps = []
        if not presence.user_stats:
            made = builder.initialize_user_stats(authority=wallet, payer=payer)
            steps.append((made, policy.initialize_user_stats(payer=request.payer)))
        if not presence.user:
            made = builder.initialize_user(
                authority=wallet, payer=payer, sub_account_id=SUB_ACCOUNT_ID, name=SUB_ACCOUNT_NAME
            )
            allowed = policy.initialize_user(payer=request.payer, name=SUB_ACCOUNT_NAME)
            steps.append((made, allowed))
        return steps

    def _sponsoring(
        self, request: DepositRequest, presence: Presence, policy: Policy
    ) -> list[tuple[Instruction, AllowedInstruction]]:
        """SOL for later fees to the wallet, and what the desk paid back in the quote token."""
        wallet, payer = map(Pubkey.from_string, (request.wallet_address, request.payer))
        steps = []
        lamports = request.fee_float_lamports
        if lamports:
            sent = transfer(TransferParams(from_pubkey=payer, to_pubkey=wallet, lamports=lamports))
            steps.append((sent, policy.fee_float(payer=request.payer, lamports=lamports)))
        fee = to_units(request.sponsor_fee, self._deployment.quote_decimals)
        if fee == 0:
            return steps
        if not presence.payer_token_account:
            made = self._make_token_account(payer)
            allowed = policy.make_token_account(owner=request.payer, payer=request.payer)
            steps.append((made, allowed))
        paid = self._transfer_checked(wallet, payer, fee)
        steps.append((paid, policy.sponsor_fee(payer=request.payer, amount=fee)))
        return steps

    def _builder(self, snapshot: Snapshot) -> InstructionBuilder:
        markets = Markets(perp=snapshot.perp_markets, spot=snapshot.spot_markets)
        return InstructionBuilder(self._deployment, markets)

    def _trader(self, wallet_address: str, snapshot: Snapshot) -> Trader:
        wallet = Pubkey.from_string(wallet_address)
        return Trader(
            authority=wallet,
            sub_account_id=SUB_ACCOUNT_ID,
            signer=wallet,
            account=snapshot.user(0),
        )

    def _token_account(self, owner: Pubkey) -> Pubkey:
        mint = Pubkey.from_string(self._deployment.quote_mint)
        return associated_token_address(owner, mint, _TOKEN_PROGRAM)

    def _make_token_account(self, owner: Pubkey) -> Instruction:
        metas = [
            AccountMeta(owner, is_signer=True, is_writable=True),
            AccountMeta(self._token_account(owner), is_signer=False, is_writable=True),
            AccountMeta(owner, is_signer=False, is_writable=False),
            _read_only(Pubkey.from_string(self._deployment.quote_mint)),
            _read_only(SYSTEM_PROGRAM_ID),
            _read_only(_TOKEN_PROGRAM),
        ]
        return Instruction(ASSOCIATED_TOKEN_PROGRAM_ID, bytes([_CREATE_IDEMPOTENT]), metas)

    def _transfer_checked(self, source: Pubkey, to: Pubkey, amount: int) -> Instruction:
        metas = [
            AccountMeta(self._token_account(source), is_signer=False, is_writable=True),
            _read_only(Pubkey.from_string(self._deployment.quote_mint)),
            AccountMeta(self._token_account(to), is_signer=False, is_writable=True),
            AccountMeta(source, is_signer=True, is_writable=False),
        ]
        data = bytes([_TRANSFER_CHECKED]) + amount.to_bytes(8, "little")
        return Instruction(_TOKEN_PROGRAM, data + bytes([self._deployment.quote_decimals]), metas)


def _read_only(address: Pubkey) -> AccountMeta:
    return AccountMeta(address, is_signer=False, is_writable=False)


def _message(
    steps: Sequence[tuple[Instruction, AllowedInstruction]], trader: Trader
) -> VenueMessage:
    return VenueMessage(
        instructions=tuple(instruction for instruction, _ in steps),
        allowed=tuple(allowed for _, allowed in steps),
        counters=dict(counters(trader.account)),
    )
