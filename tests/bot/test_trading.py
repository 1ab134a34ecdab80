"""A trader's way through the bot on a running sandbox: deposit, open, look, close, history."""

import threading
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from chain.services import sweep_submissions
from core.errors import Unavailable
from core.roles import as_sync
from drift.models import DriftOrder
from markets.prices import Price
from tests.bot.conftest import eventually, fund
from tests.prices import store_prices
from tests.telegram_user import buttons_of, text_of
from trading.models import Fill, VenueTransfer
from trading.services import reconcile_wanted
from trading.venues.base import get_venue
from wallets.chain_balances import read_chain_balances
from wallets.models import IncomingTransfer, Wallet
from wallets.services import sync_incoming
from wallets.sponsor import sponsor_wallet


class Worker:
    """What Beat and the worker do, in a thread: sweeps and reconciles until stopped."""

    def __init__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stop.set()
        self._thread.join(timeout=90)

    def _run(self):
        while not self._stop.wait(0.1):
            try:
                sweep_submissions(now=timezone.now())
                reconcile_wanted(now=timezone.now())
            except Unavailable:
                continue
        connection.close()


@pytest.fixture
def worker(desk, monkeypatch):
    sweep = import_module("chain.services.sweep_submissions")
    for name in ("_TASK_GRACE", "CLAIM_LEASE"):
        monkeypatch.setattr(sweep, name, timedelta(0))
    running = Worker().start()
    yield running
    running.stop()


@pytest.fixture
def funded(carol, desk):
    """Carol has a wallet with SOL and quote tokens in it."""
    fund(desk, carol)
    return carol


@pytest.fixture
def deposited(funded, worker):
    funded.say("/deposit 500")
    card = funded.wait_for("Valid 120 s")
    funded.press(card, "Confirm")
    funded.wait_for("Arrived at the venue")
    return funded


def test_a_first_day_deposit_long_close_half_close_the_rest_history(deposited, desk):
    trader = deposited
    trader.say("/long sol 0.5 5x")
    card = trader.wait_for("Valid 20 s")
    for part in (
        "LONG · SOL-PERP", "LIVE", "Size: 0.5", "Expected entry", "Worst price", "Fee: about",
        "Priority fee: at most", "Liquidation", "Health", "Venue: Velocity · wallet …",
    ):  # fmt: skip
        assert part in text_of(card)
    trader.press(card, "Confirm")
    filled = trader.wait_for("✅ Filled.")
    assert filled["message_id"] == card["message_id"]
    assert "Confirm" not in " ".join(buttons_of(filled))
    assert "explorer" in text_of(filled)

    trader.say("/myposition")
    shown = trader.wait_for("LONG SOL-PERP")
    assert "PnL" in text_of(shown)
    trader.press(shown, "SOL 50%")
    half = trader.wait_for("Close SOL 50%")
    trader.press(half, "Confirm")
    assert "Realised" in text_of(trader.wait_for("✅ Filled."))
    trader.say("/close all")
    rest = trader.wait_for("Close SOL 100%")
    trader.press(rest, "Confirm")
    trader.wait_for("✅ Filled.")
    trader.say("/myposition")
    trader.wait_for("None are open")
    trader.say("/history")
    assert "🔴 sold" in text_of(trader.wait_for("History"))
    trader.say("/orders")
    trader.press(trader.wait_for("Open orders"), "All orders")
    assert text_of(trader.wait_for("All orders")).count("✅ filled") == 3
    with as_sync():
        assert DriftOrder.objects.count() == 3
        assert VenueTransfer.objects.count() == 1
        assert Fill.objects.exists()


def test_sol_goes_into_the_venue_and_back_by_cards(funded, worker):
    store_prices([Price("SOL", Decimal(150), "velocity", 1, timezone.now())])
    with as_sync():
        address = Wallet.objects.get().wallet_address
    funded.say("/deposit max sol")
    shown = text_of(funded.wait_for("Deposit 1.9"))
    assert "Nothing was moved" not in shown
    funded.say("/deposit 0.5 sol")
    card = funded.wait_for("Deposit 0.500000 SOL")
    assert "Stays in the wallet: at least 1.4" in text_of(card)
    funded.press(card, "Confirm")
    funded.wait_for("Arrived at the venue")
    funded.say("/withdraw")
    assert "SOL can leave now" in text_of(funded.wait_for("Address book"))
    funded.say("/withdraw 0.2 sol")
    funded.press(funded.wait_for("Withdraw 0.200000 SOL to your wallet"), "Confirm")
    funded.wait_for("Booked by the venue: 0.200000 SOL")
    assert read_chain_balances([address])[address].amounts["SOL"] > Decimal("1.65")
    funded.say("/deposit 1.9 sol")
    assert "at most" in text_of(funded.wait_for("for fees, rent and later trades"))


