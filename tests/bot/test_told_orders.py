"""What cards and screens say of sizes, fees, leverage and turned positions."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from bot.texts import cards, figures, screens
from bot.texts.errors import denial_lines, error_text
from bot.texts.order_words import change_card
from core.errors import Refused
from trading import progress, reach
from trading.facts import (
    ChangeFacts,
    Denial,
    HistoryRow,
    MarketFacts,
    OrderFacts,
    OrderPreview,
    TransferFacts,
)
from trading.venues.reports import Quote

MARKET = MarketFacts(
    id=None,
    deployment="velocity",
    symbol="ETH-PERP",
    base_asset="ETH",
    quote_asset="USDT",
    market_index=2,
    status="active",
    tick_size=Decimal("0.01"),
    step_size=Decimal("0.001"),
    min_order_size=Decimal("0.001"),
    max_leverage=Decimal(20),
    price=Decimal(3000),
    price_age_seconds=Decimal(1),
)


def a_preview(*, side, size, held_side, held):
    quote = Quote(
        oracle_price=Decimal(3000),
        oracle_slot=1,
        price_age_seconds=Decimal(1),
        expected_price=Decimal(3000),
        worst_price=Decimal(3015),
        size=Decimal(size),
        notional=Decimal(3000),
        fee=Decimal("0.001"),
        initial_margin=Decimal(300),
        free_collateral=Decimal(500),
        collateral=Decimal(500),
        leverage_after=Decimal("999999.99"),
        health_before=Decimal(90),
        health_after=Decimal(80),
        liquidation_price=None,
        open_orders=0,
        open_positions=1,
        position_side=held_side,
        position_size=Decimal(held),
    )
    return OrderPreview(
        market=MARKET,
        side=side,
        direction="buy" if side == "long" else "sell",
        reduce_only=False,
        size=Decimal(size),
        leverage=Decimal(10),
        slippage_percent=Decimal("0.5"),
        quote=quote,
        priority_fee_cap=Decimal("0.0005"),
        wallet_last4="abcd",
        closes_fraction=None,
        denials=(),
    )


@pytest.mark.parametrize(
    ("value", "step", "shown"),
    [
        ("0.015", "0.01", "0.015 SOL"),
        ("0.001", "0.01", "0.001 SOL"),
        ("0.5", "0.01", "0.50 SOL"),
        ("1500", "0.1", "1,500.0 SOL"),
        ("7.5", "1", "7.5 SOL"),
    ],
)
def test_a_size_off_the_step_is_shown_as_it_was_typed(value, step, shown):
    assert figures.size(Decimal(value), Decimal(step), "SOL") == shown


@pytest.mark.parametrize(
    ("side", "size", "held_side", "said"),
    [
        ("long", "1", "short", "Closes your short 0.500 ETH and opens a long of 0.500 ETH."),
        ("short", "0.5", "long", "Closes your long 0.500 ETH."),
        ("short", "0.2", "long", "Reduces your long 0.500 ETH by 0.200 ETH."),
    ],
)
def test_an_order_against_the_position_says_what_it_does_to_it(side, size, held_side, said):
    preview = a_preview(side=side, size=size, held_side=held_side, held="0.5")
    assert said in cards.order_preview_card(preview, valid_seconds=20, confirmable=True)


def test_what_two_venues_hold_of_one_market_is_numbered():
    assert figures.numbers(["SOL", "ETH"]) == ["", ""]
    assert figures.numbers(["SOL", "ETH", "SOL"]) == ["1. ", "2. ", "3. "]


LIMIT = {"order_type": "limit", "price": Decimal(2900)}


@pytest.mark.parametrize(
    ("wish", "said", "never"),
    [
        (LIMIT, ["limit, at $2,900.00", "until it fills or is cancelled."], ["slippage"]),
        (LIMIT | {"post_only": True}, ["limit post-only, at"], []),
        (LIMIT | {"immediate_or_cancel": True}, ["limit IOC", "the rest is cancelled"], ["rests"]),
        (LIMIT | {"expires_in": timedelta(hours=2)}, ["Rests for <b>2 h</b> at most"], []),
        ({"order_type": "limit", "oracle_offset": Decimal("-0.5")},
         ["at oracle -0.5", "Worst price: none; it moves with the oracle", "$3,000.00 now"],
         ["$3,015.00"]),
        ({"order_type": "stop_market", "trigger_price": Decimal(3100)},
         ["stop, when $3,100.00", "the venue makes it when it goes off"], ["slippage"]),
        ({"immediate_or_cancel": True}, ["market IOC", "slippage 0.5%"], ["60 s"]),
    ],
)  # fmt: skip
def test_a_confirm_card_tells_all_that_was_asked_and_promises_no_more(wish, said, never):
    preview = replace(a_preview(side="long", size="1", held_side=None, held="0"), **wish)
    card = cards.order_preview_card(preview, valid_seconds=20, confirmable=True)
    assert [each for each in said if each not in card] == []
    assert [each for each in never if each in card] == []


def test_a_card_of_paper_speaks_of_no_chain():
    preview = a_preview(side="long", size="1", held_side=None, held="0")
    market = replace(MARKET, deployment="paper")
    card = cards.order_preview_card(
        replace(preview, market=market), valid_seconds=20, confirmable=True
    )
    assert "PAPER" in card
    assert "Priority fee" not in card
    placed = replace(ORDER, deployment="paper", progress=progress.PLACED, filled_size=Decimal(0))
    assert "signed" not in cards.order_card(placed)


@pytest.mark.parametrize("held_side", ["long", None])
def test_an_order_that_only_adds_says_nothing_of_closing(held_side):
    preview = a_preview(side="long", size="1", held_side=held_side, held="0.5")
    card = cards.order_preview_card(preview, valid_seconds=20, confirmable=True)
    assert "Closes" not in card
    assert "Reduces" not in card


def test_a_small_fee_is_not_told_as_nothing_nor_a_huge_leverage_in_full():
    preview = a_preview(side="long", size="1", held_side=None, held="0")
    card = cards.order_preview_card(preview, valid_seconds=20, confirmable=True)
    assert "Fee: about &lt;$0.01" in card
    assert "Leverage: &gt;1000x after it" in card
    denied = Denial("leverage_too_high", {"leverage": "999999.99", "maximum": "10"})
    assert "bring you to &gt;1000x; the most is 10x" in denial_lines((denied,), kind="risk")
    assert figures.fee(Decimal(0)) == "$0.00"
    assert figures.fee(Decimal("0.01")) == "$0.01"


ORDER = OrderFacts(
    id=None,
    deployment="velocity",
    market="ETH-PERP",
    base_asset="ETH",
    quote_asset="USDT",
    side="long",
    direction="buy",
    order_type="market",
    size=Decimal(1),
    filled_size=Decimal(1),
    price=Decimal(3015),
    avg_fill_price=Decimal(3000),
    fees=Decimal("1.5"),
    realized_pnl=Decimal("-1.5"),
    reduce_only=False,
    status="filled",
    reason="",
    progress=progress.FILLED,
    signature=None,
    reached=reach.LANDED,
    venue_order_id="1",
    wallet_last4="abcd",
    tick_size=Decimal("0.01"),
    step_size=Decimal("0.001"),
    created_at=timezone.now(),
    expires_at=timezone.now() + timedelta(seconds=60),
)


def test_a_filled_order_tells_a_gain_only_if_it_closed_something():
    assert "Realised" not in cards.order_card(ORDER)
    turned = replace(ORDER, realized_pnl=Decimal("18.5"))
    assert "Realised: 🟢 +$18.50" in cards.order_card(turned)


DEAD = replace(
    ORDER,
    progress=progress.NOT_EXECUTED,
    status="not_executed",
    filled_size=Decimal(0),
    reason="submission.deadline_passed",
    reached=reach.NEVER_SENT,
)


def test_nothing_was_sent_is_said_only_where_nothing_was():
    never = cards.order_card(DEAD)
    assert "Nothing was sent, nothing was spent." in never
    assert "before it could be signed" in never
    proven_dead = cards.order_card(
        replace(DEAD, reached=reach.NEVER_LANDED, signature="5sig"),
    )
    assert "Nothing was sent" not in proven_dead
    assert "never reached the chain and never will: nothing was spent." in proven_dead
    assert "before another message could be signed" in proven_dead
    assert "explorer" not in proven_dead
    landed = cards.order_card(
        replace(DEAD, progress=progress.NO_EFFECT, reached=reach.LANDED, signature="5sig")
    )
    assert "At most the network's fee was spent" in landed
    assert "5sig" in landed


def test_an_order_that_is_signed_once_more_does_not_say_that_nothing_was_sent():
    again = replace(DEAD, progress=progress.PLACED, reached=reach.NEVER_LANDED)
    assert "Being signed once more" in cards.order_card(again)
    assert "Nothing has been sent yet" not in cards.order_card(again)
    assert "Nothing has been sent yet" in cards.order_card(replace(again, reached="never_sent"))


def test_of_an_order_that_the_desk_has_not_sent_it_is_not_said_what_was_sent():
    elsewhere = replace(DEAD, progress=progress.CANCELLED, origin="external", reason="")
    assert "Nothing was traded." in cards.order_card(elsewhere)
    assert "sent" not in cards.order_card(elsewhere)


TRANSFER = TransferFacts(
    id=None,
    deployment="velocity",
    kind="withdrawal",
    token_symbol="USDT",
    amount=Decimal(50),
    booked_amount=Decimal(50),
    sponsor_fee=Decimal(0),
    initializes=False,
    status="completed",
    reason="",
    progress=progress.COMPLETED,
    signature="5sig",
    reached=reach.LANDED,
    created_at=timezone.now(),
    expires_at=timezone.now(),
)


def test_the_card_of_a_transfer_says_where_the_money_is():
    assert "Arrived in your wallet" in cards.transfer_card(TRANSFER)
    assert "Arrived at the venue" in cards.transfer_card(replace(TRANSFER, kind="deposit"))
    failed = replace(TRANSFER, progress=progress.FAILED, reason="chain.failed")
    assert "your money is still at the venue" in cards.transfer_card(failed)
    back = cards.transfer_card(replace(failed, kind="deposit"))
    assert "your money has not left the wallet" in back


def test_an_order_that_ended_without_a_fill_says_why_and_what_helps():
    missed = replace(
        DEAD, progress=progress.CANCELLED, reached=reach.LANDED, reason="venue.slippage"
    )
    assert "The market moved past your worst price." in cards.order_card(missed)
    assert "a wider slippage (/settings)" in cards.order_card(missed)
    ended = replace(missed, reason="venue.cancelled_by_owner")
    assert "Your wallet asked the venue for that." in cards.order_card(ended)
    at_once = replace(ended, immediate_or_cancel=True)
    assert "There was nothing to fill it with at once." in cards.order_card(at_once)


def test_numbers_of_a_refusal_are_grouped_and_what_was_typed_stays_as_it_was():
    spent = Denial("daily_notional_used", {"maximum": "1000000", "left": "999246.34"})
    assert "open $1,000,000 a day; $999,246.34 of it" in denial_lines((spent,), kind="risk")
    least = Refused("order.part_too_small", minimum=Decimal("0.0100000"), unit="SOL")
    assert "order, 0.01 SOL." in error_text(least, trace_id="")
    typed = Refused("amount.not_a_number", typed="10000")
    assert "“10000”" in error_text(typed, trace_id="")
    unknown = Refused("order.type_not_supported", type="oracle_offset", venue="Velocity")
    assert "Velocity has no instruction for “oracle offset”." in error_text(unknown, trace_id="")


def test_a_plan_of_stops_says_what_is_wanted_and_leaves_its_orders_to_their_cards():
    stop = replace(ORDER, role="stop_loss", trigger_price=Decimal(2500), progress=progress.OPEN)
    plan = ChangeFacts(
        id=None, kind="stops", deployment="velocity", order_ids=(), status="done", reason="",
        wanted={"stop_loss": "2600", "deployment": "velocity", "symbol": "ETH-PERP"},
        progress=progress.DONE, signature=None, reached=reach.NEVER_SENT,
        created_at=timezone.now(), deadline=timezone.now(), orders=(stop,),
    )  # fmt: skip
    shown = change_card(plan)
    assert "New stop: <b>$2,600.00</b>" in shown
    assert "2,500" not in shown
    assert "velocity" not in shown.lower()


def test_a_plan_of_which_a_part_was_refused_is_not_told_as_done():
    plan = ChangeFacts(
        id=None, kind="panic", deployment="", order_ids=(), wanted={}, status="done", reason="",
        progress=progress.DONE, signature=None, reached=reach.NEVER_SENT,
        created_at=timezone.now(), deadline=timezone.now(),
    )  # fmt: skip
    assert "✅ Done" in change_card(plan)
    refused = replace(plan, refusals=(Denial("market_not_active", {"market": "SOL-PERP"}),))
    assert "✅" not in change_card(refused)
    assert "Done in part" in change_card(refused)
    assert "Done in part" in change_card(replace(plan, reason="change.deadline_passed"))


def test_an_order_that_waits_for_its_match_says_how_long_that_takes():
    for waiting in (progress.CONFIRMED, progress.OPEN):
        shown = cards.order_card(replace(ORDER, progress=waiting, filled_size=Decimal(0)))
        assert "Usually filled within 10 s." in shown


def test_history_leaves_the_gain_of_an_entry_out():
    entry = HistoryRow(
        at=timezone.now(),
        kind="fill",
        deployment="velocity",
        market="ETH-PERP",
        side="buy",
        size=Decimal(1),
        price=Decimal(3000),
        amount=Decimal(3000),
        token_symbol="USDT",
        fee=Decimal("0.77"),
        realized_pnl=Decimal("-0.77"),
        signature=None,
    )
    shown = {"time_zone": "UTC", "page": 0, "hidden": False}
    assert "PAPER" not in screens.history_screen([entry], **shown)
    assert "PAPER" in screens.history_screen([replace(entry, deployment="paper")], **shown)
    assert "🔴 -$" not in screens.history_screen([entry], **shown)
    closing = replace(entry, realized_pnl=Decimal("-5.77"))
    assert "🔴 -$5.77" in screens.history_screen([closing], **shown)
