"""What a run meets: the rows of the crash table, and what nodes, custodian, clocks and twins do."""

from dataclasses import dataclass, field
from typing import Any

# The row of the crash table, and the function before which the worker dies.
ROWS = {
    "": "",
    "after place, before claim": "chain.services.drive_submission.claim_submission",
    "after claim, before signing": "chain.services.sign_submission._sign",
    "signed, before commit": "chain.services.sign_submission._commit",
    "committed, before sending": "chain.services.drive_submission.send_submission",
    "sent, answer lost": "chain.services.send_submission.move_submission",
    "confirmed, before our commit": "chain.services.collect_evidence._move",
}
# As the table's last rows: what is booked is killed in between, again and again.
BOOKING_ROWS = {
    "": "",
    "history read, nothing booked": "trading.services.reconcile_account._book",
    "booked, before the state": "trading.services.reconcile_account._book_state",
    "booked, before the stops": "trading.services.reconcile_account.follow_stops",
}


@dataclass(frozen=True)
class Fault:
    """A name, the sandbox's faults that make it, and what else is odd meanwhile."""

    name: str
    of_sandbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    skew: float = 0
    workers: int = 1
    sweeps: int = 0
    flushes: bool = False
    # How long it lasts after the worker is gone, in seconds.
    lasts: float = 0.6


def _one(name: str, of_sandbox: str, **parameters: Any) -> Fault:
    return Fault(name, {of_sandbox: parameters})


FAULTS = (
    Fault("none"),
    _one("90 % of sends dropped", "solana.drop_sends", percent=90),
    _one("answers late", "solana.late", percent=30, seconds=0.4),
    _one("calls late", "solana.slow", percent=30, seconds=0.4),
    _one("answer to a send lost", "solana.lost_answer", method="sendTransaction"),
    _one("node lags by 100 slots", "solana.node_lag", slots=100),
    _one("nodes disagree", "solana.nodes", nodes=[{"lag": 0}, {"lag": 40}, {"lag": 100}]),
    _one("no history", "solana.no_history"),
    _one("429", "solana.rate_limit", percent=60, retry_after=1),
    _one("HTML page", "solana.html", percent=60),
    _one("503", "solana.server_error", percent=60),
    _one("connection cut", "solana.reset", percent=50),
    _one("half an answer", "solana.truncated", percent=40),
    _one("statuses hidden", "solana.hide_statuses"),
    _one("commitment stalled", "solana.stalled_commitment"),
    _one("lands late", "solana.land_late", slots=60),
    _one("old blockhash", "solana.stale_blockhash"),
    _one("error on a fork, then success", "solana.fork", shows="error", becomes="success"),
    Fault(
        "confirmed error on a fork, then success",
        {"solana.fork": {"shows": "error", "commitment": "confirmed", "becomes": "success"}},
    ),
    Fault(
        "success on a fork, then error",
        {"solana.fork": {"shows": "success", "commitment": "confirmed", "becomes": "error"}},
    ),
    Fault(
        "success on a fork, then gone",
        {"solana.fork": {"shows": "success", "commitment": "confirmed", "becomes": "dropped"}},
    ),
    Fault(
        "custodian's answer lost after signing",
        {"privy.timeout_after_signing": {"seconds": 3, "count": 1}},
    ),
    Fault("custodian says 429", {"privy.rate_limited": {"percent": 60}}),
    Fault("custodian says 500", {"privy.server_error": {"percent": 60}}),
    Fault("custodian's HTML page", {"privy.html": {"percent": 60}}),
    Fault("custodian refuses by policy", {"privy.policy_violation": {"count": 1}}),
    Fault("custodian signs another message", {"privy.wrong_message": {"count": 1}}),
    Fault("Redis flushed", flushes=True),
    Fault("two workers on one task", workers=2),
    Fault("four workers on one task", workers=4),
    Fault("sweep runs twice", sweeps=2),
    Fault("worker's clock 5 minutes ahead", skew=300),
    Fault("worker's clock 5 minutes behind", skew=-300),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
