"""What venues on a chain keep beside the contract of all: messages, SOL, limits of the program."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from solders.pubkey import Pubkey

from drift.layouts.deployments import DEPLOYMENTS
from drift.order_terms import order_params, order_terms
from drift.planning import builder_of, message_of, trader_of
from drift.policy import Policy
from drift.snapshot import Snapshot
from drift.token_planning import Presence
from tests.sandbox.solana_calls import wait_for
from tests.venues.contract import assert_identities
from tests.venues.contract_changes import resting
from tests.venues.contract_fates import fills_of
from tests.venues.contract_orders import position_size
from trading.enums import EntryKind


def taking(bench, request):
    """The message of an order that takes at once what there is, and rests for what there is not.

    The desk never sends one: what it has take at once is immediate or cancelled.
    """
    snapshot = bench.venue._snapshot_of(bench.address)
    trader = trader_of(bench.address, snapshot)
    terms = order_terms(request, snapshot)
    placed = builder_of(snapshot).place_and_take_perp_order(
        trader=trader, order=order_params(terms)
    )
    policy = Policy(DEPLOYMENTS[bench.venue.deployment], bench.address)
    return message_of([(placed, policy.place_and_take(terms))], trader)


def test_what_takes_at_a_stale_price_rests_and_is_seen_to(bench):
    bench.set_price(150)
    bench.deposit("1000")
    message = taking(bench, bench.order_request("buy", "1", expires_at=None))
    with bench.stale_prices():
        assert bench.send(message) is None
        (order,) = bench.report().orders
        assert (position_size(bench), bench.fills()) == (0, [])
    wait_for(lambda: position_size(bench) == 1)
    assert sum(fill.size for fill in fills_of(bench, order)) == 1
    assert bench.report().orders == ()
    assert_identities(bench)


def test_what_has_a_minute_expires_by_the_chains_time_whatever_the_placers_clock_says(bench):
    bench.set_price(150)
    bench.deposit("100")
    snapshot = bench.venue._snapshot_of(bench.address)
    for minutes, within in ((6, 60), (-4, -240)):
        at = datetime.fromtimestamp(snapshot.now, UTC) + timedelta(minutes=minutes)
        request = bench.order_request(
            "buy", "1", expires_at=at, expires_within=timedelta(seconds=60)
        )
        assert order_terms(request, snapshot).max_ts == snapshot.now + within


class InManyMarkets(Snapshot):
    """The same, its account with positions in further markets than the deployment has."""

    def user(self, place):
        account = super().user(place)
        held = account.perp_positions[0]
        return replace(
            account, perp_positions=[held._replace(market_index=at) for at in self.perp_markets]
        )


def in_markets(snapshot, count):
    own = {each.name: getattr(snapshot, each.name) for each in fields(snapshot)}
    market = snapshot.perp_markets[0]
    own["perp_markets"] = {at: replace(market, oracle=Pubkey.new_unique()) for at in range(count)}
    return InManyMarkets(**own)


def test_what_is_in_too_many_markets_for_a_message_is_known_before_it_is_placed(bench):
    bench.set_price(150)
    bench.deposit("1000")
    assert (
        bench.place(bench.order_request("buy", "1", order_type="limit", price=Decimal(100))) is None
    )
    venue, sol = bench.venue, bench.venue._money.token("SOL")
    assert venue.withdrawable(wallet_address=bench.address, token_symbol="SOL").fits
    asked = bench.deposit_request(token_symbol="SOL")
    assert venue.deposit_cost(asked).fits
    snapshot, there = venue._snapshot_of(bench.address), Presence(True, True, True)
    quote = venue._money.token(venue.quote_symbol)
    # The program allows eight; other tokens in the account would take room too.
    for count in (7, 8):
        many = in_markets(snapshot, count)
        assert venue._money.deposit_fits(asked, many, there) == (count == 7)
        assert venue._money.withdraw_fits(bench.address, sol, many) == (count == 7)
        assert venue._money.deposit_fits(bench.deposit_request(), many, there)
        assert venue._money.withdraw_fits(bench.address, quote, many)


def test_a_referrers_reward_is_booked_and_the_takers_fee_is_what_it_paid(bench, make_bench):
    taker = make_bench(bench.venue.deployment)
    bench.set_price(150)
    bench.deposit("100")
    taker.deposit("1000")
    taker.is_referred_by(bench)
    taker.trade("buy", "2")
    rewards = wait_for(lambda: bench.entries(EntryKind.REWARD))
    assert sum(entry.amount for entry in rewards) > 0
    assert {entry.market_index for entry in rewards} == {0}
    assert bench.fills() == []
    assert_identities(bench)
    assert_identities(taker)


def test_a_change_of_an_order_that_goes_meanwhile_fails_as_gone(bench):
    bench.set_price(150)
    bench.deposit("1000")
    order = resting(bench)
    plan = bench.venue.plan_modify(bench.modify_request(order, price=Decimal(139)))
    assert bench.cancel(order) is None
    assert bench.send(plan) == "venue.order_gone"
    assert bench.report().orders == ()


def test_sol_is_deposited_and_withdrawn_as_sol(bench):
    bench.deposit("10")
    request = bench.deposit_request("0.5", token_symbol="SOL")
    cost = bench.venue.deposit_cost(request)
    assert (cost.initializes, cost.rent_lamports) == (False, 0)
    assert cost.returned_lamports > 0
    before = bench.lamports(bench.address)
    assert cost.wallet_token == Decimal(before).scaleb(-9)
    assert bench.send(bench.venue.plan_deposit(request)) is None
    assert bench.lamports(bench.address) == before - 500_000_000 - cost.fee_lamports
    assert bench.report().tokens["SOL"] == Decimal("0.5")
    found = bench.withdrawable("SOL")
    assert (found.deposited, found.unsettled) == (Decimal("0.5"), 0)
    before = bench.lamports(bench.address)
    assert bench.withdraw("0.5", "SOL") is None
    assert bench.lamports(bench.address) == before + 500_000_000 - 5_000
    assert bench.report().tokens.get("SOL", Decimal(0)) == 0


def test_a_first_deposit_may_be_sol(bench):
    request = bench.deposit_request("1", token_symbol="SOL")
    assert bench.send(bench.venue.plan_deposit(request)) is None
    report = bench.report()
    assert report.tokens == {"SOL": 1}
    # It counts as collateral with a discount.
    price = wait_for(bench.price)
    assert 0 < report.free_collateral < price


def test_a_sponsored_deposit_is_of_the_quote_token_alone(bench):
    request = bench.deposit_request(
        "1", token_symbol="SOL", payer=str(bench.sponsor.pubkey()), sponsor_fee=Decimal(1)
    )
    assert bench.attempt(lambda: bench.venue.plan_deposit(request)) == "deposit.not_sponsored"
    assert not bench.report().exists


def test_a_withdrawal_makes_the_wallets_token_account_where_it_is_missing(bench):
    bench.deposit("1000")
    assert bench.withdrawable().rent_lamports == 0
    bench.close_quote_account()
    found = bench.withdrawable()
    assert found.rent_lamports > 0
    assert bench.withdraw("30") is None
    assert bench.held() == 30
