"""Find money that came from outside: what a wallet's accounts gained, by finalized transactions.

A cheap batched read tells which accounts have changed; only their transactions are read. Those
must add up to the change: a node that shows less than there was is not believed, and asked again.
How often a wallet is looked at is wallets/services/find_due.py's; from one look to the next nothing
is missed, however long it was.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import base58

from audit.services import record
from chain.budget import Priority, asking_as
from chain.rpc import AccountData, rpc
from core.errors import Unavailable
from core.logs import get_logger
from core.roles import as_sync
from wallets.chain_balances import token_account
from wallets.effects import Effect, read_effect
from wallets.enums import IncomingStatus
from wallets.limits import USD, unit_of
from wallets.models import IncomingTransfer, WatchedAccount
from wallets.services.find_due import (
    Due,
    due_wallet,
    due_wallets,
    note_looks,
    to_be_searched,
)
from wallets.tokens import BY_MINT, SOL, TOKENS
from wallets.transfers import TOKEN_PROGRAMS
from wallets.usable_tokens import is_taken

# Five calls of a hundred accounts, and one more where wallets have further ones.
_AT_ONCE = 100
_PAGE = 1_000
_MOST_ACCOUNTS = 60
# So many looks in a row may not add up; then what is missing is written down, and left.
_MOST_GAPS = 10
_STILL_NEWS = timedelta(hours=24)
_DUST = {SOL: Decimal("0.0001"), USD: Decimal("0.01")}
_LARGEST = Decimal(10) ** 18
log = get_logger("desk.incoming")


@dataclass(frozen=True, slots=True)
class _Place:
    """One account of a wallet, as it was after the last look."""

    wallet_id: uuid.UUID
    user_id: uuid.UUID
    wallet: str
    address: str
    mint: str
    units: int
    signature: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the chain shows of it at finalized."""

    units: int
    slot: int
    exists: bool


def sync_incoming(*, now: datetime) -> dict[str, int]:
    """Look at the active Solana wallets that are due, and book what has come, each transfer once.

    Returns how many wallets were looked at, how many accounts had moved, how many transfers were
    booked, and how many accounts are to be looked at again. Raises Unavailable.
    """
    told = {"wallets": 0, "moved": 0, "booked": 0, "again": 0}
    with as_sync():
        wallets = due_wallets(now)
    with asking_as(Priority.BACKSTOP):
        for start in range(0, len(wallets), _AT_ONCE):
            _look(wallets[start : start + _AT_ONCE], now, told)
        for wallet in to_be_searched(wallets, now):
            _search(wallet, now, told)
    return told


def look_at_wallet(*, wallet_id: uuid.UUID, now: datetime) -> dict[str, int]:
    """Look at one wallet at once, and in every round for a while: its owner waits for money.

    Nothing is asked where it was looked at a few seconds ago. Raises Unavailable.
    """
    told = {"wallets": 0, "moved": 0, "booked": 0, "again": 0}
    with as_sync():
        wallet = due_wallet(wallet_id, now)
        if wallet is not None:
            note_looks([], close=[wallet], now=now)
    if wallet is not None:
        _look([wallet], now, told)
        for each in to_be_searched([wallet], now):
            _search(each, now, told)
    return told


def _look(wallets: Sequence[Due], now: datetime, told: dict[str, int]) -> None:
    places = _places(wallets)
    seen = _read(places)
    told["wallets"] += len(wallets)
    changed = {place.wallet_id for place in places if _moved(place, seen)}
    # Before anything is booked: what goes wrong below is looked at again in the next round.
    with as_sync():
        note_looks(wallets, close=[each for each in wallets if each.id in changed], now=now)
    moved = {place.wallet_id for place in places if not place.mint and _moved(place, seen)}
    put_off: set[uuid.UUID] = set()
    for place in sorted(places, key=lambda each: not each.mint):
        # What came and went between two looks leaves a token account as it was; whoever sent it
        # on has paid a fee, so the wallet's SOL has moved. Therefore SOL is booked last, and not
        # while a token account could not be read: it would seem not to have moved any more.
        exists = place.wallet_id in moved and (seen[place.address].exists or place.signature)
        if not (exists or _moved(place, seen)):
            continue
        if not place.mint and place.wallet_id in put_off and _may_wait(place):
            told["again"] += 1
        elif not _scan_apart(place, seen[place.address], now, told):
            put_off.add(place.wallet_id)


