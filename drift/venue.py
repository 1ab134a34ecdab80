"""Drift v2 and Velocity as venues of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from solders.pubkey import Pubkey

from chain.rpc import AccountData, rpc
from core.errors import Misconfigured
from drift import failures, wallet_steps
from drift.account_report import account_report
from drift.fees import initialization_fee
from drift.history import read_transactions
from drift.layouts.deployments import (
    DEPLOYMENTS,
    TOKEN_PROGRAM_ID,
    Capability,
    Collateral,
    Deployment,
)
from drift.markets import market_reports, token_symbol
from drift.models import DriftMarket, DriftOrder, DriftPosition, DriftTransaction
from drift.order_planning import OrderPlanner
from drift.pdas import user_address, user_stats_address
from drift.planning import SUB_ACCOUNT_ID
from drift.quoting import Quoter
from drift.snapshot import Snapshot, is_absent
from drift.snapshot_reader import SnapshotReader
from drift.token_planning import Presence, TokenPlanner
from drift.token_words import TokenWords
from drift.units import from_price, from_units
from drift.withdrawable_report import withdrawable_report
from trading.models import AbstractOrder, AbstractPosition, AbstractTransaction
from trading.venues.base import (
    DepositCost,
    DepositRequest,
    ModifyRequest,
    OrderRequest,
    VenueCapability,
    VenueMessage,
    Withdrawable,
    WithdrawRequest,
)
from trading.venues.reports import AccountReport, MarketReport, Quote, TransactionReport

_LAMPORTS_PER_SIGNATURE = 5_000
_TOKEN_ACCOUNT_SIZE = 165


def capabilities_of(deployment: Deployment) -> frozenset[str]:
    """What the deployment's program has an instruction for."""
    missing = set()
    if Capability.ORACLE_OFFSET_LIMIT_ORDERS not in deployment.capabilities:
        missing.add(VenueCapability.ORACLE_OFFSET)
    return frozenset(set(VenueCapability) - missing)


