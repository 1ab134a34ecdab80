"""Collateral, margin, leverage, health and liquidation price of an account: integers, no network.

Quote amounts and prices are 1e6, leverage and ratios 1e4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drift.accounts import PerpMarketAccount, PerpPosition, SpotMarketAccount, UserAccount
from drift.margin_weights import (
    BASE_PRECISION,
    MARGIN_PRECISION,
    PRICE_PRECISION,
    QUOTE_PRECISION,
    WEIGHT_PRECISION,
    MarginCategory,
    asset_weight,
    liability_weight,
    margin_ratio,
    net_user_pnl_imbalance,
    power_of_ten,
    signed_token_amount,
    unrealized_asset_weight,
)
from drift.spot_margin import StrictPrice, spot_values

QUOTE_MARKET_INDEX = 0
OPEN_ORDER_MARGIN = QUOTE_PRECISION // 100
MAX_PREDICTION_PRICE = PRICE_PRECISION
FUNDING_TO_QUOTE = 10**12  # base 1e9 times funding rate 1e9, to quote 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What accounts are valued with: markets and their oracle prices, by market index.

    `now` is the chain's unix time; strict valuations bring the oracle averages up to it. They
    take the worse of price and five-minute average, as the program does for withdrawals.
    """

    perp_markets: Mapping[int, PerpMarketAccount]
    spot_markets: Mapping[int, SpotMarketAccount]
    perp_prices: Mapping[int, int]
    spot_prices: Mapping[int, int]
    now: int

    def perp_price(self, market: PerpMarketAccount) -> int:
        if market.status == "Settlement":
            return market.expiry_price
        return self.perp_prices[market.market_index]

    def strict_price(self, market: SpotMarketAccount, *, strict: bool) -> StrictPrice:
        price = self.spot_prices[market.market_index]
        return StrictPrice.of(market, price, now=self.now if strict else None)


def funding_pnl(position: PerpPosition, market: PerpMarketAccount) -> int:
    """Funding that is owed but not settled yet; negative is paid. Rounds toward zero."""
    if position.base_asset_amount == 0:
        return 0
    cumulative = (
        market.cumulative_funding_rate_long
        if position.base_asset_amount > 0
        else market.cumulative_funding_rate_short
    )
    product = (cumulative - position.last_cumulative_funding_rate) * position.base_asset_amount
    magnitude = abs(product) // FUNDING_TO_QUOTE
    return -magnitude if product > 0 else magnitude


def unrealized_pnl(position: PerpPosition, market: PerpMarketAccount, price: int) -> int:
    """PnL that settling would realise at this price, with unsettled funding."""
    value = abs(position.base_asset_amount) * price // BASE_PRECISION
    signed = -value if position.base_asset_amount < 0 else value
    return signed + position.quote_asset_amount + funding_pnl(position, market)


def unsettled_profit(account: UserAccount, valuation: Valuation) -> int:
    """Profit that settling would turn into collateral: as far as it was realised, or as the
    market's pool holds more than all of its gains."""
    quote_market = valuation.spot_markets[QUOTE_MARKET_INDEX]
    total = 0
    for position in account.perp_positions:
        market = valuation.perp_markets[position.market_index]
        price = valuation.perp_price(market)
        pnl = unrealized_pnl(position, market, price)
        if pnl <= 0:
            continue
        realised = max(0, position.quote_asset_amount - position.quote_entry_amount)
        spare = max(0, -net_user_pnl_imbalance(market, quote_market, price))
        total += min(pnl, realised + spare)
    return total


def entry_price(position: PerpPosition) -> int:
    """Average price paid, without fees, rounded down; 0 without a position."""
    return _average_price(position.quote_entry_amount, position.base_asset_amount)


