"""What a fill does to a position, against whole numbers as the program itself computes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.position_math import Holding, apply_fill, unrealized

D = Decimal
STEP = D("0.000001")
QUOTE, BASE = 10**6, 10**9

# Up to what the program's u64 holds: products of these have more digits than a Decimal keeps.
_SIZES = st.integers(1, 2**63)
_FILLS = st.lists(
    st.tuples(st.sampled_from(["buy", "sell"]), _SIZES, st.integers(0, 2**63)),
    min_size=1,
    max_size=12,
)


def exactly(units: int, one: int) -> Decimal:
    """Exact, whatever the number of digits."""
    return D(units).scaleb(-(len(str(one)) - 1))


class Program:
    """The program's own bookkeeping of one position, in integers."""

    def __init__(self):
        self.size = self.cost = self.gain = 0

    def fill(self, direction, size, quote):
        sign = 1 if direction == "buy" else -1
        if self.size * sign >= 0:
            self.size += sign * size
            self.cost += quote
            return
        closed = min(size, abs(self.size))
        cost = self.cost * closed // abs(self.size)
        proceeds = quote * closed // size
        self.gain += (proceeds - cost) * (1 if self.size > 0 else -1)
        self.size += sign * closed
        self.cost -= cost
        if size > closed:
            self.size, self.cost = sign * (size - closed), quote - proceeds


@given(_FILLS)
def test_any_fills_add_up_as_in_the_programs_integers(fills):
    program, holding, gain, flows = Program(), Holding(D(0), D(0)), D(0), 0
    for direction, size, quote in fills:
        program.fill(direction, size, quote)
        applied = apply_fill(
            holding,
            direction=direction,
            size=exactly(size, BASE),
            quote=exactly(quote, QUOTE),
            quote_step=STEP,
        )
        gain += applied.gain
        holding = applied.opened or applied.closed
        flows += quote if direction == "sell" else -quote
        assert holding.size == exactly(program.size, BASE)
        assert holding.entry_quote == exactly(program.cost, QUOTE)
    assert gain == exactly(program.gain, QUOTE)
    # Nothing is lost on the way: what is held carries what the flows have not realised.
    sign = 1 if holding.size > 0 else -1
    assert gain - sign * holding.entry_quote == exactly(flows, QUOTE)


@given(_FILLS)
def test_once_all_is_closed_the_gains_are_the_quote_flows(fills):
    holding, gain, flows = Holding(D(0), D(0)), D(0), D(0)

    def fill(direction, size, quote):
        nonlocal holding, gain, flows
        applied = apply_fill(holding, direction=direction, size=size, quote=quote, quote_step=STEP)
        gain += applied.gain
        flows += quote if direction == "sell" else -quote
        holding = applied.opened or applied.closed

    for direction, size, quote in fills:
        fill(direction, exactly(size, BASE), exactly(quote, QUOTE))
    if holding.size:
        fill("sell" if holding.size > 0 else "buy", abs(holding.size), D("123.456789"))
    assert holding == Holding(D(0), D(0))
    assert gain == flows


@pytest.mark.parametrize(
    ("held", "direction", "size", "left", "opened", "gain"),
    [
        (("0", "0"), "buy", "2", ("2", "200"), None, "0"),
        (("1", "90"), "buy", "2", ("3", "290"), None, "0"),
        (("-1", "90"), "sell", "2", ("-3", "290"), None, "0"),
        (("4", "360"), "sell", "2", ("2", "180"), None, "20"),
        (("-4", "360"), "buy", "2", ("-2", "180"), None, "-20"),
        (("2", "180"), "sell", "2", ("0", "0"), None, "20"),
        (("1", "90"), "sell", "2", ("0", "0"), ("-1", "100"), "10"),
        (("-1", "90"), "buy", "2", ("0", "0"), ("1", "100"), "-10"),
    ],
)
def test_add_reduce_close_and_flip(held, direction, size, left, opened, gain):
    applied = apply_fill(
        Holding(*map(D, held)),
        direction=direction,
        size=D(size),
        quote=D(200),
        quote_step=STEP,
    )
    assert applied.closed == Holding(*map(D, left))
    assert applied.opened == (Holding(*map(D, opened)) if opened else None)
    assert applied.gain == D(gain)


def test_the_cost_of_a_part_is_rounded_down_and_the_rest_stays():
    applied = apply_fill(
        Holding(D(3), D("100")), direction="sell", size=D(1), quote=D(40), quote_step=STEP
    )
    assert applied.closed == Holding(D(2), D("66.666667"))
    assert applied.gain == D("6.666667")


def test_a_fill_that_the_program_rounded_to_no_quote_still_moves_the_size():
    applied = apply_fill(
        Holding(D("0.000000002"), D("0.000001")),
        direction="sell",
        size=D("0.000000001"),
        quote=D(0),
        quote_step=STEP,
    )
    assert applied.closed == Holding(D("0.000000001"), D("0.000001"))
    assert applied.gain == 0


@pytest.mark.parametrize(("size", "gain"), [("2", "20"), ("-2", "-20"), ("0", "0")])
def test_unrealized_is_the_gain_of_closing_all_at_the_mark(size, gain):
    cost = D(200) if D(size) else D(0)
    assert unrealized(Holding(D(size), cost), mark_price=D(110)) == D(gain)


def test_the_entry_price_is_the_cost_of_one():
    assert Holding(D("-4"), D(360)).entry_price == 90
    assert Holding(D(0), D(0)).entry_price == 0
