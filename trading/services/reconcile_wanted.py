"""One pass over all accounts that are due: one batched read, then only what moved is booked.

What rests at a venue, or is held there, is looked at in every pass, the rest once a minute. An
account whose bytes are the same has no history to read, unless something of our own books waits
for a moment that no byte tells of: a transaction that becomes final, a difference that ages.
"""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from core.errors import Unavailable
from core.roles import as_sync
from trading.booking.told import Told
from trading.booking.unchanged import Seen, mark_unchanged
from trading.models import VenueAccount
from trading.services.book_account import book_accounts, check_markets, markets_of
from trading.services.find_due import (
    Due,
    accounts_of,
    due_accounts,
    guarded_wallets,
    waiting_accounts,
)
from trading.services.find_taken_back import find_taken_back, read_young
from trading.services.follow_stops import follow_stops
from trading.venues.base import Venue, open_venues
from trading.venues.reports import AccountReport, TransactionReport

log = structlog.get_logger(__name__)

# A node's own limit for one call.
_BATCH = 100
# So many are booked in one transaction: whoever places an order meanwhile waits for it.
_BOOKED_AT_ONCE = 100
_READERS = 8
_History = list[TransactionReport]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a venue told of an account whose row is not locked yet."""

    account: Due
    report: AccountReport
    history: Sequence[TransactionReport]
    dropped: frozenset[str]


@dataclass(slots=True)
class _Pass:
    """What a pass found and did."""

    accounts: int = 0
    booked: int = 0
    unchanged: int = 0
    failed: int = 0

    @contextmanager
    def spared(self, account: Due) -> Iterator[None]:
        """What fails within is this account's matter: this is a process's loop, and the same odd
        account would stop it in every round."""
        try:
            yield
        except Unavailable as error:
            self.wait([account], error)
        except Exception:
            self.failed += 1
            log.exception("reconcile_failed", account=str(account.pk))

    def wait(self, accounts: Sequence[Due], error: Unavailable) -> None:
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
    with as_sync():
        # Of all venues at once: most passes find nothing to do.
        due = [each for venue in open_venues() if (each := _find_due(venue, now, limit, only))]
    for venue, accounts, waiting, guarded in due:
        found.accounts += len(accounts)
        unchanged: list[tuple[Due, AccountReport]] = []
        changed: list[tuple[Due, AccountReport]] = []
        for account, report in list(_looks(venue, accounts, found)):
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


def _find_due(
    venue: Venue, now: datetime, limit: int, only: Collection[uuid.UUID] | None
) -> tuple[Venue, list[Due], set[uuid.UUID], set[uuid.UUID]] | None:
    """The accounts to look at, which of them wait, and whose wallets' stops; None for none."""
    accounts = due_accounts(venue, now, limit) if only is None else accounts_of(venue, only)
    if not accounts:
        return None
    return venue, accounts, waiting_accounts(venue, accounts, now), guarded_wallets(venue)


def reconcile_hinted(account_ids: Collection[uuid.UUID]) -> None:
    """Look at accounts of which a node said that they moved; what it said is not believed."""
    reconcile_wanted(now=timezone.now(), only=account_ids)


def _looks(
    venue: Venue, accounts: Sequence[Due], found: _Pass
) -> Iterator[tuple[Due, AccountReport]]:
    for start in range(0, len(accounts), _BATCH):
        yield from _look_at(venue, accounts[start : start + _BATCH], found)


def _look_at(
    venue: Venue, accounts: Sequence[Due], found: _Pass
) -> Iterator[tuple[Due, AccountReport]]:
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
    unchanged: Sequence[tuple[Due, AccountReport]],
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
    changed: Sequence[tuple[Due, AccountReport]],
    now: datetime,
    found: _Pass,
) -> None:
    if not changed:
        return
    with as_sync():
        markets = markets_of(venue)
        keys = [(account.pk, account.address) for account, _ in changed]
        young = read_young(venue=venue, accounts=keys)

    def book(heard: Sequence[Heard], *, wait: bool) -> list[Heard]:
        return _book(venue, heard, markets, now, found, wait=wait)

    heard: list[Heard] = []
    for account, report, history in _histories(venue, changed):
        with found.spared(account):
            read = history.result() if history else _read(venue, account, report)
            dropped = find_taken_back(young=young.get(account.pk, {}), history=read)
            each = Heard(account, report, read, dropped)
            check_markets(markets, report, read)
            heard.append(each)
        if len(heard) == _BOOKED_AT_ONCE:
            _book_in_parts(heard, book, found)
            heard = []
    _book_in_parts(heard, book, found)


def _book_in_parts(heard: Sequence[Heard], book: Callable[..., list[Heard]], found: _Pass) -> None:
    """All in one transaction; where one of them is to blame that it fails, all but that one."""
    if not heard:
        return
    if len(heard) == 1:
        with found.spared(heard[0].account):
            book(heard, wait=True)
        return
    try:
        held = book(heard, wait=False)
    except Exception:
        log.exception("reconcile_batch_failed", accounts=len(heard))
        half = len(heard) // 2
        _book_in_parts(heard[:half], book, found)
        _book_in_parts(heard[half:], book, found)
        return
    # Somebody is placing an order there at this moment.
    for each in held:
        _book_in_parts([each], book, found)


def _book(
    venue: Venue,
    heard: Sequence[Heard],
    markets: dict[int, Any],
    now: datetime,
    found: _Pass,
    *,
    wait: bool,
) -> list[Heard]:
    """Book those whose rows are free now (or wait for them); returns the others."""
    by_key = {each.account.pk: each for each in heard}
    with as_sync():
        rows = (
            VenueAccount.objects.select_related("wallet")
            .filter(pk__in=by_key)
            .order_by("pk")
            .select_for_update(of=("self",), skip_locked=not wait)
        )
        found_free = [(row, by_key.pop(row.pk)) for row in rows]
        told = [
            Told(row, row.wallet, each.report, each.history, each.dropped)
            for row, each in found_free
        ]
        book_accounts(venue=venue, told=told, markets=markets, now=now)
    found.booked += len(told)
    return list(by_key.values())


def _histories(
    venue: Venue, changed: Sequence[tuple[Due, AccountReport]]
) -> Iterator[tuple[Due, AccountReport, Future[_History] | None]]:
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


def _read(venue: Venue, account: Due, report: AccountReport) -> _History:
    return venue.read_history(
        account.address, after=account.scanned_signature, min_slot=report.slot
    )
