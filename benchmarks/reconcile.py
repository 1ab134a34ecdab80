"""One pass over 5,000 accounts of which a tenth changed: processor time of ours, nodes apart.

What changed an account is an order of ours that was filled: the dearest thing that a pass books.
"""

import dataclasses
import time
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from typing import Any

import psycopg

from benchmarks import desk_database
from benchmarks.desk_rows import make_open_positions
from benchmarks.measuring import Finding, Size, compared, limited, seconds_of, shown_time
from drift.account_reader import reader_for
from drift.layouts.deployments import DRIFT_2024_10
from tests.drift.recordings import account_bytes, recorded_accounts

_DEPLOYMENT = "velocity"
_WANTED_SECONDS = 1.0
_SHARE = 10
_SLOT = 1000
# Each holds what one fill made of it, and was seen a moment ago.
_ACCOUNTS = """
INSERT INTO venue_accounts (id, wallet_id, deployment, address, sub_account_id, status,
       observed_slot, observed_at, observed_hash, state, scanned_signature, created_at, updated_at)
SELECT desk_uuidv7(), w.id, 'velocity', 'account of ' || w.wallet_address, 0, 'active',
       1000, now(), 'first', jsonb_build_object('booked_at', now()), '', now(), now()
FROM wallets AS w
"""
_FILLS = """
INSERT INTO fills (id, user_id, wallet_id, market_id, deployment, position_id, side, direction,
       size, price, quote, fee, realized_pnl, is_maker, venue_fill_id, venue_order_id, account,
       event_index, is_final, origin, filled_at, created_at)
SELECT desk_uuidv7(), p.user_id, p.wallet_id, d.market_id, 'velocity', p.id, p.side,
       CASE p.side WHEN 'long' THEN 'buy' ELSE 'sell' END,
       p.base_asset_amount, 100, p.entry_quote, 0.15, -0.15, false, 'f' || p.id, '',
       'account of ' || w.wallet_address, 0, true, 'external', now(), now()
FROM drift_positions AS p JOIN wallets AS w ON w.id = p.wallet_id
JOIN drift_markets AS d ON d.id = p.market_id
"""
_RAW_ACCOUNTS = """
UPDATE bare_accounts AS a SET observed_slot = s.slot, observed_at = now()
FROM unnest(%s::uuid[], %s::bigint[]) AS s(id, slot) WHERE a.id = s.id
"""
_RAW_FILLS = """
INSERT INTO bare_fills SELECT f.* FROM fills AS f WHERE f.account = ANY(%s::text[])
ON CONFLICT DO NOTHING
"""


class Passes:
    """A hand-made venue that goes on telling of trades, and the passes that hear of them."""

    def __init__(self, venue: Any, accounts: list[tuple[uuid.UUID, str, str]]) -> None:
        self.venue, self.accounts = venue, accounts
        self.changing = accounts[::_SHARE]
        self._round = 0
        for _, address, side in accounts:
            self._tell(address, side, Decimal("1.5"), "first")

    def move(self) -> None:
        """A later slot for all, one more fill for a tenth; made before the clock runs."""
        from tests.trading.books import fill, transaction

        self._round += 1
        self._place()
        changing = {address for _, address, _ in self.changing}
        for _, address, side in self.accounts:
            if address not in changing:
                self._tell(address, side, Decimal("1.5"), "first")
                continue
            size = Decimal("1.5") + self._round
            self._tell(address, side, size, f"round {self._round}")
            direction = "buy" if side == "long" else "sell"
            told = fill(
                self._name(), size="1", price="100", fee="0", direction=direction, market_index=1
            )
            self.venue.histories.setdefault(address, []).append(
                transaction(told, slot=_SLOT + self._round)
            )

    def run(self) -> None:
        from trading.services import reconcile_wanted

        found = reconcile_wanted(now=datetime.now(UTC))
        wanted = (len(self.accounts), len(self.changing), 0)
        assert (found["accounts"], found["booked"], found["failed"]) == wanted, found

    def check(self) -> None:
        """Each order was filled, and each fill found its order."""
        from accounts.models import Intent
        from core.roles import as_sync
        from drift.models import DriftOrder

        placed = len(self.changing) * self._round
        with as_sync():
            assert DriftOrder.objects.filter(status="filled", filled_size=1).count() == placed
            assert Intent.objects.filter(status="executed").count() == placed

    def _place(self) -> None:
        """An order of ours that rests, for each account that is about to change."""
        from accounts.models import Intent
        from core.bulk import insert_rows
        from core.roles import as_sync
        from drift.models import DriftOrder, DriftPosition

        with as_sync():
            held = {each.account_address: each for each in DriftPosition.objects.all()}
            orders = [
                DriftOrder(
                    user_id=position.user_id, wallet_id=position.wallet_id,
                    market_id=position.market_id, market_index=1, account_address=address,
                    deployment=_DEPLOYMENT, side=side, size=Decimal(1), price=Decimal(101),
                    direction="buy" if side == "long" else "sell", order_type="market",
                    status="open", venue_order_id=self._name(), venue_label=1,
                )
                for _, address, side in self.changing
                for position in (held[address.removeprefix("account of ")],)
            ]  # fmt: skip
            insert_rows(orders)
            insert_rows([
                Intent(
                    id=order.id, user_id=order.user_id, channel="telegram", kind="order",
                    idempotency_key=str(order.id), content_hash="",
                )
                for order in orders
            ])  # fmt: skip

    def _name(self) -> str:
        return str(self._round)

    def _tell(self, address: str, side: str, size: Decimal, told: str) -> None:
        from tests.trading.books import position_state
        from tests.trading.hand_venue import empty_report

        worth = -size * 100 if side == "long" else size * 100
        state = position_state(
            side=side, size=str(size), quote_amount=str(worth - Decimal("0.15")), market_index=1,
            mark_price=Decimal(100 + self._round),
        )  # fmt: skip
        report = empty_report(
            address, slot=_SLOT + self._round, bytes_hash=told, positions=(state,)
        )
        now = datetime.now(UTC)
        self.venue.reports[address] = dataclasses.replace(report, observed_at=now)


