"""Spot balances: scaling by interest, accrual, and the limits on withdrawals."""

from __future__ import annotations

from typing import Any

from sandbox.perps.averages import clamp_to, moving_average
from sandbox.perps.errors import Error, require
from sandbox.perps.frame import Frame
from sandbox.perps.model import SpotMarket, SpotPosition, User
from sandbox.perps.oracles import OraclePrice
from sandbox.perps.terms import (
    FIVE_MINUTES,
    IF_FACTOR,
    MARGIN,
    ONE_DAY,
    ONE_HOUR,
    ONE_YEAR,
    PERCENT,
    AssetTier,
    Balance,
    SpotPaused,
    ceiling,
)

UTILIZATION = PERCENT


def interest(market: SpotMarket, kind: int) -> int:
    """The cumulative interest that balances of this kind are scaled by."""
    return int(
        market.cumulative_deposit_interest
        if kind == Balance.DEPOSIT
        else market.cumulative_borrow_interest
    )


def scaled(amount: int, market: SpotMarket, kind: int, *, round_up: bool) -> int:
    """Tokens to a scaled balance."""
    balance: int = amount * 10 ** (19 - market.decimals) // interest(market, kind)
    return balance + 1 if round_up and balance != 0 else balance


def tokens(balance: int, market: SpotMarket, kind: int) -> int:
    """A scaled balance to tokens: deposits are rounded down, borrows up."""
    product = balance * interest(market, kind)
    divisor = 10 ** (19 - market.decimals)
    return int(product // divisor if kind == Balance.DEPOSIT else ceiling(product, divisor))


def position_tokens(position: SpotPosition, market: SpotMarket) -> int:
    return tokens(position.scaled_balance, market, position.balance_type)


def signed_tokens(position: SpotPosition, market: SpotMarket) -> int:
    amount = position_tokens(position, market)
    return amount if position.balance_type == Balance.DEPOSIT else -amount


def token_value(amount: int, decimals: int, price: int) -> int:
    """In quote units; negative values are rounded away from zero."""
    return int(amount * price // 10**decimals)


class PoolBalance:
    """A market's pool seen as a balance, which is always a deposit."""

    balance_type = Balance.DEPOSIT

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @property
    def scaled_balance(self) -> int:
        return int(self._pool.scaled_balance)

    @scaled_balance.setter
    def scaled_balance(self, value: int) -> None:
        self._pool.scaled_balance = value


def _change_market(market: SpotMarket, kind: int, delta: int) -> None:
    if kind == Balance.DEPOSIT:
        market.deposit_balance += delta
    else:
        market.borrow_balance += delta


def update_balance(
    amount: int, toward: int, market: SpotMarket, balance: Any, *, leaving: bool = False
) -> None:
    """Move `amount` tokens of a balance toward deposit or borrow, and the market's sums with it."""
    if balance.balance_type == toward:
        delta = scaled(amount, market, toward, round_up=toward == Balance.BORROW)
        balance.scaled_balance += delta
        _change_market(market, toward, delta)
    else:
        amount = _reduce(amount, market, balance, leaving=leaving)
        if amount > 0:
            balance.balance_type = toward
            delta = scaled(amount, market, toward, round_up=toward == Balance.BORROW)
            balance.scaled_balance += delta
            _change_market(market, toward, delta)
    if leaving and toward == Balance.BORROW:
        deposits, borrows = market_tokens(market)
        require(deposits >= borrows, Error.SPOT_MARKET_INSUFFICIENT_DEPOSITS)


def _reduce(amount: int, market: SpotMarket, balance: Any, *, leaving: bool) -> int:
    kind = balance.balance_type
    held = tokens(balance.scaled_balance, market, kind)
    if held == 0:
        return amount
    taken, delta = held, int(balance.scaled_balance)
    if held > amount:
        taken = amount
        delta = scaled(amount, market, kind, round_up=leaving or kind == Balance.BORROW)
    _change_market(market, kind, -delta)
    balance.scaled_balance -= delta
    return amount - taken


def transfer(amount: int, market: SpotMarket, source: Any, target: Any) -> None:
    """Move tokens from one balance of a market to another."""
    if amount == 0:
        return
    update_balance(amount, Balance.BORROW, market, source)
    update_balance(amount, Balance.DEPOSIT, market, target)


def update_position(
    amount: int, toward: int, market: SpotMarket, position: SpotPosition, *, leaving: bool = False
) -> None:
    """As `update_balance`, counted in the position's cumulative deposits."""
    update_balance(amount, toward, market, position, leaving=leaving)
    position.cumulative_deposits += amount if toward == Balance.DEPOSIT else -amount


def market_tokens(market: SpotMarket) -> tuple[int, int]:
    """All deposits and all borrows of a market."""
    return (
        tokens(market.deposit_balance, market, Balance.DEPOSIT),
        tokens(market.borrow_balance, market, Balance.BORROW),
    )


def utilization(deposits: int, borrows: int) -> int:
    if deposits == 0:
        return UTILIZATION if borrows else 0
    return borrows * UTILIZATION // deposits


def _borrow_rate(market: SpotMarket, used: int) -> int:
    optimal = market.optimal_utilization
    if used > optimal:
        slope = (market.max_borrow_rate - market.optimal_borrow_rate) * UTILIZATION
        slope //= UTILIZATION - optimal
        rate = market.optimal_borrow_rate + (used - optimal) * slope // UTILIZATION
    else:
        slope = market.optimal_borrow_rate * UTILIZATION // optimal
        rate = used * slope // UTILIZATION
    return int(max(rate, market.min_borrow_rate * (PERCENT // 200)))


def accrue_interest(
    frame: Frame,
    market: SpotMarket,
    oracle: OraclePrice | None,
    now: int,
    *,
    paused: bool = False,
) -> None:
    """Bring cumulative interest and the averages of a spot market up to date."""
    if not (paused or market.is_paused(SpotPaused.UPDATE_INTEREST)):
        _accrue(frame, market, now)
    _update_averages(market, oracle, now)


def _accrue(frame: Frame, market: SpotMarket, now: int) -> None:
    used = utilization(*market_tokens(market))
    if used == 0:
        return
    rate = _borrow_rate(market, used) * (now - market.last_interest_ts)
    borrow = market.cumulative_borrow_interest * rate // ONE_YEAR // PERCENT + 1
    lend = rate * used // UTILIZATION
    lend = market.cumulative_deposit_interest * lend // ONE_YEAR // PERCENT
    if lend <= 0 or borrow <= 1:
        return
    stakers = lend * market.insurance_fund.total_factor // IF_FACTOR
    if lend - stakers <= 0:
        return
    market.cumulative_deposit_interest += lend - stakers
    market.cumulative_borrow_interest += borrow
    market.last_interest_ts = now
    revenue = market.deposit_balance * stakers // 10 ** (19 - market.decimals)
    update_balance(revenue, Balance.DEPOSIT, market, PoolBalance(market.revenue_pool))
    frame.emit(
        "SpotInterestRecord",
        ts=now,
        market_index=market.market_index,
        deposit_balance=market.deposit_balance,
        cumulative_deposit_interest=market.cumulative_deposit_interest,
        borrow_balance=market.borrow_balance,
        cumulative_borrow_interest=market.cumulative_borrow_interest,
        optimal_utilization=market.optimal_utilization,
        optimal_borrow_rate=market.optimal_borrow_rate,
        max_borrow_rate=market.max_borrow_rate,
    )


def _update_averages(market: SpotMarket, oracle: OraclePrice | None, now: int) -> None:
    since = max(0, now - market.last_twap_ts)
    deposits, borrows = market_tokens(market)
    average = market.deposit_token_twap
    market.deposit_token_twap = moving_average(deposits, average, since, ONE_DAY)
    average = market.borrow_token_twap
    market.borrow_token_twap = moving_average(borrows, average, since, ONE_DAY)
    used = utilization(deposits, borrows)
    market.utilization_twap = moving_average(used, market.utilization_twap, since, ONE_DAY)
    if oracle is not None:
        history = market.historical_oracle_data
        price = clamp_to(oracle.price, history.last_oracle_price_twap, market.clamp_denominator)
        age = now - history.last_oracle_price_twap_ts
        hourly = moving_average(price, history.last_oracle_price_twap, age, ONE_HOUR)
        fast = moving_average(price, history.last_oracle_price_twap5min, age, FIVE_MINUTES)
        history.last_oracle_price_twap = hourly
        history.last_oracle_price_twap5min = fast
        history.last_oracle_price = oracle.price
        history.last_oracle_conf = oracle.confidence
        history.last_oracle_delay = oracle.delay
        history.last_oracle_price_twap_ts = now
    market.last_twap_ts = now


def _least_deposits(market: SpotMarket) -> int:
    average, threshold = int(market.deposit_token_twap), int(market.withdraw_guard_threshold)
    return average - max(average // 4, min(threshold, average))


def _most_borrows(market: SpotMarket, deposits: int) -> int:
    lesser = min(deposits, market.deposit_token_twap)
    grown = max(lesser // 6, market.borrow_token_twap + lesser // 10)
    return int(max(market.withdraw_guard_threshold, min(grown, lesser - lesser // 5)))


def _utilization_limits(market: SpotMarket, deposits: int, borrows: int) -> tuple[int, int]:
    average = market.utilization_twap
    most = max(market.optimal_utilization, average + max(UTILIZATION - average, 0) // 2)
    threshold = market.withdraw_guard_threshold
    least = min(borrows * UTILIZATION // most, max(deposits - threshold, 0))
    return least, max(most * deposits // UTILIZATION, threshold)


def within_withdraw_limits(market: SpotMarket, user: User, withdrawn: int) -> bool:
    """Whether the market's deposits and borrows may be what they have become."""
    deposits, borrows = market_tokens(market)
    least_used, most_used = _utilization_limits(market, deposits, borrows)
    most = min(_most_borrows(market, deposits), most_used)
    least = max(_least_deposits(market), least_used)
    position = user.find_spot_position(market.market_index)
    if position is None:
        return True
    borrowing = position.balance_type == Balance.BORROW
    if deposits >= least and (not borrowing or borrows <= most):
        return True
    if user.total_deposits < user.total_withdraws or position.cumulative_deposits < 0:
        return False
    small = market.withdraw_guard_threshold // 10
    return not borrowing and position_tokens(position, market) + withdrawn < small


def take_with_limits(amount: int, market: SpotMarket, user: User) -> None:
    """Withdraw from a position within the market's limits."""
    position = user.find_spot_position(market.market_index)
    require(position is not None, Error.COULD_NOT_FIND_SPOT_POSITION)
    assert position is not None
    update_position(amount, Balance.BORROW, market, position, leaving=True)
    require(within_withdraw_limits(market, user, amount), Error.DAILY_WITHDRAW_LIMIT)
    statuses = market.statuses
    open_statuses = (statuses.active, statuses.reduce_only, statuses.settlement)
    require(market.status in open_statuses, Error.MARKET_WITHDRAW_PAUSED)
    require(not market.is_paused(SpotPaused.WITHDRAW), Error.MARKET_WITHDRAW_PAUSED)
    protected = market.asset_tier == AssetTier.PROTECTED
    borrowing = position.balance_type == Balance.BORROW
    require(not (protected and borrowing), Error.PROTECTED_TIER_VIOLATION)


def most_withdrawable_of_market(market: SpotMarket, amount: int) -> int:
    """Tokens that a balance can give up and borrow within the market's averages."""
    deposits, borrows = market_tokens(market)
    most = _most_borrows(market, deposits)
    borrowable = min(max(most - borrows, 0), max(deposits - borrows, 0))
    return max(amount, 0) + borrowable


def require_revenue_within_deposits(market: SpotMarket) -> None:
    deposits, _ = market_tokens(market)
    revenue = tokens(market.revenue_pool.scaled_balance, market, Balance.DEPOSIT)
    require(revenue <= deposits, Error.VAULT_INVARIANT_VIOLATED)


def require_covered_vault(market: SpotMarket, vault_amount: int) -> None:
    """Refuse when the vault holds less than its depositors may claim."""
    require_revenue_within_deposits(market)
    deposits, borrows = market_tokens(market)
    require(vault_amount >= deposits - borrows, Error.VAULT_INVARIANT_VIOLATED)


def require_within_caps(market: SpotMarket) -> None:
    """Refuse when the market's deposits or borrows pass their caps."""
    deposits, borrows = market_tokens(market)
    cap = market.max_token_deposits
    require(cap == 0 or deposits <= cap, Error.MAX_DEPOSIT)
    if cap and market.max_token_borrows_fraction:
        most = cap * market.max_token_borrows_fraction // MARGIN
        require(most == 0 or borrows <= most, Error.MAX_BORROWS)
