"""The contract of a venue: it turns requests into instructions and chain state into reports.

A venue never sends: signing is the wallets', sending the chain's, deciding the desk's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, cast

from django.conf import settings

from chain.messages import AllowedInstruction
from core.errors import Misconfigured, Refused
from core.registry import provider
from trading.venues.reports import AccountReport, MarketReport, Quote, TransactionReport


class VenueCapability(StrEnum):
    """What a venue has an instruction for; what is not here is refused and hidden from menus."""

    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT_MARKET = "take_profit_market"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    ORACLE_OFFSET = "oracle_offset"
    POST_ONLY = "post_only"
    IMMEDIATE_OR_CANCEL = "immediate_or_cancel"
    REDUCE_ONLY = "reduce_only"
    EXPIRY = "expiry"
    # Several orders in one message: all of them or none.
    BRACKET = "bracket"
    MODIFY = "modify"
    CANCEL = "cancel"
    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """`amount` of the token leaves the wallet's own token account for its venue account.

    `payer` pays rent and fees: the wallet itself, or the desk's sponsor, who then receives
    `sponsor_fee` of the token from the wallet in the same message.
    """

    wallet_address: str
    token_symbol: str
    amount: Decimal
    payer: str
    sponsor_fee: Decimal
    # What a sponsor leaves in the wallet for the fees of later trades.
    fee_float_lamports: int
    priority_fee_cap_lamports: int


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as the venue is to place it; a taker's `price` is its worst acceptable one.

    `order_type` is one of VenueCapability's order types. `trigger_price` is a stop's or target's;
    which side of it triggers follows from type and direction. A stop_market or take_profit_market
    has no `price`: the venue makes one when it triggers. With `oracle_offset` (signed, in quote) a
    limit order rests at the oracle's price plus it, and has no price of its own. Market and limit
    orders may be `immediate_or_cancel`; limit orders that are not may be `post_only`. With
    `expires_within` it also expires as long after the venue's own time as that: `expires_at` is
    by the clock of whoever placed it.
    """

    wallet_address: str
    market_index: int
    order_type: str
    direction: str
    size: Decimal
    price: Decimal | None
    reduce_only: bool
    post_only: bool
    label: int
    expires_at: datetime | None
    trigger_price: Decimal | None = None
    immediate_or_cancel: bool = False
    oracle_offset: Decimal | None = None
    expires_within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ModifyRequest:
    """What is to change of a resting order; None leaves as it is.

    `size` is what shall remain to be filled. The venue fails the message if the order is gone.
    What comes of it is an order of another id under the same label, reported as replaced. Market
    orders, and stops that have triggered, cannot be changed.
    """

    wallet_address: str
    market_index: int
    venue_order_id: str
    size: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    oracle_offset: Decimal | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """`amount` of the token leaves the venue account for the wallet's own token account.

    Reduce-only always: the venue never lends for it, and silently pays less where less is there.
    """

    wallet_address: str
    token_symbol: str
    amount: Decimal
    priority_fee_cap_lamports: int


@dataclass(frozen=True, slots=True)
class Withdrawable:
    """What can leave a venue account now, and what bounds it; all in whole tokens.

    `unsettled` is profit that is not collateral yet: it is settled first. `market_limit` None is
    no limit. `rent_lamports` is what the wallet pays for an account of the token that it lacks.
    Where it does not `fit`, the account is in so many markets that no message has room for them.
    """

    token_symbol: str
    deposited: Decimal
    free_collateral: Decimal
    market_limit: Decimal | None
    unsettled: Decimal
    amount: Decimal
    rent_lamports: int = 0
    fits: bool = True


