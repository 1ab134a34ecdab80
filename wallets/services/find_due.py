"""Which wallets are looked at for money in a round: whose owner may wait for it, and a few others.

A look reads five accounts of each wallet, a hundred accounts a call. Thousands of wallets in every
round would spend a small plan's requests on nothing; a wallet that nobody has touched can wait, for
the next look finds all that has happened since the last one.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import DateTimeField, F, OuterRef, Q, Subquery

from wallets.enums import ChainType, WalletStatus
from wallets.models import Wallet, WatchedAccount

# So long after its owner was here, or its money moved, a wallet is looked at in every round.
CLOSE_FOR = timedelta(hours=1)
# The others as often as this, and so many of them in a round that they are spread over it: twice
# as many as must be, so that rounds which were missed are made up for.
IDLE_EVERY = timedelta(minutes=10)
_ROUNDS = 15
# As often as this a wallet is searched for accounts of tokens that the desk does not know.
_SEARCH_EVERY = timedelta(hours=1)
# An idle wallet as often as that, and so many of those in a round: a search is two calls.
_SEARCH_IDLE_EVERY = timedelta(hours=12)
_IDLE_SEARCHES = 20
# A person who asks again and again is answered by the look of a moment ago.
_JUST_NOW = timedelta(seconds=5)
_NOTE = """
INSERT INTO watched_accounts AS w (id, wallet_id, address, token_mint, units, signature, slot, gaps,
                                   looked_at, close_until, created_at, updated_at)
SELECT desk_uuidv7(), seen.id, seen.address, '', 0, '', 0, 0,
       CASE WHEN seen.id = ANY(%(looked)s::uuid[]) THEN %(now)s END,
       CASE WHEN seen.id = ANY(%(close)s::uuid[]) THEN %(until)s END, %(now)s, %(now)s
FROM unnest(%(ids)s::uuid[], %(addresses)s::text[]) AS seen(id, address)
ON CONFLICT (wallet_id, address) DO UPDATE
SET looked_at = greatest(w.looked_at, EXCLUDED.looked_at),
    close_until = greatest(w.close_until, EXCLUDED.close_until)
"""


class Due(NamedTuple):
    """A wallet that is to be looked at."""

    id: uuid.UUID
    user_id: uuid.UUID
    address: str
    searched_at: datetime | None
    is_close: bool


def due_wallets(now: datetime) -> list[Due]:
    """Those that are looked at in every round, then the idle ones that have waited longest.

    In the caller's transaction.
    """
    close = Q(user__last_active__gt=now - CLOSE_FOR) | Q(close_until__gt=now)
    rows = _rows()
    idle = rows.exclude(pk__in=rows.filter(close).values("pk"))
    longest = idle.filter(Q(looked_at__isnull=True) | Q(looked_at__lte=now - IDLE_EVERY)).order_by(
        F("looked_at").asc(nulls_first=True), "pk"
    )[: -(-idle.count() // _ROUNDS)]
    return _as_due(rows.filter(close).order_by("pk"), is_close=True) + _as_due(
        longest, is_close=False
    )


def due_wallet(wallet_id: uuid.UUID, now: datetime) -> Due | None:
    """One wallet that its owner asks for; None where it was looked at just now."""
    rows = _rows().filter(pk=wallet_id).exclude(looked_at__gt=now - _JUST_NOW)
    return next(iter(_as_due(rows, is_close=True)), None)


def to_be_searched(wallets: Sequence[Due], now: datetime) -> list[Due]:
    """Of these wallets the ones that are searched in this round for accounts of other tokens."""
    due = [
        each
        for each in wallets
        if each.searched_at is None
        or each.searched_at <= now - (_SEARCH_EVERY if each.is_close else _SEARCH_IDLE_EVERY)
    ]
    never = datetime.min.replace(tzinfo=UTC)
    idle = sorted(
        (each for each in due if not each.is_close), key=lambda each: each.searched_at or never
    )
    return [each for each in due if each.is_close] + idle[:_IDLE_SEARCHES]


def note_looks(looked: Sequence[Due], *, close: Sequence[Due], now: datetime) -> None:
    """The first were looked at; `close` are looked at in every round from now on, for a while."""
    wallets = sorted({*looked, *close})
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "ids": [each.id for each in wallets],
                "addresses": [each.address for each in wallets],
                "looked": [each.id for each in looked],
                "close": [each.id for each in close],
                "until": now + CLOSE_FOR,
                "now": now,
            },
        )


def _rows() -> Any:
    """With what the row of the wallet's own SOL account says of its looks."""
    own = WatchedAccount.objects.filter(
        wallet_id=OuterRef("pk"), address=OuterRef("wallet_address")
    )
    said = {
        name: Subquery(own.values(name)[:1], output_field=DateTimeField())
        for name in ("looked_at", "close_until", "searched_at")
    }
    active = Wallet.objects.filter(chain_type=ChainType.SOLANA, status=WalletStatus.ACTIVE)
    return active.annotate(**said)


def _as_due(rows: Any, *, is_close: bool) -> list[Due]:
    found = rows.values_list("id", "user_id", "wallet_address", "searched_at")
    return [
        Due(key, user_id, address, searched_at, is_close)
        for key, user_id, address, searched_at in found
    ]
