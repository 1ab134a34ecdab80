"""Pictures: what they are drawn from, and that they reach the chat at a phone's size."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.pictures.equity_curve import equity_curve
from bot.pictures.pnl_card import gain_share, pnl_card, total_gain
from bot.pictures.price_chart import price_chart, spread
from core.uuid7 import uuid7
from markets.price_history import note_prices, read_price_history
from markets.prices import Price
from trading.facts import ChartFacts, EquityFacts, EquityPoint, MarketFacts, PositionFacts

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def market(**changes):
    named = {
        "id": uuid7(), "deployment": "velocity", "symbol": "SOL-PERP", "base_asset": "SOL",
        "quote_asset": "USDT", "market_index": 0, "status": "active",
        "tick_size": Decimal("0.0001"), "step_size": Decimal("0.01"),
        "min_order_size": Decimal("0.01"), "max_leverage": Decimal(20),
        "price": Decimal(150), "price_age_seconds": Decimal(1),
    }  # fmt: skip
    return MarketFacts(**named | changes)


def position(**changes):
    named = {
        "id": uuid7(), "deployment": "velocity", "market": "SOL-PERP", "base_asset": "SOL",
        "quote_asset": "USDT", "side": "long", "size": Decimal(2), "peak_size": Decimal(2),
        "entry_price": Decimal(150), "mark_price": Decimal(153), "exit_price": None,
        "unrealized_pnl": Decimal(6), "realized_pnl": Decimal("-0.3"), "fees": Decimal("0.3"),
        "funding": Decimal(0), "margin": Decimal(30), "leverage": Decimal(1),
        "liquidation_price": Decimal(100), "status": "open", "tick_size": Decimal("0.0001"),
        "step_size": Decimal("0.01"), "opened_at": NOW, "closed_at": None, "updated_at": NOW,
    }  # fmt: skip
    return PositionFacts(**named | changes)


def price(token, amount, at, source="velocity"):
    return Price(token=token, price=Decimal(amount), source=source, slot=1, observed_at=at)


def size_of(png):
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return picture.size


def test_one_price_is_kept_each_half_minute_and_the_oldest_is_first(redis_server):
    for second in range(0, 120, 5):
        at = NOW + timedelta(seconds=second)
        note_prices([price("SOL", 100 + second, at), price("BTC", 9, at)])
    note_prices([price("SOL", 7, NOW, source="drift")])

    found = read_price_history(source="velocity", token="SOL", now=NOW + timedelta(minutes=2))

    assert [int(point.price) for point in found] == [100, 130, 160, 190]
    assert [point.at for point in found] == [NOW + timedelta(seconds=30 * n) for n in range(4)]


def test_prices_older_than_what_was_asked_for_are_left_out_and_go_in_a_day(redis_server):
    note_prices([price("SOL", 1, NOW - timedelta(hours=7)), price("SOL", 2, NOW)])

    found = read_price_history(source="velocity", token="SOL", now=NOW)

    assert [point.price for point in found] == [2]
    assert all(0 < redis_server.ttl(key) <= 25 * 3600 for key in redis_server.keys("prices:*"))


@pytest.mark.parametrize("levels", [(), (Decimal(149), Decimal(40), Decimal(900))])
@pytest.mark.parametrize("held", [None, position()])
@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_a_chart_is_drawn_of_whatever_is_known(count, held, levels, redis_server):
    note_prices(
        price("SOL", Decimal(150) + Decimal(n % 7) / 10, NOW - timedelta(seconds=30 * n))
        for n in range(count)
    )
    prices = read_price_history(source="velocity", token="SOL", now=NOW)
    chart = ChartFacts(market(), prices, held, stops=levels, targets=levels, limits=levels)

    assert size_of(price_chart(chart, hidden=False, time_zone="Asia/Tokyo", now=NOW)) == (1080, 810)


@given(st.lists(st.floats(-3, 3), max_size=9))
@settings(max_examples=40)
def test_labels_stand_apart_and_within_the_chart(heights):
    placed = spread(sorted(heights))

    assert all(0 < place < 1 for place in placed)
    assert all(later - sooner > 0.08 for sooner, later in pairwise(placed))


def test_labels_that_have_room_stay_where_their_lines_are():
    assert spread([0.2, 0.5, 0.9]) == [0.2, 0.5, 0.9]


def test_a_card_tells_gain_after_fees_and_its_share_of_the_entry_value():
    assert total_gain(position()) == Decimal("5.7")
    assert gain_share(position()) == Decimal("1.90")
    assert gain_share(position(entry_price=Decimal(0))) == 0


def test_a_hidden_card_differs_by_the_amounts_it_leaves_out():
    shown, hidden = (
        pnl_card(position(), tag="LIVE", hidden=hides, time_zone="UTC", now=NOW)
        for hides in (False, True)
    )
    richer = position(size=Decimal(4), peak_size=Decimal(4), unrealized_pnl=Decimal("12"),
                      realized_pnl=Decimal("-0.6"))  # fmt: skip

    assert size_of(hidden) == size_of(shown) == (1080, 810)
    assert hidden != shown
    # Twice the amounts at the same prices: nothing on the hidden card tells the two apart.
    assert pnl_card(richer, tag="LIVE", hidden=True, time_zone="UTC", now=NOW) == hidden


def test_a_curve_needs_two_points_and_hides_amounts_where_wished():
    points = tuple(
        EquityPoint(NOW + timedelta(hours=n), Decimal(100), Decimal(100 + n)) for n in range(5)
    )
    curve = EquityFacts("velocity", points)
    doubled = EquityFacts(
        "velocity", tuple(EquityPoint(p.at, 2 * p.net_deposits, 2 * p.equity) for p in points)
    )
    draw = {"time_zone": "UTC", "now": NOW}

    assert curve.gain == 4
    assert EquityFacts("velocity", ()).gain == 0
    assert size_of(equity_curve(EquityFacts("velocity", ()), hidden=False, **draw)) == (1080, 810)
    assert equity_curve(curve, hidden=False, **draw) != equity_curve(curve, hidden=True, **draw)
    assert equity_curve(curve, hidden=True, **draw) == equity_curve(doubled, hidden=True, **draw)
