"""Instructions that move tokens in, out and between accounts."""

from __future__ import annotations

import struct
from typing import Any

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from sandbox.perps.accounts_handlers import require_may_trade, require_own_stats
from sandbox.perps.deployment import TOKEN_PROGRAM
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.margin import (
    is_still_liquidated,
    most_withdrawable,
    require_margin_to_withdraw,
    require_no_margin_trading,
)
from sandbox.perps.model import SpotMarket, User
from sandbox.perps.spot import (
    PoolBalance,
    accrue_interest,
    position_tokens,
    require_covered_vault,
    require_within_caps,
    take_with_limits,
    update_balance,
    update_position,
)
from sandbox.perps.terms import QUOTE, U64_MAX, Balance, DepositExplanation, Paused

IN, OUT = 0, 1


def _transfer(source: Pubkey, target: Pubkey, authority: Pubkey, amount: int) -> Instruction:
    metas = [
        AccountMeta(source, is_signer=False, is_writable=True),
        AccountMeta(target, is_signer=False, is_writable=True),
        AccountMeta(authority, is_signer=True, is_writable=False),
    ]
    return Instruction(TOKEN_PROGRAM, struct.pack("<BQ", 3, amount), metas)


def _require_vault(frame: Frame) -> None:
    expected = frame.deployment.vault(frame.args.market_index)
    require(frame.key("spot_market_vault") == expected, Error.CONSTRAINT_SEEDS)


def _value(amount: int, price: int, market: SpotMarket) -> int:
    return amount * price // market.precision


def _count_deposit(user: User, value: int) -> None:
    user.total_deposits = min(user.total_deposits + value, U64_MAX)


def _count_withdrawal(user: User, value: int) -> None:
    user.total_withdraws = min(user.total_withdraws + value, U64_MAX)


def _record(
    frame: Frame,
    user: User,
    market: SpotMarket,
    direction: int,
    amount: int,
    price: int,
    explanation: DepositExplanation,
    **values: Any,
) -> None:
    fields = {
        "ts": frame.now,
        "user_authority": user.authority,
        "user": user.key,
        "direction": direction,
        "deposit_record_id": market.take_id("next_deposit_record_id"),
        "amount": amount,
        "market_index": market.market_index,
        "oracle_price": price,
        "market_deposit_balance": market.deposit_balance,
        "market_withdraw_balance": market.borrow_balance,
        "market_cumulative_deposit_interest": market.cumulative_deposit_interest,
        "market_cumulative_borrow_interest": market.cumulative_borrow_interest,
        "total_deposits_after": user.total_deposits,
        "total_withdraws_after": user.total_withdraws,
        "explanation": explanation,
        "user_token_amount_after": _signed_amount(user, market),
    }
    frame.emit("DepositRecord", **(fields | values))


def _signed_amount(user: User, market: SpotMarket) -> int:
    position = user.find_spot_position(market.market_index)
    if position is None:
        return 0
    amount = position_tokens(position, market)
    return -amount if position.is_borrow else amount


def deposit(frame: Frame) -> None:
    """Move tokens from the signer's account into the market's vault."""
    require_may_trade(frame)
    require_own_stats(frame, "user", "user_stats")
    _require_vault(frame)
    same = frame.token_mint("spot_market_vault") == frame.token_mint("user_token_account")
    require(same, Error.CONSTRAINT_RAW)
    owned = frame.token_owner("user_token_account") == frame.key("authority")
    require(owned, Error.CONSTRAINT_TOKEN_OWNER)
    frame.require_not_paused(Paused.DEPOSIT)
    args, user = frame.args, frame.views["user"]
    frame.load_maps(spot=args.market_index)
    if args.amount == 0:
        raise Refused(Error.INSUFFICIENT_DEPOSIT)
    require(not user.is_bankrupt, Error.USER_BANKRUPT)
    market = frame.spot_market(args.market_index)
    oracle = frame.oracles.price(market.oracle)
    require(market.status != market.statuses.initialized, Error.MARKET_BEING_INITIALIZED)
    accrue_interest(frame, market, oracle, frame.now)
    position = user.force_spot_position(args.market_index)
    repays, amount = position.is_borrow, args.amount
    reducing = args.reduce_only or market.is_reduce_only
    if reducing and position.balance_type == Balance.BORROW:
        amount = min(position_tokens(position, market), amount)
    _count_deposit(user, _value(amount, oracle.price, market))
    update_position(amount, Balance.DEPOSIT, market, position)
    if position_tokens(position, market) == 0:
        require(position.scaled_balance == 0, Error.INVALID_SPOT_POSITION)
    if position.balance_type == Balance.DEPOSIT and position.scaled_balance > 0:
        require(market.is_active, Error.MARKET_ACTION_PAUSED)
    if user.is_being_liquidated and not is_still_liquidated(frame, user):
        user.exit_liquidation()
    user.touch(frame.slot)
    source, vault = frame.key("user_token_account"), frame.key("spot_market_vault")
    frame.ctx.invoke(_transfer(source, vault, frame.key("authority"), amount))
    explanation = DepositExplanation.REPAY_BORROW if repays else DepositExplanation.NONE
    _record(frame, user, market, IN, amount, oracle.price, explanation)
    require_within_caps(market)


