"""Who referred a taker: the program pays them from the taker's fee, and its record names nobody."""

from __future__ import annotations

from functools import lru_cache

from solders.pubkey import Pubkey

from chain.rpc import rpc
from drift.account_reader import reader_for
from drift.layouts.deployments import DEPLOYMENTS
from drift.pdas import user_address, user_stats_address

_NOBODY = Pubkey.default()


@lru_cache(maxsize=4096)
def referrer_account(deployment_key: str, taker: Pubkey) -> Pubkey | None:
    """The account that is paid for the taker's fills; None for a taker whom nobody referred.

    It is named once, when the taker's account is made, and never changes. Raises Unavailable.
    """
    deployment = DEPLOYMENTS[deployment_key]
    read = reader_for(deployment)
    _, [user] = rpc().accounts([str(taker)], commitment="confirmed")
    if user is None or not user.data:
        return None
    authority = read.user(owner=user.owner, data=user.data).authority
    where = user_stats_address(deployment, authority)
    _, [stats] = rpc().accounts([str(where)], commitment="confirmed")
    if stats is None or not stats.data:
        return None
    referrer = read.user_stats(owner=stats.owner, data=stats.data).referrer
    return None if referrer == _NOBODY else user_address(deployment, referrer, 0)
