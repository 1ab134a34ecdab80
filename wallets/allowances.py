"""The rolling limit: held by one conditional UPDATE of one row, given back when nothing left."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from wallets.models import WithdrawalAllowance

_WINDOW = timedelta(hours=24)

# Everything that is counted is in the row itself: who waits for its lock judges what the one
# before has written.
_RESERVE = """
UPDATE withdrawal_allowances AS allowance
SET reservations = (
      SELECT coalesce(jsonb_object_agg(key, value), '{}')
      FROM jsonb_each(allowance.reservations)
      WHERE (value->>'at')::timestamptz > %(since)s
    ) || jsonb_build_object(%(id)s::text, jsonb_build_object('amount', %(amount)s::text,
                                                             'at', %(now)s::timestamptz)),
    updated_at = %(now)s
WHERE user_id = %(user)s AND unit = %(unit)s AND NOT allowance.reservations ? %(id)s
  AND (SELECT coalesce(sum((value->>'amount')::numeric), 0)
       FROM jsonb_each(allowance.reservations)
       WHERE (value->>'at')::timestamptz > %(since)s) + %(amount)s::numeric <= %(limit)s::numeric
"""
_LEFT = """
SELECT coalesce(sum((value->>'amount')::numeric), 0)
FROM withdrawal_allowances, jsonb_each(reservations)
WHERE user_id = %(user)s AND unit = %(unit)s AND (value->>'at')::timestamptz > %(since)s
"""
_RESTAMP = """
UPDATE withdrawal_allowances
SET reservations = jsonb_set(reservations, ARRAY[%(id)s::text, 'at'],
                             to_jsonb(%(now)s::timestamptz))
WHERE user_id = %(user)s AND unit = %(unit)s AND reservations ? %(id)s
"""
_GIVE_BACK = """
UPDATE withdrawal_allowances SET reservations = reservations - %(id)s::text, updated_at = %(now)s
WHERE user_id = %(user)s AND unit = %(unit)s AND reservations ? %(id)s
"""


def reserve(
    *,
    user_id: uuid.UUID,
    unit: str,
    withdrawal_id: uuid.UUID,
    amount: Decimal,
    limit: Decimal,
    now: datetime,
) -> bool:
    """In the caller's transaction: count this much, if the day's limit still holds with it."""
    row = WithdrawalAllowance(user_id=user_id, unit=unit)
    WithdrawalAllowance.objects.bulk_create([row], ignore_conflicts=True)
    return bool(
        _execute(
            _RESERVE,
            user=user_id,
            unit=unit,
            id=str(withdrawal_id),
            amount=str(amount),
            limit=str(limit),
            since=now - _WINDOW,
            now=now,
        )
    )


def restamp(*, user_id: uuid.UUID, unit: str, withdrawal_id: uuid.UUID, now: datetime) -> None:
    """In the caller's transaction: it leaves now, so from now on it counts for a day.

    Nothing waits as long as a day, so it has counted without a gap.
    """
    _execute(_RESTAMP, user=user_id, unit=unit, id=str(withdrawal_id), now=now)


def give_back(*, user_id: uuid.UUID, unit: str, withdrawal_id: uuid.UUID, now: datetime) -> None:
    """In the caller's transaction: it will never leave, so it counts no more."""
    _execute(_GIVE_BACK, user=user_id, unit=unit, id=str(withdrawal_id), now=now)


def used(*, user_id: uuid.UUID, unit: str, now: datetime) -> Decimal:
    """What the last day's limit counts at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"user": user_id, "unit": unit, "since": now - _WINDOW})
        return Decimal(cursor.fetchone()[0])


def _execute(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
