"""Book what venues told of accounts: every step again and again, with one effect."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from audit.services import recorded_at_once
from core.errors import Unavailable
from core.money import ZERO
from trading.booking.adoption import adopt_placed, adopt_resting, book_replaced
from trading.booking.changes import book_order_replaced, follow_account_changes
from trading.booking.entries import book_entry
from trading.booking.interest import book_interest, stored_balances
from trading.booking.ledger import Ledger
from trading.booking.orders import (
    book_order_ended,
    book_order_placed,
    follow_account_orders,
    recount_order,
)
from trading.booking.positions import book_fill, mark_position
from trading.booking.rebuild import rebuild_positions
from trading.booking.taking_back import take_back
from trading.booking.told import Told
from trading.enums import EntryKind
from trading.models import VenueAccount
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


def markets_of(venue: Venue) -> dict[int, Any]:
    """The venue's perp markets in the catalogue, by their index."""
    return {
        row.market_index: row
        for row in venue.market_model.objects.filter(
            deployment=venue.deployment, market_type="perpetual"
        )
    }


def book_accounts(
    *, venue: Venue, told: Sequence[Told], markets: Mapping[int, Any], now: datetime
) -> None:
    """Book reports, and the histories that were read after them; the accounts are locked.

    Raises Unavailable, with nothing booked, while a market of them is not in the catalogue.
    """
    for each in told:
        check_markets(markets, each.report, each.history)
    with recorded_at_once():
        ledger = _book_all(venue, told, markets, now)
    # Outside, as these are refused behind savepoints.
    for each in told:
        if ledger.has_stops(each.account):
            follow_stops(venue=venue, account=each.account, now=now)


def _book_all(
    venue: Venue, told: Sequence[Told], markets: Mapping[int, Any], now: datetime
) -> Ledger:
    # Before the ledger is read: what is taken back is not there any more.
    for each in told:
        if each.dropped:
            take_back(
                venue=venue, account=each.account, wallet=each.wallet, dropped=each.dropped,
                markets=markets, now=now,
            )  # fmt: skip
    ledger = Ledger(venue=venue, markets=markets, told=told)
    for each in told:
        _book(ledger, each, now)
    ledger.write()
    for account, market in ledger.out_of_order():
        wallet = next(each.wallet for each in told if each.account is account)
        rebuild_positions(venue=venue, account=account, wallet=wallet, market=market)
    return ledger


def check_markets(
    markets: Mapping[int, Any], report: AccountReport, history: Sequence[TransactionReport]
) -> None:
    """Raise Unavailable while a market that is told of is not in the catalogue yet."""
    named = {position.market_index for position in report.positions}
    for transaction_report in history:
        for event in transaction_report.events:
            if isinstance(event, FillReport):
                named.add(event.market_index)
            elif isinstance(event, OrderPlaced | OrderReplaced):
                named.add(event.order.market_index)
    unknown = sorted(named - markets.keys())
    if unknown:
        raise Unavailable("market.not_synced", markets=", ".join(map(str, unknown)))


def _book(ledger: Ledger, told: Told, now: datetime) -> None:
    account, report, history = told.account, told.report, told.history
    # Ids first: a fill or an end that is told before the placing still finds its order.
    for transaction_report in history:
        _book_placings(ledger, told, transaction_report, now)
    moved_money = False
    for transaction_report in history:
        moved_money |= _book_transaction(ledger, told, transaction_report, now)
    _move_cursor(account, history)
    _note_cut_logs(account, history)
    if account.observed_slot is None or report.slot >= account.observed_slot:
        _book_state(ledger, told, now)
    ledger.change_account(account)
    if moved_money:
        from wallets.tasks import refresh

        wallet_id = str(told.wallet.id)
        transaction.on_commit(lambda: refresh.delay(wallet_id), robust=True)


def _book_placings(ledger: Ledger, told: Told, report: TransactionReport, now: datetime) -> None:
    where: dict[str, Any] = {"ledger": ledger, "account": told.account, "report": report, "at": now}
    for event in report.events:
        if isinstance(event, OrderPlaced):
            book_order_placed(placed=event, **where)
            book_order_replaced(placed=event, **where)
            adopt_placed(placed=event, wallet=told.wallet, **where)
        elif isinstance(event, OrderReplaced):
            book_order_replaced(placed=OrderPlaced(event.event_index, event.order), **where)
            book_replaced(replaced=event, **where)


def _book_transaction(ledger: Ledger, told: Told, report: TransactionReport, now: datetime) -> bool:
    account, moved_money = told.account, False
    where: dict[str, Any] = {
        "ledger": ledger,
        "account": account,
        "wallet": told.wallet,
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
                order = ledger.find_order(account, event.venue_order_id)
                market = ledger.markets[event.market_index]
                book_fill(market=market, fill=event, order=order, **where)
                if order is not None:
                    recount_order(ledger=ledger, order=order)
            case OrderEnded():
                ended = ledger.find_order(account, event.venue_order_id)
                if ended is not None:
                    book_order_ended(
                        ledger=ledger, account=account, order=ended, ended=event, report=report,
                        now=now,
                    )  # fmt: skip
            case EntryReport():
                booked = book_entry(entry=event, **where)
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


def _book_state(ledger: Ledger, told: Told, now: datetime) -> None:
    account, wallet, report, history = told.account, told.wallet, told.report, told.history
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
    has_open_cut = any(not one.complete and not one.finalized for one in history)
    gap = (
        Hidden(ledger, account, wallet, report, cut)
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
    follow_account_orders(ledger=ledger, account=account, report=report, at=now)
    if account.wallet_id in ledger.changing:
        ledger.write()
    follow_account_changes(ledger=ledger, account=account, report=report, at=now)
    adopt_resting(
        ledger=ledger,
        account=account,
        wallet=wallet,
        resting=report.orders,
        slot=report.slot,
        at=now,
    )
    states = {state.market_index: state for state in report.positions}
    for position in ledger.positions_of(account):
        state = states.get(position.market_index)
        if state is not None and state.size == position.size:
            mark_position(ledger=ledger, position=position, state=state, at=report.observed_at)
    if is_whole:
        book_interest(
            ledger=ledger,
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
        note_differences(ledger=ledger, account=account, report=report, now=now)
    # A wish that came after this look began is not answered by it.
    asked_since = account.wanted_at is not None and account.wanted_at > now
    if not asked_since and not ledger.is_under_way(account):
        account.wanted_at = None


def _moved(history: Sequence[TransactionReport]) -> dict[str, Decimal]:
    moved: dict[str, Decimal] = {}
    for transaction_report in history:
        for event in transaction_report.events:
            if isinstance(event, EntryReport):
                before = moved.get(event.token_symbol, ZERO)
                moved[event.token_symbol] = before + abs(event.amount)
    return moved
