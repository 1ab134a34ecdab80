"""An account as it would be after a fill: what a trader sees before confirming."""

from __future__ import annotations

from dataclasses import replace

from drift.accounts import PerpMarketAccount, PerpPosition, UserAccount
from drift.margin import funding_pnl
from drift.margin_weights import BASE_PRECISION
from trading.enums import Direction
from trading.venues.base import OrderRequest


def after_fill(
    account: UserAccount, market: PerpMarketAccount, *, base_change: int, price: int, fee: int
) -> UserAccount:
    """The account after buying (or, negative, selling) `base_change` at `price`, `fee` paid.

    Base 1e9, price and fee 1e6. Funding is settled first, as the program does.
    """
    before = account.perp_position(market.market_index)
    after = _filled(before or _empty(market), market, base_change, price, fee)
    others = tuple(p for p in account.perp_positions if p is not before)
    return replace(account, perp_positions=(*others, after))


def after_placing(
    account: UserAccount, market: PerpMarketAccount, request: OrderRequest, size: int
) -> UserAccount:
    """The account with the order resting in it; a trigger counts no size until it has triggered."""
    before = account.perp_position(market.market_index)
    position = before or _empty(market)
    counted = 0 if request.trigger_price is not None else size
    buys = request.direction == Direction.BUY
    after = position._replace(
        open_orders=position.open_orders + 1,
        open_bids=position.open_bids + (counted if buys else 0),
        open_asks=position.open_asks - (0 if buys else counted),
    )
    others = tuple(p for p in account.perp_positions if p is not before)
    return replace(account, perp_positions=(*others, after))


def _filled(
    position: PerpPosition, market: PerpMarketAccount, base_change: int, price: int, fee: int
) -> PerpPosition:
    # Rounds down: a buyer pays a unit more, a seller gets a unit less.
    quote_change = -base_change * price // BASE_PRECISION
    base = position.base_asset_amount + base_change
    cumulative = (
        market.cumulative_funding_rate_long if base > 0 else market.cumulative_funding_rate_short
    )
    return position._replace(
        base_asset_amount=base,
        quote_asset_amount=position.quote_asset_amount
        + funding_pnl(position, market)
        + quote_change
        - fee,
        quote_entry_amount=_after_change(
            position.quote_entry_amount, position, base_change, quote_change
        ),
        quote_break_even_amount=_after_change(
            position.quote_break_even_amount, position, base_change, quote_change - fee
        ),
        last_cumulative_funding_rate=cumulative if base else 0,
    )


def _after_change(amount: int, position: PerpPosition, base_change: int, quote_change: int) -> int:
    """An entry amount grows with the position, shrinks in proportion, and starts anew on a flip."""
    base = position.base_asset_amount
    if base * base_change >= 0:
        return amount + quote_change
    if abs(base_change) <= abs(base):
        kept = abs(amount) * (abs(base) - abs(base_change)) // abs(base)
    else:
        amount = quote_change
        kept = abs(quote_change) * (abs(base_change) - abs(base)) // abs(base_change)
    return kept if amount > 0 else -kept


def _empty(market: PerpMarketAccount) -> PerpPosition:
    empty = PerpPosition(*(0 for _ in PerpPosition._fields))
    return empty._replace(market_index=market.market_index)
