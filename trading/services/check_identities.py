"""Whether the books and the venue agree; where they do not, a row says so until it is explained."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction

from core.metrics import count_difference
from core.money import ZERO
from trading.enums import EntryKind, PositionStatus, Side
from trading.identities import Identity, perp_identity, spot_identity
from trading.models import AccountEntry, Difference, Fill, VenueAccount
from trading.venues.base import Venue
from trading.venues.reports import AccountReport

log = structlog.get_logger(__name__)

# So long what is read next may still explain a difference.
_BOOKS_HAVE = timedelta(minutes=15)
_PERP = (
    EntryKind.FUNDING,
    EntryKind.KEEPER_CHARGE,
    EntryKind.LIQUIDATION,
    EntryKind.REWARD,
    EntryKind.CORRECTION,
)


def compute_identities(
    *, venue: Venue, account: VenueAccount, report: AccountReport, markets: dict[int, Any]
) -> list[Identity]:
    """Both identities of money safety for every market and token that the account ever touched."""
    entries = list(AccountEntry.objects.filter(account=account))
    quotes = {state.market_index: state.quote_asset_amount for state in report.positions}
    touched = {e.market_index for e in entries if e.kind in _PERP and e.market_index is not None}
    fills = list(
        Fill.objects.filter(account=account.address, deployment=venue.deployment).values_list(
            "market_id", "direction", "quote", "fee"
        )
    )
    identities = []
    for index, market in sorted(markets.items()):
        own = [(d, q, f) for market_id, d, q, f in fills if market_id == market.catalogue_id]
        if not own and index not in quotes and index not in touched:
            continue
        here = [entry for entry in entries if entry.market_index == index]
        identities.append(
            perp_identity(
                market=market.symbol,
                fills=own,
                entries=[entry.amount for entry in here if entry.kind in _PERP],
                settled=sum(
                    (entry.amount for entry in here if entry.kind == EntryKind.SETTLEMENT), ZERO
                ),
                venue_quote=quotes.get(index, ZERO),
            )
        )
    spot = [entry for entry in entries if entry.is_of_token]
    tokens = set(report.tokens) | {entry.token_symbol for entry in spot}
    identities += [
        spot_identity(
            token=token,
            movements=[entry.amount for entry in spot if entry.token_symbol == token],
            venue_amount=report.tokens.get(token, ZERO),
            unit=venue.quote_step,
        )
        for token in sorted(tokens)
    ]
    return identities


def note_differences(
    *,
    venue: Venue,
    account: VenueAccount,
    report: AccountReport,
    markets: dict[int, Any],
    now: datetime,
) -> None:
    """Open a row for what does not agree, and close those that do again; account locked."""
    seen: dict[str, tuple[Decimal, Decimal]] = {}
    for identity in compute_identities(
        venue=venue, account=account, report=report, markets=markets
    ):
        if not identity.holds:
            seen[identity.name] = (identity.ours, identity.venue)
    sizes = {state.market_index: _signed(state.side, state.size) for state in report.positions}
    ours = {
        position.market_index: _signed(position.side, position.size)
        for position in venue.position_model._default_manager.filter(
            wallet_id=account.wallet_id,
            deployment=venue.deployment,
            status=PositionStatus.OPEN,
        )
    }
    for index in sizes.keys() | ours.keys():
        mine, theirs = ours.get(index, ZERO), sizes.get(index, ZERO)
        if mine != theirs:
            seen[f"size {markets[index].symbol}"] = (mine, theirs)
    for row in Difference.objects.filter(account=account, resolved_at__isnull=True):
        if row.what in seen:
            row.expected, row.actual = seen.pop(row.what)
            row.last_seen_at = now
            _escalate(row, now)
        else:
            row.resolved_at, row.explanation = now, "agrees again"
        row.save()
    for what, (mine, theirs) in seen.items():
        Difference(
            account=account, what=what, expected=mine, actual=theirs, last_seen_at=now
        ).save()


def _escalate(row: Difference, now: datetime) -> None:
    """What the next looks did not explain is a person's to explain: the alarm of it."""
    if row.escalated_at is None and now - row.created_at > _BOOKS_HAVE:
        row.owner, row.escalated_at = "ops", now
        log.error(
            "difference_unexplained",
            difference=str(row.id),
            account=str(row.account_id),
            what=row.what,
            amount=str(row.amount),
        )
        transaction.on_commit(count_difference, robust=True)


def _signed(side: str, size: Decimal) -> Decimal:
    return size if side == Side.LONG else -size
