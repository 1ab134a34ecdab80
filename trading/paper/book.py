"""What the paper venue knows of one account, in plain values; nothing here reads or writes."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading.venues.reports import Event, OrderState

DEPLOYMENT = "paper"
QUOTE_STEP = Decimal("0.000001")
_TRIGGERED_TYPES = frozenset(
    {"stop_market", "stop_limit", "take_profit_market", "take_profit_limit"}
)
_TAKERS = frozenset({"market", "stop_market", "take_profit_market"})


@dataclass(frozen=True, slots=True)
class Terms:
    """A market's conditions; ratios are of the notional."""

    market_index: int
    symbol: str
    tick: Decimal
    step: Decimal
    minimum: Decimal
    initial_ratio: Decimal
    maintenance_ratio: Decimal
    is_open: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A market's price and the moment that it is of."""

    price: Decimal
    observed_at: datetime


@dataclass(slots=True)
class RestingOrder:
    """An order in the book; see the columns of PaperOrder."""

    number: int
    label: int
    market_index: int
    order_type: str
    direction: str
    size: Decimal
    filled: Decimal = Decimal(0)
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    oracle_offset: Decimal | None = None
    reduce_only: bool = False
    post_only: bool = False
    immediate_or_cancel: bool = False
    triggered: bool = False
    seen: bool = False
    priced_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def remaining(self) -> Decimal:
        return self.size - self.filled

    @property
    def buys(self) -> bool:
        return self.direction == "buy"

    @property
    def waits_for_trigger(self) -> bool:
        return self.order_type in _TRIGGERED_TYPES and not self.triggered

    @property
    def always_takes(self) -> bool:
        """A taker until it is filled, cancelled or expired; a limit only at its first look."""
        return self.order_type in _TAKERS

    def limit_at(self, mark: Decimal) -> Decimal | None:
        return self.price if self.oracle_offset is None else mark + self.oracle_offset

    def state(self) -> OrderState:
        return OrderState(
            venue_order_id=str(self.number),
            label=self.label,
            market_index=self.market_index,
            direction=self.direction,
            size=self.size,
            filled_size=self.filled,
            price=self.price,
            reduce_only=self.reduce_only,
            order_type=self.order_type,
            expires_at=self.expires_at,
            trigger_price=self.trigger_price,
            has_triggered=self.triggered,
            post_only=self.post_only,
            oracle_offset=self.oracle_offset,
        )


@dataclass(slots=True)
class Held:
    """A position: signed size, what it cost, and the running sum of all its money."""

    market_index: int
    base: Decimal
    entry_quote: Decimal
    quote: Decimal
    funded_at: datetime


@dataclass(slots=True)
class Book:
    """One account; `events` is what the step under way has done so far."""

    balance: Decimal
    sequence: int
    next_number: int
    orders: dict[int, RestingOrder] = field(default_factory=dict)
    positions: dict[int, Held] = field(default_factory=dict)
    deposited: Decimal = Decimal(0)
    withdrawn: Decimal = Decimal(0)
    events: list[Event] = field(default_factory=list)

    @property
    def step(self) -> int:
        """The sequence of the step under way, and so of the event that will keep it."""
        return self.sequence + 1

    @property
    def next_index(self) -> int:
        return len(self.events)
