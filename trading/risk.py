"""Every rule that an order must pass before it is placed, and again before it is signed. Pure.

One ordered list; each rule looks at the same facts and either is silent or denies with its name
and the numbers that its text needs. Reduce-only can never increase; our own rules never refuse
a close to a person who may still reduce.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from accounts.enums import TradingState, UserStatus
from core.money import plain, round_down, round_up
from trading.facts import Denial, MarketFacts
from trading.venues.reports import Quote

MAX_OPEN_ORDERS = 32
MAX_POSITIONS = 8
MAX_PRICE_AGE_SECONDS = Decimal(30)
# Of the oracle price: beyond it no limit of ours is meant.
PRICE_BAND = Decimal("0.10")


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """All that a decision is made of, read at one moment."""

    user_status: str
    # The strictest of desk, venue, market and user.
    trading_state: str
    market: MarketFacts
    direction: str
    size: Decimal
    reduce_only: bool
    quote: Quote
    max_leverage: Decimal
    max_trade_size_usd: Decimal | None
    trades_today: int
    max_daily_trades: int
    # Initial margin of orders of ours that the venue does not show yet.
    in_flight_margin: Decimal
    # Why the venue may take no new risk: a sentence, or "" while its gate is open.
    venue_closed: str = ""


Rule = Callable[[RiskFacts], Denial | None]


def deny(rule: str, **params: Decimal | str | int) -> Denial:
    told = {k: plain(v) if isinstance(v, Decimal) else str(v) for k, v in params.items()}
    return Denial(rule=rule, params=told)


def user_is_active(facts: RiskFacts) -> Denial | None:
    if facts.user_status != UserStatus.ACTIVE and not facts.reduce_only:
        return deny("user_not_active", status=facts.user_status)
    return None


def trading_is_allowed(facts: RiskFacts) -> Denial | None:
    if facts.trading_state == TradingState.HALTED and not facts.reduce_only:
        return deny("trading_halted")
    if facts.trading_state == TradingState.REDUCE_ONLY and not facts.reduce_only:
        return deny("reduce_only_state")
    return None


def venue_is_fit(facts: RiskFacts) -> Denial | None:
    if facts.venue_closed and not facts.reduce_only:
        return deny("venue_read_only", reason=facts.venue_closed)
    return None


def market_is_open(facts: RiskFacts) -> Denial | None:
    if facts.market.status != "active" and not facts.reduce_only:
        return deny("market_not_active", market=facts.market.symbol, status=facts.market.status)
    return None


def size_has_step(facts: RiskFacts) -> Denial | None:
    step = facts.market.step_size
    if facts.size % step:
        least = round_up(facts.market.min_order_size, step)
        nearest = max(round_down(facts.size, step), least)
        if facts.reduce_only and facts.quote.position_side is not None:
            nearest = min(nearest, facts.quote.position_size)
        return deny("size_off_step", step=step, nearest=nearest)
    return None


def size_is_enough(facts: RiskFacts) -> Denial | None:
    least = facts.market.min_order_size
    # What is left of a position may be below the minimum, and must still be closable.
    if facts.size < least and not (facts.reduce_only and facts.size == facts.quote.position_size):
        return deny("size_too_small", minimum=least, unit=facts.market.base_asset)
    return None


def reduce_only_reduces(facts: RiskFacts) -> Denial | None:
    if not facts.reduce_only:
        return None
    closing = "sell" if facts.quote.position_side == "long" else "buy"
    if facts.quote.position_side is None:
        return deny("no_position", market=facts.market.symbol)
    if facts.direction != closing or facts.size > facts.quote.position_size:
        return deny("would_increase", size=facts.quote.position_size)
    return None


def price_is_fresh(facts: RiskFacts) -> Denial | None:
    if facts.quote.price_age_seconds > MAX_PRICE_AGE_SECONDS and not facts.reduce_only:
        return deny("price_stale", seconds=facts.quote.price_age_seconds.quantize(Decimal(1)))
    return None


def price_is_in_band(facts: RiskFacts) -> Denial | None:
    oracle = facts.quote.oracle_price
    if facts.reduce_only:
        return None
    if abs(facts.quote.worst_price - oracle) > oracle * PRICE_BAND:
        return deny("price_outside_band", percent=PRICE_BAND * 100)
    return None


def trade_is_not_too_large(facts: RiskFacts) -> Denial | None:
    most = facts.max_trade_size_usd
    if most is not None and not facts.reduce_only and facts.quote.notional > most:
        return deny("trade_too_large", maximum=most)
    return None


def trades_of_the_day_are_left(facts: RiskFacts) -> Denial | None:
    if not facts.reduce_only and facts.trades_today >= facts.max_daily_trades:
        return deny("daily_trades_used", maximum=facts.max_daily_trades)
    return None


def venue_has_room(facts: RiskFacts) -> Denial | None:
    # A close is the venue's to refuse: it clears expired orders away while it places one.
    if facts.reduce_only:
        return None
    if facts.quote.open_orders >= MAX_OPEN_ORDERS:
        return deny("too_many_orders", maximum=MAX_OPEN_ORDERS)
    if facts.quote.position_side is None and facts.quote.open_positions >= MAX_POSITIONS:
        return deny("too_many_positions", maximum=MAX_POSITIONS)
    return None


def collateral_suffices(facts: RiskFacts) -> Denial | None:
    quote = facts.quote
    if facts.reduce_only:
        return None
    needed = quote.initial_margin + quote.fee
    free = quote.free_collateral - facts.in_flight_margin
    if needed > free:
        return deny(
            "collateral_too_small",
            needed=needed.quantize(Decimal("0.01")),
            free=free.quantize(Decimal("0.01")),
            token=facts.market.quote_asset,
        )
    return None


def leverage_is_allowed(facts: RiskFacts) -> Denial | None:
    most = min(facts.max_leverage, facts.market.max_leverage)
    if not facts.reduce_only and facts.quote.leverage_after > most:
        return deny("leverage_too_high", leverage=facts.quote.leverage_after, maximum=most)
    return None


RULES: tuple[Rule, ...] = (
    user_is_active,
    trading_is_allowed,
    venue_is_fit,
    market_is_open,
    reduce_only_reduces,
    size_has_step,
    size_is_enough,
    price_is_fresh,
    price_is_in_band,
    trade_is_not_too_large,
    trades_of_the_day_are_left,
    venue_has_room,
    collateral_suffices,
    leverage_is_allowed,
)


def check_risk(facts: RiskFacts) -> tuple[Denial, ...]:
    """Every rule that denies the order, in the order of the rules; empty if none does."""
    return tuple(denial for rule in RULES if (denial := rule(facts)) is not None)
