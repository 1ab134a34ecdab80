"""From deposits and withdrawals to instructions: pure functions of them and of what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from solders.pubkey import Pubkey

from chain.messages import fits_in_a_message
from core.errors import Refused, Unavailable
from drift import wallet_steps
from drift.instructions import InstructionBuilder
from drift.layouts.deployments import TOKEN_PROGRAM_ID, Collateral, Deployment
from drift.planning import (
    SUB_ACCOUNT_ID,
    SUB_ACCOUNT_NAME,
    Step,
    account_of,
    builder_of,
    message_of,
    trader_of,
)
from drift.policy import Policy
from drift.snapshot import Snapshot
from drift.units import to_units
from trading.venues.base import DepositRequest, VenueMessage, WithdrawRequest

_TOKEN_PROGRAM = Pubkey.from_string(TOKEN_PROGRAM_ID)


@dataclass(frozen=True, slots=True)
class Presence:
    """Which accounts of a deposit are there already; `payer_token_account` is the quote token's."""

    user: bool
    user_stats: bool
    payer_token_account: bool


class TokenPlanner:
    """Builds the messages of one deployment, and says apart from that what they may be."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def token(self, symbol: str) -> Collateral:
        """Raises Refused for a token that the deployment does not take."""
        known = self._deployment.collateral
        if symbol not in known:
            raise Refused("venue.wrong_token", token=symbol, takes=", ".join(known))
        return known[symbol]

    def deposit(
        self,
        request: DepositRequest,
        snapshot: Snapshot,
        presence: Presence,
        *,
        token_account_rent: int,
    ) -> VenueMessage:
        """Make the account if it is missing, pay the sponsor its due, deposit.

        SOL is wrapped on the way, by an account that is closed again; `token_account_rent` is
        what that holds beside tokens, in lamports.
        Raises Refused for a token that the deployment does not take, an amount that is too fine,
        or a sponsored deposit of another token than the quote token; Unavailable.
        """
        token = self.token(request.token_symbol)
        sponsored = request.payer != request.wallet_address
        if sponsored and token.symbol != self._deployment.quote_symbol:
            raise Refused("deposit.not_sponsored", token=token.symbol)
        _check_listed(token, snapshot)
        amount = to_units(request.amount, token.decimals)
        wallet = Pubkey.from_string(request.wallet_address)
        builder, trader = builder_of(snapshot), trader_of(request.wallet_address, snapshot)
        policy = Policy(self._deployment, request.wallet_address)
        steps = self._creation(request, presence, builder, policy)
        if sponsored:
            steps += self._sponsoring(request, presence, policy)
        if token.is_native:
            steps += _wrapped(wallet, token, amount + token_account_rent, policy)
        deposited = builder.deposit(
            trader=trader,
            market_index=token.market_index,
            amount=amount,
            user_token_account=wallet_steps.token_account(wallet, token),
            token_program=_TOKEN_PROGRAM,
        )
        steps.append((deposited, policy.deposit(token=token, amount=amount)))
        if token.is_native:
            steps.append((wallet_steps.unwrap(wallet), policy.unwrap()))
        return message_of(steps, trader)

    def withdraw(self, request: WithdrawRequest, snapshot: Snapshot) -> VenueMessage:
        """Pay out to the wallet's own token account, which is made if it is missing.

        SOL is unwrapped: it arrives as SOL, with all that was wrapped in that account before.
        Raises Refused, Unavailable.
        """
        token = self.token(request.token_symbol)
        _check_listed(token, snapshot)
        amount = to_units(request.amount, token.decimals)
        wallet = Pubkey.from_string(request.wallet_address)
        trader = trader_of(request.wallet_address, snapshot)
        account_of(trader, self._deployment)
        policy = Policy(self._deployment, request.wallet_address)
        steps = [_own_account(wallet, token, policy)]
        paid = builder_of(snapshot).withdraw(
            trader=trader,
            market_index=token.market_index,
            amount=amount,
            user_token_account=wallet_steps.token_account(wallet, token),
            token_program=_TOKEN_PROGRAM,
        )
        steps.append((paid, policy.withdraw(token=token, amount=amount)))
        if token.is_native:
            steps.append((wallet_steps.unwrap(wallet), policy.unwrap()))
        return message_of(steps, trader)

    def deposit_fits(self, request: DepositRequest, snapshot: Snapshot, presence: Presence) -> bool:
        """Whether a message has room for it, whatever the amount."""
        any_amount = replace(request, amount=Decimal(1), sponsor_fee=Decimal(1))
        message = self.deposit(any_amount, snapshot, presence, token_account_rent=0)
        return fits_in_a_message(fee_payer=request.payer, instructions=message.instructions)

    def withdraw_fits(self, wallet_address: str, token: Collateral, snapshot: Snapshot) -> bool:
        """Whether a message has room for it, whatever the amount."""
        request = WithdrawRequest(wallet_address, token.symbol, Decimal(1), 0)
        message = self.withdraw(request, snapshot)
        return fits_in_a_message(fee_payer=wallet_address, instructions=message.instructions)

    def _creation(
        self,
        request: DepositRequest,
        presence: Presence,
        builder: InstructionBuilder,
        policy: Policy,
    ) -> list[Step]:
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
    ) -> list[Step]:
        """SOL for later fees to the wallet, and what the desk paid back in the quote token."""
        wallet, payer = map(Pubkey.from_string, (request.wallet_address, request.payer))
        quote = self.token(self._deployment.quote_symbol)
        steps: list[Step] = []
        lamports = request.fee_float_lamports
        if lamports:
            sent = wallet_steps.send_sol(payer, wallet, lamports)
            steps.append((sent, policy.fee_float(payer=request.payer, lamports=lamports)))
        fee = to_units(request.sponsor_fee, quote.decimals)
        if fee == 0:
            return steps
        if not presence.payer_token_account:
            made = wallet_steps.make_token_account(payer, quote)
            allowed = policy.make_token_account(
                owner=request.payer, payer=request.payer, mint=quote.mint
            )
            steps.append((made, allowed))
        paid = wallet_steps.transfer_checked(wallet, payer, quote, fee)
        steps.append((paid, policy.sponsor_fee(payer=request.payer, token=quote, amount=fee)))
        return steps


def _check_listed(token: Collateral, snapshot: Snapshot) -> None:
    """The venue's own market must be of the very token that the desk means."""
    market = snapshot.spot_markets.get(token.market_index)
    if market is None or str(market.mint) != token.mint or market.decimals != token.decimals:
        raise Unavailable(
            "venue.unreadable", venue=snapshot.deployment.key, reason=f"no market of {token.symbol}"
        )


def _own_account(wallet: Pubkey, token: Collateral, policy: Policy) -> Step:
    """Does nothing where it is there, which no read beforehand can promise."""
    made = wallet_steps.make_token_account(wallet, token)
    owner = str(wallet)
    return made, policy.make_token_account(owner=owner, payer=owner, mint=token.mint)


def _wrapped(wallet: Pubkey, token: Collateral, lamports: int, policy: Policy) -> list[Step]:
    """An account of wrapped SOL that holds these lamports, rent among them.

    An account counts as tokens what lies at its place when it is made, so the lamports go there
    first. What stood there, whoever made it, is closed before: its SOL goes to the wallet. No
    policy of the custodian could name the instruction that counts lamports later.
    """
    made = _own_account(wallet, token, policy)
    place = wallet_steps.token_account(wallet, token)
    return [
        made,
        (wallet_steps.unwrap(wallet), policy.unwrap()),
        (wallet_steps.send_sol(wallet, place, lamports), policy.wrap(lamports=lamports)),
        made,
    ]
