"""Whether the books and the venue agree; where they do not, a row says so until it is explained."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction

from core.metrics import count_difference
from core.money import ZERO
from trading.booking.ledger import Ledger
from trading.booking.sums import Kind, Moved, read_flows, read_moved
from trading.enums import EntryKind, Side
from trading.identities import Identity, perp_identity_of_sums, spot_identity_of_sum
from trading.models import Difference, VenueAccount
from trading.models.account import is_of_token
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
    *, venue: Venue, account: VenueAccount, report: AccountReport, markets: Mapping[int, Any]
) -> list[Identity]:
    """Both identities of money safety for every market and token that the account ever touched."""
    flows = read_flows(deployment=venue.deployment, addresses=[account.address])
    return identities_of(
        flows=flows.get(account.address, {}),
        moved=read_moved(accounts=[account.pk])[account.pk],
        report=report,
        markets=markets,
        quote_step=venue.quote_step,
    )


def identities_of(
    *,
    flows: Mapping[uuid.UUID, Decimal],
    moved: Mapping[Kind, Moved],
    report: AccountReport,
    markets: Mapping[int, Any],
    quote_step: Decimal,
) -> list[Identity]:
    """The same, of sums that were read before."""
    quotes = {state.market_index: state.quote_asset_amount for state in report.positions}
    entries: dict[int, Decimal] = {}
    settled: dict[int, Decimal] = {}
    tokens = {symbol: Moved() for symbol in report.tokens}
    for (kind, index, token), of_kind in moved.items():
        if kind in _PERP and index is not None:
            entries[index] = entries.get(index, ZERO) + of_kind.amount
        if kind == EntryKind.SETTLEMENT and index is not None:
            settled[index] = settled.get(index, ZERO) + of_kind.amount
        if is_of_token(kind, index):
            known = tokens.get(token, Moved())
            tokens[token] = Moved(known.amount + of_kind.amount, known.rows + of_kind.rows)
    perps = [
        perp_identity_of_sums(
            market=market.symbol,
            flows=flows.get(market.catalogue_id, ZERO),
            entries=entries.get(index, ZERO),
            settled=settled.get(index, ZERO),
            venue_quote=quotes.get(index, ZERO),
        )
        for index, market in sorted(markets.items())
        if market.catalogue_id in flows or index in quotes or index in entries
    ]
    return perps + [
        spot_identity_of_sum(
            token=token,
            moved=of_token.amount,
            events=of_token.rows,
            venue_amount=report.tokens.get(token, ZERO),
            unit=report.balances[token].unit if token in report.balances else quote_step,
        )
        for token, of_token in sorted(tokens.items())
    ]


def note_differences(
    *, ledger: Ledger, account: VenueAccount, report: AccountReport, now: datetime
) -> None:
    """Open a row for what does not agree, and close those that do again; account locked."""
    seen: dict[str, tuple[Decimal, Decimal]] = {
        identity.name: (identity.ours, identity.venue)
        for identity in identities_in(ledger=ledger, account=account, report=report)
        if not identity.holds
    }
    sizes = {state.market_index: _signed(state.side, state.size) for state in report.positions}
    ours = {
        position.market_index: _signed(position.side, position.size)
        for position in ledger.positions_of(account)
    }
    for index in sizes.keys() | ours.keys():
        mine, theirs = ours.get(index, ZERO), sizes.get(index, ZERO)
        if mine != theirs:
            seen[f"size {ledger.markets[index].symbol}"] = (mine, theirs)
    for row in ledger.differences(account):
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


def identities_in(
    *, ledger: Ledger, account: VenueAccount, report: AccountReport
) -> list[Identity]:
    """Both identities of an account under booking, with what is not written yet."""
    return identities_of(
        flows=ledger.flows(account),
        moved=ledger.moved(account),
        report=report,
        markets=ledger.markets,
        quote_step=ledger.venue.quote_step,
    )


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
