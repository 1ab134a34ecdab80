"""What every venue keeps: each test is carried out by real transactions on a running sandbox.

A venue's own file imports these tests and gives the fixture `bench`: a Bench with a new wallet.
"""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chain.messages import check_transaction
from chain.rpc import rpc
from core.errors import Refused, Unavailable
from tests.sandbox.solana_calls import wait_for
from tests.venues.bench import MEMO, PRIORITY_FEE_CAP
from trading.enums import EntryKind
from trading.identities import perp_identity, spot_identity
from trading.venues.reports import FillReport, OrderEnded, OrderPlaced

PERP_KINDS = (EntryKind.FUNDING, EntryKind.KEEPER_CHARGE, EntryKind.LIQUIDATION, EntryKind.REWARD)


def assert_identities(bench):
    """Both sums over the whole history equal the account, market 0 and the quote token."""
    report = bench.report()
    entries = [entry for kind in EntryKind for entry in bench.entries(kind)]
    held = {position.market_index: position for position in report.positions}
    settled = sum(entry.amount for entry in entries if entry.kind == EntryKind.SETTLEMENT)
    perp = perp_identity(
        market="0",
        fills=[(fill.direction, fill.quote, fill.fee) for fill in bench.fills()],
        entries=[entry.amount for entry in entries if entry.kind in PERP_KINDS],
        settled=Decimal(settled),
        venue_quote=held[0].quote_asset_amount if 0 in held else Decimal(0),
    )
    assert perp.ours == perp.venue
    spot = spot_identity(
        token=bench.venue.quote_symbol,
        movements=[entry.amount for entry in entries if entry.kind not in PERP_KINDS],
        venue_amount=report.tokens.get(bench.venue.quote_symbol, Decimal(0)),
        unit=bench.venue.quote_step,
    )
    assert spot.holds


def test_a_wallet_without_an_account_is_reported_as_absent_with_no_counters(bench):
    report = bench.report()
    assert (report.exists, report.status, report.counters) == (False, "absent", {})
    assert report.collateral == 0
    assert bench.history() == []


def test_a_first_deposit_makes_the_account_and_is_reported_once(bench):
    request = bench.deposit_request("250.5")
    cost = bench.venue.deposit_cost(request)
    assert cost.initializes
    assert cost.wallet_lamports == 2_000_000_000
    assert cost.wallet_token == 10_000
    plan = bench.venue.plan_deposit(request)
    assert plan.counters == bench.report().counters == {}
    bench.carry_out(plan)
    report = bench.report()
    assert (report.exists, report.status) == (True, "active")
    assert report.tokens == {bench.venue.quote_symbol: Decimal("250.5")}
    assert report.collateral == report.free_collateral == Decimal("250.5")
    assert report.counters == {
        "next_order_id": "1",
        "total_deposits": "250500000",
        "total_withdraws": "0",
    }
    (entry,) = bench.entries(EntryKind.DEPOSIT)
    assert (entry.amount, entry.token_symbol) == (Decimal("250.5"), bench.venue.quote_symbol)
    assert entry.venue_record_id
    spent = cost.wallet_lamports - rpc().balance(bench.address)
    assert spent == cost.rent_lamports + cost.fee_lamports
    assert_identities(bench)


def test_lamports_sent_to_its_address_in_advance_do_not_make_an_account(bench):
    bench.sandbox.airdrop(bench.account, 5_000_000)
    wait_for(lambda: bench.lamports(bench.account))
    assert not bench.report().exists
    assert bench.venue.deposit_cost(bench.deposit_request()).initializes
    bench.deposit("30")
    assert bench.report().tokens == {bench.venue.quote_symbol: Decimal(30)}


def test_bytes_that_are_no_account_of_the_venue_are_not_believed(bench):
    bench.deposit("30")
    options = {"encoding": "base64", "commitment": "confirmed"}
    found = bench.sandbox.rpc("getAccountInfo", bench.account, options)["value"]
    whole = base64.b64decode(found["data"][0])
    for owner, data in ((bench.address, whole), (found["owner"], whole[:-1])):
        account = {"owner": owner, "data": base64.b64encode(data).decode()}
        bench.sandbox.rpc("sandbox_setAccount", bench.account, account)
        with pytest.raises(Unavailable, match="unreadable"):
            wait_for(lambda: not bench.report().exists)


