"""Markets from the chain into the tables, and their prices into the cache."""

import asyncio
import base64
import os
import signal
import subprocess
import sys
import threading
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from solders.pubkey import Pubkey

from audit.models import AuditLog
from core import bridge, heartbeat
from core.errors import Unavailable
from core.models import Job
from core.registry import provider
from core.roles import as_admin, as_sync
from drift.codec import codec_for
from drift.feed import OracleFeed
from drift.layouts.deployments import DRIFT, VELOCITY
from drift.models import DriftMarket
from drift.pdas import perp_market_address, state_address
from drift.services import sync_all_markets, sync_markets
from drift.snapshot_reader import SnapshotReader
from drift.tasks import sync_markets as sync_task
from laminator.management.commands.run_feed import run_feeds
from markets.models import Market
from markets.prices import read_prices
from tests.desk import led_to
from tests.sandbox.solana_calls import wait_for
from tests.sandbox_server import ROOT, running_sandbox

PROCESSED = {"encoding": "base64", "commitment": "processed"}
SYMBOLS = ["SOL-PERP", "BTC-PERP", "ETH-PERP", "HYPE-PERP"]


@pytest.fixture(scope="module")
def sandbox_process():
    with running_sandbox(slot_ms=0) as handle:
        handle.advance(40)
        yield handle


@pytest.fixture
def sandbox(sandbox_process, settings):
    with led_to(sandbox_process, settings):
        yield sandbox_process
        sandbox_process.clear_faults()


@pytest.fixture
def change(sandbox):
    """Change fields of a program's account until the test ends."""
    written = []

    def write(address, found, data):
        account = {"lamports": found["lamports"], "owner": found["owner"], "data": data}
        sandbox.rpc("sandbox_setAccount", address, account)
        sandbox.advance(4)

    def change(deployment, address, kind, /, **values):
        found = sandbox.rpc("getAccountInfo", str(address), PROCESSED)["value"]
        written.append((str(address), found))
        codec = codec_for(deployment.layout)
        decoded = codec.decode_account(kind, base64.b64decode(found["data"][0]))
        for field, value in values.items():
            decoded[field] = decoded[field] | value if isinstance(value, dict) else value
        encoded = codec.encode_account(kind, decoded)
        write(str(address), found, base64.b64encode(encoded).decode())

    yield change
    sandbox.clear_faults()
    for address, found in reversed(written):
        write(address, found, found["data"][0])


def rows(deployment, market_type="perpetual"):
    with as_sync():
        found = DriftMarket.objects.select_related("catalogue").filter(
            deployment=deployment, market_type=market_type
        )
        return {row.market_index: row for row in found.order_by("market_index")}


def audited():
    with as_admin():
        return AuditLog.objects.filter(resource_type__icontains="market").count()


@pytest.mark.parametrize(("deployment", "quote"), [("drift", "USDC"), ("velocity", "USDT")])
def test_markets_are_read_with_the_programs_own_names_and_sizes(db, sandbox, deployment, quote):
    assert sync_markets(deployment=deployment) == 6
    perps = rows(deployment)
    assert [row.symbol for row in perps.values()] == SYMBOLS
    sol = perps[0]
    assert (sol.base_asset, sol.quote_asset, sol.status) == ("SOL", quote, "active")
    assert (sol.step_size, sol.tick_size) == (Decimal("0.01"), Decimal("0.0001"))
    assert (sol.min_order_size, sol.max_leverage) == (Decimal("0.01"), 20)
    assert sol.category == "layer 1"
    assert sol.oracle_address
    assert (sol.catalogue.symbol, sol.catalogue.dex_name) == ("SOL-PERP", deployment)
    assert [row.symbol for row in rows(deployment, "spot").values()] == [quote, "SOL"]


def test_a_second_sync_writes_nothing(db, sandbox):
    sync_markets(deployment="drift")
    before, seen = audited(), rows("drift")
    sync_markets(deployment="drift")
    assert audited() == before
    assert {k: v.updated_at for k, v in rows("drift").items()} == {
        k: v.updated_at for k, v in seen.items()
    }


def test_what_changes_on_the_chain_changes_in_both_tables(db, sandbox, change):
    sync_markets(deployment="drift")
    ids = {index: (row.id, row.catalogue_id) for index, row in rows("drift").items()}
    change(DRIFT, perp_market_address(DRIFT, 1), "PerpMarket", status="ReduceOnly")
    change(
        DRIFT,
        perp_market_address(DRIFT, 2),
        "PerpMarket",
        status="Delisted",
        margin_ratio_initial=1000,
        name=b"ETHER-PERP".ljust(32),
    )
    sync_markets(deployment="drift")
    perps = rows("drift")
    assert {index: (row.id, row.catalogue_id) for index, row in perps.items()} == ids
    assert (perps[1].status, perps[1].catalogue.status) == ("maintenance", "maintenance")
    assert (perps[2].status, perps[2].catalogue.status) == ("inactive", "inactive")
    assert (perps[2].symbol, perps[2].catalogue.symbol) == ("ETHER-PERP", "ETHER-PERP")
    assert perps[2].max_leverage == 10


def test_a_market_that_is_gone_stays_as_an_inactive_row(db, sandbox, change):
    sync_markets(deployment="velocity")
    change(VELOCITY, state_address(VELOCITY), "State", number_of_markets=3)
    provider("VENUES", "velocity")._reader._places = None
    assert sync_markets(deployment="velocity") == 5
    assert rows("velocity")[3].status == "inactive"
    with as_sync():
        assert Market.objects.get(dex_name="velocity", symbol="HYPE-PERP").status == "inactive"
    provider("VENUES", "velocity")._reader._places = None


