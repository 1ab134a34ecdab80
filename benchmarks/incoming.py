"""Calls to nodes for 5,000 wallets that nobody touches, against a look at all in every round."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from benchmarks import desk_database
from benchmarks.measuring import Finding, Size, limited, seconds_of, shown_time

_ROUND_SECONDS = 20
_PERIOD = timedelta(minutes=10)
_ACCOUNTS_A_CALL = 100
_ACCOUNTS_A_WALLET = 5
_WANTED = 0.1
# As after a day: each was looked at within the last ten minutes, and searched within twelve hours.
_LOOKED_AT = """
INSERT INTO watched_accounts (id, wallet_id, address, token_mint, units, signature, slot, gaps,
                              looked_at, searched_at, created_at, updated_at)
SELECT desk_uuidv7(), id, wallet_address, '', 0, '', 0, 0, now() - random() * interval '10 minutes',
       now() - random() * interval '12 hours', now(), now()
FROM wallets
"""


def measure(size: Size) -> list[Finding]:
    """`rows` is how many wallets there are; rounds follow one another for ten minutes."""
    desk_database.prepare()
    from wallets.services import sync_incoming

    rows = size.rows_or(5000)
    with desk_database.owner() as owner:
        _make_wallets(owner, rows)
    rounds = int(_PERIOD.total_seconds()) // _ROUND_SECONDS
    start = datetime.now(UTC)
    taken = []
    with _counted() as calls:
        for number in range(rounds):
            now = start + timedelta(seconds=_ROUND_SECONDS * number)
            taken.append(seconds_of(lambda now=now: sync_incoming(now=now)))  # type: ignore[misc]
    looks = calls.count("getMultipleAccounts")
    searches = calls.count("getTokenAccountsByOwner")
    all_of_them = rounds * -(-rows * _ACCOUNTS_A_WALLET // _ACCOUNTS_A_CALL)
    seconds = _PERIOD.total_seconds()
    return [
        Finding(
            f"looks at {rows:,} idle wallets", f"{looks / seconds:.2f} calls/s",
            f"{all_of_them / seconds:.1f} calls/s all in every round",
            ratio=looks / all_of_them, wanted=f"ratio ≤ {_WANTED}",
            ok=looks <= _WANTED * all_of_them,
        ),
        Finding("searches for other tokens", f"{searches / seconds:.2f} calls/s"),
        limited("a round", sum(taken) / len(taken)),
        Finding("the longest round", shown_time(max(taken))),
    ]  # fmt: skip


def _make_wallets(owner: Any, rows: int) -> None:
    from solders.pubkey import Pubkey

    from benchmarks.desk_rows import make_people

    make_people(owner, people=rows)
    owner.execute("TRUNCATE watched_accounts")
    owner.execute("UPDATE users SET last_active = now() - interval '1 day'")
    keys = [key for (key,) in owner.execute("SELECT id FROM wallets").fetchall()]
    addresses = [str(Pubkey.new_unique()) for _ in keys]
    owner.execute(
        "UPDATE wallets AS w SET wallet_address = n.address"
        " FROM unnest(%s::uuid[], %s::text[]) AS n(id, address) WHERE w.id = n.id",
        [keys, addresses],
    )
    owner.execute(_LOOKED_AT)
    owner.execute("VACUUM (ANALYZE) wallets, watched_accounts, users")


@contextmanager
def _counted() -> Iterator[list[str]]:
    """A node in this process where nothing ever happens; the methods that it was asked by."""
    from chain.rpc import Rpc

    calls: list[str] = []

    def answer(_: Rpc, method: str, *params: Any) -> Any:
        calls.append(method)
        value: list[None] = [None] * len(params[0]) if method == "getMultipleAccounts" else []
        return {"context": {"slot": 5000}, "value": value}

    with patch.object(Rpc, "call", answer), patch("wallets.services.sync_incoming.rpc", _node):
        yield calls


def _node() -> Any:
    from chain.rpc import Rpc

    return Rpc(["http://127.0.0.1:1"])
