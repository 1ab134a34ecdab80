"""Which rows that are not final are of transactions that a fork has taken back."""

import uuid
from collections.abc import Iterable, Sequence

from chain.services import find_dropped
from trading.models import AccountEntry, Fill
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
    """Those of them that the history does not tell any more, by proof. Raises Unavailable."""
    told = {report.signature for report in history}
    missing = {signature: slot for signature, slot in young.items() if signature not in told}
    return find_dropped(seen=missing) if missing else frozenset()