def test_the_job_syncs_every_deployment_and_one_failing_stops_no_other(db, sandbox, change):
    change(DRIFT, state_address(DRIFT), "State", exchange_status=0)
    sync_task()
    with as_sync():
        assert Job.objects.get(name="market_sync").last_result == {
            "velocity": 6,
            "drift": 6,
            "paper": 4,
        }
    sandbox.set_fault("solana.server_error", percent=100)
    outcome = sync_all_markets()
    assert {outcome["velocity"], outcome["drift"]} == {"chain.unavailable"}


def test_the_feed_has_a_price_of_every_asset_of_every_deployment(sandbox):
    prices = {(price.source, price.token): price for price in provider("FEEDS", "oracles").read()}
    quotes = {("velocity", "USDT"), ("drift", "USDC")}
    traded = {(d, t) for d in ("velocity", "drift") for t in ("SOL", "BTC", "ETH", "HYPE")}
    assert set(prices) == quotes | traded
    said = sandbox.prices()
    assert prices["drift", "BTC"].price == Decimal(said["BTC"])
    assert prices["velocity", "USDT"].price == 1
    assert all(price.slot > 0 for price in prices.values())
    now = datetime.now(UTC)
    assert all(price.age_seconds(now) < 30 for price in prices.values())


def test_a_feed_without_any_answer_is_unavailable(sandbox):
    feed = provider("FEEDS", "oracles")
    sandbox.set_fault("solana.server_error", percent=100)
    with pytest.raises(Unavailable):
        feed.read()


def test_prices_age_by_slots_and_by_how_far_the_node_is_behind(sandbox):
    read = SnapshotReader(DRIFT).read()
    # A busy machine's node may be behind by itself; how far is what the test says below.
    snapshot = replace(read, now=int(read.read_at.timestamp()))
    oracle = snapshot.perp_oracles[0]
    assert snapshot.age(oracle) == (snapshot.slot - oracle.slot) * Decimal("0.4")
    older = replace(snapshot, slot=oracle.slot + 50, now=int(snapshot.read_at.timestamp()))
    assert older.age(oracle) == 20
    behind = replace(older, now=int(snapshot.read_at.timestamp()) - 65)
    assert behind.age(oracle) == 80
    assert (behind.read_at - behind.moment(oracle)).total_seconds() == 80


def test_an_oracle_that_cannot_be_read_costs_its_own_market_alone(sandbox, change):
    change(DRIFT, perp_market_address(DRIFT, 1), "PerpMarket", amm={"oracle_source": "Switchboard"})
    snapshot = SnapshotReader(DRIFT).read()
    assert set(snapshot.perp_oracles) == {0, 2, 3}
    with pytest.raises(Unavailable, match="no_price"):
        snapshot.perp_market(1)
    assert snapshot.perp_market(0).name == "SOL-PERP"
    assert "BTC" not in {
        price.token for price in provider("FEEDS", "oracles").read() if price.source == "drift"
    }


def test_a_market_that_gets_another_oracle_loses_the_price_of_the_old_one_at_once(sandbox, change):
    reader = SnapshotReader(DRIFT)
    assert 1 in reader.read().perp_oracles
    unwritten = Pubkey.new_unique()
    change(DRIFT, perp_market_address(DRIFT, 1), "PerpMarket", amm={"oracle": unwritten})
    assert 1 not in reader.read().perp_oracles
    assert str(unwritten) in reader.places().oracles


def test_the_feed_keeps_prices_and_beats_until_it_is_stopped(db, sandbox):
    stop = threading.Event()
    feed = threading.Thread(target=run_feeds, args=(stop, ["oracles"]))
    feed.start()
    try:
        found = wait_for(lambda: read_prices(source="velocity", tokens=["SOL", "USDT"]))
        assert set(found) == {"SOL", "USDT"}
        assert wait_for(lambda: heartbeat.read("feed")).facts["prices"] == 10
    finally:
        stop.set()
        feed.join(timeout=180)
    assert not feed.is_alive()


@pytest.mark.anyio
async def test_a_price_that_moves_is_seen_by_a_hint_and_not_only_by_the_clock(sandbox):
    bridge.close()
    feed = OracleFeed(["drift"], poll_seconds=3600)
    async with aclosing(feed.stream()) as batches:
        async for prices in batches:
            found = {price.token: price.price for price in prices}
            if found["SOL"] == 171:
                break
            # Once the node tells of oracles, what moves is read; before that nothing would be.
            if feed.facts()["connected"]:
                await asyncio.to_thread(sandbox.set_price, "SOL", 171)
                await asyncio.to_thread(sandbox.advance, 4)
    bridge.close()


@pytest.mark.journey
def test_of_two_feed_processes_one_leads_and_when_it_is_killed_the_other_takes_over(db, sandbox):
    command = [sys.executable, "manage.py", "run_feed", "--feed", "oracles"]
    processes = {}
    try:
        for _ in range(2):
            process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ))
            processes[process.pid] = process
        first = wait_for(lambda: heartbeat.read("feed"), seconds=120)
        assert first.facts["leader"]
        waiting = wait_for(lambda: heartbeat.read("feed_standby"), seconds=120)
        assert {first.pid, waiting.pid} == set(processes)

        processes[first.pid].kill()
        wait_for(lambda: heartbeat.read("feed").pid == waiting.pid, seconds=120)
        assert read_prices(source="drift", tokens=["SOL"])
        processes[waiting.pid].send_signal(signal.SIGTERM)
        assert processes[waiting.pid].wait(timeout=180) == 0
    finally:
        for process in processes.values():
            process.kill()
            process.wait(timeout=60)
