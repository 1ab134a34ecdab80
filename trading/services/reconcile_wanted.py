"""One pass over all accounts that are due: one batched read, then only what moved is booked.

What rests at a venue, or is held there, is looked at in every pass, the rest once a minute. An
account whose bytes are the same has no history to read, unless something of our own books waits
for a moment that no byte tells of: a transaction that becomes final, a difference that ages.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import F, Q
from django.utils import timezone

from core.errors import Unavailable
from core.roles import as_sync
from trading.booking.unchanged import Seen, mark_unchanged
from trading.enums import (
    ORDER_LIVE,
    ChangeStatus,
    OrderRole,
    OrderStatus,
    PositionStatus,
    VenueAccountStatus,
)
from trading.models import (
    AccountEntry,
    Difference,
    Fill,
    OrderChange,
    VenueAccount,
    VenueTransfer,
)
from trading.services.book_account import book_account, markets_of
from trading.services.follow_stops import follow_stops
from trading.venues.base import Venue, open_venues
from trading.venues.reports import AccountReport, TransactionReport

log = structlog.get_logger(__name__)

_BACKSTOP = timedelta(seconds=60)
# Interest grows without a byte of the account: so often all is read, changed or not.
_IN_FULL = timedelta(hours=6)
# A node's own limit for one call.
_BATCH = 100
_READERS = 8
_History = list[TransactionReport]


@dataclass(slots=True)
class _Pass:
    """What a pass found and did."""

    accounts: int = 0
    booked: int = 0
    unchanged: int = 0
    failed: int = 0

    @contextmanager
    def spared(self, account: VenueAccount) -> Iterator[None]:
        """What fails within is this account's matter: this is a process's loop, and the same odd
        account would stop it in every round."""
        try:
            yield
        except Unavailable as error:
            self.wait([account], error)
        except Exception:
            self.failed += 1
            log.exception("reconcile_failed", account=str(account.pk))

    def wait(self, accounts: Sequence[VenueAccount], error: Unavailable) -> None:
        self.failed += len(accounts)
        for account in accounts:
            log.warning("reconcile_waits", account=str(account.pk), reason=error.code)


def reconcile_wanted(
    *, now: datetime, limit: int = 10_000, only: Collection[uuid.UUID] | None = None
) -> dict[str, Any]:
    """Every account that something is under way on, held or resting, or not seen for a minute.

    With `only`, these accounts and no others, due or not. One account that cannot be read or
    booked does not keep the others waiting.
    """
    found = _Pass()
    for venue in open_venues():
        with as_sync():
            accounts = (
                _due_accounts(venue, now, limit) if only is None else _accounts_of(venue, only)
            )
            if not accounts:
                continue
            waiting = _waiting_accounts(venue, accounts, now)
            guarded = _guarded_wallets(venue)
        found.accounts += len(accounts)
        looks = list(_looks(venue, accounts, found))
        unchanged: list[tuple[VenueAccount, AccountReport]] = []
        changed: list[tuple[VenueAccount, AccountReport]] = []
        for account, report in looks:
            same = report.bytes_hash and report.bytes_hash == account.observed_hash
            is_still = same and account.pk not in waiting
            (unchanged if is_still else changed).append((account, report))
        _book_unchanged(venue, unchanged, guarded, now, found)
        _book_changed(venue, changed, now, found)
    return {
        "accounts": found.accounts,
        "booked": found.booked,
        "unchanged": found.unchanged,
        "failed": found.failed,
    }


def reconcile_hinted(account_ids: Collection[uuid.UUID]) -> None:
    """Look at accounts of which a node said that they moved; what it said is not believed."""
    reconcile_wanted(now=timezone.now(), only=account_ids)


def _due_accounts(venue: Venue, now: datetime, limit: int) -> list[VenueAccount]:
    orders = venue.order_model._default_manager.filter(
        deployment=venue.deployment, status__in=ORDER_LIVE
    ).values_list("wallet_id", flat=True)
    held = venue.position_model._default_manager.filter(
        deployment=venue.deployment, status=PositionStatus.OPEN
    ).values_list("wallet_id", flat=True)
    stale = ~Q(status=VenueAccountStatus.ABSENT) & Q(observed_at__lt=now - _BACKSTOP)
    rows = VenueAccount.objects.filter(
        stale
        | Q(wanted_at__isnull=False)
        | Q(pk__in=list(_moving_accounts()))
        | Q(wallet_id__in=list({*orders, *held})),
        deployment=venue.deployment,
    ).select_related("wallet")
    return list(rows.order_by(F("observed_at").asc(nulls_first=True))[:limit])


def _accounts_of(venue: Venue, keys: Collection[uuid.UUID]) -> list[VenueAccount]:
    here = VenueAccount.objects.filter(pk__in=list(keys), deployment=venue.deployment)
    return list(here.select_related("wallet"))


def _moving_accounts() -> set[uuid.UUID]:
    return set(
        VenueTransfer.objects.exclude(
            status__in=["completed", "failed", "not_executed"]
        ).values_list("account_id", flat=True)
    )


def _waiting_accounts(
    venue: Venue, accounts: Sequence[VenueAccount], now: datetime
) -> set[uuid.UUID]:
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
    unfinal = set(Fill.objects.filter(**here, is_final=False).values_list("account", flat=True))
    waiting = _moving_accounts()
    waiting |= set(
        AccountEntry.objects.filter(**here, is_final=False).values_list("account_id", flat=True)
    )
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
        or account.address in unfinal
        or account.state.get("booked_at", "") < oldest
    }


def _guarded_wallets(venue: Venue) -> set[uuid.UUID]:
    """Whose stops are to be judged again by the time alone: a cancel that failed, for one."""
    stops = venue.order_model._default_manager.filter(
        deployment=venue.deployment, status__in=ORDER_LIVE
    ).exclude(role=OrderRole.ENTRY)
    return set(stops.values_list("wallet_id", flat=True))


def _looks(
    venue: Venue, accounts: Sequence[VenueAccount], found: _Pass
) -> Iterator[tuple[VenueAccount, AccountReport]]:
    for start in range(0, len(accounts), _BATCH):
        yield from _look_at(venue, accounts[start : start + _BATCH], found)


def _look_at(
    venue: Venue, accounts: Sequence[VenueAccount], found: _Pass
) -> Iterator[tuple[VenueAccount, AccountReport]]:
    """Read them at once; where one of them is to blame that it cannot be, all but that one."""
    addresses = [account.address for account in accounts]
    if len(accounts) == 1:
        with found.spared(accounts[0]):
            yield accounts[0], venue.read_accounts(addresses)[0]
        return
    try:
        reports = venue.read_accounts(addresses)
    except Unavailable as error:
        if error.code.startswith("chain."):
            found.wait(accounts, error)
            return
    except Exception:
        log.exception("reconcile_read_failed", accounts=len(accounts))
    else:
        yield from zip(accounts, reports, strict=True)
        return
    half = len(accounts) // 2
    yield from _look_at(venue, accounts[:half], found)
    yield from _look_at(venue, accounts[half:], found)


def _book_unchanged(
    venue: Venue,
    unchanged: Sequence[tuple[VenueAccount, AccountReport]],
    guarded: set[uuid.UUID],
    now: datetime,
    found: _Pass,
) -> None:
    if not unchanged:
        return
    with as_sync():
        markets = {index: market.id for index, market in markets_of(venue).items()}
    seen = [Seen(account.pk, account.wallet_id, report) for account, report in unchanged]
    mark_unchanged(venue=venue, seen=seen, markets=markets, now=now)
    found.unchanged += len(unchanged)
    for account, _ in unchanged:
        if account.wallet_id not in guarded:
            continue
        with found.spared(account), as_sync():
            locked = VenueAccount.objects.select_for_update().get(pk=account.pk)
            follow_stops(venue=venue, account=locked, now=now)


def _book_changed(
    venue: Venue,
    changed: Sequence[tuple[VenueAccount, AccountReport]],
    now: datetime,
    found: _Pass,
) -> None:
    if not changed:
        return
    with as_sync():
        markets = markets_of(venue)
    for account, report, history in _histories(venue, changed):
        with found.spared(account):
            told = history.result() if history else _read(venue, account, report)
            with as_sync():
                locked = VenueAccount.objects.select_for_update().get(pk=account.pk)
                book_account(
                    venue=venue,
                    account=locked,
                    wallet=account.wallet,
                    report=report,
                    history=told,
                    markets=markets,
                    now=now,
                )
            found.booked += 1


def _histories(
    venue: Venue, changed: Sequence[tuple[VenueAccount, AccountReport]]
) -> Iterator[tuple[VenueAccount, AccountReport, Future[_History] | None]]:
    """Several are asked for at once, as each waits for nodes; a few batches ahead of the booking.

    A venue with a book of its own is asked in its turn: its answers come from the database.
    """
    if not venue.settles_on_chain:
        yield from ((account, report, None) for account, report in changed)
        return
    with ThreadPoolExecutor(_READERS, thread_name_prefix="histories") as readers:
        for start in range(0, len(changed), _BATCH):
            part = changed[start : start + _BATCH]
            asked = [
                readers.submit(copy_context().run, _read, venue, account, report)
                for account, report in part
            ]
            for (account, report), future in zip(part, asked, strict=True):
                yield account, report, future


def _read(venue: Venue, account: VenueAccount, report: AccountReport) -> _History:
    return venue.read_history(
        account.address, after=account.scanned_signature, min_slot=report.slot
    )
