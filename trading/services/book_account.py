"""Book one account's report and history: every step again and again, with one effect."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from core.errors import Unavailable
from core.money import ZERO
from trading.booking.adoption import adopt_placed, adopt_resting, book_replaced
from trading.booking.changes import book_order_replaced, follow_account_changes
from trading.booking.entries import book_entry
from trading.booking.interest import book_interest, stored_balances
from trading.booking.orders import (
    book_order_ended,
    book_order_placed,
    find_order,
    follow_account_orders,
    recount_order,
)
from trading.booking.positions import book_fill, mark_position
from trading.enums import ChangeStatus, EntryKind, OrderStatus, PositionStatus
from trading.models import AccountEntry, Fill, OrderChange, VenueAccount
from trading.services.check_identities import note_differences
from trading.services.derive_hidden import Hidden
from trading.services.follow_stops import follow_stops
from trading.venues.base import Venue
from trading.venues.reports import (
    AccountReport,
    EntryReport,
    FillReport,
    OrderEnded,
    OrderPlaced,
    OrderReplaced,
    TransactionReport,
)
from wallets.models import Wallet


def markets_of(venue: Venue) -> dict[int, Any]:
    """The venue's perp markets in the catalogue, by their index."""
    return {
        row.market_index: row
        for row in venue.market_model.objects.filter(
            deployment=venue.deployment, market_type="perpetual"
        )
    }


def book_account(
    *,
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    report: AccountReport,
    history: Sequence[TransactionReport],
    markets: dict[int, Any],
    now: datetime,
) -> None:
    """Book a report, and the history that was read after it; the account is locked.

    Raises Unavailable, with nothing booked, while a market of it is not in the catalogue.
    """
    _check_markets(markets, report, history)
    # Ids first: a fill or an end that is told before the placing still finds its order.
    for transaction_report in history:
        for event in transaction_report.events:
            if isinstance(event, OrderPlaced):
                signature = transaction_report.signature
                book_order_placed(venue=venue, placed=event, signature=signature)
                book_order_replaced(venue=venue, placed=event, signature=signature, at=now)
                adopt_placed(
                    venue=venue,
                    account=account,
                    wallet=wallet,
                    markets=markets,
                    placed=event,
                    signature=signature,
                    slot=transaction_report.slot,
                    at=transaction_report.block_time or now,
                )
            elif isinstance(event, OrderReplaced):
                placed = OrderPlaced(event.event_index, event.order)
                signature = transaction_report.signature
                book_order_replaced(venue=venue, placed=placed, signature=signature, at=now)
                book_replaced(venue=venue, account=account, replaced=event, at=now)
    moved_money = False
    for transaction_report in history:
        moved_money |= _book_transaction(venue, account, wallet, markets, transaction_report)
    _mark_final(account, history)
    _move_cursor(account, history)
    _note_cut_logs(account, history)
    if account.observed_slot is None or report.slot >= account.observed_slot:
        _book_state(venue, account, wallet, report, history, markets, now)
    account.save()
    follow_stops(venue=venue, account=account, now=now)
    if moved_money:
        from wallets.tasks import refresh

        transaction.on_commit(lambda: refresh.delay(str(wallet.id)), robust=True)


def _check_markets(
    markets: dict[int, Any], report: AccountReport, history: Sequence[TransactionReport]
) -> None:
    """Book nothing while a market is not in the catalogue yet. Raises Unavailable."""
    named = {position.market_index for position in report.positions}
    named |= {
        event.market_index
        for transaction_report in history
        for event in transaction_report.events
        if isinstance(event, FillReport)
    }
    named |= {
        event.order.market_index
        for transaction_report in history
        for event in transaction_report.events
        if isinstance(event, OrderPlaced | OrderReplaced)
    }
    unknown = sorted(named - markets.keys())
    if unknown:
        raise Unavailable("market.not_synced", markets=", ".join(map(str, unknown)))


def _book_transaction(
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    markets: dict[int, Any],
    report: TransactionReport,
) -> bool:
    moved_money = False
    where: dict[str, Any] = {
        "signature": report.signature,
        "slot": report.slot,
        "is_final": report.finalized,
    }
    # Its account was brought in line already: what it hid is in derived rows.
    is_derived = report.signature in account.state.get("hidden", ())
    for event in report.events:
        if is_derived and isinstance(event, FillReport | EntryReport):
            continue
        match event:
            case FillReport():
                order = find_order(
                    venue=venue, account=account, venue_order_id=event.venue_order_id
                )
                book_fill(
                    venue=venue,
                    account=account,
                    wallet=wallet,
                    market=markets[event.market_index],
                    fill=event,
                    order=order,
                    **where,
                )
                if order is not None:
                    recount_order(order=order)
            case OrderEnded():
                ended = find_order(
                    venue=venue, account=account, venue_order_id=event.venue_order_id
                )
                if ended is not None:
                    at = report.block_time or ended.created_at
                    book_order_ended(order=ended, ended=event, at=at)
            case EntryReport():
                booked = book_entry(
                    venue=venue,
                    account=account,
                    wallet=wallet,
                    markets=markets,
                    entry=event,
                    **where,
                )
                moved_money |= booked is not None and event.kind in (
                    EntryKind.DEPOSIT,
                    EntryKind.WITHDRAWAL,
                )
    return moved_money


