"""The two sums, computed from hand-made movements."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.identities import perp_identity, spot_identity

D = Decimal
_UNITS = st.integers(-(10**15), 10**15)


def quote(units: int) -> Decimal:
    return D(units).scaleb(-6)


def test_the_perp_identity_is_exact():
    terms = {
        "market": "SOL-PERP",
        "fills": [("buy", D(100), D("0.1")), ("sell", D(60), D("-0.02"))],
        "entries": [D("-0.5"), D("-0.01")],
        "settled": D(3),
    }
    right = D("-100.1") + D("60.02") - D("0.51") - 3
    assert perp_identity(**terms, venue_quote=right).holds
    one_off = perp_identity(**terms, venue_quote=right + D("0.000001"))
    assert not one_off.holds
    assert (one_off.name, one_off.ours) == ("perp SOL-PERP", right)


@given(
    st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(0, 10**15), _UNITS)),
    st.lists(_UNITS),
    _UNITS,
)
def test_the_perp_identity_is_the_programs_integer_sum(fills, entries, settled):
    running = sum((q if d == "sell" else -q) - f for d, q, f in fills) + sum(entries) - settled
    identity = perp_identity(
        market="SOL-PERP",
        fills=[(d, quote(q), quote(f)) for d, q, f in fills],
        entries=map(quote, entries),
        settled=quote(settled),
        venue_quote=quote(running),
    )
    assert identity.holds
    assert identity.ours == quote(running)


def test_the_spot_identity_allows_one_unit_for_each_event_and_no_more():
    terms = {
        "token": "USDC",
        "movements": iter([D(50), D("-20"), D(7)]),
        "unit": D("0.000001"),
    }
    identity = spot_identity(**terms, venue_amount=D("36.999997"))
    assert identity.holds
    assert (identity.ours, identity.allowed) == (37, D("0.000003"))
    terms["movements"] = [D(50), D("-20"), D(7)]
    assert not spot_identity(**terms, venue_amount=D("36.999996")).holds


def test_an_account_that_nothing_touched_holds_nothing():
    assert spot_identity(token="USDC", movements=[], venue_amount=D(0), unit=D(1)).holds
    assert not spot_identity(token="USDC", movements=[], venue_amount=D(1), unit=D(1)).holds
