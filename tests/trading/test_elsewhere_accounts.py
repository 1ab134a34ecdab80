"""Jupiter's accounts: only an open position of the very wallet, program and pool counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from chain.rpc import AccountData
from sandbox.elsewhere import jupiter as standin
from sandbox.elsewhere.held import Held
from trading.elsewhere.http import Malformed, number, side, symbol
from trading.elsewhere.jupiter_accounts import (
    PLACES,
    PROGRAM,
    position_addresses,
    read_position,
)

WALLET = Keypair().pubkey()
FLASH = "FLASH6Lo6h3iasJKWDs2F8TkW2UKf3s15C8PMGuVfgBn"
HELD = Held("SOL", "long", "1500", "300", "150", 1_790_000_000)


def account(held=HELD, *, owner=PROGRAM, is_open=True, wallet=WALLET, **changes):
    data = standin._bytes(wallet, held, 1_790_000_100, is_open=is_open)
    found = AccountData(str(standin.place(wallet, held)), owner, data, 1, 1)
    return replace(found, **changes)


def read(found):
    return read_position(found, wallet_address=str(WALLET))


def test_a_position_lies_at_one_of_nine_places():
    places = position_addresses(str(WALLET))
    assert len(places) == len(set(places)) == PLACES == 9
    assert account().address in places
    short = Held("BTC", "short", "10", "5", "70000", 1, "USDT")
    assert str(standin.place(WALLET, short)) in places


def test_an_open_position_is_read():
    found = read(account())
    assert (found.asset, found.side, found.size) == ("SOL", "long", 10)
    assert (found.entry_price, found.size_usd, found.margin) == (150, 1500, 300)
    assert found.leverage == 5
    assert found.opened_at.timestamp() == 1_790_000_000


def test_longer_accounts_are_read_too():
    assert read(account(data=account().data + bytes(64))) is not None


@pytest.mark.parametrize(
    "found",
    [
        None,
        account(is_open=False),
        account(owner=FLASH),
        account(wallet=Keypair().pubkey()),
        account(data=account().data[:209]),
        account(data=b"\0" * 8 + account().data[8:]),
        account(data=account().data[:40] + bytes(Keypair().pubkey()) + account().data[72:]),
        account(data=account().data[:72] + bytes(Keypair().pubkey()) + account().data[104:]),
        account(data=account().data[:152] + b"\0" + account().data[153:]),
    ],
    ids=[
        "none", "closed", "another program", "another wallet", "too short", "another kind",
        "another pool", "another custody", "no side",
    ],
)  # fmt: skip
def test_any_other_account_is_no_position(found):
    assert read(found) is None


@given(st.binary(min_size=205, max_size=230))
def test_no_bytes_break_the_reading(noise):
    head = account().data[:136]
    found = read(account(data=head + noise[: 230 - len(head)]))
    assert found is None or (found.size > 0 and 0 < found.leverage < 10**6)


@pytest.mark.parametrize(
    "told", ["", "1e5", "NaN", "Infinity", "1,000", "--1", "0x10", None, True, "9" * 16, [], {}]
)
def test_what_is_no_plain_number_is_refused(told):
    with pytest.raises(Malformed):
        number(told)


def test_numbers_are_read_exactly_and_cut_far_behind_the_point():
    assert str(number("0.1")) == "0.1"
    assert str(number("-12.5")) == "-12.5"
    assert str(number("1." + "3" * 25)) == "1." + "3" * 12
    with pytest.raises(Malformed):
        number("0", above_zero=True)


@pytest.mark.parametrize("told", ["", "<b>", "SOL PERP", "x" * 21, None, 5])
def test_a_name_that_could_be_anything_else_is_refused(told):
    with pytest.raises(Malformed):
        symbol(told)


def test_sides_are_long_and_short():
    assert (side("Long"), side("SHORT")) == ("long", "short")
    with pytest.raises(Malformed):
        side("none")


def test_the_standins_places_are_of_the_real_program():
    seeds = [b"position", bytes(WALLET), bytes(standin.POOL)]
    seeds += [bytes(standin.CUSTODIES["SOL"])] * 2 + [b"\1"]
    assert (
        standin.place(WALLET, HELD)
        == Pubkey.find_program_address(seeds, Pubkey.from_string(PROGRAM))[0]
    )
