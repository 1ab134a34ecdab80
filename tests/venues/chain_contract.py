"""What venues on a chain keep beside the contract of all: messages, SOL, limits of the program."""

from decimal import Decimal

from tests.sandbox.solana_calls import wait_for
from tests.venues.contract_changes import resting


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
