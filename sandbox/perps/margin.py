"""Margin: what an account holds, weighted, against what its liabilities require."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from solders.pubkey import Pubkey

from sandbox.perps.errors import Error, require
from sandbox.perps.frame import Frame
from sandbox.perps.funding import funding_payment
from sandbox.perps.model import PerpMarket, PerpPosition, SpotMarket, SpotPosition, User
from sandbox.perps.oracles import GOOD_FOR_MARGIN
from sandbox.perps.spot import signed_tokens, token_value, tokens
from sandbox.perps.terms import (
    BASE,
    MARGIN,
    MAX_INITIAL_UPNL,
    PERCENT,
    PRICE,
    QUOTE,
    QUOTE_MARKET,
    SPOT_WEIGHT,
    AssetTier,
    Balance,
    Margin,
    Tier,
    quotient,
)


@dataclass(slots=True)
class MarginAccount:
    """The sums of one calculation."""

    collateral: int = 0
    requirement: int = 0
    requirement_with_buffer: int = 0
    spot_liabilities: int = 0
    perp_liabilities: int = 0
    all_oracles_valid: bool = True
    isolated_perp: bool = False
    isolated_spot: bool = False
    buffer: int = 0
    tracked_market: int | None = None
    tracked_requirement: int = 0

    @property
    def is_met(self) -> bool:
        return self.collateral >= self.requirement

    @property
    def can_exit_liquidation(self) -> bool:
        return self.collateral >= self.requirement_with_buffer

    @property
    def shortage(self) -> int:
        return abs(self.requirement_with_buffer - self.collateral)

    @property
    def liabilities(self) -> int:
        return self.spot_liabilities + self.perp_liabilities

    @property
    def free_collateral(self) -> int:
        return max(self.collateral - self.requirement, 0)

    def require(self, requirement: int, liability: int) -> None:
        self.requirement += requirement
        if self.buffer:
            self.requirement_with_buffer += requirement + liability * self.buffer // MARGIN


@dataclass(frozen=True, slots=True)
class StrictPrice:
    """A price together with its five-minute average, whichever is worse counting."""

    current: int
    average: int | None

    @property
    def highest(self) -> int:
        return self.current if self.average is None else max(self.current, self.average)

    @property
    def lowest(self) -> int:
        return self.current if self.average is None else min(self.current, self.average)


def calculate_margin(
    frame: Frame,
    user: User,
    kind: Margin,
    *,
    strict: bool = False,
    buffer: int = 0,
    tracked_market: int | None = None,
) -> MarginAccount:
    """Weigh all positions of a user; needs every market and oracle they touch."""
    account = MarginAccount(buffer=buffer, tracked_market=tracked_market)
    custom = int(user.max_margin_ratio) if kind == Margin.INITIAL else 0
    for position in user.spot_positions:
        if not position.is_available:
            _weigh_spot(frame, account, position, kind, custom=custom, strict=strict)
    for held in user.perp_positions:
        if not held.is_available:
            _weigh_perp(frame, account, held, kind, custom=custom, strict=strict)
    require(account.spot_liabilities == 0 or account.requirement > 0, Error.INVALID_MARGIN_RATIO)
    return account


def _strict_price(
    frame: Frame, account: MarginAccount, market: SpotMarket, *, strict: bool
) -> StrictPrice:
    history = market.historical_oracle_data
    price, validity = frame.oracles.price_and_validity(
        market, market.oracle, history.last_oracle_price_twap
    )
    account.all_oracles_valid &= validity in GOOD_FOR_MARGIN
    average = history.last_oracle_price_twap5min if strict else None
    return StrictPrice(price.price, average)


def _weigh_spot(
    frame: Frame,
    account: MarginAccount,
    position: SpotPosition,
    kind: Margin,
    *,
    custom: int,
    strict: bool,
) -> None:
    market = frame.spot_market(position.market_index)
    price = _strict_price(frame, account, market, strict=strict)
    require(price.current > 0, Error.INVALID_ORACLE)
    require(price.average is None or price.average > 0, Error.INVALID_ORACLE)
    amount = signed_tokens(position, market)
    require(amount != 0 or position.scaled_balance == 0, Error.INVALID_MARGIN_RATIO)
    value = token_value(amount, market.decimals, price.lowest if amount > 0 else price.highest)
    if position.market_index == QUOTE_MARKET:
        if position.balance_type == Balance.DEPOSIT:
            account.collateral += value
        else:
            require(value != 0, Error.INVALID_MARGIN_RATIO)
            account.require(-value, -value)
            account.spot_liabilities += 1
        return
    weighted = _weighted_value(market, amount, value, price.current, kind, custom)
    if value > 0:
        account.collateral += weighted
    elif value < 0:
        require(weighted != 0, Error.INVALID_ORACLE)
        account.require(-weighted, -value)
        account.spot_liabilities += 1
        account.isolated_spot |= market.asset_tier == AssetTier.ISOLATED


def _weighted_value(
    market: SpotMarket, amount: int, value: int, price: int, kind: Margin, custom: int
) -> int:
    if value > 0:
        weight = asset_weight(market, amount, price, kind)
        if custom:
            weight = min(weight, max(SPOT_WEIGHT - custom, 0))
        return value * weight // SPOT_WEIGHT
    if value == 0:
        return 0
    weight = liability_weight(market, -amount, kind)
    if custom:
        weight = max(weight, custom + SPOT_WEIGHT)
    return quotient(value * weight, SPOT_WEIGHT)


def _in_base_precision(market: SpotMarket, size: int) -> int:
    precision = market.precision
    return size // (precision // BASE) if precision > BASE else size * BASE // precision


def asset_weight(market: SpotMarket, size: int, price: int, kind: Margin) -> int:
    """The part of a deposit's value that counts."""
    initial = market.initial_asset_weight
    if market.scale_initial_asset_weight_start:
        deposits = tokens(market.deposit_balance, market, Balance.DEPOSIT)
        value = token_value(deposits, market.decimals, price)
        if value >= market.scale_initial_asset_weight_start:
            initial = initial * market.scale_initial_asset_weight_start // value
    weight = {
        Margin.INITIAL: initial,
        Margin.FILL: (initial + market.maintenance_asset_weight) // 2,
        Margin.MAINTENANCE: market.maintenance_asset_weight,
    }[kind]
    return size_discount(_in_base_precision(market, size), market.imf_factor, int(weight))


