"""Liquidation: another user takes over a position that its margin no longer carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.perps import amm
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.fees import count_volume
from sandbox.perps.frame import Frame
from sandbox.perps.funding import settle_funding
from sandbox.perps.margin import MarginAccount, calculate_margin, margin_ratio
from sandbox.perps.model import PerpMarket, PerpPosition, User
from sandbox.perps.oracles import GOOD_FOR_LIQUIDATION, is_too_divergent, judge
from sandbox.perps.orders import cancel_many
from sandbox.perps.positions import add_quote_and_break_even, apply_fill, signed_fill
from sandbox.perps.terms import (
    BASE,
    PERCENT,
    PRICE,
    QUOTE,
    U64_MAX,
    Action,
    Balance,
    Direction,
    Explanation,
    Margin,
    MarketKind,
    OrderStatus,
    OrderType,
    PerpPaused,
    UserStatus,
)

WHOLE = 10_000
SMALL_SHORTAGE = 50 * QUOTE
MARGIN_TO_FEE = 100


@dataclass(slots=True)
class Liquidation:
    """What one liquidation knows throughout."""

    frame: Frame
    market: PerpMarket
    user: User
    user_stats: Any
    liquidator: User
    liquidator_stats: Any
    limit: int | None
    number: int = 0
    first: MarginAccount | None = None
    cancelled: tuple[int, ...] = ()
    freed: int = 0

    def margin(self) -> MarginAccount:
        buffer = self.frame.state.liquidation_margin_buffer_ratio
        index = int(self.market.market_index)
        return calculate_margin(
            self.frame, self.user, Margin.MAINTENANCE, buffer=buffer, tracked_market=index
        )


@dataclass(frozen=True, slots=True)
class Takeover:
    """What goes over to the liquidator: amounts unsigned, in base and quote units."""

    base: int
    value: int
    fee: int
    insured: int
    covers: bool
    """Whether it covers the whole shortage."""
    direction: Direction
    taken_direction: Direction
    """Which way the liquidator stood before."""


def liquidate_perp(liquidation: Liquidation, most_base: int) -> None:
    """Cancel the user's orders, then move as much of the position as the shortage asks."""
    frame, user, market = liquidation.frame, liquidation.user, liquidation.market
    liquidator = liquidation.liquidator
    require(not (user.is_bankrupt or liquidator.is_bankrupt), Error.USER_BANKRUPT)
    require(not market.is_paused(PerpPaused.LIQUIDATION), Error.INVALID_LIQUIDATION)
    settle_funding(frame, user, market)
    settle_funding(frame, liquidator, market)
    account = liquidation.first = liquidation.margin()
    if not user.is_being_liquidated:
        require(not account.is_met, Error.SUFFICIENT_COLLATERAL)
    elif account.can_exit_liquidation:
        user.exit_liquidation()
        return
    position = user.position(market.market_index)
    liquidator.force_position(market.market_index)
    liquidation.number = _enter(user, frame.slot)
    open_position = position.base_asset_amount != 0 or position.has_open_order
    require(open_position, Error.INVALID_POSITION_TO_LIQUIDATE)
    liquidation.cancelled = tuple(
        cancel_many(frame, user, explanation=Explanation.LIQUIDATION, filler=liquidator.key)
    )
    oracle = _usable_price(frame, market)
    if liquidation.cancelled:
        before = account.shortage
        account = liquidation.margin()
        _free(liquidation, max(before - account.shortage, 0))
        if account.can_exit_liquidation:
            _record(liquidation, oracle, {})
            user.exit_liquidation()
            return
    if position.base_asset_amount != 0:
        _take_over(liquidation, position, account, oracle, most_base)


def _enter(user: User, slot: int) -> int:
    if user.is_being_liquidated:
        return int(user.next_liquidation_id - 1)
    user.add_status(UserStatus.BEING_LIQUIDATED)
    user.liquidation_margin_freed = 0
    user.last_active_slot = slot
    user.next_liquidation_id += 1
    return int(user.next_liquidation_id - 1)


def _free(liquidation: Liquidation, amount: int) -> None:
    liquidation.freed += amount
    liquidation.user.liquidation_margin_freed += amount


def _usable_price(frame: Frame, market: PerpMarket) -> int:
    oracle = frame.oracles.price(market.oracle)
    amm.update_amm(frame, market)
    average = market.historical_oracle_data.last_oracle_price_twap
    rails = frame.state.oracle_guard_rails.validity
    validity = judge(oracle, average, rails, market.confidence_multiplier)
    require(validity in GOOD_FOR_LIQUIDATION, Error.INVALID_ORACLE)
    settling = market.status == market.statuses.settlement
    return int(market.expiry_price if settling else oracle.price)


