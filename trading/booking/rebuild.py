"""An account's positions in one market, made anew from its fills in their order on the chain."""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from trading.booking.positions import begin_position, carry_on, holding_of
from trading.enums import EntryKind, PositionStatus
from trading.models import AccountEntry, Fill, VenueAccount
from trading.position_math import apply_fill
from trading.venues.base import Venue
from trading.venues.reports import FillReport
from wallets.models import Wallet

_OF_POSITION = (
    EntryKind.FUNDING, EntryKind.KEEPER_CHARGE, EntryKind.LIQUIDATION, EntryKind.CORRECTION,
)  # fmt: skip
_COLUMNS = (
    "side", "size", "peak_size", "entry_quote", "entry_price", "exit_price", "last_price", "fees",
    "funding", "realized_pnl", "status", "opened_at", "closed_at", "updated_at",
)  # fmt: skip
_WHEN_CLOSED = ("unrealized_pnl", "unsettled_funding", "margin", "liquidation_price")


def rebuild_positions(*, venue: Venue, account: VenueAccount, wallet: Wallet, market: Any) -> None:
    """Replay all fills and movements; a row stays the position that most of its fills were of.

    What is a position no more is deleted, each change with its audit row. The account is locked,
    and all of it written.
    """
    rows = list(
        venue.position_model._default_manager.select_for_update()
        .filter(wallet_id=wallet.id, market_id=market.id)
        .order_by("opened_at", "id")
    )
    fills = list(
        Fill.objects.filter(
            account=account.address, deployment=venue.deployment, market_id=market.catalogue_id
        )
    )
    entries = list(
        AccountEntry.objects.filter(
            account=account, market_index=market.market_index, kind__in=_OF_POSITION
        )
    )
    liquidated = {row.closed_at for row in rows if row.status == PositionStatus.LIQUIDATED}
    episodes: list[Any] = []
    belongs: list[tuple[Any, Any]] = []
    current: Any = None
    for row in _in_order(fills, entries):
        if isinstance(row, AccountEntry):
            belongs.append((row, current))
            if current is not None:
                current.realized_pnl += row.amount
                if row.kind == EntryKind.FUNDING:
                    current.funding += row.amount
            continue
        told = _report(row, market, is_liquidation=row.filled_at in liquidated)
        applied = apply_fill(
            holding_of(current), direction=row.direction, size=row.size, quote=row.quote,
            quote_step=venue.quote_step,
        )  # fmt: skip
        if current is None:
            current = begin_position(venue, account, wallet, market, applied.closed, row.filled_at)
            episodes.append(current)
        row.realized_pnl, row.side = applied.gain - row.fee, current.side
        belongs.append((row, current))
        carry_on(current, applied, told, row.realized_pnl)
        if not current.size:
            current = None
        if applied.opened is not None:
            current = begin_position(venue, account, wallet, market, applied.opened, row.filled_at)
            episodes.append(current)
    keys = _store(rows, episodes, belongs)
    for row, episode in belongs:
        row.position_id = None if episode is None else keys[episode.id]
        # A row that is as it was is not written: the log would say of it that nothing changed.
        row.save()


def _store(
    rows: Sequence[Any], episodes: Sequence[Any], belongs: Sequence[tuple[Any, Any]]
) -> dict[uuid.UUID, uuid.UUID]:
    """Write the episodes into the rows there are; episode → the key of its row."""
    left = {row.id: row for row in rows}
    found: dict[uuid.UUID, Any] = {}
    for episode in episodes:
        had = Counter(row.position_id for row, of in belongs if of is episode)
        key = next((key for key, _ in had.most_common() if key in left), None)
        if key is not None:
            found[episode.id] = left.pop(key)
    for episode in episodes:
        if episode.id not in found and left:
            found[episode.id] = left.pop(next(iter(left)))
    for row in left.values():
        row.delete()
    keys = {}
    # One position a market is open at a time: the others are closed before.
    for episode in sorted(episodes, key=lambda each: each.status == PositionStatus.OPEN):
        row = found.get(episode.id)
        if row is None:
            episode.save(force_insert=True)
            keys[episode.id] = episode.id
            continue
        names = _COLUMNS if episode.status == PositionStatus.OPEN else _COLUMNS + _WHEN_CLOSED
        for name in names:
            setattr(row, name, getattr(episode, name))
        row.save(update_fields=names)
        keys[episode.id] = row.id
    return keys


def _in_order(fills: Sequence[Fill], entries: Sequence[AccountEntry]) -> list[Any]:
    """By slot, then by transaction (the venue numbers its fills), then by the place in it."""
    first: dict[str, tuple[int, uuid.UUID]] = {}
    rows: list[Any] = [*fills, *entries]
    for row in rows:
        number = _number(row)
        known = first.get(row.tx_hash or "")
        place = (number, row.id)
        first[row.tx_hash or ""] = min(place, known) if known else place
    return sorted(
        rows,
        key=lambda row: (row.slot or 0, first[row.tx_hash or ""], row.event_index, row.id),
    )


def _number(row: Any) -> int:
    told: str = getattr(row, "venue_fill_id", "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _report(fill: Fill, market: Any, *, is_liquidation: bool) -> FillReport:
    return FillReport(
        event_index=fill.event_index,
        venue_fill_id=fill.venue_fill_id,
        market_index=market.market_index,
        venue_order_id=fill.venue_order_id,
        direction=fill.direction,
        is_maker=fill.is_maker,
        size=fill.size,
        quote=fill.quote,
        fee=fill.fee,
        occurred_at=fill.filled_at,
        is_liquidation=is_liquidation,
    )