def withdraw(frame: Frame) -> None:
    """Pay tokens out of the vault to any account of the mint; may borrow them."""
    args, user, authority = frame.args, frame.views["user"], frame.key("authority")
    require(user.authority == authority, Error.CONSTRAINT_HAS_ONE)
    require(frame.views["user_stats"].authority == authority, Error.CONSTRAINT_HAS_ONE)
    _require_vault(frame)
    signer = frame.deployment.declared.signer_seed
    require(frame.state.signer == frame.key(signer), Error.CONSTRAINT_RAW)
    same = frame.token_mint("spot_market_vault") == frame.token_mint("user_token_account")
    require(same, Error.CONSTRAINT_RAW)
    frame.require_not_paused(Paused.WITHDRAW)
    frame.load_maps(spot=args.market_index)
    require(not user.is_bankrupt, Error.USER_BANKRUPT)
    market = frame.spot_market(args.market_index)
    oracle = frame.oracles.price(market.oracle)
    accrue_interest(frame, market, oracle, frame.now)
    amount = _withdrawn(frame, user, market)
    amount -= _withdraw_fee(frame, user, market, oracle.price)
    _count_withdrawal(user, _value(amount, oracle.price, market))
    take_with_limits(amount, market, user)
    require_margin_to_withdraw(frame, user)
    require_no_margin_trading(frame, user)
    _leave_liquidation(user)
    user.touch(frame.slot)
    position = user.find_spot_position(args.market_index)
    borrows = position is not None and position.is_borrow
    explanation = DepositExplanation.BORROW if borrows else DepositExplanation.NONE
    _record(frame, user, market, OUT, amount, oracle.price, explanation)
    vault, target = frame.key("spot_market_vault"), frame.key("user_token_account")
    key = frame.key(signer)
    frame.ctx.invoke(_transfer(vault, target, key, amount), signers=[key])
    require_covered_vault(market, frame.token_amount("spot_market_vault"))


def _leave_liquidation(user: User) -> None:
    if user.is_being_liquidated:
        user.exit_liquidation()


def _withdrawn(frame: Frame, user: User, market: SpotMarket) -> int:
    position = user.force_spot_position(market.market_index)
    if not (frame.args.reduce_only or market.is_reduce_only):
        return int(frame.args.amount)
    deposited = position.balance_type == Balance.DEPOSIT
    require(deposited, Error.REDUCE_ONLY_WITHDRAW_INCREASED_RISK)
    most = most_withdrawable(frame, user, market)
    return int(min(frame.args.amount, most, position_tokens(position, market)))


def _withdraw_fee(frame: Frame, user: User, market: SpotMarket, price: int) -> int:
    """Half a cent from accounts that withdrew over ten million and paid next to no fees."""
    stats = frame.views["user_stats"]
    fees = stats.fees.total_fee_paid
    recent = max(frame.slot - user.last_active_slot, 0) < 50
    many = user.total_withdraws >= 10_000_000 * QUOTE
    if not (recent and many and user.total_withdraws // max(fees, 1) > 10_000):
        return 0
    fee = int(QUOTE // 2000 * market.precision // abs(price))
    user.cumulative_spot_fees -= fee
    stats.fees.total_fee_paid += fee
    update_balance(fee, Balance.DEPOSIT, market, PoolBalance(market.revenue_pool))
    position = user.force_spot_position(market.market_index)
    update_balance(fee, Balance.BORROW, market, position)
    return fee


def transfer_deposit(frame: Frame) -> None:
    """Move a deposit between two accounts of one authority; no tokens move."""
    args, giver, taker = frame.args, frame.views["from_user"], frame.views["to_user"]
    authority = frame.key("authority")
    for owned in (giver, taker, frame.views["user_stats"]):
        require(owned.authority == authority, Error.CONSTRAINT_HAS_ONE)
    _require_vault(frame)
    frame.require_not_paused(Paused.DEPOSIT, Paused.WITHDRAW)
    require(not (taker.is_bankrupt or giver.is_bankrupt), Error.USER_BANKRUPT)
    require(giver.key != taker.key, Error.CANT_TRANSFER_TO_SELF)
    frame.load_maps(spot=args.market_index)
    market = frame.spot_market(args.market_index)
    oracle = frame.oracles.price(market.oracle)
    accrue_interest(frame, market, oracle, frame.now)
    value = _value(args.amount, oracle.price, market)
    _count_withdrawal(giver, value)
    take_with_limits(args.amount, market, giver)
    require_margin_to_withdraw(frame, giver)
    require_no_margin_trading(frame, giver)
    _leave_liquidation(giver)
    giver.touch(frame.slot)
    moved = DepositExplanation.TRANSFER
    _record(frame, giver, market, OUT, args.amount, oracle.price, moved, transfer_user=taker.key)
    _count_deposit(taker, value)
    position = taker.force_spot_position(args.market_index)
    update_position(args.amount, Balance.DEPOSIT, market, position)
    if position_tokens(position, market) == 0:
        require(position.scaled_balance == 0, Error.INVALID_SPOT_POSITION)
    _record(frame, taker, market, IN, args.amount, oracle.price, moved, transfer_user=giver.key)
    taker.touch(frame.slot)
    require_covered_vault(market, frame.token_amount("spot_market_vault"))


def update_spot_market_cumulative_interest(frame: Frame) -> None:
    """Anyone may bring a market's interest up to date."""
    market, key = frame.views["spot_market"], frame.key("oracle")
    vault = frame.deployment.vault(market.market_index)
    require(frame.key("spot_market_vault") == vault, Error.CONSTRAINT_SEEDS)
    frame.require_not_paused(Paused.ALL)
    require(market.oracle == key, Error.INVALID_ORACLE)
    account = frame.account("oracle")
    lazer = account.owner == frame.deployment.program_id
    frame.oracles.raw[key] = (bytes(account.data), lazer)
    paused = bool(frame.state.exchange_status & Paused.FUNDING)
    accrue_interest(frame, market, frame.oracles.price(key), frame.now, paused=paused)
    require_covered_vault(market, frame.token_amount("spot_market_vault"))
