"""driftpy, which nobody here wrote, trades on the sandbox's Drift unmodified."""

from contextlib import asynccontextmanager

import pytest
from driftpy.account_subscription_config import AccountSubscriptionConfig
from driftpy.drift_client import DriftClient
from driftpy.events.parse import parse_logs
from driftpy.types import (
    MarketType,
    OrderParams,
    OrderType,
    PositionDirection,
)
from solana.rpc.async_api import AsyncClient
from solders.keypair import Keypair

pytestmark = pytest.mark.anyio
QUOTE = 10**6
BASE = 10**9
CONFIRMED = {"commitment": "confirmed"}


@asynccontextmanager
async def drift_client(sandbox, wallet):
    async with AsyncClient(sandbox.rpc_url, commitment="confirmed") as connection:
        client = DriftClient(
            connection,
            wallet,
            "mainnet",
            account_subscription=AccountSubscriptionConfig("cached"),
            tx_version=0,
        )
        await client.subscribe()
        try:
            yield client
        finally:
            await client.unsubscribe()


@pytest.fixture
def wallet(sandbox):
    keypair = Keypair()
    sandbox.faucet(keypair.pubkey(), quote_units=2_000 * QUOTE)
    return keypair


async def test_driftpy_loads_every_market_and_its_oracle(sandbox, wallet):
    sandbox.set_price("SOL", "151.25")

    async with drift_client(sandbox, wallet) as client:
        perps = client.get_perp_market_accounts()
        names = [bytes(market.name).decode().strip() for market in perps]
        quote = client.get_quote_spot_market_account()
        oracle = client.get_oracle_price_data_for_perp_market(0)

    assert names == ["SOL-PERP", "BTC-PERP", "ETH-PERP", "HYPE-PERP"]
    assert bytes(quote.name).decode().strip() == "USDC"
    assert oracle.price == 151_250_000


async def test_driftpy_deposits_opens_and_closes_a_position(sandbox, wallet):
    sandbox.set_price("SOL", 150)
    async with drift_client(sandbox, wallet) as client:
        await client.initialize_user()
        await client.get_user().account_subscriber.update_cache()
        account = client.get_associated_token_account_public_key(0)
        await client.deposit(1_000 * QUOTE, 0, account)

        await client.place_perp_order(market_order(PositionDirection.Long(), 150, 151))
        sandbox.advance(30)
        await client.account_subscriber.update_cache()
        user = client.get_user()
        await user.account_subscriber.update_cache()
        opened = user.get_perp_position(0)
        collateral = user.get_spot_market_asset_value()

        await client.place_perp_order(
            market_order(PositionDirection.Short(), 150, 149, reduce_only=True)
        )
        sandbox.advance(30)
        await user.account_subscriber.update_cache()
        closed = user.get_perp_position(0)

    assert opened.base_asset_amount == BASE
    assert -151 * QUOTE < opened.quote_entry_amount <= -150 * QUOTE
    assert collateral == 1_000 * QUOTE
    assert closed.base_asset_amount == 0
    assert closed.quote_asset_amount < 0


async def test_driftpy_reads_the_events_of_placing_and_filling(sandbox, wallet):
    sandbox.set_price("SOL", 150)
    async with drift_client(sandbox, wallet) as client:
        await client.initialize_user()
        await client.get_user().account_subscriber.update_cache()
        await client.deposit(1_000 * QUOTE, 0, client.get_associated_token_account_public_key(0))
        await client.place_perp_order(market_order(PositionDirection.Long(), 150, 151))
        sandbox.advance(30)
        key = client.get_user_account_public_key()
        events = []
        for entry in sandbox.rpc("getSignaturesForAddress", str(key), CONFIRMED):
            found = sandbox.rpc(
                "getTransaction",
                entry["signature"],
                CONFIRMED | {"maxSupportedTransactionVersion": 0},
            )
            events += parse_logs(client.program, found["meta"]["logMessages"])

    names = [event.name for event in events]
    fill = next(
        event.data
        for event in events
        if event.name == "OrderActionRecord" and "Fill" in str(event.data.action)
    )
    assert {"NewUserRecord", "DepositRecord", "OrderRecord", "OrderActionRecord"} <= set(names)
    assert fill.taker == key
    assert fill.taker_fee > 0


def market_order(direction, start, end, *, reduce_only=False):
    return OrderParams(
        order_type=OrderType.Market(),
        market_type=MarketType.Perp(),
        direction=direction,
        base_asset_amount=BASE,
        market_index=0,
        reduce_only=reduce_only,
        auction_duration=10,
        auction_start_price=start * QUOTE,
        auction_end_price=end * QUOTE,
    )
