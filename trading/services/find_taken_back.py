"""Which rows that are not final are of transactions that a fork has taken back."""

import uuid
from collections.abc import Iterable, Sequence

from chain.services import find_dropped
from trading.models import AccountEntry, Fill, YoungMove
from trading.venues.base import Venue
from trading.venues.reports import TransactionReport

# Account → signature → the slot at which it was seen.
Young = dict[uuid.UUID, dict[str, int]]


def read_young(*, venue: Venue, accounts: Iterable[tuple[uuid.UUID, str]]) -> Young:
    """The transactions of rows that a fork may still take back, of these accounts."""
    if not venue.settles_on_chain:
        return {}
    keys = {address: key for key, address in accounts}
    here = {"deployment": venue.deployment, "is_final": False}
    young: Young = {}
    moves = YoungMove.objects.filter(deployment=venue.deployment)
    for key, signature, at in moves.values_list("account_id", "tx_hash", "slot"):
        young.setdefault(key, {})[signature] = at
    entries = AccountEntry.objects.filter(**here)
    for key, signature, slot in entries.values_list("account_id", "tx_hash", "slot"):
        young.setdefault(key, {})[signature] = slot or 0
    fills = Fill.objects.filter(**here).exclude(tx_hash=None)
    for address, name, slot in fills.values_list("account", "tx_hash", "slot"):
        if address in keys and name is not None:
            young.setdefault(keys[address], {})[name] = slot or 0
    return young


def find_taken_back(
    *, young: dict[str, int], history: Sequence[TransactionReport]
) -> frozenset[str]:
    """Those of them that the history does not tell any more, by proof. Raises Unavailable.

    And those that it tells in another place: on another fork the same transaction may have made
    another order, at another price. What it did there is booked anew.
    """
    told = {report.signature: report for report in history}
    missing = {signature: slot for signature, slot in young.items() if signature not in told}
    moved = frozenset(
        signature
        for signature, slot in young.items()
        if slot and signature in told and _is_elsewhere(told[signature], slot)
    )
    return moved | (find_dropped(seen=missing) if missing else frozenset())


def _is_elsewhere(report: TransactionReport, slot: int) -> bool:
    """A node that lags may show the older of two places, until one of them is final."""
    return report.slot != slot and (report.finalized or report.slot > slot)
