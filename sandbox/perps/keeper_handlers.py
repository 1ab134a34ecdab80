"""Instructions by which third parties trigger, settle, clean up and liquidate."""

from __future__ import annotations

from sandbox.perps import amm
from sandbox.perps.accounts_handlers import require_may_trade, require_own_stats
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.liquidation import Liquidation, liquidate_perp
from sandbox.perps.margin import calculate_margin
from sandbox.perps.order_rules import reduces_position
from sandbox.perps.orders import cancel_order
from sandbox.perps.settlement import Unsettled, settle_pnl
from sandbox.perps.spot import require_covered_vault, update_balance
from sandbox.perps.terms import (
    QUOTE_MARKET,
    Balance,
    Explanation,
    Margin,
    MarketKind,
    OrderStatus,
    Paused,
)
from sandbox.perps.triggers import trigger_order

TRY_SETTLE = 1


def trigger(frame: Frame) -> None:
    """Set off a stop; an order that is gone is no error."""
    require_may_trade(frame, "filler")
    frame.require_not_paused(Paused.ALL)
    frame.load_maps()
    user, order_id = frame.views["user"], frame.args.order_id
    order = user.find_order(order_id)
    if order is None:
        frame.ctx.log(f"no order has id {order_id}")
        return
    require(order.market_type == MarketKind.PERP, Error.INVALID_ORDER_MARKET_TYPE)
    trigger_order(frame, order_id, user, frame.views["filler"])


def settle(frame: Frame) -> None:
    """Settle the PnL of one market; anyone may, with exceptions."""
    _require_quote_vault(frame)
    frame.require_not_paused(Paused.SETTLE_PNL)
    index, user = frame.args.market_index, frame.views["user"]
    frame.load_maps(perp=index, spot=QUOTE_MARKET)
    amm.update_amm(frame, frame.perp_market(index))
    settle_pnl(frame, index, user, frame.key("authority"))
    user.touch(frame.slot)
    _require_vault_covered(frame)


def settle_many(frame: Frame) -> None:
    """Settle several markets; in the trying mode what cannot be settled is passed over."""
    _require_quote_vault(frame)
    frame.require_not_paused(Paused.SETTLE_PNL)
    user, authority = frame.views["user"], frame.key("authority")
    frame.load_maps(spot=QUOTE_MARKET)
    carried = calculate_margin(frame, user, Margin.MAINTENANCE, strict=True).is_met
    for index in frame.args.market_indexes:
        amm.update_amm(frame, frame.perp_market(index))
        try:
            settle_pnl(frame, index, user, authority, carried=carried)
        except Unsettled:
            if frame.args.mode != TRY_SETTLE:
                raise
        user.touch(frame.slot)
    _require_vault_covered(frame)


def _require_quote_vault(frame: Frame) -> None:
    expected = frame.deployment.vault(QUOTE_MARKET)
    require(frame.key("spot_market_vault") == expected, Error.CONSTRAINT_SEEDS)


def _require_vault_covered(frame: Frame) -> None:
    market = frame.spot_market(QUOTE_MARKET)
    require_covered_vault(market, frame.token_amount("spot_market_vault"))


def force_cancel(frame: Frame) -> None:
    """Cancel, for a fee, the risky orders of an account below its initial margin."""
    require_may_trade(frame, "filler")
    frame.require_not_paused(Paused.ALL)
    frame.load_maps()
    user, filler = frame.views["user"], frame.views["filler"]
    require(not user.is_being_liquidated, Error.USER_IS_BEING_LIQUIDATED)
    healthy = calculate_margin(frame, user, Margin.INITIAL).is_met
    require(not healthy, Error.SUFFICIENT_COLLATERAL)
    fee, total = int(frame.state.perp_fee_structure.flat_filler_fee), 0
    for order in user.orders:
        if order.status != OrderStatus.OPEN:
            continue
        base = user.position(order.market_index).base_asset_amount
        if reduces_position(order.direction, order.unfilled(base), base):
            continue
        total += fee
        cancel_order(
            frame,
            user,
            order,
            explanation=Explanation.INSUFFICIENT_FREE_COLLATERAL,
            filler=filler.key,
            filler_reward=fee,
        )
    market = frame.spot_market(QUOTE_MARKET)
    update_balance(total, Balance.DEPOSIT, market, filler.spot_positions[0])
    filler.touch(frame.slot)
    filler.cumulative_spot_fees += total
    update_balance(total, Balance.BORROW, market, user.spot_positions[0])
    user.cumulative_spot_fees -= total
    user.touch(frame.slot)


def liquidate(frame: Frame) -> None:
    """Take over part of another user's position."""
    require_may_trade(frame, "liquidator")
    require_own_stats(frame, "liquidator", "liquidator_stats")
    require_own_stats(frame, "user", "user_stats")
    frame.require_not_paused(Paused.LIQUIDATION)
    args, views = frame.args, frame.views
    if frame.key("user") == frame.key("liquidator"):
        raise Refused(Error.USER_CANT_LIQUIDATE_THEMSELF)
    frame.load_maps(perp=args.market_index)
    liquidation = Liquidation(
        frame,
        frame.perp_market(args.market_index),
        views["user"],
        views["user_stats"],
        views["liquidator"],
        views["liquidator_stats"],
        args.limit_price,
    )
    liquidate_perp(liquidation, args.liquidator_max_base_asset_amount)
