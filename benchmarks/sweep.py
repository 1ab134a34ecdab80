"""One sweep over 10,000 messages under way: ours against the bare calls and one UPDATE."""

import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import httpx
import psycopg

from benchmarks import desk_database
from benchmarks.measuring import Finding, Size, compared, limited, seconds_of, shown_time

_BATCH = 256
_HEIGHT = 5000
# Seen as confirmed already: a look that has nothing new to book, which is nearly every look.
_OPEN = """
INSERT INTO submissions (id, wallet_id, state, lane, signature, raw, message_hash, blockhash,
       last_valid_block_height, signing_slot, fee_payer, attempt, counters, deadline, broadcasts,
       sent_at, confirmed_at, landed_slot, last_proof, created_at, updated_at)
SELECT desk_uuidv7(), desk_uuidv7(), 'confirmed', 'trading', 'signature ' || n, '\\x00', '', '',
       5100, 4900, '', 1, '{}', now() + interval '1 minute', 1, now(), now(), 4950, '{}',
       now(), now()
FROM generate_series(1, %s) AS n
"""
_BARE_UPDATE = """
UPDATE bare_submissions AS s SET checked_at = now(), last_proof = seen.proof
FROM unnest(%s::text[], %s::jsonb[]) AS seen(signature, proof) WHERE s.signature = seen.signature
"""
_STATUS = {"slot": 4950, "err": None, "confirmationStatus": "confirmed"}


class _Node(BaseHTTPRequestHandler):
    """As little of a node as answers a sweep."""

    protocol_version = "HTTP/1.1"
    # Otherwise headers and body are two packets, of which the second waits for the other side.
    wbufsize = -1

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result: Any = _HEIGHT
        if call["method"] == "getSignatureStatuses":
            result = {"context": {"slot": _HEIGHT}, "value": [_STATUS] * len(call["params"][0])}
        told = json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


def measure(size: Size) -> list[Finding]:
    """`rows` is how many messages are under way; all are looked at once in each pass."""
    desk_database.prepare()
    rows, rounds = size.rows_or(10_000), size.rounds_or(5)
    with _node() as url, _led_to(url), desk_database.owner() as owner, httpx.Client() as http:
        signatures = _fill(owner, rows)
        _sweep(rows)
        wall, processor, bare = [], [], []
        for _ in range(rounds):
            began = time.process_time()
            wall.append(seconds_of(lambda: _sweep(rows)))
            processor.append(time.process_time() - began)
            bare.append(seconds_of(lambda: _bare(owner, http, url, signatures)))
        owner.execute("TRUNCATE submissions CASCADE")
    ours = median(wall)
    return [
        compared(
            f"{rows:,} messages looked at", ours, median(bare),
            bound_name="bare statuses by batches, one UPDATE",
        ),
        limited("processor time of it", median(processor)),
        Finding("a message", shown_time(ours / rows)),
    ]  # fmt: skip


def _sweep(rows: int) -> None:
    from chain.services import sweep_submissions

    found = sweep_submissions(now=datetime.now(UTC), seconds=600)
    assert found == {"late": 0, "forgotten": 0, "under_way": rows}, found


def _bare(owner: psycopg.Connection, http: httpx.Client, url: str, signatures: list[str]) -> None:
    proofs = []
    for start in range(0, len(signatures), _BATCH):
        part = signatures[start : start + _BATCH]
        params = [part, {"searchTransactionHistory": True}]
        call = {"jsonrpc": "2.0", "id": 1, "method": "getSignatureStatuses", "params": params}
        answer = http.post(url, json=call).json()
        proofs += [json.dumps(status) for status in answer["result"]["value"]]
    done = owner.execute(_BARE_UPDATE, [signatures, proofs])
    assert done.rowcount == len(signatures)


def _fill(owner: psycopg.Connection, rows: int) -> list[str]:
    owner.execute("TRUNCATE submissions CASCADE")
    owner.execute(_OPEN, [rows])
    owner.execute("DROP TABLE IF EXISTS bare_submissions")
    owner.execute("CREATE TABLE bare_submissions (LIKE submissions INCLUDING INDEXES)")
    owner.execute("INSERT INTO bare_submissions SELECT * FROM submissions")
    owner.execute("VACUUM (ANALYZE) submissions")
    owner.execute("VACUUM (ANALYZE) bare_submissions")
    return [name for (name,) in owner.execute("SELECT signature FROM submissions").fetchall()]


@contextmanager
def _led_to(url: str) -> Iterator[None]:
    """The desk asks this node and no other, as fast as it can."""
    from django.test import override_settings

    from laminator.settings.environment import parse_environment

    rate = {"SOLANA_RPC_URLS": url, "SOLANA_RPC_REQUESTS_PER_SECOND": "10000"}
    names = ("DATABASE_URL", "REDIS_URL")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    with override_settings(ENVIRONMENT=parse_environment(kept | rate)):
        yield


@contextmanager
def _node() -> Iterator[str]:
    """A node in a process of its own, so that what it costs is not counted as ours."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Node) as server:
        told.send(server.server_port)
        server.serve_forever()
