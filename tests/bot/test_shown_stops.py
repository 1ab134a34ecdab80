"""What /positions says of the stops that the venue holds: which part of a position each covers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.reading import Positions
from bot.texts.screens import positions_screen
from tests.bot.test_elsewhere import NOW, position
from tests.bot.test_told_orders import ORDER
from trading import progress

D = Decimal
HELD = position(deployment="velocity", size=D(3), step_size=D("0.01"), tick_size=D("0.01"))
STOP = replace(
    ORDER, market="SOL-PERP", base_asset="SOL", order_type="stop_market", size=D(2),
    filled_size=D(0), price=None, trigger_price=D(140), reduce_only=True, status="open",
    progress=progress.OPEN, venue_order_id="7", role="stop_loss",
)  # fmt: skip
TARGET = replace(STOP, trigger_price=D(170), size=D(3), role="take_profit", venue_order_id="8")


def screen(*stops, hidden=False, held=HELD):
    found = Positions((held,), stops=stops)
    return positions_screen(found, now=NOW + timedelta(seconds=1), hidden=hidden)


def test_each_stop_is_shown_with_its_id_and_the_part_that_it_closes():
    text = screen(STOP, TARGET)
    assert "🛡 Stop $140.00 closes 2.00 SOL of 3.00 SOL · venue id 7" in text
    assert "🎯 Target $170.00 closes all of it · venue id 8" in text
    assert "⚠️ 1.00 SOL of it has no stop: /sl" in text


@pytest.mark.parametrize(
    "stops",
    [
        (replace(STOP, size=D(3)),),
        (STOP, replace(STOP, size=D(1))),
        (TARGET,),
        (),
    ],
)
def test_a_part_without_a_stop_is_told_only_where_another_part_has_one(stops):
    assert "has no stop" not in screen(*stops)


def test_a_stop_that_the_venue_does_not_hold_or_that_guards_another_side_is_not_shown():
    waiting = replace(STOP, venue_order_id=None, progress=progress.WAITING)
    for other in (waiting, replace(STOP, side="short"), replace(STOP, deployment="drift")):
        assert "Stop $" not in screen(other)


def test_hidden_amounts_are_hidden_in_the_stops_too():
    text = screen(STOP, hidden=True)
    assert "🛡 Stop $140.00" in text
    assert "2.00" not in text
    assert "1.00 SOL" not in text


def test_without_the_books_it_is_said_that_stops_cannot_be_shown():
    text = positions_screen(Positions((HELD,), live=True, stops=None), now=NOW, hidden=False)
    assert "Stops cannot be shown without the desk's books." in text
