"""What leaves the room: frozen facts in Decimals, never rows."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from markets.price_history import PricePoint
from trading.venues.reports import Quote


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """A market as an order is written for it."""

    id: uuid.UUID
    deployment: str
    symbol: str
    base_asset: str
    quote_asset: str
    market_index: int
    status: str
    tick_size: Decimal
    step_size: Decimal
    min_order_size: Decimal
    max_leverage: Decimal
    price: Decimal | None
    price_age_seconds: Decimal | None
    # None is no limit of the market's.
    max_order_size: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order and what is known of it; `progress` is the card's word for it (see progress.py)."""

    id: uuid.UUID
    deployment: str
    market: str
    base_asset: str
    quote_asset: str
    side: str
    direction: str
    order_type: str
    size: Decimal
    filled_size: Decimal
    price: Decimal | None
    avg_fill_price: Decimal | None
    fees: Decimal
    realized_pnl: Decimal
    reduce_only: bool
    status: str
    reason: str
    progress: str
    signature: str | None
    # How far its messages came (see reach.py); `signature` is of the last that was signed.
    reached: str
    venue_order_id: str | None
    wallet_last4: str
    tick_size: Decimal
    step_size: Decimal
    created_at: datetime
    expires_at: datetime | None
    trigger_price: Decimal | None = None
    post_only: bool = False
    immediate_or_cancel: bool = False
    oracle_offset: Decimal | None = None
    # "entry", "stop_loss" or "take_profit"; `parent_id` is the entry that a stop came with.
    role: str = "entry"
    parent_id: uuid.UUID | None = None
    # Past it nothing of the order is signed; `expires_at` is when the venue drops it.
    deadline: datetime | None = None
    origin: str = "ours"
    # Every id that the venue has given it, the present one last.
    venue_order_ids: tuple[str, ...] = ()
    # Its stops; read_order and folded lists alone fill it.
    children: tuple["OrderFacts", ...] = ()

    @property
    def remaining(self) -> Decimal:
        return self.size - self.filled_size


