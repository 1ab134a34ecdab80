"""Whatever traders and keepers do, what the accounts hold adds up to what the markets say."""

import random
from decimal import Decimal

import pytest

from sandbox.perps.deployment import DRIFT, VELOCITY
from sandbox.perps.participants import deposit
from sandbox.perps.terms import Balance, OrderType, PostOnly
from sandbox.solana.tokens import read_token_account
from tests.sandbox.exchange import BASE, QUOTE, Trader, new_chain

STEPS = 100
both = pytest.mark.parametrize("deployment", [DRIFT, VELOCITY], ids=lambda item: item.key)


@both
@pytest.mark.parametrize("seed", [1, 2])
def test_the_sums_hold_after_random_trading(deployment, seed):
    chain, chance = new_chain(seed=seed, walk=True), random.Random(seed)
    traders = [Trader(chain, deployment, f"trader {number}") for number in range(3)]

    outcomes = {act(chain, chance.choice(traders), chance) for _ in range(STEPS)}

    assert None in outcomes
    for listed in range(4):
        market, held = perp_market(chain, deployment, listed), positions(chain, deployment, listed)
        base = [int(position.base_asset_amount) for position in held]
        assert sum(base) == market.base_asset_amount_with_amm
        assert sum(amount for amount in base if amount > 0) == market.base_asset_amount_long
        assert sum(amount for amount in base if amount < 0) == market.base_asset_amount_short
        quote = sum(position.quote_asset_amount for position in held)
        assert quote == market.quote_asset_amount
    assert_deposits_add_up(chain, deployment)


def act(chain, trader, chance):
    """One random act; gives the error number, None for success."""
    chain.advance(chance.randrange(12))
    chain.state.clock.offset_seconds += chance.choice((0, 5, 60, 3_700))
    if chance.random() < 0.1:
        moved = chain.exchange.prices()["SOL"] * Decimal(chance.randrange(96, 105)) / 100
        chain.exchange.set_price(chain, "SOL", moved, hold=False)
    error = trader.send(chance.choice(ACTS)(chain, trader, chance)).error
    return None if error is None else error["InstructionError"][1]["Custom"]


def take(chain, trader, chance):
    size = chance.choice((BASE // 10, BASE, 4 * BASE))
    side, reducing = chance.randrange(2), chance.random() < 0.3
    return trader.order(
        direction=side,
        base_asset_amount=size,
        reduce_only=reducing,
        auction_start_price=None,
        auction_end_price=None,
    )


def rest(chain, trader, chance):
    price = int(chain.exchange.prices()["SOL"] * QUOTE) * chance.randrange(97, 104) // 100
    return trader.order(
        order_type=OrderType.LIMIT,
        direction=chance.randrange(2),
        price=price,
        post_only=chance.choice((PostOnly.NONE, PostOnly.TRY)),
        base_asset_amount=BASE,
    )


def cancel(chain, trader, chance):
    return trader.call("cancel_orders", {}, market_type=None, market_index=None, direction=None)


def settle(chain, trader, chance):
    vault = {"spot_market_vault": trader.deployment.vault(0)}
    return trader.call("settle_pnl", vault, market_index=0)


def pay_in(chain, trader, chance):
    mint = trader.deployment.quote_mint
    source = chain.mint_tokens(mint=mint, owner=trader.key, amount=50 * QUOTE)
    return deposit(chain, trader.deployment, trader.key, 0, 50 * QUOTE, source)


def pay_out(chain, trader, chance):
    return trader.withdrawal(chance.choice((1, QUOTE, 30 * QUOTE + 1)))


ACTS = (take, take, take, rest, rest, cancel, settle, pay_in, pay_out)


def perp_market(chain, deployment, index):
    data = bytearray(chain.account(deployment.perp_market(index)).data)
    return deployment.view("PerpMarket", data)


def users(chain, deployment):
    sign = deployment.discriminator("User")
    return [
        deployment.view("User", bytearray(account.data))
        for _, account in chain.accounts_owned_by(deployment.program_id)
        if account.data[:8] == sign
    ]


def positions(chain, deployment, index):
    return [
        position
        for user in users(chain, deployment)
        for position in user.perp_positions
        if position.market_index == index and not position.is_available
    ]


def assert_deposits_add_up(chain, deployment):
    data = bytearray(chain.account(deployment.spot_market(0)).data)
    market = deployment.view("SpotMarket", data)
    held = [user.spot_positions[0] for user in users(chain, deployment)]
    pooled = sum(
        pool.scaled_balance
        for listed in range(4)
        for part in [perp_market(chain, deployment, listed)]
        for pool in (part.pnl_pool, part.fee_pool)
    )
    deposited = [item.scaled_balance for item in held if item.balance_type == Balance.DEPOSIT]
    borrowed = [item.scaled_balance for item in held if item.balance_type == Balance.BORROW]
    revenue = market.revenue_pool.scaled_balance
    assert sum(deposited) + pooled + revenue == market.deposit_balance
    assert sum(borrowed) == market.borrow_balance
    vault = read_token_account(chain.account(deployment.vault(0))).amount
    assert vault * 1000 >= market.deposit_balance - market.borrow_balance
