"""Instructions that make, change and delete user accounts."""

from __future__ import annotations

from solders.pubkey import Pubkey
from solders.system_program import (
    AllocateParams,
    AssignParams,
    CreateAccountParams,
    TransferParams,
    allocate,
    assign,
    create_account,
    transfer,
)

from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.margin import require_no_margin_trading
from sandbox.perps.referrals import is_referrer, note_referrer
from sandbox.perps.terms import PERCENT, THIRTEEN_DAYS, OrderStatus, UserStatus
from sandbox.solana.programs import ProgramError

LAMPORTS_PER_SOL = 10**9


def _create(frame: Frame, name: str, kind: str, *seeds: bytes) -> Pubkey:
    """Make an account of the program, paid for by the payer."""
    key, payer = frame.key(name), frame.key("payer")
    require(key == frame.deployment.pda(*seeds), Error.CONSTRAINT_SEEDS)
    size = frame.deployment.size(kind)
    program, rent = frame.deployment.program_id, frame.ctx.rent(size)
    held = frame.account(name).lamports
    if held == 0:
        made = create_account(
            CreateAccountParams(
                from_pubkey=payer, to_pubkey=key, lamports=rent, space=size, owner=program
            )
        )
        frame.ctx.invoke(made, signers=[key])
    else:
        if held < rent:
            paid = TransferParams(from_pubkey=payer, to_pubkey=key, lamports=rent - held)
            frame.ctx.invoke(transfer(paid))
        frame.ctx.invoke(allocate(AllocateParams(pubkey=key, space=size)), signers=[key])
        frame.ctx.invoke(assign(AssignParams(pubkey=key, owner=program)), signers=[key])
    account = frame.account(name)
    account.data[:8] = frame.deployment.discriminator(kind)
    frame.views[name] = frame.deployment.view(kind, account.data, key)
    return key


def initialize_user_stats(frame: Frame) -> None:
    """Make the statistics account of an authority."""
    authority = frame.key("authority")
    _create(frame, "user_stats", "UserStats", b"user_stats", bytes(authority))
    stats = frame.views["user_stats"]
    stats.authority = authority
    stats.last_taker_volume30d_ts = frame.now
    stats.last_maker_volume30d_ts = frame.now
    stats.last_filler_volume30d_ts = frame.now
    frame.state.number_of_authorities += 1
    most = _most_accounts(frame)
    require(most == 0 or frame.state.number_of_authorities <= most, Error.MAX_USERS)


def _most_accounts(frame: Frame) -> int:
    most = int(frame.state.max_number_of_sub_accounts)
    return most if most <= 5 else most * 100


def initialize_user(frame: Frame) -> None:
    """Make a user account: sub-accounts are numbered in the order they are made."""
    authority, number = frame.key("authority"), frame.args.sub_account_id
    stats = frame.views["user_stats"]
    seeds = (b"user", bytes(authority), number.to_bytes(2, "little"))
    key = _create(frame, "user", "User", *seeds)
    require(stats.authority == authority, Error.CONSTRAINT_HAS_ONE)
    user = frame.views["user"]
    user.authority = authority
    user.sub_account_id = number
    user.name = frame.args.name
    user.next_order_id = 1
    user.next_liquidation_id = 1
    stats.number_of_sub_accounts += 1
    if stats.number_of_sub_accounts == 1:
        note_referrer(frame, stats)
    expected = stats.number_of_sub_accounts_created
    require(number == expected, Error.INVALID_SUB_ACCOUNT_ID)
    stats.number_of_sub_accounts_created += 1
    frame.state.number_of_sub_accounts += 1
    most = _most_accounts(frame)
    require(most == 0 or frame.state.number_of_sub_accounts <= most, Error.MAX_USERS)
    frame.emit(
        "NewUserRecord",
        ts=frame.now,
        user_authority=authority,
        user=key,
        sub_account_id=number,
        name=frame.args.name,
        referrer=stats.referrer,
    )
    fee = initialization_fee(frame)
    if fee > 0:
        require(frame.account("payer").lamports >= fee, Error.CANT_PAY_INIT_FEE)
        paid = TransferParams(from_pubkey=frame.key("payer"), to_pubkey=key, lamports=fee)
        frame.ctx.invoke(transfer(paid))