def test_a_second_deposit_makes_nothing_and_costs_no_rent(bench):
    bench.deposit("100")
    request = bench.deposit_request("20")
    cost = bench.venue.deposit_cost(request)
    assert (cost.initializes, cost.rent_lamports) == (False, 0)
    plan = bench.venue.plan_deposit(request)
    assert len(plan.instructions) == 1
    assert plan.counters == bench.report().counters
    bench.carry_out(plan)
    assert bench.report().tokens == {bench.venue.quote_symbol: Decimal(120)}


def test_a_sponsor_pays_the_way_and_is_paid_back_in_the_quote_token(bench):
    request = bench.sponsored_request("500", fee="7.5")
    before = bench.lamports(bench.address)
    paid_before = bench.lamports(bench.sponsor.pubkey())
    cost = bench.venue.deposit_cost(request)
    bench.carry_out(bench.venue.plan_deposit(request), sponsored=True)
    assert bench.lamports(bench.address) == before + request.fee_float_lamports
    paid = paid_before - bench.lamports(bench.sponsor.pubkey())
    assert paid == cost.rent_lamports + cost.fee_lamports + request.fee_float_lamports
    sponsor = str(bench.sponsor.pubkey())
    held = bench.venue.deposit_cost(bench.deposit_request(wallet_address=sponsor, payer=sponsor))
    assert held.wallet_token == Decimal("7.5")
    own = bench.venue.deposit_cost(bench.deposit_request())
    assert own.wallet_token == 10_000 - 500 - Decimal("7.5")
    again = bench.sponsored_request("10", fee="1")
    bench.carry_out(bench.venue.plan_deposit(again), sponsored=True)
    assert bench.report().tokens == {bench.venue.quote_symbol: Decimal(510)}
    assert_identities(bench)


def test_a_deposit_of_another_token_or_of_parts_of_a_unit_is_refused(bench):
    with pytest.raises(Refused):
        bench.venue.plan_deposit(bench.deposit_request(token_symbol="WSOL"))
    with pytest.raises(Refused):
        bench.venue.plan_deposit(bench.deposit_request("1.0000001"))


def test_an_order_opens_a_position_and_a_reduce_only_one_closes_it(bench):
    bench.deposit("1000")
    opened = bench.trade("buy", "2")
    report = bench.report()
    (position,) = report.positions
    assert (position.market_index, position.side, position.size) == (0, "long", 2)
    assert position.liquidation_price is None or position.liquidation_price < position.mark_price
    (placed,) = bench.events(OrderPlaced)
    assert placed.order.label == opened.label
    assert placed.order.direction == "buy"
    assert (placed.order.size, placed.order.price) == (2, opened.price)
    assert placed.order.expires_at == opened.expires_at.replace(microsecond=0)
    fills = bench.fills()
    assert {fill.venue_order_id for fill in fills} == {placed.order.venue_order_id}
    assert all(fill.quote / fill.size <= opened.price for fill in fills)
    assert all(fill.fee > 0 and not fill.is_maker for fill in fills)
    assert_identities(bench)
    bench.trade("sell", "2", reduce_only=True)
    report = bench.report()
    # A venue may keep the place of a position that is closed.
    assert all(position.size == 0 for position in report.positions)
    assert report.counters["next_order_id"] == "3"
    assert_identities(bench)


def test_a_short_is_reported_with_its_side_and_its_value(bench):
    bench.deposit("1000")
    bench.trade("sell", "3")
    (position,) = bench.report().positions
    assert (position.side, position.size) == ("short", 3)
    quote = sum(fill.quote for fill in bench.fills())
    assert position.entry_price == (quote / 3).quantize(bench.venue.quote_step, "ROUND_DOWN")
    assert position.unrealized_pnl == quote - 3 * position.mark_price
    assert_identities(bench)


def test_quotes_come_true(bench):
    bench.deposit("1000")
    request = bench.order_request("buy", "4")
    quote = bench.venue.quote(request, slippage=Decimal("0.5"))
    assert quote.worst_price <= quote.expected_price * Decimal("1.005")
    assert quote.worst_price % Decimal("0.0001") == 0
    bench.trade("buy", "4")
    report = bench.report()
    paid = sum(fill.quote for fill in bench.fills())
    fee = sum(fill.fee for fill in bench.fills())
    assert abs(paid - quote.notional) < quote.notional / 2000
    assert abs(fee - quote.fee) < Decimal("0.01")
    assert abs(report.leverage - quote.leverage_after) < Decimal("0.01")
    assert report.health == quote.health_after
    (position,) = report.positions
    assert abs(position.margin - quote.initial_margin) < Decimal("0.1")
    (liquidation, expected) = position.liquidation_price, quote.liquidation_price
    assert liquidation == expected or abs(liquidation - expected) < Decimal("0.5")