@dataclass(frozen=True, slots=True)
class VenueMessage:
    """Instructions of an act, what they may be at most, and the counters before signing.

    `instructions` are the chain room's; nobody between looks into them.
    """

    instructions: tuple[Any, ...]
    allowed: tuple[AllowedInstruction, ...]
    counters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a venue with a book of its own wrote for an act, in the caller's transaction.

    `signature` and `slot` stand where those of a message stand: reports name them again.
    """

    signature: str
    slot: int
    # The ids of the orders it made, changed or took away, in the order they were asked for.
    venue_order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DepositCost:
    """What a deposit costs beside its amount, in lamports."""

    initializes: bool
    rent_lamports: int
    fee_lamports: int
    wallet_lamports: int
    wallet_token: Decimal
    # Must be there too, and come back within the message.
    returned_lamports: int = 0
    # Whether the message is small enough for the chain: each market of the account makes it longer.
    fits: bool = True


class Venue(Protocol):
    """One deployment of one venue. Reads raise Unavailable; `plan_*` may also raise Refused."""

    deployment: str
    display_name: str
    quote_symbol: str
    # The smallest amount of the quote token, in whole tokens: to it the venue rounds.
    quote_step: Decimal
    # Of VenueCapability.
    capabilities: frozenset[str]
    # Whether acts are messages on the chain. Where not (paper), the venue carries them out in the
    # transaction that places them, by `accept_*` instead of `plan_*`.
    settles_on_chain: bool
    # Tokens that may be deposited and withdrawn.
    collateral_symbols: tuple[str, ...]
    market_model: type[Any]
    # Concrete classes of trading.models.abstract: columns differ by venue, attributes do not.
    order_model: type[Any]
    position_model: type[Any]
    transaction_model: type[Any]

    def account_address(self, wallet_address: str) -> str: ...

    def read_markets(self) -> list[MarketReport]: ...

    def read_accounts(
        self,
        addresses: Sequence[str],
        *,
        commitment: str = "confirmed",
        min_slot: int | None = None,
    ) -> list[AccountReport]:
        """Reports in the order asked for, by batched reads."""
        ...

    def read_history(
        self, address: str, *, after: str, min_slot: int | None = None
    ) -> list[TransactionReport]:
        """Successful transactions of the account since signature `after`, oldest first.

        All up to `min_slot` are there: a node that has not seen that slot is not asked.
        """
        ...

    def deposit_cost(self, request: DepositRequest) -> DepositCost: ...

    def plan_deposit(self, request: DepositRequest) -> VenueMessage: ...

    def plan_orders(self, requests: Sequence[OrderRequest]) -> VenueMessage:
        """One message that places all of them or none, for one account; a `label` each.

        Raises Refused for a type or flag that the venue has no instruction for, or that
        contradicts another.
        """
        ...

    def plan_modify(self, request: ModifyRequest) -> VenueMessage: ...

    def plan_cancel(
        self, *, wallet_address: str, venue_order_ids: Sequence[str]
    ) -> VenueMessage: ...

    def withdrawable(self, *, wallet_address: str, token_symbol: str) -> Withdrawable: ...

    def plan_withdraw(self, request: WithdrawRequest) -> VenueMessage: ...

    def plan_settle(self, *, wallet_address: str, market_indexes: Sequence[int]) -> VenueMessage:
        """Turn the PnL of these markets into collateral, as far as their pools can pay."""
        ...

    def quote(self, request: OrderRequest, *, slippage: Decimal) -> Quote:
        """The order's numbers on the account as it is; a market order's `price` is not read.

        What waits (a limit that does not cross, a stop, a target) is told as it would fill, and
        `initial_margin` as what it binds. Raises Refused as `plan_orders` does.
        """
        ...

    def oracle_prices(self) -> dict[int, tuple[Decimal, int, datetime]]:
        """Perp market index → price, slot, moment of the venue's oracle."""
        ...

    def explain_error(self, error: Any, logs: Sequence[str] = ()) -> tuple[str, str]:
        """The stable code and plain sentence of a program's or the chain's error."""
        ...


class AcceptingVenue(Venue, Protocol):
    """A venue whose `settles_on_chain` is False: an act is done by one row of its own book.

    `accept_*` are called inside the transaction that places the act (`as_user`), with the account's
    row locked, and ask no network: they only accept, fills follow by the reports. Same refusals as
    `plan_*`, and Refused where a message would fail: then nothing of the transaction is kept.
    The desk stores each `venue_order_id` on its order at once, and queues no submission. The venue
    writes the row of `transaction_model` itself, and has the account looked at after the commit.
    """

    def accept_orders(self, requests: Sequence[OrderRequest], *, now: datetime) -> Acceptance:
        """Take all of them into the book, in this order, or none: one account only."""
        ...

    def accept_modify(self, request: ModifyRequest, *, now: datetime) -> Acceptance:
        """Raises Refused if the order rests no more."""
        ...

    def accept_cancel(
        self, *, wallet_address: str, venue_order_ids: Sequence[str], now: datetime
    ) -> Acceptance:
        """Take them off the book; one that rests no more is left out of the ids given back."""
        ...


def accepting(venue: Venue) -> AcceptingVenue:
    """The venue as one that accepts. Raises Misconfigured for one whose acts are messages."""
    if venue.settles_on_chain:
        raise Misconfigured("venue.settles_on_chain", key=venue.deployment)
    return cast(AcceptingVenue, venue)


def get_venue(deployment: str) -> Venue:
    """The adapter of a deployment.

    Raises Refused for a venue that is only read, Misconfigured for one that is not open.
    """
    if deployment in settings.READ_ONLY_VENUES:
        raise Refused("venue.read_only", venue=deployment.capitalize())
    venue: Venue = provider("VENUES", deployment)
    return venue


def open_venues() -> list[Venue]:
    """The adapters of all deployments that are open here, in the settings' order."""
    return [get_venue(key) for key in settings.VENUES]


def collateral_of_venues() -> dict[str, tuple[str, ...]]:
    """Deployment → symbols of the tokens that it takes; none for venues that take no deposits."""
    return {venue.deployment: tuple(venue.collateral_symbols) for venue in open_venues()}
