"""The venue's own records against ours: identities, fills, orders, transfers, and no orphans."""

from collections import Counter
from decimal import Decimal
from typing import Any

from core.roles import as_sync
from tests.campaign.people import CampaignTrader
from trading.enums import OrderRole, PositionStatus
from trading.models import AccountEntry, Difference, Fill, VenueAccount, VenueTransfer
from trading.services.check_identities import compute_identities
from trading.venues.base import Venue, get_venue
from trading.venues.reports import AccountReport, EntryReport, FillReport


def check_books(trader: CampaignTrader) -> list[str]:
    """Of every account of the trader's: what does not agree."""
    wrong = []
    for account in trader.accounts():
        if account.status == "absent":
            continue
        venue = get_venue(account.deployment)
        report = venue.read_accounts([account.address])[0]
        with as_sync():
            wrong += _identities(venue, account, report)
            wrong += _resting(venue, account, report)
            wrong += _orphans(venue, account)
        wrong += _history(venue, account, trader)
    return wrong


def _identities(venue: Venue, account: VenueAccount, report: AccountReport) -> list[str]:
    """Both, exactly; the sizes held; and no difference that nobody has explained."""
    markets = {
        row.market_index: row
        for row in venue.market_model.objects.filter(
            deployment=venue.deployment, market_type="perpetual"
        )
    }
    identities = compute_identities(venue=venue, account=account, report=report, markets=markets)
    differences = Difference.objects.filter(account=account, resolved_at__isnull=True)
    wrong = [f"identity {each}" for each in identities if not each.holds]
    wrong += [
        f"difference {each}" for each in differences.values_list("what", "expected", "actual")
    ]
    held = {
        state.market_index: (state.side, state.size) for state in report.positions if state.size
    }
    ours = {
        row.market_index: (row.side, row.size)
        for row in venue.position_model._default_manager.filter(
            wallet_id=account.wallet_id, deployment=venue.deployment, status=PositionStatus.OPEN
        )
    }
    return wrong + ([] if held == ours else [f"held {held}, booked {ours}"])


def _resting(venue: Venue, account: VenueAccount, report: AccountReport) -> list[str]:
    theirs = Counter(order.venue_order_id for order in report.orders)
    ours = Counter(
        venue.order_model._default_manager.filter(
            wallet_id=account.wallet_id,
            deployment=venue.deployment,
            status__in=("open", "partially_filled"),
            venue_order_id__isnull=False,
        ).values_list("venue_order_id", flat=True)
    )
    return [] if theirs == ours else [f"resting there {theirs}, here {ours}"]


def _orphans(venue: Venue, account: VenueAccount) -> list[str]:
    """No stop rests at the venue whose position and entry are gone."""
    orders = venue.order_model._default_manager.filter(
        wallet_id=account.wallet_id, deployment=venue.deployment
    )
    holds = venue.position_model._default_manager.filter(
        wallet_id=account.wallet_id, deployment=venue.deployment, status=PositionStatus.OPEN
    ).exists()
    entries = orders.filter(role=OrderRole.ENTRY, status__in=("open", "partially_filled")).exists()
    stops = orders.exclude(role=OrderRole.ENTRY).filter(status="open", venue_order_id__isnull=False)
    if holds or entries:
        return []
    return [f"stop {stop.id} ({stop.role}) rests without a position" for stop in stops]


def _history(venue: Venue, account: VenueAccount, trader: CampaignTrader) -> list[str]:
    """Every fill and every transfer of the venue's history is booked once, and nothing else is."""
    events: list[Any] = [
        (told.signature, event)
        for told in venue.read_history(account.address, after="")
        for event in told.events
    ]
    fills: Counter[Any] = Counter()
    money: Counter[tuple[str, Decimal]] = Counter()
    for _, event in events:
        if isinstance(event, FillReport):
            fills[event.venue_fill_id, event.venue_order_id, event.size, event.quote] += 1
        elif isinstance(event, EntryReport) and event.kind in ("deposit", "withdrawal"):
            money[event.kind, abs(event.amount)] += 1
    with as_sync():
        ours = Counter(
            Fill.objects.filter(
                account=account.address, deployment=venue.deployment, user_id=trader.user_id
            ).values_list("venue_fill_id", "venue_order_id", "size", "quote")
        )
        booked = Counter(
            (row.kind, abs(row.booked_amount))
            for row in VenueTransfer.objects.filter(account=account, status="completed")
        )
        # A restored database has the venue's word for what it forgot, and no transfer.
        entered = Counter(
            (row.kind, abs(row.amount))
            for row in AccountEntry.objects.filter(
                account=account, kind__in=("deposit", "withdrawal")
            )
        )
        filled = _filled(venue, account)
    wrong = []
    if fills != ours:
        wrong.append(f"fills there {fills - ours}, here {ours - fills}")
    if venue.settles_on_chain and (money != entered or booked - money):
        wrong.append(f"moved there {money}, here {entered}, of it by acts {booked}")
    return wrong + filled


def _filled(venue: Venue, account: VenueAccount) -> list[str]:
    """An order says of itself what its fills say."""
    sums: Counter[Any] = Counter()
    for order_id, size in Fill.objects.filter(
        account=account.address, deployment=venue.deployment
    ).values_list("order_id", "size"):
        sums[order_id] += size
    return [
        f"order {order.id} says {order.filled_size}, its fills {sums[order.id]}"
        for order in venue.order_model._default_manager.filter(
            wallet_id=account.wallet_id, deployment=venue.deployment
        )
        if order.filled_size != sums[order.id]
    ]