def _insurance_fee(
    liquidation: Liquidation, account: MarginAccount, position: PerpPosition, ratio: int, price: int
) -> int:
    """The insurance fund's part, no more than leaves the owner something."""
    market, ratio = liquidation.market, ratio * MARGIN_TO_FEE
    if price == 0 or ratio <= market.liquidator_fee:
        return 0
    shortage = account.shortage * account.tracked_requirement // max(account.requirement, 1)
    missing = shortage * BASE // abs(position.base_asset_amount) * PRICE // price
    implied = max(max(ratio - market.liquidator_fee, 0) - missing, 0) * 19 // 20
    return int(min(market.if_liquidation_fee, implied))


def _base_for_shortage(market: PerpMarket, shortage: int, ratio: int, fee: int, price: int) -> int:
    ratio *= MARGIN_TO_FEE
    if price == 0 or ratio <= market.liquidator_fee:
        return U64_MAX
    per_base = price * (ratio - market.liquidator_fee) // PERCENT - price * fee // PERCENT
    base = shortage * BASE // per_base
    return _up_to_step(base, market.order_step_size)


def _up_to_step(base: int, step: int) -> int:
    return base + -base % step


def _allowed_part(liquidation: Liquidation, shortage: int) -> int:
    """How much of the shortage may be covered by now, in 1e4: more from slot to slot."""
    frame, user = liquidation.frame, liquidation.user
    if shortage < SMALL_SHORTAGE:
        return WHOLE
    elapsed = frame.slot - user.last_active_slot
    duration = frame.state.liquidation_duration
    part = elapsed * WHOLE // duration if duration else WHOLE
    part = min(part + frame.state.initial_pct_to_liquidate, WHOLE)
    freed = int(user.liquidation_margin_freed)
    return int(max((shortage + freed) * part // WHOLE - freed, 0) * WHOLE // shortage)


def _amount_to_take(
    liquidation: Liquidation, position: PerpPosition, account: MarginAccount, oracle: int, most: int
) -> Takeover | None:
    """How much of the position goes over now; None where none may yet."""
    frame, market = liquidation.frame, liquidation.market
    step = market.order_step_size
    most -= most % step
    require(most != 0, Error.INVALID_BASE_FOR_LIQUIDATION)
    fast = market.historical_oracle_data.last_oracle_price_twap5min
    divergent = is_too_divergent(oracle, fast, frame.state.oracle_guard_rails)
    require(not divergent, Error.PRICE_BANDS_BREACHED)
    held, shortage = abs(position.base_asset_amount), account.shortage
    ratio = margin_ratio(market, abs(position.worst_case_base), Margin.MAINTENANCE)
    ratio += frame.state.liquidation_margin_buffer_ratio
    insurance = _insurance_fee(liquidation, account, position, ratio, oracle)
    covering = _base_for_shortage(market, shortage, ratio, insurance, oracle)
    allowed = min(covering * _allowed_part(liquidation, shortage) // WHOLE, U64_MAX)
    if allowed == 0:
        return None
    small = held * oracle // BASE <= SMALL_SHORTAGE
    base = _up_to_step(min(held, most, max(allowed, held if small else 0)), step)
    value = base * oracle // BASE
    return Takeover(
        base=base,
        value=value,
        fee=value * market.liquidator_fee // PERCENT,
        insured=value * insurance // PERCENT,
        covers=base >= covering,
        direction=position.direction,
        taken_direction=liquidation.liquidator.force_position(market.market_index).direction,
    )


def _take_over(
    liquidation: Liquidation,
    position: PerpPosition,
    account: MarginAccount,
    oracle: int,
    most_base: int,
) -> None:
    frame, market, user = liquidation.frame, liquidation.market, liquidation.user
    takeover = _amount_to_take(liquidation, position, account, oracle, most_base)
    if takeover is None:
        return
    _require_limit(takeover.direction, oracle, liquidation.limit)
    base, value = takeover.base, takeover.value
    count_volume(liquidation.user_stats, "taker", value, frame.now)
    count_volume(liquidation.liquidator_stats, "maker", value, frame.now)
    taken = liquidation.liquidator.force_position(market.market_index)
    moved = signed_fill(base, value, takeover.direction.opposite)
    apply_fill(position, market, *moved)
    add_quote_and_break_even(position, market, -takeover.fee)
    add_quote_and_break_even(position, market, -takeover.insured)
    apply_fill(taken, market, *signed_fill(base, value, takeover.direction))
    add_quote_and_break_even(taken, market, takeover.fee)
    market.total_liquidation_fee += takeover.insured
    _free(liquidation, max(account.shortage - liquidation.margin().shortage, 0))
    if takeover.covers:
        user.exit_liquidation()
    elif _is_bankrupt(user):
        user.remove_status(UserStatus.BEING_LIQUIDATED)
        user.add_status(UserStatus.BANKRUPT)
    carried = calculate_margin(frame, liquidation.liquidator, Margin.INITIAL).is_met
    require(carried, Error.INSUFFICIENT_COLLATERAL)
    details = {
        "base_asset_amount": moved[0],
        "quote_asset_amount": moved[1],
        "liquidator_fee": takeover.fee,
        "if_fee": takeover.insured,
    }
    _record(liquidation, oracle, details | _emit_orders(liquidation, takeover, oracle))


def _require_limit(direction: int, oracle: int, limit: int | None) -> None:
    if limit is None:
        return
    kept = oracle <= limit if direction == Direction.LONG else oracle >= limit
    require(kept, Error.LIQUIDATION_PRICE_UNSATISFIED)


def _is_bankrupt(user: User) -> bool:
    owes = False
    for spot in user.spot_positions:
        if spot.scaled_balance > 0:
            if spot.balance_type == Balance.DEPOSIT:
                return False
            owes = True
    for perp in user.perp_positions:
        if perp.base_asset_amount != 0 or perp.quote_asset_amount > 0 or perp.has_open_order:
            return False
        owes |= perp.quote_asset_amount < 0
    return owes


def _emit_orders(liquidation: Liquidation, takeover: Takeover, oracle: int) -> dict[str, int]:
    """Log the two orders that the take-over stands for, and their fill."""
    frame, market = liquidation.frame, liquidation.market
    user, liquidator = liquidation.user, liquidation.liquidator
    shared = {
        "slot": frame.slot,
        "base_asset_amount": takeover.base,
        "market_index": market.market_index,
        "status": OrderStatus.OPEN,
        "order_type": OrderType.MARKET,
        "market_type": MarketKind.PERP,
    }
    closing = shared | {
        "order_id": _take_order_id(user),
        "direction": takeover.direction.opposite,
        "existing_position_direction": takeover.direction,
    }
    opening = shared | {
        "order_id": _take_order_id(liquidator),
        "direction": takeover.direction,
        "existing_position_direction": takeover.taken_direction,
    }
    if liquidation.limit is not None:
        opening |= {"price": liquidation.limit, "order_type": OrderType.LIMIT}
    fill_id = market.take_id("next_fill_record_id")
    frame.emit("OrderRecord", ts=frame.now, user=user.key, order=closing)
    frame.emit("OrderRecord", ts=frame.now, user=liquidator.key, order=opening)
    frame.emit(
        "OrderActionRecord",
        ts=frame.now,
        action=Action.FILL,
        action_explanation=Explanation.LIQUIDATION,
        market_index=market.market_index,
        market_type=MarketKind.PERP,
        fill_record_id=fill_id,
        base_asset_amount_filled=takeover.base,
        quote_asset_amount_filled=takeover.value,
        taker_fee=takeover.fee + takeover.insured,
        maker_fee=-takeover.fee,
        oracle_price=oracle,
        **_filled_side("taker", user, closing, takeover),
        **_filled_side("maker", liquidator, opening, takeover),
    )
    return {
        "user_order_id": int(closing["order_id"]),
        "liquidator_order_id": int(opening["order_id"]),
        "fill_record_id": fill_id,
    }


def _take_order_id(user: User) -> int:
    user.next_order_id += 1
    return int(user.next_order_id - 1)


def _filled_side(
    side: str, user: User, order: dict[str, Any], takeover: Takeover
) -> dict[str, Any]:
    return {
        side: user.key,
        f"{side}_order_id": order["order_id"],
        f"{side}_order_direction": order["direction"],
        f"{side}_order_base_asset_amount": takeover.base,
        f"{side}_order_cumulative_base_asset_amount_filled": takeover.base,
        f"{side}_order_cumulative_quote_asset_amount_filled": takeover.value,
    }


def _record(liquidation: Liquidation, oracle: int, details: dict[str, int]) -> None:
    first, market = liquidation.first, liquidation.market
    if first is None:
        raise Refused(Error.INVALID_LIQUIDATION)
    perp = {"market_index": int(market.market_index), "oracle_price": oracle} | details
    liquidation.frame.emit(
        "LiquidationRecord",
        ts=liquidation.frame.now,
        liquidation_type=0,
        user=liquidation.user.key,
        liquidator=liquidation.liquidator.key,
        margin_requirement=first.requirement,
        total_collateral=first.collateral,
        margin_freed=liquidation.freed,
        liquidation_id=liquidation.number,
        bankrupt=liquidation.user.is_bankrupt,
        canceled_order_ids=liquidation.cancelled,
        liquidate_perp=perp,
    )