class DriftVenue:
    """One deployment of the program; one instance a process, made by `from_settings`."""

    quote_step = Decimal("0.000001")
    settles_on_chain = True
    market_model: type[Any] = DriftMarket
    order_model: type[AbstractOrder] = DriftOrder
    position_model: type[AbstractPosition] = DriftPosition
    transaction_model: type[AbstractTransaction] = DriftTransaction

    @classmethod
    def from_settings(cls, key: str) -> DriftVenue:
        """The adapter of a deployment. Raises Misconfigured for a key there is no program for."""
        if key not in DEPLOYMENTS:
            raise Misconfigured("venue.unknown_deployment", key=key, known=", ".join(DEPLOYMENTS))
        return cls(DEPLOYMENTS[key])

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment.key
        self.display_name = deployment.title
        self.quote_symbol = deployment.quote_symbol
        self.collateral_symbols = tuple(deployment.collateral)
        self.capabilities = capabilities_of(deployment)
        self._facts = deployment
        self._reader = SnapshotReader(deployment)
        self._orders = OrderPlanner(deployment)
        self._money = TokenPlanner(deployment)
        self._quoter = Quoter(deployment)
        self._tokens: dict[int, TokenWords] = {}

    def account_address(self, wallet_address: str) -> str:
        return str(user_address(self._facts, Pubkey.from_string(wallet_address), SUB_ACCOUNT_ID))

    def read_markets(self) -> list[MarketReport]:
        return market_reports(self._reader.read())

    def read_accounts(
        self,
        addresses: Sequence[str],
        *,
        commitment: str = "confirmed",
        min_slot: int | None = None,
    ) -> list[AccountReport]:
        snapshot = self._reader.read(addresses, commitment=commitment, min_slot=min_slot)
        return [account_report(snapshot, place, address) for place, address in enumerate(addresses)]

    def read_history(
        self, address: str, *, after: str, min_slot: int | None = None
    ) -> list[TransactionReport]:
        return read_transactions(
            deployment=self._facts,
            address=address,
            after=after,
            min_slot=min_slot,
            tokens=self._token_words(),
        )

    def deposit_cost(self, request: DepositRequest) -> DepositCost:
        """Rent and fees of the accounts that are missing, and what the wallet holds.

        SOL passes through an account of its own, whose rent comes back within the message.
        """
        wallet, token = request.wallet_address, self._money.token(request.token_symbol)
        quote = self._money.token(self.quote_symbol)
        places = [
            *self._own_accounts(wallet),
            wallet,
            _token_account(wallet, token),
            _token_account(request.payer, quote),
        ]
        snapshot = self._reader.read(places)
        user, stats, lamports, tokens, payer_tokens = snapshot.accounts
        presence = _presence(user, stats, payer_tokens)
        sizes = self._facts.account_sizes
        missing = [sizes["User"]] if is_absent(user) else []
        missing += [sizes["UserStats"]] if is_absent(stats) else []
        fee = initialization_fee(snapshot.state) if is_absent(user) else 0
        if request.payer != wallet:
            missing += [_TOKEN_ACCOUNT_SIZE] if is_absent(payer_tokens) else []
            fee += _LAMPORTS_PER_SIGNATURE
        held = lamports.lamports if lamports else 0
        return DepositCost(
            initializes=is_absent(user),
            rent_lamports=sum(rpc().rent(size) for size in missing),
            fee_lamports=fee + _LAMPORTS_PER_SIGNATURE,
            wallet_lamports=held,
            wallet_token=(
                from_units(held, token.decimals)
                if token.is_native
                else _token_amount(tokens, wallet, token)
            ),
            returned_lamports=rpc().rent(_TOKEN_ACCOUNT_SIZE) if token.is_native else 0,
            fits=self._money.deposit_fits(request, snapshot, presence),
        )

    def plan_deposit(self, request: DepositRequest) -> VenueMessage:
        """The message of a deposit on the accounts as they are. Raises Refused, Unavailable."""
        wallet, token = request.wallet_address, self._money.token(request.token_symbol)
        payer_account = _token_account(request.payer, self._money.token(self.quote_symbol))
        snapshot = self._reader.read([*self._own_accounts(wallet), payer_account])
        presence = _presence(*snapshot.accounts)
        rent = rpc().rent(_TOKEN_ACCOUNT_SIZE) if token.is_native else 0
        return self._money.deposit(request, snapshot, presence, token_account_rent=rent)

    def withdrawable(self, *, wallet_address: str, token_symbol: str) -> Withdrawable:
        """All zeros where there is no account. Raises Refused for a token that is not taken."""
        token = self._money.token(token_symbol)
        places = [*self._own_accounts(wallet_address), _token_account(wallet_address, token)]
        snapshot = self._reader.read(places)
        rent = rpc().rent(_TOKEN_ACCOUNT_SIZE) if is_absent(snapshot.accounts[2]) else 0
        found = withdrawable_report(snapshot, token, rent_lamports=rent)
        if is_absent(snapshot.accounts[0]):
            return found
        return replace(found, fits=self._money.withdraw_fits(wallet_address, token, snapshot))

    def plan_withdraw(self, request: WithdrawRequest) -> VenueMessage:
        return self._money.withdraw(request, self._snapshot_of(request.wallet_address))

    def plan_orders(self, requests: Sequence[OrderRequest]) -> VenueMessage:
        return self._orders.orders(requests, self._snapshot_of(requests[0].wallet_address))

    def plan_modify(self, request: ModifyRequest) -> VenueMessage:
        return self._orders.modify(request, self._snapshot_of(request.wallet_address))

    def plan_settle(self, *, wallet_address: str, market_indexes: Sequence[int]) -> VenueMessage:
        return self._orders.settle(
            wallet_address=wallet_address,
            market_indexes=market_indexes,
            snapshot=self._snapshot_of(wallet_address),
        )

    def plan_cancel(self, *, wallet_address: str, venue_order_ids: Sequence[str]) -> VenueMessage:
        return self._orders.cancel(
            wallet_address=wallet_address,
            order_ids=venue_order_ids,
            snapshot=self._snapshot_of(wallet_address),
        )

    def quote(self, request: OrderRequest, *, slippage: Decimal) -> Quote:
        """`slippage` is in percent of the expected price."""
        snapshot = self._snapshot_of(request.wallet_address)
        return self._quoter.quote(request, snapshot, slippage=slippage)

    def oracle_prices(self) -> dict[int, tuple[Decimal, int, datetime]]:
        snapshot = self._reader.read()
        return {
            index: (from_price(oracle.price), oracle.slot, snapshot.moment(oracle))
            for index, oracle in snapshot.perp_oracles.items()
        }

    def explain_error(self, error: Any, logs: Sequence[str] = ()) -> tuple[str, str]:
        return failures.explain(self._facts, error, logs)

    def _snapshot_of(self, wallet_address: str) -> Snapshot:
        """With the wallet's user account first and its statistics second."""
        return self._reader.read(self._own_accounts(wallet_address))

    def _own_accounts(self, wallet_address: str) -> list[str]:
        wallet = Pubkey.from_string(wallet_address)
        stats = user_stats_address(self._facts, wallet)
        return [self.account_address(wallet_address), str(stats)]

    def _token_words(self) -> dict[int, TokenWords]:
        """Tokens by spot market; a market's token never changes, only new ones come."""
        if set(self._reader.places().spot) - set(self._tokens):
            self._tokens = {
                index: TokenWords(token_symbol(market), market.decimals)
                for index, market in self._reader.read().spot_markets.items()
            }
        return self._tokens


def _presence(
    user: AccountData | None, stats: AccountData | None, payer_tokens: AccountData | None
) -> Presence:
    return Presence(
        user=not is_absent(user),
        user_stats=not is_absent(stats),
        payer_token_account=not is_absent(payer_tokens),
    )


def _token_account(owner: str, token: Collateral) -> str:
    return str(wallet_steps.token_account(Pubkey.from_string(owner), token))


def _token_amount(account: AccountData | None, owner: str, token: Collateral) -> Decimal:
    """Of a token account that is what it should be; anything else counts nothing."""
    if account is None or account.owner != TOKEN_PROGRAM_ID or len(account.data) < 72:
        return Decimal(0)
    mint, holder = Pubkey(account.data[:32]), Pubkey(account.data[32:64])
    if str(mint) != token.mint or str(holder) != owner:
        return Decimal(0)
    return from_units(int.from_bytes(account.data[64:72], "little"), token.decimals)
