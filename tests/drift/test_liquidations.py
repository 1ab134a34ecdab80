"""What a liquidation's record moves on either side, beside its fills."""

from decimal import Decimal

import pytest
from solders.pubkey import Pubkey

from drift.events import VenueEvent, parse_events
from drift.layouts.deployments import DRIFT_2024_10
from drift.liquidations import liquidation_entries
from drift.reports import event_reports
from drift.token_words import TokenWords
from tests.drift.recordings import scenario
from trading.venues.reports import FillReport, OrderReplaced

D = Decimal
USER, LIQUIDATOR, OTHER = (Pubkey.new_unique() for _ in range(3))
TOKENS = {0: TokenWords("USDC", 6), 1: TokenWords("SOL", 9)}


def moved(kind, account, **parts):
    fields = {
        "ts": 1_700_000_000,
        "liquidation_type": kind,
        "user": USER,
        "liquidator": LIQUIDATOR,
        "perp_bankruptcy": {"clawback_user": None, "clawback_user_payment": None},
    }
    event = VenueEvent("LiquidationRecord", fields | parts, 0, 7)
    told = list(liquidation_entries(event, user=account, tokens=TOKENS, quote_symbol="USDC"))
    assert len({entry.event_index for entry in told}) == len(told)
    return [(entry.token_symbol, entry.market_index, entry.amount) for entry in told]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (USER, [("SOL", None, D("-2")), ("USDC", None, D("199"))]),
        (LIQUIDATOR, [("SOL", None, D("2")), ("USDC", None, D("-200"))]),
        (OTHER, []),
    ],
)
def test_a_loan_that_is_taken_over_for_a_deposit_leaves_the_funds_part_with_its_owner(
    account, expected
):
    part = {
        "asset_market_index": 1,
        "asset_transfer": 2 * 10**9,
        "liability_market_index": 0,
        "liability_transfer": 200 * 10**6,
        "if_fee": 10**6,
    }
    assert moved("LiquidateSpot", account, liquidate_spot=part) == expected


@pytest.mark.parametrize(("account", "sign"), [(USER, 1), (LIQUIDATOR, -1)])
def test_a_loss_that_is_taken_over_for_a_deposit_moves_the_market_and_the_token(account, sign):
    part = {
        "perp_market_index": 3,
        "pnl_transfer": 5 * 10**6,
        "asset_market_index": 0,
        "asset_transfer": 6 * 10**6,
    }
    assert moved("LiquidatePerpPnlForDeposit", account, liquidate_perp_pnl_for_deposit=part) == [
        ("USDC", 3, sign * D(5)),
        ("USDC", None, -sign * D(6)),
    ]


@pytest.mark.parametrize(("account", "sign"), [(USER, 1), (LIQUIDATOR, -1)])
def test_a_loan_that_is_taken_over_for_a_gain_moves_the_market_and_the_token(account, sign):
    part = {
        "perp_market_index": 3,
        "pnl_transfer": 6 * 10**6,
        "liability_market_index": 1,
        "liability_transfer": 10**8,
    }
    assert moved("LiquidateBorrowForPerpPnl", account, liquidate_borrow_for_perp_pnl=part) == [
        ("USDC", 3, -sign * D(6)),
        ("SOL", None, sign * D("0.1")),
    ]


def test_losses_that_others_bear_are_taken_from_the_bankrupt_account():
    part = {
        "market_index": 2,
        "pnl": -7 * 10**6,
        "clawback_user": OTHER,
        "clawback_user_payment": 10**6,
    }
    assert moved("PerpBankruptcy", USER, perp_bankruptcy=part) == [("USDC", 2, D(7))]
    assert moved("PerpBankruptcy", OTHER, perp_bankruptcy=part) == [("USDC", 2, D(-1))]
    assert moved("PerpBankruptcy", LIQUIDATOR, perp_bankruptcy=part) == []
    spot = {"market_index": 1, "borrow_amount": 3 * 10**9}
    assert moved("SpotBankruptcy", USER, spot_bankruptcy=spot) == [("SOL", None, D(3))]


def told(name):
    for step in scenario(name)["steps"]:
        parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
        users = [a for a, kept in step["accounts_after"].items() if kept.get("kind") == "User"]
        for address in users:
            yield from event_reports(
                parsed.events,
                user=Pubkey.from_string(address),
                tokens=TOKENS,
                quote_symbol="USDC",
            )


def test_recorded_liquidations_come_as_fills_that_say_so():
    fills = [event for event in told("liquidation") if isinstance(event, FillReport)]
    assert [fill.fee for fill in fills if fill.is_liquidation and not fill.is_maker] == [
        D("14.1"), D("10.8142"),
    ]  # fmt: skip
    assert any(not fill.is_liquidation for fill in fills)


def test_recorded_changes_say_which_order_they_replaced():
    changes = [event for event in told("modify_partfilled") if isinstance(event, OrderReplaced)]
    pairs = [(change.old_venue_order_id, change.order.venue_order_id) for change in changes]
    assert pairs[:3] == [("1", "2"), ("2", "3"), ("3", "4")]
    assert {change.order.label for change in changes} == {9}
