"""What a run meets: the rows of the crash table, and what nodes, custodian, clocks and twins do."""

import random
from dataclasses import dataclass, field
from typing import Any

# The row of the crash table, and the function before which the worker dies.
ROWS = {
    "after place, before claim": "chain.services.drive_submission.claim_submission",
    "after claim, before signing": "chain.services.sign_submission._sign",
    "signed, before commit": "chain.services.sign_submission._commit",
    "committed, before sending": "chain.services.drive_submission.send_submission",
    "sent, answer lost": "chain.services.send_submission.move_submission",
    "confirmed, before our commit": "chain.services.collect_evidence._move",
}

TAPPED = "update received, not handled"
# Those of the bot that tells: claimed and not shown, shown and not marked.
NOTIFYING = {
    "fill booked, before the notification": "bot.outbox.OutboxSender._deliver",
    "notification sent, before mark": "alerts.services.mark_delivered",
}


@dataclass(frozen=True)
class Blow:
    """Where a worker is killed: while placing, driving a message, or in a round of Beat's."""

    kind: str
    name: str
    of_job: dict[str, Any] = field(default_factory=dict)


def choose_blow(chance: random.Random) -> Blow:
    """Named rows most often; else around any commit that writes, or at any moment."""
    kind = chance.choices(["row", "placing", "booking", "moment", "none"], [45, 15, 22, 10, 8])[0]
    if kind == "row":
        row = chance.choice(list(ROWS))
        return Blow("driving", row, {"before": ROWS[row]})
    if kind == "placing":
        number, when = chance.randint(1, 2), chance.choice(["before", "after"])
        name = f"placing, {when} its commit {number}"
        return Blow("placing", name, {"write": [number, when]})
    if kind == "booking":
        number, when = chance.randint(1, 6), chance.choice(["before", "after"])
        return Blow("booking", f"booking, {when} commit {number}", {"write": [number, when]})
    if kind == "moment":
        return Blow("driving", "at any moment", {"after": round(chance.random() * 0.5, 3)})
    return Blow("none", "")


@dataclass(frozen=True)
class Fault:
    """A name, the sandbox's faults that make it, and what else is odd meanwhile."""

    name: str
    of_sandbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    skew: float = 0
    workers: int = 1
    # Rounds of Beat's beside the workers, at once.
    rounds: int = 0
    # What is done to Redis ("flush", or a method of the house) or PostgreSQL in the middle.
    disturbs: str = ""
    # Where there are two providers, it is one of them that is wrong.
    of_one: bool = False
    # How many rounds of Beat's it outlasts the worker.
    lasts: int = 1


def _node(name: str, of_sandbox: str, **parameters: Any) -> tuple[Fault, Fault]:
    """Of all nodes, and of one of two."""
    return (
        Fault(name, {of_sandbox: parameters}),
        Fault(f"{name} (one of two)", {of_sandbox: parameters}, of_one=True),
    )


FAULTS = (
    Fault("none"),
    *_node("90 % of sends dropped", "solana.drop_sends", percent=90),
    *_node("answers late", "solana.late", percent=30, seconds=0.4),
    *_node("calls late", "solana.slow", percent=30, seconds=0.4),
    *_node("answer to a send lost", "solana.lost_answer", method="sendTransaction"),
    *_node("node lags by 100 slots", "solana.node_lag", slots=100),
    *_node("nodes disagree", "solana.nodes", nodes=[{"lag": 0}, {"lag": 40}, {"lag": 100}]),
    *_node("no history", "solana.no_history"),
    *_node("429", "solana.rate_limit", percent=60, retry_after=1),
    *_node("HTML page", "solana.html", percent=60),
    *_node("503", "solana.server_error", percent=60),
    *_node("connection cut", "solana.reset", percent=50),
    *_node("half an answer", "solana.truncated", percent=40),
    *_node("statuses hidden", "solana.hide_statuses"),
    *_node("commitment stalled", "solana.stalled_commitment"),
    *_node("lands late", "solana.land_late", slots=60),
    *_node("old blockhash", "solana.stale_blockhash"),
    *_node("error on a fork, then success", "solana.fork", shows="error", becomes="success"),
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
    Fault("keepers slow", {"keeper_slow": {"slots": 40}}, lasts=3),
    Fault("keepers off", {"keeper_off": {}}, lasts=3),
    Fault("fills in parts", {"keeper_partial": {"part": 35}}, lasts=3),
    Fault("Redis flushed", disturbs="flush"),
    Fault("Redis restarted", disturbs="restart_redis"),
    Fault("PostgreSQL crashed and started", disturbs="restart_postgres"),
    Fault("PostgreSQL crashed and started, twins", disturbs="restart_postgres", workers=2),
    Fault("two workers on one task", workers=2),
    Fault("four workers on one task", workers=4),
    Fault("Beat runs twice", rounds=2),
    Fault("all runs twice", workers=2, rounds=2),
    Fault("worker's clock 5 minutes ahead", skew=300),
    Fault("worker's clock 5 minutes behind", skew=-300),
    Fault("clocks ahead, twins", skew=120, workers=2, rounds=1),
)
