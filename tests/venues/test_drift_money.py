"""Money that moves beside fills: funding, settlements, charges; the sums hold through all of it."""

from datetime import UTC, datetime, timedelta

import pytest
from solders.pubkey import Pubkey

from drift.instructions import InstructionBuilder, Trader
from drift.layouts.deployments import DEPLOYMENTS
from drift.remaining_accounts import Markets
from drift.snapshot_reader import SnapshotReader
from tests.desk import led_to
from tests.sandbox.solana_calls import wait_for
from tests.sandbox_server import running_sandbox
from tests.venues.bench import Bench
from tests.venues.contract import assert_identities
from trading.enums import EntryKind
from trading.venues.base import VenueMessage, get_venue

LATER = timedelta(hours=3)


@pytest.fixture
def bench(request, settings):
    # One of its own: its clock is moved.
    with running_sandbox(slot_ms=20) as sandbox, led_to(sandbox, settings):
        yield Bench(sandbox, get_venue(request.param)).fund()


def settled(bench):
    """A transaction that turns the PnL of market 0 into tokens."""
    deployment = DEPLOYMENTS[bench.venue.deployment]
    snapshot = SnapshotReader(deployment).read([bench.account])
    wallet = Pubkey.from_string(bench.address)
    builder = InstructionBuilder(
        deployment, Markets(perp=snapshot.perp_markets, spot=snapshot.spot_markets)
    )
    trader = Trader(authority=wallet, sub_account_id=0, signer=wallet, account=snapshot.user(0))
    instruction = builder.settle_pnl(trader=trader, market_index=0)
    message = VenueMessage(instructions=(instruction,), allowed=(), counters={})
    return bench.carry_out(message, checked=False)


@pytest.mark.parametrize("bench", ["drift", "velocity"], indirect=True)
def test_funding_and_settlements_are_reported_and_the_sums_hold(bench):
    bench.deposit("1000")
    bench.trade("buy", "20")
    bench.sandbox.set_price("SOL", 151)
    bench.sandbox.add_seconds(3_600)
    wait_for(lambda: bench.report().positions[0].unsettled_funding)
    owed = bench.report().positions[0].unsettled_funding
    bench.trade("sell", "5", reduce_only=True, expires_at=datetime.now(UTC) + LATER)
    (funding,) = bench.entries(EntryKind.FUNDING)
    assert funding.amount == owed
    assert funding.market_index == 0
    assert bench.report().positions[0].unsettled_funding == 0
    assert_identities(bench)
    before = bench.report()
    settled(bench)
    (settlement,) = bench.entries(EntryKind.SETTLEMENT)
    after, quote = bench.report(), bench.venue.quote_symbol
    assert after.tokens[quote] - before.tokens[quote] == settlement.amount
    assert settlement.amount != 0
    assert_identities(bench)
