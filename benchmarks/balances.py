"""What the chain shows of many wallets, stored: the service against COPY and raw UPDATEs."""

import itertools
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import psycopg

from benchmarks import desk_database
from benchmarks.desk_rows import make_people
from benchmarks.measuring import Finding, Size, by_turns, compared

_TOKENS = ("SOL", "USDC")
# So many wallets the service reads at a time.
_BATCH = 200
_STAGE = "CREATE TEMP TABLE seen (w uuid, t text, a numeric, s bigint) ON COMMIT DROP"
_RAW = """
UPDATE bare_balances AS b SET balance = a, observed_slot = s, updated_at = now()
FROM seen WHERE b.wallet_id = w AND b.token_symbol = t
"""
_RAW_WALLETS = "UPDATE wallets SET last_synced_at = now() WHERE id IN (SELECT w FROM seen)"
_slots = itertools.count(1)


def measure(size: Size) -> list[Finding]:
    """`rows` is how many balances there are, all of which change with every round."""
    desk_database.prepare()
    rows, rounds = size.rows_or(200_000), size.rounds_or(3)
    with desk_database.owner() as owner:
        make_people(owner, people=rows // len(_TOKENS))
        wallets = [key for (key,) in owner.execute("SELECT id FROM wallets")]
        _store(wallets, len(wallets))
        owner.execute("DROP TABLE IF EXISTS bare_balances")
        owner.execute("CREATE TABLE bare_balances (LIKE wallet_balances INCLUDING INDEXES)")
        owner.execute("INSERT INTO bare_balances SELECT * FROM wallet_balances")
        owner.execute("VACUUM (ANALYZE) bare_balances")
        owner.execute("VACUUM (ANALYZE) wallet_balances")
        seconds = by_turns(
            {
                "batches": lambda: _store(wallets, _BATCH),
                "one": lambda: _store(wallets, len(wallets)),
                "raw": lambda: _copy_and_update(owner, wallets),
            },
            rounds=rounds,
        )
    return [
        compared(
            "stored by one statement", seconds["one"], seconds["raw"],
            bound_name="COPY, then an UPDATE of each table", per=rows, at_most=1.1,
        ),
        compared(
            f"stored by {_BATCH} wallets", seconds["batches"], seconds["raw"],
            bound_name="COPY, then an UPDATE of each table", per=rows,
        ),
    ]  # fmt: skip


def _store(wallets: list[uuid.UUID], batch: int) -> None:
    from wallets.chain_balances import ChainBalances
    from wallets.services.sync_balances import store_balances

    slot, now = next(_slots), datetime.now(UTC)
    held = ChainBalances(amounts={token: Decimal(slot) for token in _TOKENS}, slot=slot)
    for start in range(0, len(wallets), batch):
        part = wallets[start : start + batch]
        changed = store_balances(balances=dict.fromkeys(part, held), now=now)
        assert changed == len(part) * len(_TOKENS)


def _copy_and_update(owner: psycopg.Connection, wallets: list[uuid.UUID]) -> None:
    slot = next(_slots)
    with owner.transaction(), owner.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY seen FROM STDIN") as copy:
            for wallet in wallets:
                for token in _TOKENS:
                    copy.write_row((wallet, token, Decimal(slot), slot))
        cursor.execute("ANALYZE seen")
        cursor.execute(_RAW)
        assert cursor.rowcount == len(wallets) * len(_TOKENS)
        cursor.execute(_RAW_WALLETS)