def account_unrealized_pnl(
    account: UserAccount, valuation: Valuation, category: MarginCategory | None
) -> int:
    """Unrealised PnL over all markets; weighted as collateral if a category is given."""
    total = 0
    quote_market = valuation.spot_markets[QUOTE_MARKET_INDEX]
    quote_price = valuation.spot_prices[QUOTE_MARKET_INDEX]
    for position in account.perp_positions:
        market = valuation.perp_markets[position.market_index]
        price = valuation.perp_price(market)
        pnl = unrealized_pnl(position, market, price) * quote_price // PRICE_PRECISION
        if category is not None and pnl > 0:
            weight = unrealized_asset_weight(
                market=market,
                quote_market=quote_market,
                unrealized_pnl=pnl,
                price=price,
                category=category,
            )
            pnl = pnl * weight // WEIGHT_PRECISION
        total += pnl
    return total


def total_collateral(
    account: UserAccount,
    valuation: Valuation,
    category: MarginCategory | None,
    *,
    strict: bool = False,
) -> int:
    """Deposits and unrealised PnL, weighted."""
    assets, _ = spot_values(account, valuation, category, strict=strict)
    return assets + account_unrealized_pnl(account, valuation, category)


def margin_requirement(
    account: UserAccount,
    valuation: Valuation,
    category: MarginCategory,
    *,
    liquidation_buffer: int = 0,
    strict: bool = False,
) -> int:
    """What positions, borrows and open orders bind; an order counts as if it were filled.

    `liquidation_buffer` (1e4) is the state's, while an account is being liquidated.
    """
    _, liabilities = spot_values(
        account, valuation, category, liquidation_buffer=liquidation_buffer, strict=strict
    )
    quote_price = valuation.spot_prices[QUOTE_MARKET_INDEX]
    if strict:
        quote_market = valuation.spot_markets[QUOTE_MARKET_INDEX]
        quote_price = max(quote_price, quote_market.last_oracle_price_twap5min)
    for position in account.perp_positions:
        market = valuation.perp_markets[position.market_index]
        base, value = worst_case(position, market, valuation.perp_price(market))
        ratio = _margin_ratio(account, position, market, abs(base), category)
        if market.status != "Settlement":
            ratio += liquidation_buffer
        liabilities += value * quote_price // PRICE_PRECISION * ratio // MARGIN_PRECISION
        liabilities += position.open_orders * OPEN_ORDER_MARGIN
    return liabilities


def free_collateral(account: UserAccount, valuation: Valuation, category: MarginCategory) -> int:
    """What new orders (initial) or losses (maintenance) may still take; never negative.

    Deposits count strictly in both; liabilities in the initial category.
    """
    strict = category is MarginCategory.INITIAL
    collateral = total_collateral(account, valuation, category, strict=True)
    return max(0, collateral - margin_requirement(account, valuation, category, strict=strict))


def leverage(account: UserAccount, valuation: Valuation) -> int:
    """Liabilities (positions and borrows, orders as if filled) over net assets, 1e4."""
    assets, borrows = spot_values(account, valuation, None)
    liabilities = borrows
    for position in account.perp_positions:
        market = valuation.perp_markets[position.market_index]
        liabilities += worst_case(position, market, valuation.perp_price(market))[1]
    net_assets = assets + account_unrealized_pnl(account, valuation, None) - borrows
    return 0 if net_assets == 0 else liabilities * 10_000 // net_assets


def health(account: UserAccount, valuation: Valuation) -> int:
    """0 (liquidated) to 100 (nothing at risk)."""
    if account.is_being_liquidated:
        return 0
    collateral = total_collateral(account, valuation, MarginCategory.MAINTENANCE)
    requirement = margin_requirement(account, valuation, MarginCategory.MAINTENANCE)
    # Below zero it can only be by a price that the market's kind does not allow.
    if requirement <= 0 < collateral or requirement == collateral == 0:
        return 100
    if collateral <= 0 or requirement >= collateral:
        return 0
    percent, rest = divmod((collateral - requirement) * 100, collateral)
    # Half to even, as whoever compares with the venue's own page expects.
    if rest * 2 > collateral or (rest * 2 == collateral and percent % 2):
        percent += 1
    return percent