def _places(wallets: Sequence[Due]) -> list[_Place]:
    watched: dict[uuid.UUID, dict[str, WatchedAccount]] = {each.id: {} for each in wallets}
    with as_sync():
        for row in WatchedAccount.objects.filter(wallet_id__in=list(watched)):
            watched[row.wallet_id][row.address] = row
    found = []
    for wallet in wallets:
        rows = watched[wallet.id]
        mints = {wallet.address: ""} | {
            token_account(owner=wallet.address, mint=token.mint): token.mint for token in TOKENS
        }
        mints |= {row.address: row.token_mint for row in rows.values()}
        for address, mint in mints.items():
            known = rows.get(address)
            found.append(
                _Place(
                    wallet.id, wallet.user_id, wallet.address, address, mint,
                    units=int(known.units) if known else 0,
                    signature=known.signature if known else "",
                )
            )  # fmt: skip
    return found


def _read(places: Sequence[_Place]) -> dict[str, _Seen]:
    oldest, accounts = rpc().accounts([each.address for each in places], commitment="finalized")
    return {
        place.address: _Seen(
            units=_units(place, account),
            slot=account.slot if account else oldest,
            exists=account is not None,
        )
        for place, account in zip(places, accounts, strict=True)
    }


def _units(place: _Place, account: AccountData | None) -> int:
    if account is None:
        return 0
    if not place.mint:
        return account.lamports
    is_account = account.owner in TOKEN_PROGRAMS and len(account.data) >= 165
    return int.from_bytes(account.data[64:72], "little") if is_account else 0


def _moved(place: _Place, seen: dict[str, _Seen]) -> bool:
    return seen[place.address].units != place.units


def _search(wallet: Due, now: datetime, told: dict[str, int]) -> None:
    """Accounts of tokens that the desk does not know, and second ones of those that it does."""
    try:
        found = [
            account
            for program in TOKEN_PROGRAMS
            for account in rpc().token_accounts(
                wallet.address, program=program, commitment="finalized"
            )
        ]
    except Unavailable:
        told["again"] += 1
        return
    known = {place.address for place in _places([wallet])}
    others = [each for each in found if each.address not in known and len(each.data) >= 165]
    if len(known) + len(others) > _MOST_ACCOUNTS:
        log.warning("a wallet has too many token accounts", wallet=str(wallet.id))
    for account in others[: max(0, _MOST_ACCOUNTS - len(known))]:
        mint = base58.b58encode(account.data[:32]).decode()
        place = _Place(wallet.id, wallet.user_id, wallet.address, account.address, mint, 0, "")
        seen = _Seen(_units(place, account), account.slot, exists=True)
        _scan_apart(place, seen, now, told)
    with as_sync():
        row = _watched_row(wallet.id, wallet.address, "")
        WatchedAccount.objects.filter(pk=row.pk).update(searched_at=now)


def _scan_apart(place: _Place, seen: _Seen, now: datetime, told: dict[str, int]) -> bool:
    """One odd account keeps no other from being looked at; False where no node told enough."""
    told["moved"] += 1
    try:
        booked, complete = _scan(place, seen, now)
        told["booked"] += booked
        told["again"] += not complete
    except Unavailable:
        told["again"] += 1
        return False
    except Exception:  # this is a process's loop
        told["again"] += 1
        log.exception("an account could not be looked through", account=place.address)
    return True


def _may_wait(place: _Place) -> bool:
    """Whether a wallet's SOL may wait for its token accounts once more; for ever it may not."""
    with as_sync():
        row = _watched_row(place.wallet_id, place.address, place.mint)
        if row.gaps >= _MOST_GAPS:
            return False
        WatchedAccount.objects.filter(pk=row.pk).update(gaps=row.gaps + 1)
    return True


def _scan(place: _Place, seen: _Seen, now: datetime) -> tuple[int, bool]:
    """How many transfers were booked, and whether all was seen that had happened."""
    entries = _entries(place, seen.slot)
    effects = [(entry, _effect(place, entry)) for entry in entries]
    complete = place.units + sum(effect.delta for _, effect in effects) == seen.units
    return _book(place, seen, effects, complete, now)


def _entries(place: _Place, slot: int) -> list[dict[str, Any]]:
    """Signatures since the last look up to `slot`, oldest first."""
    found: list[dict[str, Any]] = []
    before: str | None = None
    while True:
        page = rpc().signatures_for(
            place.address,
            until=place.signature or None,
            before=before,
            limit=_PAGE,
            min_slot=slot,
            commitment="finalized",
        )
        found += page
        if len(page) < _PAGE:
            break
        before = page[-1]["signature"]
    return [entry for entry in reversed(found) if entry["slot"] <= slot]