@dataclass(frozen=True, slots=True)
class FillFacts:
    """One fill with what it cost; `fee` is what was paid (negative: was paid to the person)."""

    id: uuid.UUID
    order_id: uuid.UUID | None
    deployment: str
    market: str
    base_asset: str
    quote_asset: str
    side: str
    direction: str
    size: Decimal
    price: Decimal
    quote: Decimal
    fee: Decimal
    realized_pnl: Decimal
    is_maker: bool
    origin: str
    signature: str | None
    venue_order_id: str
    filled_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """A change of orders and what is known of it; `reason` is a stable code.

    `kind` cancel and modify are one message; stops, cancel_all, close_all and panic are plans,
    whose acts are in `orders`, `changes` and, where a rule or the venue said no, `refusals`.
    """

    id: uuid.UUID
    kind: str
    deployment: str
    order_ids: tuple[uuid.UUID, ...]
    wanted: dict[str, str]
    status: str
    reason: str
    progress: str
    signature: str | None
    reached: str
    created_at: datetime
    deadline: datetime
    orders: tuple[OrderFacts, ...] = ()
    changes: tuple["ChangeFacts", ...] = ()
    refusals: tuple["Denial", ...] = ()


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A deposit into a venue and what is known of it."""

    id: uuid.UUID
    deployment: str
    kind: str
    token_symbol: str
    amount: Decimal
    booked_amount: Decimal | None
    sponsor_fee: Decimal
    initializes: bool
    status: str
    reason: str
    progress: str
    signature: str | None
    reached: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PositionFacts:
    """A position with its PnL and the age of the price behind it."""

    id: uuid.UUID | None
    deployment: str
    market: str
    base_asset: str
    quote_asset: str
    side: str
    size: Decimal
    # The most it ever was: what a closed one is told by.
    peak_size: Decimal
    entry_price: Decimal
    mark_price: Decimal | None
    exit_price: Decimal | None
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    fees: Decimal
    funding: Decimal
    margin: Decimal
    leverage: Decimal
    liquidation_price: Decimal | None
    status: str
    tick_size: Decimal
    step_size: Decimal
    opened_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    live: bool = False


@dataclass(frozen=True, slots=True)
class ElsewhereFacts:
    """What a person holds at a venue that is only read; `observed_at` is its age.

    `source` is accounts or rest: by accounts the gain is at the desk's prices, before fees that
    have accrued there. Not `is_reachable`: it did not answer now, and these are the last figures.
    """

    deployment: str
    display_name: str
    source: str
    observed_at: datetime | None
    positions: tuple[PositionFacts, ...]
    is_reachable: bool = True
    live: bool = False


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A venue account's money; `observed_at` is its age."""

    deployment: str
    address: str
    exists: bool
    quote_asset: str
    collateral: Decimal
    free_collateral: Decimal
    health: Decimal | None
    observed_at: datetime | None
    live: bool = False


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """An order before it is placed: its numbers, and each rule that denies it."""

    market: MarketFacts
    side: str
    direction: str
    reduce_only: bool
    size: Decimal
    leverage: Decimal
    slippage_percent: Decimal
    quote: Quote
    priority_fee_cap: Decimal
    wallet_last4: str
    closes_fraction: Decimal | None
    denials: tuple["Denial", ...]
    order_type: str = "market"
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    oracle_offset: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    # False where the stops of a bracket are sent only once the entry has filled.
    stops_go_with_entry: bool = True
    # What is no reason to refuse, but is to be read before confirming.
    warnings: tuple["Denial", ...] = ()
    post_only: bool = False
    immediate_or_cancel: bool = False
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """A rule that said no, with the numbers that its text names."""

    rule: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class DepositPreview:
    """A deposit before it is placed: who pays the way, what is missing."""

    deployment: str
    token_symbol: str
    amount: Decimal
    wallet_address: str
    wallet_token: Decimal
    wallet_sol: Decimal
    initializes: bool
    rent_sol: Decimal
    fee_sol: Decimal
    sponsored: bool
    sponsored_lamports: int
    sponsor_fee: Decimal
    # What the wallet holds of SOL after it, at least.
    stays_sol: Decimal
    denials: tuple[Denial, ...]


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """Whether a person trades on paper, and their play money; no balance before the first time."""

    is_on: bool
    balance: Decimal | None
    token_symbol: str
    start_balance: Decimal


@dataclass(frozen=True, slots=True)
class VenueWithdrawalPreview:
    """What can leave a venue account, what bounds it, and whether profit is settled first."""

    deployment: str
    token_symbol: str
    amount: Decimal
    wallet_address: str
    deposited: Decimal
    free_collateral: Decimal
    market_limit: Decimal | None
    unsettled: Decimal
    withdrawable: Decimal
    settles: bool
    fee_sol: Decimal
    denials: tuple[Denial, ...]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of a person's history: a fill, a movement of money, an end without effect."""

    at: datetime
    kind: str
    deployment: str
    market: str | None
    side: str | None
    size: Decimal | None
    price: Decimal | None
    amount: Decimal | None
    token_symbol: str | None
    fee: Decimal | None
    realized_pnl: Decimal | None
    signature: str | None


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """A market's prices of the last hours, oldest first, and the levels that concern a person:
    what they hold there, and the trigger and limit prices of their orders that rest."""

    market: MarketFacts
    prices: tuple[PricePoint, ...]
    position: PositionFacts | None
    stops: tuple[Decimal, ...]
    targets: tuple[Decimal, ...]
    limits: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """What an account was worth at a moment, beside deposits less withdrawals until then."""

    at: datetime
    net_deposits: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True)
class EquityFacts:
    """An account's worth over time; `gain` is what it has more than was put in."""

    deployment: str
    points: tuple[EquityPoint, ...]

    @property
    def gain(self) -> Decimal:
        if not self.points:
            return Decimal(0)
        return self.points[-1].equity - self.points[-1].net_deposits
