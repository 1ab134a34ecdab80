"""What users, orders, positions and markets are, beside their bytes: rules that need no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.perps.errors import Error, Refused
from sandbox.perps.terms import (
    OPEN_ORDER_MARGIN,
    QUOTE_MARKET,
    U32_MAX,
    Balance,
    Direction,
    MarketKind,
    OrderStatus,
    OrderType,
    Tier,
    Trigger,
    UserStatus,
)
from sandbox.perps.views import View


class Order(View):
    __slots__ = ()

    def reset(self) -> None:
        """Free the slot, as a filled or cancelled order leaves it."""
        self.clear()
        self.order_type = OrderType.LIMIT
        self.market_type = MarketKind.PERP

    @property
    def must_be_triggered(self) -> bool:
        return self.order_type in (OrderType.TRIGGER_MARKET, OrderType.TRIGGER_LIMIT)

    @property
    def is_triggered(self) -> bool:
        return self.trigger_condition in (Trigger.TRIGGERED_ABOVE, Trigger.TRIGGERED_BELOW)

    @property
    def is_limit(self) -> bool:
        return self.order_type in (OrderType.LIMIT, OrderType.TRIGGER_LIMIT)

    @property
    def has_auction(self) -> bool:
        return bool(self.auction_duration)

    @property
    def is_jit_maker(self) -> bool:
        return bool(self.post_only and self.immediate_or_cancel)

    def is_auction_complete(self, slot: int) -> bool:
        return is_auction_complete(self.slot, self.auction_duration, slot)

    def unfilled(self, position: int | None = None) -> int:
        """What is left of the order; with a position, what reduce-only lets it still fill."""
        left = self.base_asset_amount - self.base_asset_amount_filled
        if position is None or not self.reduce_only or self.post_only:
            return int(left)
        if position == 0 or (position > 0) == (self.direction == Direction.LONG):
            return 0
        return int(min(left, abs(position)))

    def rests(self, slot: int) -> bool:
        """Whether it can be a maker now: a limit order whose auction is over."""
        if not self.is_limit:
            return False
        if self.order_type == OrderType.TRIGGER_LIMIT:
            long = self.direction == Direction.LONG
            crosses = self.trigger_price < self.price if long else self.trigger_price > self.price
            return not crosses and self.is_auction_complete(slot)
        return bool(self.post_only) or self.is_auction_complete(slot)

    def is_expired(self, now: int) -> bool:
        return bool(
            self.status == OrderStatus.OPEN
            and self.max_ts != 0
            and not self.must_be_triggered
            and now > self.max_ts
        )


def is_auction_complete(order_slot: int, duration: int, slot: int) -> bool:
    """Whether more than `duration` slots have gone since the order was placed."""
    if duration == 0:
        return True
    if slot < order_slot:
        raise Refused(Error.MATH)
    return slot - order_slot > duration


class PerpPosition(View):
    __slots__ = ()

    @property
    def has_open_order(self) -> bool:
        return bool(self.open_orders or self.open_bids or self.open_asks)

    @property
    def is_available(self) -> bool:
        return not (self.base_asset_amount or self.has_open_order or self.quote_asset_amount)

    @property
    def worst_case_base(self) -> int:
        bids = self.base_asset_amount + self.open_bids
        asks = self.base_asset_amount + self.open_asks
        return int(bids if abs(bids) > abs(asks) else asks)

    @property
    def open_order_margin(self) -> int:
        return int(self.open_orders * OPEN_ORDER_MARGIN)

    @property
    def direction(self) -> Direction:
        return Direction.LONG if self.base_asset_amount >= 0 else Direction.SHORT

    def change_open_interest(self, direction: int, base: int) -> None:
        """Add `base` (negative: take away) to the open bids or asks."""
        if direction == Direction.LONG:
            self.open_bids += base
        else:
            self.open_asks -= base


class SpotPosition(View):
    __slots__ = ()

    @property
    def is_available(self) -> bool:
        return not (self.scaled_balance or self.open_orders)

    @property
    def is_borrow(self) -> bool:
        return bool(self.scaled_balance and self.balance_type == Balance.BORROW)


class User(View):
    __slots__ = ()

    if TYPE_CHECKING:
        orders: list[Order]
        open_orders: int
        open_auctions: int
        perp_positions: list[PerpPosition]
        spot_positions: list[SpotPosition]

    @property
    def is_being_liquidated(self) -> bool:
        return bool(self.status & (UserStatus.BEING_LIQUIDATED | UserStatus.BANKRUPT))

    @property
    def is_bankrupt(self) -> bool:
        return bool(self.status & UserStatus.BANKRUPT)

    @property
    def is_reduce_only(self) -> bool:
        return bool(self.status & UserStatus.REDUCE_ONLY)

    @property
    def last_order_id(self) -> int:
        return U32_MAX if self.next_order_id == 1 else int(self.next_order_id - 1)

    def find_order(self, order_id: int) -> Order | None:
        """The slot holding this id, whatever its status."""
        return next((order for order in self.orders if order.order_id == order_id), None)

    def find_open_order(self, order_id: int) -> Order | None:
        for order in self.orders:
            if order.order_id == order_id and order.status == OrderStatus.OPEN:
                return order
        return None

    def find_position(self, market_index: int) -> PerpPosition | None:
        for position in self.perp_positions:
            if position.market_index == market_index and not position.is_available:
                return position
        return None

    def position(self, market_index: int) -> PerpPosition:
        position = self.find_position(market_index)
        if position is None:
            raise Refused(Error.NO_POSITION_IN_MARKET)
        return position

    def force_position(self, market_index: int) -> PerpPosition:
        """The position in this market, made in a free slot if need be."""
        position = self.find_position(market_index)
        if position is not None:
            return position
        for free in self.perp_positions:
            if free.is_available:
                free.clear()
                free.market_index = market_index
                return free
        raise Refused(Error.MAX_POSITIONS)

    def find_spot_position(self, market_index: int) -> SpotPosition | None:
        if market_index == QUOTE_MARKET:
            return self.spot_positions[0]
        for position in self.spot_positions:
            if position.market_index == market_index:
                return position
        return None

    def force_spot_position(self, market_index: int) -> SpotPosition:
        """The spot position in this market, made in a free slot if need be."""
        position = self.find_spot_position(market_index)
        if position is not None:
            return position
        for free in self.spot_positions[1:]:
            if free.is_available:
                free.clear()
                free.market_index = market_index
                return free
        raise Refused(Error.NO_SPOT_POSITION_AVAILABLE)

    def touch(self, slot: int) -> None:
        """Note that the account was active."""
        if not self.is_being_liquidated:
            self.last_active_slot = slot
        self.idle = False

    def count_order(self, *, auction: bool) -> None:
        self.open_orders = min(self.open_orders + 1, 255)
        self.has_open_order = True
        if auction:
            self.count_auction()

    def count_auction(self) -> None:
        self.open_auctions = min(self.open_auctions + 1, 255)
        self.has_open_auction = True

    def discount_order(self, *, auction: bool) -> None:
        self.open_orders = max(self.open_orders - 1, 0)
        self.has_open_order = self.open_orders > 0
        if auction:
            self.open_auctions = max(self.open_auctions - 1, 0)
            self.has_open_auction = self.open_auctions > 0

    def add_status(self, status: UserStatus) -> None:
        self.status |= status

    def remove_status(self, status: UserStatus) -> None:
        self.status &= 0xFF ^ status

    def exit_liquidation(self) -> None:
        self.remove_status(UserStatus.BEING_LIQUIDATED)
        self.remove_status(UserStatus.BANKRUPT)
        self.liquidation_margin_freed = 0


class Statuses:
    """Numbers of MarketStatus, which differ by deployment."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.initialized = names.index("Initialized")
        self.active = names.index("Active")
        self.reduce_only = names.index("ReduceOnly")
        self.settlement = names.index("Settlement")
        self.delisted = names.index("Delisted")


