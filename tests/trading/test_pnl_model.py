"""Realised PnL, entry prices and both identities against an independent exact model."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.roles import as_sync
from tests import factories
from tests.trading.books import Books, entry, fill, moment, position_state, transaction
from tests.trading.exact_model import UNIT, Account, Market
from tests.trading.hand_venue import HAND
from trading.services.book_account import markets_of
from trading.services.check_identities import compute_identities

_BASE = Fraction(1, 10**9)
_MARKETS = st.integers(0, 1)
_UNITS = st.integers(1, 10**10)
_FILLS = st.tuples(
    st.sampled_from(["fill", "fill", "fill", "liquidated"]),
    _MARKETS,
    st.sampled_from(["buy", "sell"]),
    # Sizes that meet each other exactly, and such as leave odd parts.
    st.one_of(st.sampled_from([10**9, 2 * 10**9, 5 * 10**8]), st.integers(1, 3 * 10**9)),
    st.integers(0, 5 * 10**9),
    st.integers(-(10**6), 10**7),
)
_PAYMENTS = st.tuples(
    st.sampled_from(["funding", "keeper_charge", "liquidation", "reward", "settlement"]),
    _MARKETS,
    st.integers(-(10**9), 10**9).filter(bool),
)
_TOKENS = st.tuples(
    st.sampled_from(["deposit", "withdrawal", "transfer", "seized"]), st.just(None), _UNITS
)
_EVENTS = st.lists(st.one_of(_FILLS, _FILLS, _PAYMENTS, _TOKENS), min_size=3, max_size=14)
_SIGNS = {"keeper_charge": -1, "reward": 1}


@given(_EVENTS, st.lists(st.integers(1, 14), max_size=3), st.integers(0, 2**16))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_sequence_ends_as_the_exact_model_says(venue, market, events, looks, seed):
    venue.reset()
    _second_market()
    books, model = Books(venue, market), Account()
    history = []
    for number, event in enumerate(events, start=1):
        history.append(transaction(_happen(model, number, event), slot=500 + number))
        if number in looks or number == len(events):
            _look(books, model, history, slot=500 + number)
            assert books.differences() == {}
    _compare(books, model)

    # Told again: from the start, each event twice, and in any order.
    before = books.everything()
    retold = [replace(one, events=one.events * 2) for one in history]
    Random(seed).shuffle(retold)
    books.forget_cursor()
    _look(books, model, retold, slot=500 + len(events))

    assert books.everything() == before
    assert books.differences() == {}


def _second_market():
    with as_sync():
        known = markets_of(_hand())
    if 1 not in known:
        factories.drift_market(HAND, symbol="BTC-PERP", market_index=1, quote_asset="USDC")


def _hand():
    from trading.venues.base import get_venue

    return get_venue(HAND)


def _happen(model: Account, number: int, event):
    """Let it happen in the model; returns the venue's report of it."""
    kind, index, *rest = event
    at = {"occurred_at": moment(number)}
    if kind in ("fill", "liquidated"):
        direction, size, quote, fee = rest
        sign = 1 if direction == "buy" else -1
        is_liquidation = kind == "liquidated"
        model.markets[index].fill(
            sign * size * _BASE, quote * UNIT, fee * UNIT, liquidation=is_liquidation
        )
        return fill(
            "", market_index=index, direction=direction, size=_decimal(size * _BASE),
            quote=str(_decimal(quote * UNIT)), fee=_decimal(fee * UNIT),
            is_liquidation=is_liquidation, **at,
        )  # fmt: skip
    units = rest[0]
    if index is None:
        signed = -units if kind in ("withdrawal", "seized") else units
        model.tokens += signed * UNIT
        told = "liquidation" if kind == "seized" else kind
        return entry(told, _decimal(signed * UNIT), **at)
    amount = (abs(units) * _SIGNS[kind] if kind in _SIGNS else units) * UNIT
    if kind == "settlement":
        model.settle(index, amount)
    else:
        model.markets[index].pay(amount, funding=kind == "funding", of_position=kind != "reward")
    return entry(kind, _decimal(amount), market=index, **at)


def _look(books: Books, model: Account, history, *, slot: int) -> None:
    states = tuple(
        position_state(
            market_index=index,
            side="long" if one.held >= 0 else "short",
            size=str(_decimal(abs(one.held))),
            quote_amount=str(_decimal(one.quote)),
        )
        for index, one in model.markets.items()
        if one.held or one.quote
    )
    books.hear(*history, slot=slot, positions=states, tokens={"USDC": _decimal(model.tokens)})


def _compare(books: Books, model: Account) -> None:
    rows = books.positions()
    for index, one in model.markets.items():
        mine = [row for row in rows if row.market_index == index]
        assert [
            (row.side, row.status, row.realized_pnl, row.fees, row.funding, row.peak_size)
            for row in mine
        ] == [
            (
                episode.side, episode.status, _decimal(episode.realised), _decimal(episode.fees),
                _decimal(episode.funding), _decimal(episode.peak),
            )
            for episode in one.episodes
        ]  # fmt: skip
        _compare_open(mine, one)
    fills = books.fills()
    gains = sum(row.realized_pnl for row in fills)
    realised = sum(episode.realised for one in model.markets.values() for episode in one.episodes)
    paid = sum(row.amount for row in books.entries() if row.position_id is not None)
    assert gains + paid == _decimal(realised)
    report = books.venue.reports[books.address]
    with as_sync():
        sums = compute_identities(
            venue=books.venue, account=books.account, report=report,
            markets=markets_of(books.venue),
        )  # fmt: skip
    assert all(each.ours == each.venue for each in sums), sums


def _compare_open(rows, model: Market) -> None:
    held = [row for row in rows if row.status == "open"]
    assert bool(held) == bool(model.held)
    for row in held:
        assert row.size == _decimal(abs(model.held))
        assert row.entry_quote == _decimal(model.cost)
        exact = model.cost / abs(model.held)
        assert abs(Fraction(row.entry_price) - exact) <= Fraction(1, 2 * 10**18)
    # A unit for each part at most, however often parts were cut: nothing creeps.
    assert abs(model.gained - model.gained_unrounded) <= model.cuts * UNIT


def _decimal(value) -> Decimal:
    """Exactly; a fraction that no Decimal can be is a fault of the model."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(exact) == value
    return exact
