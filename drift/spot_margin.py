"""The spot side of an account's margin: deposits, borrows and open spot orders at their worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from drift.accounts import SpotMarketAccount, SpotPosition, UserAccount
from drift.margin_weights import (
    QUOTE_PRECISION,
    WEIGHT_PRECISION,
    MarginCategory,
    asset_weight,
    liability_weight,
    power_of_ten,
    signed_token_amount,
)

QUOTE_MARKET_INDEX = 0
OPEN_ORDER_MARGIN = QUOTE_PRECISION // 100
_FIVE_MINUTES = 300


class StrictPrice(NamedTuple):
    """A price with the least and most that a strict valuation takes for assets and liabilities."""

    current: int
    least: int
    most: int

    @classmethod
    def of(cls, market: SpotMarketAccount, price: int, *, now: int | None) -> StrictPrice:
        """`now` None is not strict."""
        average = 0 if now is None else live_twap_5min(market, price, now)
        if average == 0:
            return cls(price, price, price)
        return cls(price, min(price, average), max(price, average))


class SpotPrices(Protocol):
    @property
    def spot_markets(self) -> Mapping[int, SpotMarketAccount]: ...

    def strict_price(self, market: SpotMarketAccount, *, strict: bool) -> StrictPrice: ...


class _Filled(NamedTuple):
    """A position as if its bids or its asks were filled; `orders_value` is the quote that moved."""

    amount: int
    orders_value: int
    contribution: int


def live_twap_5min(market: SpotMarketAccount, price: int, now: int) -> int:
    """The market's five-minute oracle average, brought up to `now`; moves by a third at most."""
    average = market.last_oracle_price_twap5min
    since_update = max(1, now - market.last_oracle_price_twap_ts)
    since_start = max(0, _FIVE_MINUTES - since_update)
    room = average // 3
    clamped = min(average + room, max(price, average - room))
    return (average * since_start + clamped * since_update) // (since_start + since_update)


def spot_values(
    account: UserAccount,
    valuation: SpotPrices,
    category: MarginCategory | None,
    *,
    liquidation_buffer: int = 0,
    strict: bool = False,
) -> tuple[int, int]:
    """(assets, liabilities) in quote; weighted if a category is given. Open orders count at their
    worst, and what they move in quote is netted with the quote balance."""
    assets = liabilities = net_quote = 0
    for position in account.spot_positions:
        market = valuation.spot_markets[position.market_index]
        price = valuation.strict_price(market, strict=strict)
        if position.market_index == QUOTE_MARKET_INDEX:
            amount = signed_token_amount(position, market)
            net_quote += _value(account, amount, price, market, category, liquidation_buffer)
            continue
        worst = _worst_fill(account, position, market, price, category)
        value = _value(account, worst.amount, price, market, category, liquidation_buffer)
        if value > 0:
            assets += value
        liabilities += max(0, -value)
        net_quote += _quote_of_orders(account, worst.orders_value, category)
        liabilities += position.open_orders * OPEN_ORDER_MARGIN
    return assets + max(0, net_quote), liabilities + max(0, -net_quote)


def _quote_of_orders(account: UserAccount, value: int, category: MarginCategory | None) -> int:
    if value >= 0:
        return value
    weight = WEIGHT_PRECISION
    if category is MarginCategory.INITIAL:
        weight = max(weight, account.max_margin_ratio)
    return -(-value * weight // WEIGHT_PRECISION)


def _value(
    account: UserAccount,
    amount: int,
    price: StrictPrice,
    market: SpotMarketAccount,
    category: MarginCategory | None,
    liquidation_buffer: int,
) -> int:
    """Quote value of tokens, negative for borrowed ones; the weighted value if a category."""
    value = _token_value(amount, price, market)
    if category is None:
        return value
    weight = _weight(account, amount, price.current, market, category)
    if amount < 0:
        weight += liquidation_buffer
    return value * weight // WEIGHT_PRECISION


def _token_value(amount: int, price: StrictPrice, market: SpotMarketAccount) -> int:
    taken = price.least if amount > 0 else price.most
    return amount * taken // power_of_ten(market.decimals)


def _weight(
    account: UserAccount,
    amount: int,
    price: int,
    market: SpotMarketAccount,
    category: MarginCategory | None,
) -> int:
    custom = account.max_margin_ratio if category is MarginCategory.INITIAL else 0
    if market.market_index == QUOTE_MARKET_INDEX:
        custom = 0
    if amount >= 0:
        weight = asset_weight(amount=amount, price=price, market=market, category=category)
        return min(weight, max(0, WEIGHT_PRECISION - custom)) if custom else weight
    weight = liability_weight(amount=amount, market=market, category=category)
    return max(weight, WEIGHT_PRECISION + custom) if custom else weight


def _worst_fill(
    account: UserAccount,
    position: SpotPosition,
    market: SpotMarketAccount,
    price: StrictPrice,
    category: MarginCategory | None,
) -> _Filled:
    amount = signed_token_amount(position, market)
    if position.open_bids == 0 and position.open_asks == 0:
        return _Filled(amount, 0, 0)
    bids = _fill(account, amount, position.open_bids, market, price, category)
    asks = _fill(account, amount, position.open_asks, market, price, category)
    return asks if asks.contribution < bids.contribution else bids


def _fill(
    account: UserAccount,
    amount: int,
    filled: int,
    market: SpotMarketAccount,
    price: StrictPrice,
    category: MarginCategory | None,
) -> _Filled:
    orders_value = -filled * price.most // power_of_ten(market.decimals)
    value = _token_value(amount, price, market) - orders_value
    after = amount + filled
    # The sign of the value decides, not that of the amount: they differ by rounding only.
    sided = abs(after) if value >= 0 else -abs(after)
    weight = _weight(account, sided, price.current, market, category)
    return _Filled(after, orders_value, value * weight // WEIGHT_PRECISION + orders_value)