def can_be_liquidated(
    account: UserAccount, valuation: Valuation, *, liquidation_margin_buffer_ratio: int
) -> bool:
    """Whether a liquidator would find the account below maintenance margin now."""
    buffer = liquidation_margin_buffer_ratio if account.is_being_liquidated else 0
    requirement = margin_requirement(
        account, valuation, MarginCategory.MAINTENANCE, liquidation_buffer=buffer
    )
    return total_collateral(account, valuation, MarginCategory.MAINTENANCE) < requirement


def liquidation_price(account: UserAccount, valuation: Valuation, market_index: int) -> int | None:
    """The oracle price at which maintenance margin is used up, all else equal; None if none.

    A deposit or borrow whose market has the same oracle moves along. For the price after a trade
    that is only thought of, ask about `after_fill`'s account.
    """
    category = MarginCategory.MAINTENANCE
    collateral = total_collateral(account, valuation, category)
    free = max(0, collateral - margin_requirement(account, valuation, category))
    market = valuation.perp_markets[market_index]
    position = account.perp_position(market_index)
    base = position.base_asset_amount if position else 0
    if base == 0 or market.contract_type == "Prediction":
        return None
    ratio = _margin_ratio(account, position, market, abs(base), category)
    ratio_in_quote = ratio * QUOTE_PRECISION // MARGIN_PRECISION
    per_base = QUOTE_PRECISION - ratio_in_quote if base > 0 else -QUOTE_PRECISION - ratio_in_quote
    delta = per_base * abs(base) // BASE_PRECISION
    if delta == 0:
        return None
    delta += _sister_spot_delta(account, valuation, market)
    if delta == 0:
        return None
    price = valuation.perp_prices[market_index] - free * QUOTE_PRECISION // delta
    return price if price >= 0 else None


def worst_case(position: PerpPosition, market: PerpMarketAccount, price: int) -> tuple[int, int]:
    """(base, value) if those of the open orders filled that make the position worst."""
    bids = position.base_asset_amount + position.open_bids
    asks = position.base_asset_amount + position.open_asks
    bids_value = _liability_value(bids, market, price)
    asks_value = _liability_value(asks, market, price)
    return (asks, asks_value) if asks_value >= bids_value else (bids, bids_value)


def _liability_value(base: int, market: PerpMarketAccount, price: int) -> int:
    # What a short of a yes-or-no market can lose is the way up to one.
    if market.contract_type == "Prediction" and base <= 0:
        price = MAX_PREDICTION_PRICE - price
    return abs(base) * price // BASE_PRECISION


def _margin_ratio(
    account: UserAccount,
    position: PerpPosition | None,
    market: PerpMarketAccount,
    size: int,
    category: MarginCategory,
) -> int:
    own = position.max_margin_ratio if position else 0
    return margin_ratio(
        market=market,
        size=size,
        category=category,
        custom_ratio=max(account.max_margin_ratio, own),
        high_leverage=account.margin_mode == "HighLeverage",
    )


def _sister_spot_delta(
    account: UserAccount, valuation: Valuation, perp_market: PerpMarketAccount
) -> int:
    """How free collateral moves with the price of a spot market on the same oracle."""
    category = MarginCategory.MAINTENANCE
    for market in valuation.spot_markets.values():
        if market.oracle != perp_market.oracle:
            continue
        position = account.spot_position(market.market_index)
        if position is None:
            return 0
        amount = signed_token_amount(position, market)
        price = valuation.spot_prices[market.market_index]
        if amount > 0:
            weight = asset_weight(amount=amount, price=price, market=market, category=category)
        else:
            weight = -liability_weight(amount=amount, market=market, category=category)
        per_token = QUOTE_PRECISION * weight // WEIGHT_PRECISION
        return per_token * abs(amount) // power_of_ten(market.decimals)
    return 0


def _average_price(quote: int, base: int) -> int:
    return 0 if base == 0 else abs(quote) * BASE_PRECISION // abs(base)
