"""The transactions of a user account, oldest first, with what each did to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from solders.pubkey import Pubkey

from chain.errors import RpcError
from chain.rpc import UNSUPPORTED_VERSION, rpc
from core.errors import Unavailable
from drift.events import parse_events
from drift.layouts.deployments import Deployment
from drift.referrers import referrer_account
from drift.reports import event_reports
from drift.token_words import TokenWords
from trading.venues.reports import TransactionReport

_PAGE = 1000


def read_transactions(
    *,
    deployment: Deployment,
    address: str,
    after: str,
    tokens: Mapping[int, TokenWords],
    min_slot: int | None = None,
) -> list[TransactionReport]:
    """Successful transactions that mention the account since signature `after`, oldest first.

    All of them: a gap would let an order seem to have left no trace. Raises Unavailable.
    """
    reports = []
    for entry in reversed(_signatures(address, after, min_slot)):
        if entry["err"] is not None:
            continue
        try:
            found = rpc().transaction(entry["signature"])
        except RpcError as error:
            if error.rpc_code != UNSUPPORTED_VERSION:
                raise
            reports.append(_unreadable(entry))
            continue
        if found is None:
            raise Unavailable("chain.behind", signature=entry["signature"])
        report = _report(deployment, address, entry, found, tokens)
        if report is not None:
            reports.append(report)
    return reports


def _unreadable(entry: Mapping[str, Any]) -> TransactionReport:
    """Of a version that the node does not show: what it did is seen in the account's state."""
    block_time = entry.get("blockTime")
    return TransactionReport(
        signature=entry["signature"],
        slot=int(entry["slot"]),
        block_time=datetime.fromtimestamp(block_time, UTC) if block_time else None,
        finalized=entry.get("confirmationStatus") == "finalized",
        complete=False,
        events=(),
    )


def _signatures(address: str, after: str, min_slot: int | None) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    before: str | None = None
    while True:
        page = rpc().signatures_for(
            address, until=after or None, limit=_PAGE, before=before, min_slot=min_slot
        )
        entries += page
        if len(page) < _PAGE:
            return entries
        before = page[-1]["signature"]


def _report(
    deployment: Deployment,
    address: str,
    entry: Mapping[str, Any],
    found: Mapping[str, Any],
    tokens: Mapping[int, TokenWords],
) -> TransactionReport | None:
    """None for a transaction that failed on the fork that this node now shows."""
    meta = found["meta"]
    if meta["err"] is not None:
        return None
    # A node that was told to keep no logs shows null: then the account's state fills the gap.
    logs = meta.get("logMessages")
    parsed = parse_events(deployment=deployment, logs=logs or (), error=None)
    block_time = found.get("blockTime")
    return TransactionReport(
        signature=entry["signature"],
        slot=int(found["slot"]),
        block_time=datetime.fromtimestamp(block_time, UTC) if block_time else None,
        finalized=entry.get("confirmationStatus") == "finalized",
        complete=logs is not None and parsed.complete,
        events=event_reports(
            parsed.events,
            user=Pubkey.from_string(address),
            tokens=tokens,
            quote_symbol=deployment.quote_symbol,
            referrer_of=partial(referrer_account, deployment.key),
        ),
    )