def liability_weight(market: SpotMarket, size: int, kind: Margin) -> int:
    """What a borrow counts for, above its value."""
    weight = {
        Margin.INITIAL: market.initial_liability_weight,
        Margin.FILL: (market.initial_liability_weight + market.maintenance_liability_weight) // 2,
        Margin.MAINTENANCE: market.maintenance_liability_weight,
    }[kind]
    size = _in_base_precision(market, size)
    return size_premium(size, market.imf_factor, int(weight), SPOT_WEIGHT)


def size_premium(size: int, factor: int, weight: int, precision: int) -> int:
    """A liability's weight, which grows with the root of its size."""
    if factor == 0:
        return weight
    grown = isqrt(size * 10 + 1) * factor // (100_000 * PERCENT // precision)
    return max(weight, weight - weight // 5 + grown)


def size_discount(size: int, factor: int, weight: int) -> int:
    """An asset's weight, which falls with the root of its size."""
    if factor == 0:
        return weight
    numerator = (PERCENT + PERCENT // 10) * SPOT_WEIGHT
    return min(weight, numerator // (PERCENT + isqrt(size * 10 + 1) * factor // 100_000))


def margin_ratio(market: PerpMarket, size: int, kind: Margin) -> int:
    """The part of a position's value that is required, in 1e4."""
    if market.status == market.statuses.settlement:
        return 0
    initial, maintenance = market.margin_ratio_initial, market.margin_ratio_maintenance
    ratio = {
        Margin.INITIAL: initial,
        Margin.FILL: (initial + maintenance) // 2,
        Margin.MAINTENANCE: maintenance,
    }[kind]
    return size_premium(size, market.imf_factor, int(ratio), MARGIN)


def _gain_weight(market: PerpMarket, pnl: int, kind: Margin) -> int:
    if pnl <= 0:
        return SPOT_WEIGHT
    if kind == Margin.MAINTENANCE:
        return int(market.unrealized_pnl_maintenance_asset_weight)
    weight = int(market.unrealized_pnl_initial_asset_weight)
    if weight == 0:
        return 0
    if market.unrealized_pnl_max_imbalance > 0:
        net = net_user_pnl(market, market.historical_oracle_data.last_oracle_price)
        if net > market.unrealized_pnl_max_imbalance:
            weight = weight * market.unrealized_pnl_max_imbalance // net
    return size_discount(pnl * (BASE // QUOTE), market.unrealized_pnl_imf_factor, weight)


def net_user_pnl(market: PerpMarket, price: int) -> int:
    """What all users together have gained, not yet settled."""
    net_base = market.base_asset_amount_with_amm
    cost = market.quote_asset_amount + market.net_unsettled_funding_pnl
    return int(quotient(net_base * price, BASE) + cost)


def unrealized_pnl(position: PerpPosition, price: int) -> int:
    """Value at this price plus what the position's quote amount says."""
    if position.base_asset_amount == 0:
        return int(position.quote_asset_amount)
    value = quotient(position.base_asset_amount * max(price, 0), BASE)
    return int(value + position.quote_asset_amount)


def _weigh_perp(
    frame: Frame,
    account: MarginAccount,
    position: PerpPosition,
    kind: Margin,
    *,
    custom: int,
    strict: bool,
) -> None:
    market = frame.perp_market(position.market_index)
    quote_market = frame.spot_market(market.quote_spot_market_index)
    quote = _strict_price(frame, account, quote_market, strict=strict)
    average = market.historical_oracle_data.last_oracle_price_twap
    oracle, validity = frame.oracles.price_and_validity(market, market.oracle, average)
    settling = market.status == market.statuses.settlement
    price = market.expiry_price if settling else oracle.price

    worst = position.worst_case_base
    liability = abs(worst) * max(price, 0) // BASE * quote.highest // PRICE
    if kind == Margin.INITIAL and frame.deployment.is_later_build:
        custom = max(custom, position.max_margin_ratio)
    ratio = max(custom, margin_ratio(market, abs(worst), kind))
    requirement = 0 if settling else liability * ratio // MARGIN
    requirement += position.open_order_margin

    pnl = unrealized_pnl(position, price) + funding_payment(
        market.cumulative_funding(position.base_asset_amount), position
    )
    account.collateral += _weighted_pnl(market, pnl, quote, kind)
    account.require(requirement, liability)
    if account.tracked_market == market.market_index:
        account.tracked_requirement += requirement

    liable = bool(
        position.base_asset_amount or position.quote_asset_amount < 0 or position.has_open_order
    )
    if liable:
        account.perp_liabilities += 1
        account.isolated_perp |= market.contract_tier == Tier.ISOLATED
    if liable or kind != Margin.INITIAL:
        account.all_oracles_valid &= validity in GOOD_FOR_MARGIN


def _weighted_pnl(market: PerpMarket, pnl: int, quote: StrictPrice, kind: Margin) -> int:
    weight = _gain_weight(market, pnl, kind)
    weighted = pnl if weight == SPOT_WEIGHT else quotient(pnl * weight, SPOT_WEIGHT)
    quote_price = quote.lowest if pnl > 0 else quote.highest if pnl < 0 else quote.current
    if quote_price != PRICE:
        weighted = quotient(weighted * quote_price, PRICE)
    return min(weighted, MAX_INITIAL_UPNL) if kind == Margin.INITIAL else weighted


def _require_isolated_tiers(user: User, account: MarginAccount) -> None:
    if user.is_reduce_only:
        return
    if account.isolated_perp:
        require(account.perp_liabilities <= 1, Error.ISOLATED_TIER_VIOLATION)
        require(not user.is_margin_trading_enabled, Error.ISOLATED_TIER_VIOLATION)
        quote = user.spot_positions[0]
        only_quote = account.spot_liabilities == 1 and quote.is_borrow
        require(account.spot_liabilities == 0 or only_quote, Error.ISOLATED_TIER_VIOLATION)
    if account.isolated_spot:
        alone = account.perp_liabilities == 0 and account.spot_liabilities == 1
        require(alone, Error.ISOLATED_TIER_VIOLATION)


def require_margin_to_withdraw(frame: Frame, user: User) -> None:
    """Refuse when what is left does not carry the liabilities, or cannot be priced."""
    account = calculate_margin(frame, user, Margin.INITIAL, strict=True)
    if account.requirement > 0 or account.liabilities > 0:
        require(account.all_oracles_valid, Error.INVALID_ORACLE)
    _require_isolated_tiers(user, account)
    require(account.is_met, Error.INSUFFICIENT_COLLATERAL)


def require_margin_to_place(frame: Frame, user: User, *, risk_increasing: bool) -> None:
    """Refuse an order that the account's collateral does not carry."""
    kind = Margin.INITIAL if risk_increasing else Margin.MAINTENANCE
    account = calculate_margin(frame, user, kind, strict=True)
    require(account.is_met, Error.INSUFFICIENT_COLLATERAL)
    _require_isolated_tiers(user, account)


def require_no_margin_trading(frame: Frame, user: User) -> None:
    """Refuse borrows against open spot orders unless the account enabled them."""
    if user.is_margin_trading_enabled:
        for position in user.perp_positions:
            if not position.is_available:
                tier = frame.perp_market(position.market_index).contract_tier
                require(tier != Tier.ISOLATED, Error.ISOLATED_TIER_VIOLATION)
        return
    for held in user.spot_positions:
        if held.open_asks < 0:
            amount = signed_tokens(held, frame.spot_market(held.market_index))
            require(amount + held.open_asks >= 0, Error.MARGIN_TRADING_DISABLED)


def most_withdrawable(frame: Frame, user: User, market: SpotMarket) -> int:
    """Tokens whose withdrawal leaves the initial requirement met."""
    account = calculate_margin(frame, user, Margin.INITIAL)
    position = user.find_spot_position(market.market_index)
    held = abs(signed_tokens(position, market)) if position is not None else 0
    oracle: Pubkey = market.oracle
    price = frame.oracles.price(oracle).price
    weight = asset_weight(market, held, price, Margin.INITIAL)
    if weight == 0:
        return 2**64 - 1
    if account.liabilities == 0:
        return held
    scale = 10 ** (market.decimals - 6)
    return int(account.free_collateral * MARGIN // weight * PRICE // price * scale)


def require_not_liquidated(frame: Frame, user: User) -> None:
    """Refuse while liquidation lasts; an account that recovered leaves it."""
    if not user.is_being_liquidated:
        return
    require(not is_still_liquidated(frame, user), Error.USER_IS_BEING_LIQUIDATED)
    user.exit_liquidation()


def is_still_liquidated(frame: Frame, user: User) -> bool:
    buffer = frame.state.liquidation_margin_buffer_ratio
    account = calculate_margin(frame, user, Margin.MAINTENANCE, buffer=buffer)
    return not account.can_exit_liquidation