def test_a_first_deposit_makes_the_wallet_waits_for_money_and_goes_on(carol, desk, worker):
    carol.say("/deposit 300")
    ask = carol.wait_for("Shall I make one?")
    carol.press(ask, "Make my wallet")
    shown = carol.wait_for("Tap it to copy")
    with as_sync():
        address = Wallet.objects.get().wallet_address
    query = carol.press(shown, "I have sent it")
    answer = carol.answer_to(query)
    assert answer["show_alert"]
    assert "no USDT yet" in answer["text"]
    # Quote tokens alone: the desk pays rent and fees, for a fee that the card shows.
    store_prices([Price("SOL", Decimal(150), "velocity", 1, timezone.now())])
    desk.airdrop(sponsor_wallet().address, 5 * 10**9)
    desk.faucet(address, lamports=0, quote_units=400 * 10**6)
    arrived = carol.wait_for("arrived in your wallet", seconds=60)
    store_prices([Price("SOL", Decimal(150), "velocity", 1, timezone.now())])
    carol.press(arrived, "Deposit it")
    card = carol.wait_for("Deposit 300.00 USDT")
    assert "The desk pays rent and fees for you" in text_of(card)
    carol.press(card, "Confirm")
    done = carol.wait_for("Arrived at the venue")
    assert "Booked by the venue: 300.00 USDT" in text_of(done)
    assert "explorer" in text_of(done)
    # What is final later is told on the message that told it first.
    eventually(_usdt_is_booked)
    final = carol.wait_for(
        lambda shown: "USDT" in text_of(shown) and "Final: nothing takes it back" in text_of(shown)
    )
    assert final["message_id"] == arrived["message_id"]
    # The faucet gave USDC too, which has a message of its own.
    told = [text_of(each) for each in carol.messages() if "arrived in your wallet" in text_of(each)]
    assert sum("USDT arrived" in text for text in told) == 1


def _usdt_is_booked():
    sync_incoming(now=timezone.now())
    with as_sync():
        return IncomingTransfer.objects.filter(token_symbol="USDT").exists()


def test_an_order_is_refused_when_the_market_has_moved_and_quoted_anew(deposited, desk):
    trader = deposited
    before = Decimal(desk.prices()["SOL"])
    trader.say("/long sol $50")
    card = trader.wait_for("Valid 20 s")
    try:
        desk.set_price("SOL", before * Decimal("1.05"))
        eventually(lambda: _oracle_price() > before * Decimal("1.04"))
        trader.press(card, "Confirm")
        moved = trader.wait_for("The price has moved from")
        assert "Nothing was moved." in text_of(moved)
        with as_sync():
            assert DriftOrder.objects.count() == 0
        trader.press(moved, "New quote")
        again = trader.wait_for("Valid 20 s")
        trader.press(again, "Confirm", times=2)
        trader.wait_for("✅ Filled.")
    finally:
        desk.set_price("SOL", before, hold=False)
    with as_sync():
        assert DriftOrder.objects.count() == 1


def test_denied_orders_name_their_rules_and_without_confirmations_one_is_placed_at_once(deposited):
    trader = deposited
    trader.say("/long sol 1000 2x")
    denied = trader.wait_for("free collateral")
    assert "Confirm" not in " ".join(buttons_of(denied))
    trader.say("/short sol 0.0001")
    assert "The least is" in text_of(trader.wait_for("⛔"))
    with as_sync():
        assert DriftOrder.objects.count() == 0
    trader.say("/settings confirm off")
    trader.wait_for("OFF: orders go at once")
    trader.say("/short sol 0.3", times=3)
    trader.wait_for("✅ Filled.")
    trader.say("/myposition")
    trader.wait_for("SHORT SOL-PERP")
    with as_sync():
        assert DriftOrder.objects.count() == 1


def test_a_trader_moves_to_drift_deposits_its_token_there_and_opens(funded, worker):
    trader = funded
    trader.say("/settings venue nowhere")
    trader.wait_for("cannot be used for the venue")
    trader.say("/settings")
    shown = trader.wait_for("Venue: Velocity")
    trader.press(shown, "Trade on Drift")
    moved = trader.wait_for("Venue: Drift")
    assert "Trade on Velocity" in " ".join(buttons_of(moved))
    trader.say("/deposit 200")
    card = trader.wait_for("Deposit 200.00 USDC")
    trader.press(card, "Confirm")
    trader.wait_for("Arrived at the venue")
    trader.say("/long sol 0.1")
    card = trader.wait_for("Valid 20 s")
    assert "Venue: Drift" in text_of(card)
    trader.press(card, "Confirm")
    trader.wait_for("✅ Filled.")
    with as_sync():
        assert VenueTransfer.objects.get().account.deployment == "drift"
        assert DriftOrder.objects.get().market.deployment == "drift"


def test_an_order_that_turns_the_position_says_so_before_and_what_it_realised_after(deposited):
    trader = deposited
    trader.say("/short sol 0.3")
    trader.press(trader.wait_for("Valid 20 s"), "Confirm")
    opened = trader.wait_for("✅ Filled.")
    assert "Realised" not in text_of(opened)
    trader.say("/LONG sol 0.5")
    card = trader.wait_for("Valid 20 s")
    assert "Closes your short 0.30 SOL and opens a long of 0.20 SOL." in text_of(card)
    trader.press(card, "Confirm")
    turned = trader.wait_for(
        lambda shown: "✅ Filled." in text_of(shown) and shown["message_id"] == card["message_id"]
    )
    assert "Realised" in text_of(turned)
    trader.say("/positions")
    shown = text_of(trader.wait_for("LONG SOL-PERP"))
    assert "Margin used $" in shown
    assert "x your account's collateral" in shown
    assert "Close a part:" in shown


def _oracle_price():
    prices = get_venue("velocity").oracle_prices()
    return prices[0][0]


def test_pictures_of_a_market_a_position_and_an_account_come_into_the_chat(deposited, desk):
    trader = deposited
    trader.say("/long sol 1")
    trader.press(trader.wait_for("Valid 20 s"), "Confirm")
    trader.wait_for("Filled.")

    trader.say("/chart sol")
    chart = trader.wait_for("SOL-PERP")
    trader.say("/pnl")
    card = trader.wait_for("Realised")
    trader.say("/equity")
    curve = trader.wait_for("Put in $500.00")

    assert all(message.get("photo") for message in (chart, card, curve))