class Market(View):
    """What perp and spot markets share; `statuses` is set for each deployment's class."""

    __slots__ = ()
    statuses: Statuses

    @property
    def is_active(self) -> bool:
        return bool(self.status == self.statuses.active)

    @property
    def is_reduce_only(self) -> bool:
        return bool(self.status == self.statuses.reduce_only)

    def is_paused(self, operation: int) -> bool:
        return bool(self.paused_operations & operation)

    def take_id(self, counter: str) -> int:
        """The counter's value, which is then one more."""
        number = int(getattr(self, counter))
        setattr(self, counter, number + 1)
        return number


class PerpMarket(Market):
    __slots__ = ()

    def is_in_settlement(self, now: int) -> bool:
        ended = self.status in (self.statuses.settlement, self.statuses.delisted)
        return bool(ended or (self.expiry_ts != 0 and now >= self.expiry_ts))

    @property
    def confidence_multiplier(self) -> int:
        return {Tier.A: 1, Tier.B: 1, Tier.C: 2, Tier.SPECULATIVE: 10}.get(self.contract_tier, 50)

    @property
    def clamp_denominator(self) -> int:
        return {Tier.A: 10, Tier.B: 5, Tier.C: 2}.get(self.contract_tier, 3)

    @property
    def open_interest(self) -> int:
        return int(max(abs(self.base_asset_amount_long), abs(self.base_asset_amount_short)))

    def cumulative_funding(self, base: int) -> int:
        """The rate that a position of this sign settles against."""
        return int(
            self.cumulative_funding_rate_long if base > 0 else self.cumulative_funding_rate_short
        )


class SpotMarket(Market):
    __slots__ = ()

    @property
    def precision(self) -> int:
        return int(10**self.decimals)

    @property
    def confidence_multiplier(self) -> int:
        return {0: 1, 1: 1, 2: 5}.get(self.asset_tier, 50)

    @property
    def clamp_denominator(self) -> int:
        return {0: 10, 1: 10, 2: 5, 3: 3}.get(self.asset_tier, 3)


RULES: dict[str, Any] = {
    "Order": Order,
    "PerpPosition": PerpPosition,
    "SpotPosition": SpotPosition,
    "User": User,
    "PerpMarket": PerpMarket,
    "SpotMarket": SpotMarket,
}
