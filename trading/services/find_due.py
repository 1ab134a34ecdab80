"""Which accounts a pass looks at, and whose books wait for more than a change of their bytes."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.fields.json import KT

from trading.enums import (
    ORDER_LIVE,
    ChangeStatus,
    OrderRole,
    OrderStatus,
    PositionStatus,
    TransferStatus,
    VenueAccountStatus,
)
from trading.models import (
    AccountEntry,
    Difference,
    Fill,
    OrderChange,
    VenueAccount,
    VenueTransfer,
    YoungMove,
)
from trading.venues.base import Venue

_BACKSTOP = timedelta(seconds=60)
# Interest grows without a byte of the account: so often all is read, changed or not.
_IN_FULL = timedelta(hours=6)
_MOVING = (TransferStatus.PENDING, TransferStatus.SENT, TransferStatus.CONFIRMED)
_ORDERS_LIVE = sorted(ORDER_LIVE)
_DUE = (
    "pk", "wallet_id", "address", "observed_hash", "scanned_signature", "wanted_at",
    KT("state__booked_at"),
)  # fmt: skip


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
    """Those seen longest ago first. Each reason has an index of its own: what is at rest is not
    even read."""
    rows = VenueAccount.objects.filter(deployment=venue.deployment)
    orders = venue.order_model._default_manager.filter(
        deployment=venue.deployment, status__in=_ORDERS_LIVE
    ).values("wallet_id")
    held = venue.position_model._default_manager.filter(
        deployment=venue.deployment, status=PositionStatus.OPEN
    ).values("wallet_id")
    stale = rows.exclude(status=VenueAccountStatus.ABSENT).filter(observed_at__lt=now - _BACKSTOP)
    due = stale.values("pk").union(
        rows.filter(wanted_at__isnull=False).values("pk"),
        rows.filter(pk__in=VenueTransfer.objects.filter(status__in=_MOVING).values("account_id"))
        .values("pk"),
        rows.filter(wallet_id__in=orders).values("pk"),
        rows.filter(wallet_id__in=held).values("pk"),
    )  # fmt: skip
    wanted = VenueAccount.objects.filter(pk__in=due).order_by(
        F("observed_at").asc(nulls_first=True)
    )
    return [Due(*values) for values in wanted.values_list(*_DUE)[:limit]]


def accounts_of(venue: Venue, keys: Collection[uuid.UUID]) -> list[Due]:
    """These accounts, as far as they are of this venue."""
    here = VenueAccount.objects.filter(pk__in=list(keys), deployment=venue.deployment)
    return [Due(*values) for values in here.values_list(*_DUE)]


def waiting_accounts(venue: Venue, accounts: Sequence[Due], now: datetime) -> set[uuid.UUID]:
    """Those whose books wait for more than a change of the account's bytes."""
    here = {"deployment": venue.deployment}
    pending = set(
        venue.order_model._default_manager.filter(**here, status=OrderStatus.PENDING).values_list(
            "wallet_id", flat=True
        )
    )
    pending |= set(
        OrderChange.objects.filter(**here, status=ChangeStatus.PENDING).values_list(
            "wallet_id", flat=True
        )
    )
    # A fork may take these back, and nothing but another look says that it can no more.
    young = set(Fill.objects.filter(**here, is_final=False).values_list("account", flat=True))
    waiting = set(
        VenueTransfer.objects.filter(status__in=_MOVING).values_list("account_id", flat=True)
    )
    waiting |= set(
        AccountEntry.objects.filter(**here, is_final=False).values_list("account_id", flat=True)
    )
    waiting |= set(YoungMove.objects.filter(**here).values_list("account_id", flat=True))
    waiting |= set(
        Difference.objects.filter(
            account__deployment=venue.deployment, resolved_at__isnull=True
        ).values_list("account_id", flat=True)
    )
    oldest = (now - _IN_FULL).isoformat()
    return waiting | {
        account.pk
        for account in accounts
        if account.wanted_at is not None
        or account.wallet_id in pending
        or account.address in young
        or (account.booked_at or "") < oldest
    }


def guarded_wallets(venue: Venue) -> set[uuid.UUID]:
    """Whose stops are to be judged again by the time alone: a cancel that failed, for one."""
    stops = venue.order_model._default_manager.filter(
        deployment=venue.deployment, status__in=_ORDERS_LIVE
    ).exclude(role=OrderRole.ENTRY)
    return set(stops.values_list("wallet_id", flat=True))
