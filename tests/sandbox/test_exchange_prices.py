"""Prices of the emulated exchanges: they walk by a seed, and stand where a test holds them."""

from decimal import Decimal

import pytest

from tests.sandbox.exchange import new_chain


def test_equal_seeds_walk_alike_and_others_do_not():
    chains = [new_chain(seed=seed, walk=True) for seed in (5, 5, 6)]
    for chain in chains:
        chain.advance(50)

    first, same, other = (chain.exchange.prices() for chain in chains)

    assert first == same != other
    assert first["SOL"] != Decimal(150)


def test_a_held_price_stands_still_until_it_is_let_go():
    chain = new_chain(walk=True)
    chain.exchange.set_price(chain, "BTC", Decimal(90_000))
    chain.advance(20)
    assert chain.exchange.prices()["BTC"] == 90_000

    chain.exchange.set_price(chain, "BTC", Decimal(90_000), hold=False)
    chain.advance(20)

    assert chain.exchange.prices()["BTC"] != 90_000


def test_an_unknown_symbol_has_no_price():
    chain = new_chain()
    with pytest.raises(KeyError):
        chain.exchange.set_price(chain, "DOGE", Decimal(1))