def test_a_quote_of_a_flip_foretells_the_other_side(bench):
    bench.deposit("1000")
    bench.trade("buy", "2")
    request = bench.order_request("sell", "7")
    quote = bench.venue.quote(request, slippage=Decimal("0.5"))
    assert quote.worst_price >= quote.expected_price * Decimal("0.995")
    assert (quote.position_side, quote.position_size) == ("long", 2)
    bench.trade("sell", "7")
    report = bench.report()
    (position,) = report.positions
    assert (position.side, position.size) == ("short", 5)
    assert abs(report.leverage - quote.leverage_after) < Decimal("0.01")
    assert abs(position.liquidation_price - quote.liquidation_price) < Decimal("0.5")
    assert report.health == quote.health_after
    assert_identities(bench)


def test_an_order_beyond_the_collateral_is_seen_in_its_quote(bench):
    bench.deposit("100")
    quote = bench.venue.quote(bench.order_request("buy", "20"), slippage=Decimal(1))
    assert quote.initial_margin + quote.fee > quote.free_collateral
    assert quote.leverage_after > 20


def test_a_wallet_without_an_account_can_be_quoted(bench):
    quote = bench.venue.quote(bench.order_request("buy", "1"), slippage=Decimal(1))
    assert (quote.collateral, quote.free_collateral) == (0, 0)
    assert quote.initial_margin > 0
    assert (quote.open_orders, quote.open_positions) == (0, 0)


def test_a_quote_of_a_close_counts_what_is_held_alone(bench):
    bench.deposit("1000")
    bench.trade("buy", "2")
    request = bench.order_request("sell", "5", reduce_only=True)
    quote = bench.venue.quote(request, slippage=Decimal(1))
    assert quote.initial_margin == 0
    assert quote.leverage_after == 0
    assert (quote.position_side, quote.position_size) == ("long", 2)
    assert abs(quote.notional - 2 * quote.expected_price) < Decimal("0.001")


def test_an_order_that_rests_is_in_the_account_until_it_is_cancelled(bench):
    bench.deposit("1000")
    request = bench.order_request("buy", "1", order_type="limit", price=Decimal(100))
    assert bench.place(request) is None
    (order,) = bench.report().orders
    assert (order.order_type, order.price, order.label) == ("limit", 100, request.label)
    assert bench.cancel(order) is None
    assert bench.report().orders == ()
    (ended,) = bench.events(OrderEnded)
    assert (ended.venue_order_id, ended.reason) == (order.venue_order_id, "cancelled")
    assert bench.fills() == []


def test_an_expired_order_ends_as_expired_and_its_keeper_charge_is_reported(bench):
    bench.deposit("1000")
    bench.sandbox.set_fault("keeper_off")
    expires_at = datetime.now(UTC) + timedelta(seconds=2)
    request = bench.order_request("buy", "1", expires_at=expires_at)
    bench.carry_out(bench.venue.plan_orders([request]))
    wait_for(lambda: datetime.now(UTC) > expires_at + timedelta(seconds=2))
    bench.sandbox.clear_faults()
    (ended,) = wait_for(lambda: bench.events(OrderEnded))
    assert ended.reason == "expired"
    (charge,) = bench.entries(EntryKind.KEEPER_CHARGE)
    assert charge.amount == Decimal("-0.01")
    assert charge.venue_order_id == ended.venue_order_id
    assert bench.fills() == []
    assert_identities(bench)


def test_history_goes_on_after_a_signature_and_becomes_final(bench):
    first = bench.deposit("100")
    second = bench.deposit("50")
    assert [report.signature for report in bench.history()] == [first, second]
    assert [report.signature for report in bench.history(after=first)] == [second]
    assert bench.history(after=second) == []
    assert wait_for(lambda: all(report.finalized for report in bench.history()))
    assert all(report.complete for report in bench.history())


def test_a_failed_transaction_is_no_part_of_the_history_and_its_error_is_told(bench):
    bench.deposit("100")
    request = bench.order_request("buy", "100")
    signature = bench.carry_out(bench.venue.plan_orders([request]), fails=True)
    answer = rpc().transaction(signature)
    code, sentence = bench.venue.explain_error(answer["meta"]["err"])
    assert code == "venue.insufficient_collateral"
    assert sentence.endswith(".")
    assert len(bench.history()) == 1
    assert bench.report().counters["next_order_id"] == "1"


