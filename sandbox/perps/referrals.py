"""Referrers: named when an account is made, rewarded from its fees."""

from __future__ import annotations

from typing import Any

from solders.pubkey import Pubkey

from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.fees import Referral
from sandbox.perps.frame import Frame
from sandbox.perps.model import User
from sandbox.perps.positions import add_quote
from sandbox.perps.terms import ONE_DAY
from sandbox.solana.programs import ProgramError

EPOCH = 28 * ONE_DAY
IS_REFERRER, IS_REFERRED = 1, 2


def note_referrer(frame: Frame, stats: Any) -> None:
    """Keep the referrer named in the remaining accounts, if one is."""
    found = frame.pair_of_users()
    if found is None:
        return
    user, referrer_stats = found
    require(user.sub_account_id == 0, Error.INVALID_REFERRER)
    same = user.authority == referrer_stats.authority
    require(same, Error.REFERRER_AUTHORITY_UNEQUAL)
    if hasattr(type(stats), "is_referrer"):
        referrer_stats.is_referrer = True
    else:
        referrer_stats.referrer_status |= IS_REFERRER
        stats.referrer_status |= IS_REFERRED
    stats.referrer = user.authority


def is_referrer(stats: Any) -> bool:
    if hasattr(type(stats), "is_referrer"):
        return bool(stats.is_referrer)
    return bool(stats.referrer_status & IS_REFERRER)


def find_referrer(frame: Frame, stats: Any, user: User) -> Referral | None:
    """The taker's referrer among the users given; one who has a referrer must name it."""
    authority = stats.referrer
    if authority == Pubkey.default():
        return None
    require(authority in frame.user_stats, Error.REFERRER_STATS_NOT_FOUND)
    for key in sorted(frame.users, key=bytes):
        referrer = frame.users[key]
        chosen = referrer.authority == authority and referrer.sub_account_id == 0
        if key != user.key and chosen:
            referrer.touch(frame.slot)
            return Referral(referrer, frame.user_stats[authority])
    raise Refused(Error.REFERRER_NOT_FOUND)


def reward_referrer(frame: Frame, referral: Referral | None, market: Any, reward: int) -> None:
    """Credit a referrer who has room for a position in the market."""
    if referral is None or reward <= 0:
        return
    try:
        position = referral.user.force_position(market.market_index)
    except ProgramError:
        return
    add_quote(position, market, reward)
    stats = referral.stats
    if not hasattr(type(stats), "next_epoch_ts"):
        return
    stats.fees.total_referrer_reward += reward
    stats.fees.current_epoch_referrer_reward += reward
    if frame.now > stats.next_epoch_ts:
        stats.next_epoch_ts += EPOCH * ((frame.now - stats.next_epoch_ts) // EPOCH + 1)
        stats.fees.current_epoch_referrer_reward = 0
