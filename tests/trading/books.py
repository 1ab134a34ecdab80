"""One trader's account at the hand venue: what happens to it, and what our books say of it."""

import dataclasses
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Intent
from core.roles import as_sync
from drift.models import DriftOrder, DriftPosition
from tests import factories
from tests.trading.hand_venue import HAND, START, HandVenue, empty_report
from trading.models import AccountEntry, Difference, Fill
from trading.services import reconcile_account
from trading.venues.reports import (
    EntryReport,
    FillReport,
    OrderEnded,
    OrderPlaced,
    OrderReplaced,
    OrderState,
    PositionState,
    TransactionReport,
)

_numbers = itertools.count(1)


def moment(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def resting(order_id="1", *, label=1, size="1", direction="buy", market=0, filled="0"):
    """An order as the account holds it."""
    return OrderState(
        venue_order_id=order_id,
        label=label,
        market_index=market,
        direction=direction,
        size=Decimal(size),
        filled_size=Decimal(filled),
        price=Decimal(101),
        reduce_only=False,
        order_type="market",
        expires_at=None,
    )


def placed(order_id="1", **changes) -> OrderPlaced:
    return OrderPlaced(event_index=1, order=resting(order_id, **changes))


def replaced(old, new, *, size="1", price="101", **changes) -> OrderReplaced:
    order = dataclasses.replace(resting(new, size=size, **changes), price=Decimal(price))
    return OrderReplaced(event_index=2, old_venue_order_id=old, order=order)


def ended(order_id="1", *, reason="cancelled", why="venue.order_expired") -> OrderEnded:
    return OrderEnded(event_index=7, venue_order_id=order_id, reason=reason, why=why)


def fill(order_id="1", *, size="1", price="100", quote=None, fee="0.1", record="", **changes):
    """This account's side of a match, of 1 at 100 unless told otherwise."""
    named = {
        "event_index": 3,
        "venue_fill_id": record or f"f{next(_numbers)}",
        "market_index": 0,
        "venue_order_id": order_id,
        "direction": "buy",
        "is_maker": False,
        "size": Decimal(size),
        "quote": Decimal(quote) if quote else Decimal(size) * Decimal(price),
        "fee": Decimal(fee),
        "occurred_at": moment(10),
    }
    return FillReport(**named | changes)


def entry(kind, amount, *, index=5, token="USDC", market=None, **changes) -> EntryReport:
    named = {"occurred_at": moment(20), "market_index": market}
    return EntryReport(
        event_index=index, kind=kind, token_symbol=token, amount=Decimal(amount), **named | changes
    )


def transaction(*events, slot=500, signature="", finalized=True, complete=True):
    return TransactionReport(
        signature=signature or f"tx {next(_numbers)}",
        slot=slot,
        block_time=moment(slot // 10),
        finalized=finalized,
        complete=complete,
        events=events,
    )


def position_state(*, side="long", size="1", quote_amount="-100", **changes) -> PositionState:
    named = {
        "market_index": 0,
        "entry_price": Decimal(100),
        "mark_price": Decimal(105),
        "unrealized_pnl": Decimal(5),
        "unsettled_funding": Decimal(0),
        "margin": Decimal(10),
        "leverage": Decimal("0.1"),
        "liquidation_price": None,
    }
    return PositionState(
        side=side, size=Decimal(size), quote_asset_amount=Decimal(quote_amount), **named | changes
    )


@dataclass
class Books:
    """A person, their wallet and account, and the market that they trade in."""

    venue: HandVenue
    market: object
    wallet: object = field(default_factory=factories.wallet)
    slot: int = 1000

    def __post_init__(self):
        address = self.venue.account_address(self.wallet.wallet_address)
        self.account = factories.venue_account(self.wallet, HAND, address=address)
        self.address = address

    # What was done here before the venue tells of it.

    def order(self, *, size="1", label=1, state="finalized", landed=500, attempt=1, **columns):
        """Our order, its intent, and its message in `state`; returns the order and signature."""
        intent = factories.intent(self.wallet.user)
        named = {"wallet": self.wallet, "account_address": self.address, "venue_label": label}
        order = factories.drift_order(
            self.market, id=intent.id, size=Decimal(size), **named | columns
        )
        signature = self.message(order.id, state=state, landed=landed, attempt=attempt)
        return order, signature

    def message(self, subject_id, *, state="finalized", landed=500, kind="order", step="place",
                attempt=1):  # fmt: skip
        ends = ("finalized", "failed", "expired", "abandoned")
        submission = factories.signed_submission(
            self.wallet,
            state=state,
            landed_slot=landed if state in ("confirmed", "finalized") else None,
            attempt=attempt,
        )
        factories.act(
            submission,
            subject_type=kind,
            subject_id=subject_id,
            step=step,
            live=state not in ends,
        )
        return submission.signature

    # What the venue tells.

    def hear(self, *history, slot=None, again=0, **report):
        """The venue's whole history so far; it is read, and read again from the start."""
        self.slot = slot or self.slot + 1
        self.venue.histories[self.address] = list(history)
        self.venue.reports[self.address] = empty_report(self.address, slot=self.slot, **report)
        self.look()
        for _ in range(again):
            self.forget_cursor()
            self.look()

    def look(self, *, now=None):
        reconcile_account(account_id=self.account.pk, now=now or moment(600))

    def forget_cursor(self):
        with as_sync():
            type(self.account).objects.filter(pk=self.account.pk).update(
                scanned_signature="", scanned_slot=None
            )

    # What our books say.

    def read(self, row):
        with as_sync():
            return type(row)._default_manager.get(pk=row.pk)

    def intent(self, row) -> str:
        with as_sync():
            return Intent.objects.get(pk=row.pk).status

    def intent_exists(self, row) -> bool:
        with as_sync():
            return Intent.objects.filter(pk=row.pk).exists()

    def fills(self):
        with as_sync():
            return list(Fill.objects.filter(account=self.address).order_by("id"))

    def entries(self):
        with as_sync():
            return list(AccountEntry.objects.filter(account=self.account).order_by("id"))

    def positions(self, **wanted):
        with as_sync():
            rows = DriftPosition.objects.filter(wallet=self.wallet, **wanted)
            return list(rows.order_by("id"))

    def differences(self):
        with as_sync():
            return {
                row.what: row.amount
                for row in Difference.objects.filter(account=self.account, resolved_at__isnull=True)
            }

    def everything(self):
        """All that reports decide, without the keys that chance gave to rows."""
        with as_sync():
            orders = DriftOrder.objects.filter(wallet=self.wallet).order_by("id")
            numbers = {p.id: n for n, p in enumerate(self.positions())}
            return {
                "orders": list(
                    orders.values_list(
                        "id", "status", "status_reason", "filled_size", "avg_fill_price",
                        "total_fees", "filled_at", "ended_at", "venue_order_id",
                    )
                ),
                "intents": list(
                    Intent.objects.filter(user=self.wallet.user_id)
                    .order_by("id").values_list("id", "status")
                ),
                "fills": sorted(
                    (row.venue_fill_id, row.order_id, row.side, row.size, row.price,
                     row.realized_pnl, row.origin, numbers[row.position_id])
                    for row in self.fills()
                ),
                "positions": [
                    (p.side, p.status, p.size, p.entry_quote, p.realized_pnl, p.fees, p.funding,
                     p.peak_size, p.exit_price, p.opened_at, p.closed_at)
                    for p in self.positions()
                ],
                "entries": sorted(
                    ((row.tx_hash, row.kind, row.amount, row.order_id,
                      numbers.get(row.position_id)) for row in self.entries()),
                    key=repr,
                ),
            }  # fmt: skip
