"""What venues told of accounts, and which rows that names. Reads only."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chain.models import SubmissionAct
from trading.models import VenueAccount
from trading.models.account import NO_TRANSACTION
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


@dataclass(frozen=True, slots=True)
class Told:
    """An account whose row the caller has locked, and what its venue told of it."""

    account: VenueAccount
    wallet: Wallet
    report: AccountReport
    history: Sequence[TransactionReport]
    # Transactions of rows of ours, of which it is proven that a fork took them back.
    dropped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Act:
    """What a message of ours was for."""

    subject_type: str
    subject_id: uuid.UUID
    step: str


def interest_key(report: AccountReport, symbol: str) -> str:
    """One row of interest a token and day."""
    return f"{NO_TRANSACTION}{symbol} {report.observed_at:%Y-%m-%d}"


def read_acts(signatures: Sequence[str]) -> dict[str, list[Act]]:
    """Signature → what that message of ours was for; no key for another's."""
    found: dict[str, list[Act]] = {}
    if signatures:
        rows = SubmissionAct.objects.filter(submission__signature__in=signatures)
        for signature, subject_type, subject_id, step in rows.values_list(
            "submission__signature", "subject_type", "subject_id", "step"
        ):
            act = Act(subject_type, subject_id, step)
            found.setdefault(signature or "", []).append(act)
    return found


def named_orders(told: Told) -> Iterator[str]:
    """Every id of an order that the account or its history names."""
    yield from (state.venue_order_id for state in told.report.orders)
    for one in told.history:
        for event in one.events:
            match event:
                case OrderPlaced():
                    yield event.order.venue_order_id
                case OrderReplaced():
                    yield from (event.old_venue_order_id, event.order.venue_order_id)
                case OrderEnded() | FillReport():
                    yield event.venue_order_id
                case EntryReport() if event.venue_order_id:
                    yield event.venue_order_id