def test_an_order_of_a_wallet_without_an_account_is_refused_before_signing(bench):
    with pytest.raises(Refused):
        bench.venue.plan_orders([bench.order_request()])


def test_accounts_are_reported_in_the_order_asked_for(bench, make_bench):
    other = make_bench(bench.venue.deployment)
    bench.deposit("10")
    reports = bench.venue.read_accounts([other.account, bench.account])
    assert [report.address for report in reports] == [other.account, bench.account]
    assert [report.exists for report in reports] == [False, True]


def test_a_read_before_a_slot_that_no_node_has_reached_is_unavailable(bench):
    report = bench.report()
    with pytest.raises(Unavailable):
        bench.venue.read_accounts([bench.account], min_slot=report.slot + 1_000_000)


def test_a_history_that_is_to_be_younger_than_the_node_is_unavailable(bench):
    bench.deposit("10")
    slot = bench.report().slot
    assert len(bench.history(min_slot=slot)) == 1
    with pytest.raises(Unavailable):
        bench.history(min_slot=slot + 1_000_000)


def test_a_stale_oracle_shows_in_the_quotes_age(bench):
    bench.deposit("100")
    assert bench.venue.quote(bench.order_request(), slippage=Decimal(1)).price_age_seconds < 10
    bench.sandbox.set_fault("oracle_stale")
    request = bench.order_request()
    wait_for(
        lambda: bench.venue.quote(request, slippage=Decimal(1)).price_age_seconds > 30,
        seconds=60,
    )
    price, _, at = bench.venue.oracle_prices()[0]
    assert price > 0
    assert (datetime.now(UTC) - at).total_seconds() > 29


def test_a_paused_exchange_is_told_by_its_code(bench):
    bench.deposit("100")
    plan = bench.venue.plan_orders([bench.order_request()])
    bench.sandbox.set_fault("exchange_paused")
    bench.sandbox.advance(2)
    signature = bench.carry_out(plan, fails=True)
    answer = rpc().transaction(signature)
    code, _ = bench.venue.explain_error(answer["meta"]["err"], answer["meta"]["logMessages"])
    assert code == "venue.paused"


def test_an_order_that_filled_in_part_and_then_expired_is_told_whole(bench):
    bench.deposit("1000")
    bench.sandbox.set_fault("keeper_partial", part=40)
    expires_at = datetime.now(UTC) + timedelta(seconds=2)
    # The curve never comes as low as the worst price, a maker in the auction may.
    oracle = bench.venue.oracle_prices()[0][0]
    request = bench.order_request("buy", "1", price=oracle, expires_at=expires_at)
    bench.carry_out(bench.venue.plan_orders([request]))
    (ended,) = wait_for(lambda: bench.events(OrderEnded))
    assert ended.reason == "expired"
    filled = sum(fill.size for fill in bench.fills())
    assert filled in (0, Decimal("0.4"))
    assert_identities(bench)


def test_oracle_prices_have_a_slot_and_a_moment(bench):
    price, slot, at = bench.venue.oracle_prices()[0]
    assert price == Decimal(bench.sandbox.prices()["SOL"])
    assert slot > 0
    assert abs((datetime.now(UTC) - at).total_seconds()) < 30


def test_messages_fit_the_chain_and_pass_their_own_check(bench):
    bench.deposit("1000")
    for message in (
        bench.venue.plan_orders([bench.order_request()]),
        bench.venue.plan_deposit(bench.deposit_request()),
        bench.venue.plan_cancel(wallet_address=bench.address, venue_order_ids=["1", "2"]),
    ):
        plan = bench.plan_of(message)
        check_transaction(raw=bench.raw(plan), plan=plan, memo=MEMO)
        greedy = replace(plan, allowed=())
        with pytest.raises(Refused):
            check_transaction(raw=bench.raw(plan), plan=greedy, memo=MEMO)
    assert plan.priority_fee_cap_lamports == PRIORITY_FEE_CAP


def test_fills_are_told_once_each_with_an_id_of_their_own(bench):
    bench.deposit("1000")
    bench.sandbox.set_fault("keeper_partial", part=40)
    bench.trade("buy", "2")
    fills = bench.events(FillReport)
    assert len(fills) == 2
    assert len({fill.venue_fill_id for fill in fills}) == 2
    assert sum(fill.size for fill in fills) == 2
    assert_identities(bench)