def measure(size: Size) -> list[Finding]:
    """`rows` is how many accounts there are, each with a position; a tenth of them trade."""
    desk_database.prepare()
    from django.test import override_settings

    rows, rounds = size.rows_or(5000), size.rounds_or(3)
    with (
        override_settings(VENUES={_DEPLOYMENT: "tests.trading.hand_venue.HandVenue"}),
        desk_database.owner() as owner,
    ):
        passes = Passes(_venue(), _make_accounts(owner, rows))
        passes.move()
        passes.run()
        processor, wall, bare = [], [], []
        for _ in range(rounds):
            passes.move()
            began = time.process_time()
            wall.append(seconds_of(passes.run))
            processor.append(time.process_time() - began)
            bare.append(seconds_of(lambda: _raw(owner, passes)))
        passes.check()
    decoding = _decoding(rows)
    spent = median(processor)
    return [
        limited("processor time of a pass", spent, at_most=_WANTED_SECONDS),
        compared(
            f"{rows:,} accounts, {len(passes.changing):,} changed", median(wall), median(bare),
            bound_name="the same rows by two raw statements",
        ),
        limited("decoding them beside", decoding),
        Finding("a changed account", shown_time(spent / len(passes.changing))),
    ]  # fmt: skip


def _venue() -> Any:
    from trading.venues.base import get_venue

    venue: Any = get_venue(_DEPLOYMENT)
    venue.reset()
    return venue


def _make_accounts(owner: psycopg.Connection, rows: int) -> list[tuple[uuid.UUID, str, str]]:
    owner.execute("TRUNCATE venue_accounts, fills, drift_orders, intents CASCADE")
    make_open_positions(owner, markets=1, positions=rows)
    owner.execute(_ACCOUNTS)
    owner.execute(_FILLS)
    for name, table in (("bare_accounts", "venue_accounts"), ("bare_fills", "fills")):
        owner.execute(f"DROP TABLE IF EXISTS {name}")
        owner.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING INDEXES)")
    owner.execute("INSERT INTO bare_accounts SELECT * FROM venue_accounts")
    owner.execute("VACUUM (ANALYZE) venue_accounts")
    owner.execute("VACUUM (ANALYZE) fills")
    return owner.execute(
        "SELECT a.id, a.address, p.side FROM venue_accounts AS a"
        " JOIN drift_positions AS p ON p.wallet_id = a.wallet_id ORDER BY a.id"
    ).fetchall()


def _raw(owner: psycopg.Connection, passes: Passes) -> None:
    slots = [_SLOT] * len(passes.accounts)
    owner.execute(_RAW_ACCOUNTS, [[key for key, _, _ in passes.accounts], slots])
    owner.execute("TRUNCATE bare_fills")
    owner.execute(_RAW_FILLS, [[address for _, address, _ in passes.changing]])


def _decoding(rows: int) -> float:
    """What the hot reader takes for so many accounts: all are decoded, for their marks."""
    recorded = [
        account_bytes(account)
        for account in recorded_accounts("mixed_1")
        if account["kind"] == "User"
    ]
    accounts = (recorded * (rows // len(recorded) + 1))[:rows]
    reader = reader_for(DRIFT_2024_10)

    def decode() -> None:
        for data in accounts:
            reader.user(owner=DRIFT_2024_10.program_id, data=data)

    return seconds_of(decode)