def _move_cursor(account: VenueAccount, history: Sequence[TransactionReport]) -> None:
    """Up to the first transaction that is not final: from there on a fork may change it."""
    for report in history:
        if not report.finalized:
            return
        account.scanned_signature = report.signature
        account.scanned_slot = report.slot


def _note_cut_logs(account: VenueAccount, history: Sequence[TransactionReport]) -> None:
    """Keep which messages' logs were cut, until a look at the account has explained them.

    Those that are not final are told again: the cursor stays before them.
    """
    known = [*account.state.get("cut", ()), *account.state.get("hidden", ())]
    cut = [
        report.signature
        for report in history
        if not report.complete and report.finalized and report.signature not in known
    ]
    if cut:
        account.state = account.state | {"cut": [*account.state.get("cut", ()), *cut]}


def _book_state(
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    report: AccountReport,
    history: Sequence[TransactionReport],
    markets: dict[int, Any],
    now: datetime,
) -> None:
    account.status = report.status
    account.collateral = report.collateral
    account.free_collateral = report.free_collateral
    account.health = report.health
    account.observed_slot = report.slot
    account.observed_at = report.observed_at
    account.observed_hash = report.bytes_hash
    before = account.state.get("balances", {})
    cut, hidden = account.state.get("cut", []), account.state.get("hidden", [])
    is_whole = report.slot >= (account.scanned_slot or 0) and not any(
        later.slot > report.slot for later in history
    )
    has_open_cut = any(not told.complete and not told.finalized for told in history)
    gap = (
        Hidden(venue, account, wallet, report, markets, cut)
        if cut and is_whole and not has_open_cut
        else None
    )
    # Before orders are followed: one whose fill was hidden would seem to have been taken away.
    derived = gap.derive_fills() if gap else False
    account.state = {
        "cut": cut,
        "hidden": hidden,
        "balances": stored_balances(report),
        "counters": report.counters,
        "labels": [order.label for order in report.orders],
        "tokens": {symbol: str(amount) for symbol, amount in report.tokens.items()},
        "leverage": str(report.leverage),
        "booked_at": now.isoformat(),
        "quote_amounts": {
            str(position.market_index): str(position.quote_asset_amount)
            for position in report.positions
        },
    }
    follow_account_orders(venue=venue, account=account, report=report, at=now)
    follow_account_changes(venue=venue, account=account, report=report, at=now)
    adopt_resting(
        venue=venue,
        account=account,
        wallet=wallet,
        markets=markets,
        resting=report.orders,
        slot=report.slot,
        at=now,
    )
    positions = venue.position_model._default_manager.select_for_update().filter(
        wallet_id=account.wallet_id, deployment=venue.deployment, status=PositionStatus.OPEN
    )
    states = {state.market_index: state for state in report.positions}
    for position in positions:
        state = states.get(position.market_index)
        if state is not None and state.size == position.size:
            mark_position(venue=venue, position=position, state=state, at=report.observed_at)
    if is_whole:
        book_interest(
            venue_deployment=venue.deployment,
            account=account,
            wallet=wallet,
            report=report,
            moved=_moved(history),
            before=before,
        )
        if gap:
            derived |= gap.derive_entries()
            account.state["cut"] = []
            account.state["hidden"] = [*hidden, *cut] if derived else hidden
        note_differences(venue=venue, account=account, report=report, markets=markets, now=now)
    # A wish that came after this look began is not answered by it.
    asked_since = account.wanted_at is not None and account.wanted_at > now
    if not asked_since and not _something_under_way(venue, account):
        account.wanted_at = None


def _moved(history: Sequence[TransactionReport]) -> dict[str, Decimal]:
    moved: dict[str, Decimal] = {}
    for transaction_report in history:
        for event in transaction_report.events:
            if isinstance(event, EntryReport):
                before = moved.get(event.token_symbol, ZERO)
                moved[event.token_symbol] = before + abs(event.amount)
    return moved


def _mark_final(account: VenueAccount, history: Sequence[TransactionReport]) -> None:
    """What no fork can take back any more says so."""
    final = [report.signature for report in history if report.finalized]
    Fill.objects.filter(
        account=account.address, deployment=account.deployment, is_final=False, tx_hash__in=final
    ).update(is_final=True)
    AccountEntry.objects.filter(account=account, is_final=False, tx_hash__in=final).update(
        is_final=True
    )


def _something_under_way(venue: Venue, account: VenueAccount) -> bool:
    """What rests at the venue is not under way: the account's bytes tell when it moves."""
    orders = venue.order_model._default_manager.filter(
        wallet_id=account.wallet_id, deployment=venue.deployment, status=OrderStatus.PENDING
    )
    changes = OrderChange.objects.filter(
        wallet_id=account.wallet_id, deployment=venue.deployment, status=ChangeStatus.PENDING
    )
    return bool(orders.exists() or changes.exists())
