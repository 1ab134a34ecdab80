"""From the tap on Confirm to the signed bytes at the node's door, split by step."""

import re
import uuid
from decimal import Decimal
from importlib import import_module
from statistics import median
from typing import Any

import httpx
import psycopg

from benchmarks.desk_sandbox import open_desk
from benchmarks.measuring import Finding, Size, compared, limited, seconds_of, shown_time
from core.uuid7 import uuid7

_QUOTE, _PLACE, _HAND_OVER = "quote", "place: one transaction", "hand over to a worker"
_STEPS = {
    "trading.services.place_order.quote_order": _QUOTE,
    "trading.services.place_order.place_order": _PLACE,
    "chain.tasks.submit.delay": _HAND_OVER,
    "chain.services.drive_submission.claim_submission": "claim",
    "chain.services.drive_submission.sign_submission": "commit the signed bytes",
    "trading.subjects.order.OrderSubject.plan": "plan the message",
    "chain.services.sign_submission._compute_budget": "simulate, fees",
    "chain.rpc.Rpc.latest_blockhash": "blockhash",
    "chain.services.sign_submission.build_transaction": "build and check",
    "chain.services.sign_submission.check_transaction": "build and check",
    "chain.services.sign_submission._sign": "sign (Privy)",
    "chain.services.drive_submission.send_submission": "send",
}
_ORDER_OF_STEPS = list(dict.fromkeys(_STEPS.values()))
_WANTED_SECONDS = 10e-3
_ID = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[47][0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}\b")


def measure(size: Size) -> list[Finding]:
    """`rows` is how many orders are placed, one after the other, on a sandbox of its own."""
    with open_desk() as sandbox:
        return _measure(_trader(sandbox), orders=size.rows_or(40))


def _trader(sandbox: Any) -> Any:
    from tests.desk import Trader, sweep_until

    trader = Trader(sandbox, "velocity", 9_000_000 + uuid.uuid4().int % 10**6)
    trader.arrive(quote=Decimal(1000))
    trader.deposit("900")
    sweep_until(lambda: trader.account().collateral or 0)
    return trader


def _measure(trader: Any, *, orders: int) -> list[Finding]:
    from benchmarks.stopwatch import Stopwatch

    watch = Stopwatch(ends_at=b'"sendTransaction"')
    runs, bounds, sends, asked = [], [], [], []
    with watch.watching(_STEPS):
        for number in range(-3, orders):
            known_before = uuid7()
            raw = _one_order(trader, watch, f"order-{number}-")
            replayed = _replay(watch.statements[_PLACE], known_before, f"order-{number}-")
            bare = _bare_send(trader.sandbox.rpc_url, raw)
            if number >= 0:
                runs.append(dict(watch.steps))
                bounds.append(replayed)
                sends.append((watch.sending_took, bare))
                asked.append(len(watch.statements[_PLACE]))
    return [
        *_step_findings(runs),
        *_bound_findings(runs, bounds, sends),
        Finding("place: statements", f"{median(asked):.0f}"),
    ]


def _one_order(trader: Any, watch: Any, key: str) -> bytes:
    """Place and drive one order under the watch; the bytes that were sent."""
    from django.utils import timezone

    from chain.models import Submission
    from chain.services import drive_submission
    from core.roles import as_sync
    from tests.desk import sweep_until
    from trading.enums import ORDER_ENDED
    from trading.services import read_order

    place_order = import_module("trading.services.place_order").place_order
    confirmed = trader.confirm(symbol="SOL", side="long", size=Decimal("0.1"))
    watch.start()
    placed = place_order(
        user_id=trader.user_id,
        channel="telegram",
        key=key,
        confirmed=confirmed,
        now=timezone.now(),
    )
    watch.pause()
    with as_sync():
        found = Submission.objects.get(acts__subject_id=placed.id)
    watch.resume()
    drive_submission(submission_id=found.id, follow=False)
    with as_sync():
        found.refresh_from_db()
    assert found.raw is not None
    sweep_until(
        lambda: read_order(user_id=trader.user_id, order_id=placed.id).status in ORDER_ENDED
    )
    return bytes(found.raw)


def _step_findings(runs: list[dict[str, Any]]) -> list[Finding]:
    lines = []
    for name in _ORDER_OF_STEPS:
        spent = [run[name] for run in runs if name in run]
        if not spent:
            continue
        own, network, database = (
            median(getattr(each, part) for each in spent) for part in ("own", "network", "database")
        )
        beside = f"of it database {shown_time(database)}" if database else ""
        beside += f"; network {shown_time(network)}" if network else ""
        lines.append(Finding(name, shown_time(own), beside.removeprefix("; ")))
    return lines


def _bound_findings(
    runs: list[dict[str, Any]], bounds: list[float], sends: list[tuple[float, float]]
) -> list[Finding]:
    own = median(sum(step.own for step in run.values()) for run in runs)
    network = median(sum(step.network for step in run.values()) for run in runs)
    place = median(run[_PLACE].own for run in runs)
    return [
        Finding(
            "all: our own time, p50", shown_time(own), f"network {shown_time(network)} beside it",
            wanted=f"≤ {shown_time(_WANTED_SECONDS)}", ok=own <= _WANTED_SECONDS,
        ),
        compared(
            "place", place, median(bounds), bound_name="the same statements by psycopg alone"
        ),
        compared(
            "the node's answer to the send", median(ours for ours, _ in sends),
            median(bare for _, bare in sends), bound_name="a bare POST of the bytes",
        ),
        limited("place: database", median(run[_PLACE].database for run in runs), at_most=1e-3),
    ]  # fmt: skip


def _replay(statements: list[tuple[str, Any]], known_before: uuid.UUID, key: str) -> float:
    """Seconds of the same statements in one transaction, with new ids in place of the new ones."""
    import os

    with psycopg.connect(
        os.environ["DATABASE_URL"], autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as database:
        cursor = database.cursor()
        texts = [cursor.mogrify(sql, params) if params else sql for sql, params in statements]
        fresh: dict[uuid.UUID, uuid.UUID] = {}

        def renew(found: re.Match[str]) -> str:
            known = uuid.UUID(found[0])
            if known.version == 7 and known < known_before:
                return found[0]
            return fresh.setdefault(known, uuid7()).hex

        texts = [_ID.sub(renew, text).replace(key, f"{key}again-") for text in texts]

        def work() -> None:
            with database.transaction():
                for text in texts:
                    cursor.execute(text)

        return seconds_of(work)


def _bare_send(url: str, raw: bytes) -> float:
    """Seconds of the same request by a client that has its connection already."""
    from base64 import b64encode

    options = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "sendTransaction",
        "params": [b64encode(raw).decode(), options],
    }
    with httpx.Client() as client:
        client.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "getHealth"})
        return seconds_of(lambda: client.post(url, json=body))
