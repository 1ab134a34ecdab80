"""A wallet without SOL: the desk pays rent and fees of the first deposit, for a fee it shows."""

from decimal import Decimal

import pytest

from chain.models import Submission
from chain.services import drive_submission
from core.roles import as_sync
from drift.feed import OracleFeed
from tests.desk import Trader, new_telegram_id, sweep_until
from tests.prices import store_prices
from trading.models import Sponsorship, VenueTransfer
from trading.venues.base import get_venue
from wallets.chain_balances import read_chain_balances
from wallets.sponsor import sponsor_wallet


@pytest.fixture(params=["velocity", "drift"])
def trader_without_sol(request, desk):
    store_prices(OracleFeed.from_settings("oracles").read())
    desk.faucet(sponsor_wallet().address, lamports=10**10, quote_units=0)
    return Trader(desk, request.param, new_telegram_id()).arrive(sol=Decimal(0))


def test_the_sponsor_pays_the_way_and_is_paid_back_in_the_same_message(trader_without_sol):
    trader = trader_without_sol
    token = get_venue(trader.deployment).quote_symbol
    before = read_chain_balances([trader.address])[trader.address].amounts
    sponsor_before = read_chain_balances([sponsor_wallet().address])
    placed = trader.deposit("500")
    with as_sync():
        submission = Submission.objects.get(acts__subject_id=placed.id, acts__instruction_index=0)
    drive_submission(submission_id=submission.id)

    def completed():
        with as_sync():
            return VenueTransfer.objects.get(pk=placed.id).status == "completed"

    sweep_until(completed)
    after = read_chain_balances([trader.address])[trader.address].amounts
    sponsor_after = read_chain_balances([sponsor_wallet().address])
    assert placed.sponsor_fee > 0
    assert before[token] - after[token] == 500 + placed.sponsor_fee
    paid_back = [
        held[sponsor_wallet().address].amounts[token] for held in (sponsor_before, sponsor_after)
    ]
    assert paid_back[1] - paid_back[0] == placed.sponsor_fee
    assert after["SOL"] == Decimal("0.003")
    spent = [
        held[sponsor_wallet().address].amounts["SOL"] for held in (sponsor_before, sponsor_after)
    ]
    with as_sync():
        reserved = Sponsorship.objects.get(submission_id=submission.id).lamports
    assert 0 < (spent[0] - spent[1]) * 10**9 <= reserved