def _effect(place: _Place, entry: dict[str, Any]) -> Effect:
    if entry.get("err") is not None and place.mint:
        return Effect(0, 0, is_own=False, arrivals=())  # what failed has moved no token
    found = rpc().transaction(entry["signature"], commitment="finalized")
    if found is None:
        raise Unavailable("chain.behind", signature=entry["signature"])
    return read_effect(found, account=place.address, wallet=place.wallet, mint=place.mint)


def _book(
    place: _Place,
    seen: _Seen,
    effects: Sequence[tuple[dict[str, Any], Effect]],
    complete: bool,
    now: datetime,
) -> tuple[int, bool]:
    """Transfers and the place reached, in one transaction; who comes second finds it moved."""
    with as_sync():
        row = _watched_row(place.wallet_id, place.address, place.mint)
        if row.signature != place.signature or int(row.units) != place.units:
            return 0, False
        booked = sum(_record(place, entry, effect, now) for entry, effect in effects)
        gaps = 0 if complete else row.gaps + 1
        if complete or gaps > _MOST_GAPS:
            newest = effects[-1][0]["signature"] if effects else place.signature
            reached = {"units": seen.units, "signature": newest, "slot": seen.slot, "gaps": 0}
            WatchedAccount.objects.filter(pk=row.pk).update(**reached)
        else:
            WatchedAccount.objects.filter(pk=row.pk).update(gaps=gaps)
        if gaps > _MOST_GAPS:
            told = sum(effect.delta for _, effect in effects)
            missing = seen.units - place.units - told
            log.error("an account's transactions do not add up", account=place.address)
            record(
                action="watchedaccount.gap",
                resource=row,
                new={"address": place.address, "mint": place.mint, "missing_units": str(missing)},
            )
    return booked, complete


def _watched_row(wallet_id: uuid.UUID, address: str, mint: str) -> WatchedAccount:
    """In the caller's transaction: the account's row, made if missing, and locked."""
    row = WatchedAccount(wallet_id=wallet_id, address=address, token_mint=mint)
    WatchedAccount.objects.bulk_create([row], ignore_conflicts=True)
    return WatchedAccount.objects.select_for_update(no_key=True).get(
        wallet_id=wallet_id, address=address
    )


def _record(place: _Place, entry: dict[str, Any], effect: Effect, now: datetime) -> int:
    """In the caller's transaction: a transaction's transfers, unless they are booked already."""
    known = IncomingTransfer.objects.filter(
        wallet_id=place.wallet_id, signature=entry["signature"], token_mint=place.mint
    )
    if not effect.arrivals or known.exists():
        return 0
    told = entry.get("blockTime")
    occurred_at = datetime.fromtimestamp(told, tz=UTC) if told else now
    rows = list(_rows(place, entry, effect, occurred_at, now))
    for row in rows:
        row.save(force_insert=True)
    return len(rows)


def _rows(
    place: _Place, entry: dict[str, Any], effect: Effect, occurred_at: datetime, now: datetime
) -> Iterable[IncomingTransfer]:
    symbol = symbol_of(place.mint)
    for arrival in effect.arrivals:
        amount = Decimal(arrival.units).scaleb(-effect.decimals)
        if amount >= _LARGEST or effect.decimals > 18:
            log.warning("a made-up token's amount fits nowhere", signature=entry["signature"])
            continue
        is_dust = amount < _DUST.get(unit_of(symbol) or "", _LARGEST)
        yield IncomingTransfer(
            user_id=place.user_id,
            wallet_id=place.wallet_id,
            signature=entry["signature"],
            token_symbol=symbol,
            token_mint=place.mint,
            index=arrival.index,
            amount=amount,
            from_address=arrival.sender,
            status=IncomingStatus.ARRIVED if is_taken(symbol) else IncomingStatus.WRONG_TOKEN,
            is_quiet=is_dust or occurred_at < now - _STILL_NEWS,
            slot=entry["slot"],
            occurred_at=occurred_at,
            created_at=now,
        )


def symbol_of(mint: str) -> str:
    """The desk's own name of a token; of one that it does not know, the ends of its mint."""
    if not mint:
        return SOL
    return BY_MINT[mint].symbol if mint in BY_MINT else f"{mint[:4]}…{mint[-4:]}"
