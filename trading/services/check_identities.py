"""Whether the books and the venue agree; where they do not, a row says so until it is explained."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.money import ZERO
from trading.enums import EntryKind, PositionStatus, Side
from trading.identities import Identity, perp_identity, spot_identity
from trading.models import AccountEntry, Difference, Fill, VenueAccount
from trading.venues.base import Venue
from trading.venues.reports import AccountReport

_PERP = (
    EntryKind.FUNDING,
    EntryKind.KEEPER_CHARGE,
    EntryKind.LIQUIDATION,
    EntryKind.REWARD,
    EntryKind.CORRECTION,
)
_SPOT = (
    EntryKind.DEPOSIT,
    EntryKind.WITHDRAWAL,
    EntryKind.SETTLEMENT,
    EntryKind.INTEREST,
    EntryKind.TRANSFER,
)
# Of a market's running sum with a market, of the token without one.
_EITHER = (EntryKind.LIQUIDATION, EntryKind.CORRECTION)


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
    spot = [entry for entry in entries if _is_of_token(entry)]
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


def _is_of_token(entry: AccountEntry) -> bool:
    return entry.kind in _SPOT or (entry.kind in _EITHER and entry.market_index is None)


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
        else:
            row.resolved_at, row.explanation = now, "agrees again"
        row.save()
    for what, (mine, theirs) in seen.items():
        Difference(
            account=account, what=what, expected=mine, actual=theirs, last_seen_at=now
        ).save()


def _signed(side: str, size: Decimal) -> Decimal:
    return size if side == Side.LONG else -size
