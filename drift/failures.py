"""Errors of the programs and of the chain as stable codes and plain sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.layouts.deployments import Deployment
from drift.order_words import snake

# Program error name → (code, sentence). Others get a code made from their name.
_PROGRAM: Mapping[str, tuple[str, str]] = {
    "InsufficientCollateral": (
        "venue.insufficient_collateral",
        "The account's collateral does not cover the margin of this order.",
    ),
    "InsufficientDeposit": (
        "venue.insufficient_deposit",
        "The account does not hold that much of the token.",
    ),
    "InvalidOrderForInitialMarginReq": (
        "venue.insufficient_collateral",
        "The account's collateral does not cover the margin of this order.",
    ),
    "MaxNumberOfPositions": (
        "venue.too_many_positions",
        "The account already has as many positions as the venue allows.",
    ),
    "MaxNumberOfOrders": (
        "venue.too_many_orders",
        "The account already has as many open orders as the venue allows.",
    ),
    "MaxNumberOfUsers": (
        "venue.no_room_for_accounts",
        "The venue takes no new accounts at the moment.",
    ),
    "UserOrderIdAlreadyInUse": (
        "venue.label_in_use",
        "The account still has an open order under the same label.",
    ),
    "ExchangePaused": ("venue.paused", "The venue has paused this at the moment."),
    "MarketActionPaused": ("venue.market_paused", "The venue has paused this in the market."),
    "MarketPlaceOrderPaused": ("venue.market_paused", "The venue takes no orders in the market."),
    "MarketFillOrderPaused": ("venue.market_paused", "The venue fills no orders in the market."),
    "MarketWithdrawPaused": ("venue.market_paused", "The venue has paused withdrawals of it."),
    "MarketDelisted": ("venue.market_closed", "The market has been closed."),
    "MarketBeingInitialized": ("venue.market_closed", "The market is not open yet."),
    "InvalidOracle": ("venue.oracle_invalid", "The venue does not trust its price at the moment."),
    "OracleStaleForMargin": ("venue.oracle_stale", "The venue's price is too old at the moment."),
    "OracleStaleForAMM": ("venue.oracle_stale", "The venue's price is too old at the moment."),
    "OracleTooUncertain": ("venue.oracle_invalid", "The venue's price is too uncertain now."),
    "OracleTooVolatile": ("venue.oracle_invalid", "The venue's price moves too fast now."),
    "OracleNonPositive": ("venue.oracle_invalid", "The venue has no valid price at the moment."),
    "PriceBandsBreached": (
        "venue.price_bands",
        "The price is further from the oracle's than the venue allows.",
    ),
    "OrderBreachesOraclePriceLimits": (
        "venue.price_bands",
        "The price is further from the oracle's than the venue allows.",
    ),
    "SlippageOutsideLimit": (
        "venue.slippage",
        "The market moved past the worst price that was accepted.",
    ),
    "ImpossibleFill": (
        "venue.nothing_to_take",
        "There was nothing to fill the order with at once.",
    ),
    "InvalidOrderMaxTs": ("venue.order_expired", "The order's time had already passed."),
    "InvalidOrderMinOrderSize": ("venue.size_too_small", "The order is smaller than the minimum."),
    "InvalidOrderSizeTooSmall": ("venue.size_too_small", "The order is smaller than the minimum."),
    "OrderAmountTooSmall": ("venue.size_too_small", "The order is smaller than the minimum."),
    "InvalidOrderNotStepSizeMultiple": (
        "venue.size_off_step",
        "The order's size is not a multiple of the market's step.",
    ),
    "InvalidOrderAuction": ("venue.auction_invalid", "The order's auction prices do not fit."),
    "InvalidOrderNotRiskReducing": (
        "venue.only_reducing",
        "The market takes only orders that reduce a position at the moment.",
    ),
    "PlacePostOnlyLimitFailure": (
        "venue.would_cross",
        "The order would have filled at once, which it was not to do.",
    ),
    "OrderDoesNotExist": ("venue.order_gone", "The order is no longer there."),
    "UserHasNoOrder": ("venue.order_gone", "The order is no longer there."),
    "OrderNotOpen": ("venue.order_gone", "The order is no longer open."),
    "UserIsBeingLiquidated": (
        "venue.being_liquidated",
        "The account is being liquidated; the venue takes no orders from it.",
    ),
    "UserBankrupt": ("venue.bankrupt", "The account owes more than it holds."),
    "UserReduceOnly": (
        "venue.account_reduce_only",
        "The account may only reduce its positions at the venue.",
    ),
    "MaxOpenInterest": ("venue.open_interest_full", "The market takes no larger positions now."),
    "MaxDeposit": ("venue.deposits_full", "The venue takes no more deposits of this token."),
    "DailyWithdrawLimit": (
        "venue.daily_withdraw_limit",
        "The venue's withdrawals of this token are at their limit for today.",
    ),
    "SpotMarketReduceOnly": (
        "venue.deposits_closed",
        "The venue takes no deposits of this token at the moment.",
    ),
    "InvalidUserSubAccountId": (
        "venue.account_was_deleted",
        "The account was deleted once, and the venue does not make it again.",
    ),
    "CantPayUserInitFee": (
        "venue.init_fee_missing",
        "There is not enough SOL for the venue's fee for a new account.",
    ),
    "Unauthorized": ("venue.unauthorized", "The venue does not let this wallet do that."),
    "AccountNotInitialized": (
        "venue.no_account",
        "The wallet has no account at the venue yet.",
    ),
}
_CHAIN: Mapping[str, tuple[str, str]] = {
    "BlockhashNotFound": ("chain.expired", "The message was too old for the chain."),
    "AccountNotFound": ("chain.no_sol", "The wallet that pays the fee holds no SOL."),
    "InsufficientFundsForFee": ("chain.no_sol", "There is not enough SOL for the chain's fee."),
    "InsufficientFundsForRent": ("chain.no_sol", "There is not enough SOL for the rent."),
    "AlreadyProcessed": ("chain.already_processed", "The message has been carried out already."),
    "ComputationalBudgetExceeded": (
        "chain.too_much_work",
        "The message took more computing than it had paid for.",
    ),
    "ProgramFailedToComplete": (
        "chain.too_much_work",
        "The message took more computing than it had paid for.",
    ),
    "WouldExceedMaxBlockCostLimit": ("chain.busy", "The chain was too busy for the message."),
    "WouldExceedMaxAccountCostLimit": ("chain.busy", "The chain was too busy for the message."),
}
# What the token and system programs both call 1.
_INSUFFICIENT_FUNDS = ("chain.insufficient_funds", "The wallet does not hold that much.")
_LOGGED = re.compile(r"Program (\w+) failed: custom program error: 0x([0-9a-f]+)")
_OWN_ERRORS_FROM = 100


def explain(deployment: Deployment, error: Any, logs: Sequence[str] = ()) -> tuple[str, str]:
    """The stable code and plain sentence of a transaction's error as the node gave it."""
    number = _custom(error)
    if number is None:
        return _explain_chain(error)
    program = _failing_program(logs, number)
    ours = program in (None, deployment.program_id)
    if number < _OWN_ERRORS_FROM or not ours:
        if number == 1:
            return _INSUFFICIENT_FUNDS
        return "chain.program_error", f"A program refused the message with error {number}."
    name = deployment.layout.errors.get(number)
    if name is None:
        return "venue.program_error", f"The venue refused the message with error {number}."
    if name in _PROGRAM:
        return _PROGRAM[name]
    return f"venue.{snake(name)}", f"The venue refused the message: {snake(name)} ({number})."


def _custom(error: Any) -> int | None:
    inner = error.get("InstructionError") if isinstance(error, dict) else None
    if isinstance(inner, list | tuple) and len(inner) == 2 and isinstance(inner[1], dict):
        number = inner[1].get("Custom")
        return number if isinstance(number, int) else None
    if isinstance(error, str) and (match := re.search(r"custom program error: 0x(\w+)", error)):
        return int(match[1], 16)
    return None


def _explain_chain(error: Any) -> tuple[str, str]:
    name = error
    if isinstance(error, dict) and error:
        name, value = next(iter(error.items()))
        if name == "InstructionError" and isinstance(value, list | tuple):
            name = value[-1]
    if isinstance(name, dict) and name:
        name = next(iter(name))
    text = str(name)
    if text in _CHAIN:
        return _CHAIN[text]
    return "chain.failed", f"The chain refused the message: {text[:120]}."


def _failing_program(logs: Sequence[str], number: int) -> str | None:
    """The innermost program that failed with that number, which its callers then repeat."""
    for line in logs:
        match = _LOGGED.search(line)
        if match and int(match[2], 16) == number:
            return match[1]
    return None