def initialization_fee(frame: Frame) -> int:
    """Lamports asked beside rent, rising with the share of accounts in use above 80 %."""
    highest = int(frame.state.max_initialize_user_fee) * LAMPORTS_PER_SOL // 100
    used = frame.state.number_of_sub_accounts * PERCENT // max(_most_accounts(frame), 1)
    target = 8 * PERCENT // 10
    return highest * (used - target) // (PERCENT - target) if used > target else 0


def delete_user(frame: Frame) -> None:
    """Close an empty account; its lamports go to the authority."""
    user, stats = frame.views["user"], frame.views["user_stats"]
    authority = frame.key("authority")
    require(user.authority == authority, Error.CONSTRAINT_HAS_ONE)
    require(stats.authority == authority, Error.CONSTRAINT_HAS_ONE)
    kept = user.sub_account_id == 0 and is_referrer(stats)
    require(not kept, Error.USER_CANT_BE_DELETED)
    held = [*user.perp_positions, *user.spot_positions]
    empty = all(position.is_available for position in held)
    idle_orders = all(order.status == OrderStatus.INIT for order in user.orders)
    clear = not user.is_being_liquidated and empty and idle_orders
    require(clear, Error.USER_CANT_BE_DELETED)
    if frame.state.max_initialize_user_fee > 0:
        first = min(
            stats.last_filler_volume30d_ts,
            stats.last_maker_volume30d_ts,
            stats.last_taker_volume30d_ts,
        )
        old = frame.now - first >= THIRTEEN_DAYS
        require(old or user.idle, Error.USER_CANT_BE_DELETED)
    stats.number_of_sub_accounts -= 1
    frame.state.number_of_sub_accounts -= 1
    closed = frame.account("user")
    frame.account("authority").lamports += closed.lamports
    closed.lamports = 0
    closed.data = bytearray()
    closed.owner = Pubkey.default()


def _own_user(frame: Frame) -> None:
    authority, number = frame.key("authority"), frame.args.sub_account_id
    expected = frame.deployment.user(authority, number)
    require(frame.key("user") == expected, Error.CONSTRAINT_SEEDS)


def update_user_delegate(frame: Frame) -> None:
    """Let another key trade for the account, or (the zero key) no other."""
    _own_user(frame)
    frame.views["user"].delegate = frame.args.delegate


def update_user_reduce_only(frame: Frame) -> None:
    _own_user(frame)
    user = frame.views["user"]
    require(not user.is_being_liquidated, Error.LIQUIDATIONS_ONGOING)
    if frame.args.reduce_only:
        user.add_status(UserStatus.REDUCE_ONLY)
    else:
        user.remove_status(UserStatus.REDUCE_ONLY)


def update_user_margin_trading_enabled(frame: Frame) -> None:
    """Allow or forbid borrowing by trading, unless open orders stand against it."""
    _own_user(frame)
    frame.load_maps()
    user = frame.views["user"]
    user.is_margin_trading_enabled = frame.args.margin_trading_enabled
    try:
        require_no_margin_trading(frame, user)
    except ProgramError:
        raise Refused(Error.MARGIN_ORDERS_OPEN) from None


def update_user_custom_margin_ratio(frame: Frame) -> None:
    _own_user(frame)
    frame.views["user"].max_margin_ratio = frame.args.margin_ratio


def update_user_perp_position_custom_margin_ratio(frame: Frame) -> None:
    """Ask more margin of oneself in one market; later builds only."""
    _own_user(frame)
    require(frame.deployment.is_later_build, Error.FALLBACK_NOT_FOUND)
    position = frame.views["user"].force_position(frame.args.perp_market_index)
    position.max_margin_ratio = frame.args.margin_ratio


def update_user_name(frame: Frame) -> None:
    _own_user(frame)
    frame.views["user"].name = frame.args.name


def require_may_trade(frame: Frame, name: str = "user") -> None:
    """The signer is the account's authority or its delegate."""
    user, signer = frame.views[name], frame.key("authority")
    if user.authority == signer:
        return
    delegate = user.delegate
    if delegate != signer or delegate == Pubkey.default():
        raise Refused(Error.CONSTRAINT_RAW)


def require_own_stats(frame: Frame, user: str, stats: str) -> None:
    same = frame.views[stats].authority == frame.views[user].authority
    require(same, Error.CONSTRAINT_RAW)
