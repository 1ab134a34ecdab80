"""Every rule that an order must pass before it is placed, and again before it is signed. Pure.

One ordered list; each rule looks at the same facts and either is silent or denies with its name
and the numbers that its text needs. Reduce-only can never increase; our own rules never refuse
a close to a person who may still reduce.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from accounts.enums import TradingState, UserStatus
from core.errors import Refused
from core.money import ZERO, plain, round_down, round_to, round_up
from trading.enums import Direction
from trading.facts import Denial, MarketFacts
from trading.venues.reports import Quote
from trading.wishes import STOPS, TRIGGERS

MAX_OPEN_ORDERS = 32
MAX_POSITIONS = 8
MAX_PRICE_AGE_SECONDS = Decimal(30)
# Of the oracle price: beyond it no limit of ours is meant.
PRICE_BAND = Decimal("0.10")
# In percent: who accepts more than that accepts any price.
MAX_SLIPPAGE = Decimal(5)


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
    # Whether the person has frozen the account; only they let it go again.
    is_frozen: bool = False
    # Why the venue may take no new risk: a sentence, or "" while its gate is open.
    venue_closed: str = ""
    order_type: str = "market"
    # Whether it waits at the venue for its price.
    rests: bool = False
    # What the person wrote; a taker's worst price is the quote's.
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    post_only: bool = False
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    slippage: Decimal | None = None
    notional_today: Decimal = ZERO
    # None is no limit.
    max_daily_notional: Decimal | None = None
    # The entry and its stops, and those of our orders that the venue does not show yet.
    orders_asked: int = 1
    orders_under_way: int = 0
    # Stops at the venue that have lost what they belong to.
    orphans: int = 0


Rule = Callable[[RiskFacts], Denial | None]


def deny(rule: str, **params: Decimal | str | int) -> Denial:
    told = {k: plain(v) if isinstance(v, Decimal) else str(v) for k, v in params.items()}
    return Denial(rule=rule, params=told)


def user_is_active(facts: RiskFacts) -> Denial | None:
    if facts.user_status != UserStatus.ACTIVE and not facts.reduce_only:
        return deny("user_not_active", status=facts.user_status)
    return None


def trading_is_allowed(facts: RiskFacts) -> Denial | None:
    if facts.is_frozen and not facts.reduce_only:
        return deny("frozen_by_you")
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


def size_is_not_too_much(facts: RiskFacts) -> Denial | None:
    most = facts.market.max_order_size
    if most is not None and facts.size > most and not facts.reduce_only:
        nearest = round_down(most, facts.market.step_size)
        return deny("size_too_large", maximum=nearest, unit=facts.market.base_asset)
    return None


def prices_have_tick(facts: RiskFacts) -> Denial | None:
    tick = facts.market.tick_size
    for price in (facts.price, facts.trigger_price, facts.stop_loss, facts.take_profit):
        if price is not None and price % tick:
            nearest = max(tick, round_to(price, tick, ROUND_HALF_EVEN))
            return deny("price_off_tick", price=price, tick=tick, nearest=nearest)
    return None


def trigger_is_ahead(facts: RiskFacts) -> Denial | None:
    """A trigger on the wrong side of the mark would go off at once."""
    if facts.trigger_price is None or facts.order_type not in TRIGGERS:
        return None
    mark = facts.quote.oracle_price
    buys, stops = facts.direction == Direction.BUY, facts.order_type in STOPS
    above = buys == stops
    if (facts.trigger_price > mark) != above or facts.trigger_price == mark:
        return deny(
            "trigger_on_wrong_side",
            trigger=facts.trigger_price,
            side="above" if above else "below",
            mark=_beyond(mark, facts.market.tick_size, above=above),
        )
    return None


def bracket_is_around(facts: RiskFacts) -> Denial | None:
    """A stop loss beyond the entry on its bad side, a target on its good one."""
    entry = facts.quote.expected_price
    buys = facts.direction == Direction.BUY
    for rule, price, above in (
        ("stop_on_wrong_side", facts.stop_loss, not buys),
        ("target_on_wrong_side", facts.take_profit, buys),
    ):
        if price is not None and ((price > entry) != above or price == entry):
            bound = _beyond(entry, facts.market.tick_size, above=above)
            return deny(rule, price=price, side="above" if above else "below", entry=bound)
    return None


def _beyond(price: Decimal, tick: Decimal, *, above: bool) -> Decimal:
    """The price on the tick, on the side where what is asked for has to be."""
    return round_up(price, tick) if above else round_down(price, tick)


def slippage_is_sane(facts: RiskFacts) -> Denial | None:
    if facts.slippage is not None and facts.slippage > MAX_SLIPPAGE:
        return deny("slippage_too_wide", slippage=facts.slippage, maximum=MAX_SLIPPAGE)
    return None


def no_orphan_rests(facts: RiskFacts) -> Denial | None:
    """A stop that outlived its entry would close what a new entry opens."""
    if facts.orphans and not facts.reduce_only:
        return deny("orphaned_stops", count=facts.orphans, market=facts.market.symbol)
    return None


def reduce_only_reduces(facts: RiskFacts) -> Denial | None:
    if not facts.reduce_only:
        return None
    closing = "sell" if facts.quote.position_side == "long" else "buy"
    if facts.quote.position_side is None:
        return deny("no_position", market=facts.market.symbol)
    if facts.direction != closing or facts.size > facts.quote.position_size:
        held, side = facts.quote.position_size, str(facts.quote.position_side)
        return deny("would_increase", size=held, side=side)
    return None


def price_is_fresh(facts: RiskFacts) -> Denial | None:
    if facts.quote.price_age_seconds > MAX_PRICE_AGE_SECONDS and not facts.reduce_only:
        return deny("price_stale", seconds=facts.quote.price_age_seconds.quantize(Decimal(1)))
    return None


def price_is_in_band(facts: RiskFacts) -> Denial | None:
    if facts.reduce_only:
        return None
    # A trigger's limit is meant for the moment when it goes off.
    centre = facts.trigger_price or facts.quote.oracle_price
    away = facts.quote.worst_price - centre
    if facts.rests or (facts.order_type == "limit" and facts.price is not None):
        # A limit may be as far off as it likes on the side where it costs nobody anything: it
        # waits there, or finds nothing to take.
        away = max(ZERO, away if facts.direction == Direction.BUY else -away)
    if abs(away) > centre * PRICE_BAND:
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


def notional_of_the_day_is_left(facts: RiskFacts) -> Denial | None:
    most = facts.max_daily_notional
    if most is None or facts.reduce_only:
        return None
    if facts.notional_today + facts.quote.notional > most:
        left = max(ZERO, most - facts.notional_today)
        return deny("daily_notional_used", maximum=most, left=left.quantize(Decimal("0.01")))
    return None


def venue_has_room(facts: RiskFacts) -> Denial | None:
    # A close is the venue's to refuse: it clears expired orders away while it places one.
    if facts.reduce_only:
        return None
    held = facts.quote.open_orders + facts.orders_under_way
    if held + facts.orders_asked > MAX_OPEN_ORDERS:
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
    no_orphan_rests,
    reduce_only_reduces,
    size_has_step,
    size_is_enough,
    size_is_not_too_much,
    prices_have_tick,
    price_is_fresh,
    price_is_in_band,
    slippage_is_sane,
    trigger_is_ahead,
    bracket_is_around,
    trade_is_not_too_large,
    trades_of_the_day_are_left,
    notional_of_the_day_is_left,
    venue_has_room,
    collateral_suffices,
    leverage_is_allowed,
)


def check_risk(facts: RiskFacts) -> tuple[Denial, ...]:
    """Every rule that denies the order, in the order of the rules; empty if none does."""
    return tuple(denial for rule in RULES if (denial := rule(facts)) is not None)


def refuse(denials: Iterable[Denial]) -> None:
    """Raises Refused for the first of them; the code says that it was risk's."""
    for denial in denials:
        raise Refused(f"risk.{denial.rule}", **denial.params)


def warn(facts: RiskFacts) -> tuple[Denial, ...]:
    """What is no reason to refuse, and is said before the person confirms."""
    warnings = []
    quote, price = facts.quote, facts.price
    buys = facts.direction == Direction.BUY
    if facts.order_type == "limit" and price is not None:
        crosses = price >= quote.oracle_price if buys else price <= quote.oracle_price
        if crosses and facts.post_only:
            warnings.append(deny("post_only_may_cross", price=price, oracle=quote.oracle_price))
        elif crosses and facts.rests:
            warnings.append(deny("limit_fills_at_once", price=price, oracle=quote.oracle_price))
    if facts.stop_loss is not None and quote.liquidation_price is not None:
        liquidation = quote.liquidation_price
        if facts.stop_loss <= liquidation if buys else facts.stop_loss >= liquidation:
            warnings.append(
                deny("stop_beyond_liquidation", stop=facts.stop_loss, liquidation=liquidation)
            )
    return tuple(warnings)
