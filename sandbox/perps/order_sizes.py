"""The largest order that an account's collateral carries."""

from __future__ import annotations

from sandbox.perps.frame import Frame
from sandbox.perps.margin import calculate_margin, margin_ratio
from sandbox.perps.model import PerpMarket, PerpPosition, User
from sandbox.perps.terms import (
    BASE,
    MARGIN,
    OPEN_ORDER_MARGIN,
    PRICE,
    QUOTE,
    U64_MAX,
    Direction,
    Margin,
)


def most_order_size(
    frame: Frame, user: User, position: PerpPosition, market: PerpMarket, direction: int
) -> int:
    """The largest order that free collateral carries (what asking for the greatest u64 means)."""
    account = calculate_margin(frame, user, Margin.INITIAL, strict=True)
    free = account.collateral - account.requirement
    quote_market = frame.spot_market(market.quote_spot_market_index)
    quote = max(
        frame.oracles.price(quote_market.oracle).price,
        quote_market.historical_oracle_data.last_oracle_price_twap5min,
    )
    oracle = frame.oracles.price(market.oracle).price
    worst, base = position.worst_case_base, position.base_asset_amount
    to_flip = 0
    if worst < 0 and direction == Direction.LONG:
        to_flip = abs(abs(worst) - (base + position.open_bids))
    elif worst > 0 and direction == Direction.SHORT:
        to_flip = abs(abs(worst) + (base + position.open_asks))
    step = market.order_step_size
    if free <= 0:
        to_flip = min(to_flip, max(2 * abs(base) - 1, 0))
        return int(to_flip - to_flip % step)
    first = ratio = max(margin_ratio(market, abs(worst), Margin.INITIAL), user.max_margin_ratio)
    size = 0
    for _ in range(6):
        size = (free - OPEN_ORDER_MARGIN) * BASE // QUOTE * MARGIN // ratio * PRICE // oracle
        size = max(size * PRICE // quote, 0)
        grown = margin_ratio(market, abs(worst) + size, Margin.INITIAL)
        grown = max(grown, user.max_margin_ratio)
        ratio = grown
        if grown == first:
            break
    total = min(size + to_flip, U64_MAX)
    return int(total - total % step)
