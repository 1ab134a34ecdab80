"""Which accounts a pass looks at, and whose books wait for more than a change of their bytes.

It is asked every second, mostly for nothing: so by texts, as making them out of querysets costs
more than the answers.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models.fields.json import KT

from trading.enums import ORDER_LIVE, OrderStatus, TransferStatus
from trading.models import VenueAccount
from trading.venues.base import Venue

_BACKSTOP = timedelta(seconds=60)
# Interest grows without a byte of the account: so often all is read, changed or not.
_IN_FULL = timedelta(hours=6)
_MOVING = [
    str(each) for each in (TransferStatus.PENDING, TransferStatus.SENT, TransferStatus.CONFIRMED)
]
_DUE_COLUMNS = (
    "pk", "wallet_id", "address", "observed_hash", "scanned_signature", "wanted_at",
    KT("state__booked_at"),
)  # fmt: skip
# Each reason has an index of its own: what is at rest is not even read. What is booked of a
# transaction that is not final is a reason too: a fork may take back all of it, a first deposit
# with the very account, and then nothing else would ever look again.
_DUE = """
SELECT id, wallet_id, address, observed_hash, scanned_signature, wanted_at, state ->> 'booked_at'
FROM venue_accounts WHERE id IN (
  SELECT id FROM venue_accounts
  WHERE deployment = %(deployment)s AND status <> 'absent' AND observed_at < %(backstop)s
  UNION
  SELECT id FROM venue_accounts WHERE deployment = %(deployment)s AND wanted_at IS NOT NULL
  UNION
  SELECT a.id FROM venue_transfers AS t JOIN venue_accounts AS a ON a.id = t.account_id
  WHERE t.status = ANY(%(moving)s) AND a.deployment = %(deployment)s
  UNION
  SELECT id FROM venue_accounts WHERE deployment = %(deployment)s AND wallet_id IN (
    SELECT wallet_id FROM {orders} WHERE deployment = %(deployment)s AND status = ANY(%(live)s))
  UNION
  SELECT id FROM venue_accounts WHERE deployment = %(deployment)s AND wallet_id IN (
    SELECT wallet_id FROM {positions} WHERE deployment = %(deployment)s AND status = 'open')
  UNION
  SELECT account_id FROM account_entries WHERE deployment = %(deployment)s AND NOT is_final
  UNION
  SELECT account_id FROM young_moves WHERE deployment = %(deployment)s
  UNION
  SELECT id FROM venue_accounts WHERE deployment = %(deployment)s AND address IN (
    SELECT account FROM fills WHERE deployment = %(deployment)s AND NOT is_final)
) ORDER BY observed_at NULLS FIRST LIMIT %(limit)s
"""
# By what the account is named there: a wallet, an address, its own key. A fork may take back what
# is not final, and nothing but another look says that it can no more. What is filled whole and
# called open, after a fork or whatever else, is ended by a look.
_WAITING = """
SELECT DISTINCT wallet_id, NULL::text, NULL::uuid FROM {orders}
WHERE deployment = %(deployment)s AND status = %(pending)s
UNION ALL
SELECT DISTINCT wallet_id, NULL::text, NULL::uuid FROM {orders}
WHERE deployment = %(deployment)s AND status = ANY(%(live)s) AND {filled} >= {size}
UNION ALL
SELECT DISTINCT wallet_id, NULL::text, NULL::uuid FROM order_changes
WHERE deployment = %(deployment)s AND status = 'pending'
UNION ALL
SELECT DISTINCT NULL::uuid, account, NULL::uuid FROM fills
WHERE deployment = %(deployment)s AND NOT is_final
UNION ALL
SELECT DISTINCT NULL::uuid, NULL::text, account_id FROM venue_transfers
WHERE status = ANY(%(moving)s)
UNION ALL
SELECT DISTINCT NULL::uuid, NULL::text, account_id FROM account_entries
WHERE deployment = %(deployment)s AND NOT is_final
UNION ALL
SELECT DISTINCT NULL::uuid, NULL::text, account_id FROM young_moves
WHERE deployment = %(deployment)s
UNION ALL
SELECT DISTINCT NULL::uuid, NULL::text, account_id FROM differences WHERE resolved_at IS NULL
"""
_GUARDED = """
SELECT DISTINCT wallet_id FROM {orders}
WHERE deployment = %(deployment)s AND status = ANY(%(live)s) AND role <> 'entry'
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What is needed of an account to look at it; a pass reads thousands of them."""

    pk: uuid.UUID
    wallet_id: uuid.UUID
    address: str
    observed_hash: str
    scanned_signature: str
    wanted_at: datetime | None
    booked_at: str | None


def due_accounts(venue: Venue, now: datetime, limit: int) -> list[Due]:
    """Those seen longest ago first."""
    rows = _asked(venue, _DUE, backstop=now - _BACKSTOP, moving=_MOVING, limit=limit)
    return [Due(*values) for values in rows]


def accounts_of(venue: Venue, keys: Collection[uuid.UUID]) -> list[Due]:
    """These accounts, as far as they are of this venue."""
    here = VenueAccount.objects.filter(pk__in=list(keys), deployment=venue.deployment)
    return [Due(*values) for values in here.values_list(*_DUE_COLUMNS)]


def waiting_accounts(venue: Venue, accounts: Sequence[Due], now: datetime) -> set[uuid.UUID]:
    """Those whose books wait for more than a change of the account's bytes."""
    rows = _asked(venue, _WAITING, moving=_MOVING, pending=str(OrderStatus.PENDING))
    # One of the three, and two nulls.
    named = {name for row in rows for name in row if name is not None}
    oldest = (now - _IN_FULL).isoformat()
    return {
        account.pk
        for account in accounts
        if account.wanted_at is not None
        or not named.isdisjoint((account.pk, account.wallet_id, account.address))
        or (account.booked_at or "") < oldest
    }


def guarded_wallets(venue: Venue) -> set[uuid.UUID]:
    """Whose stops are to be judged again by the time alone: a cancel that failed, for one."""
    return {wallet_id for (wallet_id,) in _asked(venue, _GUARDED)}


def _asked(venue: Venue, text: str, **named: Any) -> list[Any]:
    orders = venue.order_model._meta
    sql = text.format(
        orders=orders.db_table,
        positions=venue.position_model._meta.db_table,
        # A venue's own words for them.
        size=orders.get_field("size").column,
        filled=orders.get_field("filled_size").column,
    )
    values = {"deployment": venue.deployment, "live": sorted(map(str, ORDER_LIVE)), **named}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
