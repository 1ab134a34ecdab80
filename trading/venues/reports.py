"""What a venue tells: its state and its events, in the desk's own words and Decimals.

Sizes are in base units of the asset, prices and money in the quote token unless a symbol says
otherwise; `event_index` is the place of an event within its transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class MarketReport:
    """A market as the venue lists it; `status` is one of DriftMarketStatus' values."""

    market_index: int
    market_type: str
    symbol: str
    base_asset: str
    quote_asset: str
    status: str
    min_order_size: Decimal
    tick_size: Decimal
    step_size: Decimal
    max_leverage: Decimal
    max_order_size: Decimal | None
    category: str | None
    oracle_source: str
    oracle_address: str
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order that rests in the account now.

    `trigger_price` is a stop's or target's; `has_triggered` says that it waits no more. An order
    at an `oracle_offset` has no price of its own.
    """

    venue_order_id: str
    label: int
    market_index: int
    direction: str
    size: Decimal
    filled_size: Decimal
    price: Decimal | None
    reduce_only: bool
    order_type: str
    expires_at: datetime | None
    trigger_price: Decimal | None = None
    has_triggered: bool = False
    post_only: bool = False
    oracle_offset: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PositionState:
    """A position in the account now; `size` is positive, `side` long or short.

    `quote_asset_amount` is the venue's own running sum (the perp identity's left side), exact.
    """

    market_index: int
    side: str
    size: Decimal
    entry_price: Decimal
    quote_asset_amount: Decimal
    mark_price: Decimal
    unrealized_pnl: Decimal
    unsettled_funding: Decimal
    margin: Decimal
    leverage: Decimal
    liquidation_price: Decimal | None


@dataclass(frozen=True, slots=True)
class BalanceState:
    """What a token balance grows by: `scaled` (negative: borrowed) times the index of its side.

    `unit` is the smallest amount of the token.
    """

    scaled: Decimal
    deposit_index: Decimal
    borrow_index: Decimal
    unit: Decimal


@dataclass(frozen=True, slots=True)
class AccountReport:
    """A venue account at one slot. An account that is not there yet has `exists` False."""

    address: str
    slot: int
    observed_at: datetime
    exists: bool
    status: str
    bytes_hash: str
    # The numbers that prove a message dead: next_order_id, total_deposits, total_withdraws.
    counters: dict[str, str]
    # Token symbol → amount at the venue (negative: borrowed).
    tokens: dict[str, Decimal]
    collateral: Decimal
    free_collateral: Decimal
    health: Decimal
    leverage: Decimal
    positions: tuple[PositionState, ...]
    orders: tuple[OrderState, ...]
    # Token symbol → what makes its interest; empty where a venue knows none.
    balances: dict[str, BalanceState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """The account made an order of a placing message."""

    event_index: int
    order: OrderState


@dataclass(frozen=True, slots=True)
class OrderReplaced:
    """A change gave a resting order another id; `order` is what remains to be filled of it."""

    event_index: int
    old_venue_order_id: str
    order: OrderState


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """The venue took an order off the account: `reason` is cancelled or expired, `why` its own
    word for it (stable code in lower_snake)."""

    event_index: int
    venue_order_id: str
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class FillReport:
    """This account's side of one match. `fee` is what it paid (negative: was paid)."""

    event_index: int
    venue_fill_id: str
    market_index: int
    venue_order_id: str
    direction: str
    is_maker: bool
    size: Decimal
    quote: Decimal
    fee: Decimal
    occurred_at: datetime
    is_liquidation: bool = False


@dataclass(frozen=True, slots=True)
class EntryReport:
    """Money moved that is no fill; `kind` is one of EntryKind, `amount` signed for the owner."""

    event_index: int
    kind: str
    token_symbol: str
    amount: Decimal
    occurred_at: datetime
    market_index: int | None = None
    venue_order_id: str | None = None
    venue_record_id: str = ""


Event = OrderPlaced | OrderReplaced | OrderEnded | FillReport | EntryReport


@dataclass(frozen=True, slots=True)
class TransactionReport:
    """One successful transaction that touched the account, with what it did to it.

    `complete` is False where the log was cut: then the account's state fills the gap.
    """

    signature: str
    slot: int
    block_time: datetime | None
    finalized: bool
    complete: bool
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would do, at prices of this moment: the numbers of the confirm card."""

    oracle_price: Decimal
    oracle_slot: int
    price_age_seconds: Decimal
    expected_price: Decimal
    worst_price: Decimal
    size: Decimal
    notional: Decimal
    fee: Decimal
    initial_margin: Decimal
    free_collateral: Decimal
    collateral: Decimal
    leverage_after: Decimal
    health_before: Decimal
    health_after: Decimal
    liquidation_price: Decimal | None
    open_orders: int
    open_positions: int
    position_side: str | None
    position_size: Decimal
