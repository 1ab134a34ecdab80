"""Oracle prices as the program reads them, beside the reference client's."""

import struct

import pytest
from driftpy.accounts.oracle import decode_pyth_lazer_price_info, decode_pyth_price_info
from driftpy.types import OracleSource

from drift.codec import LayoutMismatch
from drift.layouts.deployments import DRIFT, VELOCITY
from drift.oracles import QUOTE_ASSET_PRICE, OraclePrice, read_oracle
from tests.drift.samples import encoded


def pyth_account(price, confidence, exponent, slot):
    """A price account of Pyth's second format, trading, with nothing else in it."""
    data = bytearray(3312)
    struct.pack_into("<IIII", data, 0, 0xA1B2C3D4, 2, 3, 3312)
    struct.pack_into("<Ii", data, 16, 1, exponent)
    struct.pack_into("<QQ", data, 32, slot, slot)
    struct.pack_into("<qQIIQ", data, 208, price, confidence, 1, 0, slot)
    return bytes(data)


def lazer_account(deployment, **values):
    return encoded(deployment.layout, "PythLazerOracle", **values)


@pytest.mark.parametrize("source", ["Pyth", "Pyth1K", "Pyth1M"])
@pytest.mark.parametrize("price", [15_000_000_000, 2_345, 9_999_999_999_999])
def test_a_pyth_price_equals_the_references(source, price):
    data = pyth_account(price, 7_500_000, -8, 300_000_005)
    own = read_oracle(deployment=DRIFT, source=source, owner="any", data=data)
    theirs = decode_pyth_price_info(data, getattr(OracleSource, source)())
    assert own.price == theirs.price
    assert own.slot == theirs.slot == 300_000_005
    if source == "Pyth":
        assert own.confidence == theirs.confidence


@pytest.mark.parametrize("deployment", [DRIFT, VELOCITY])
def test_a_lazer_price_equals_the_references(deployment):
    data = lazer_account(
        deployment, price=15_012_345_678, exponent=-8, conf=1_234_567, posted_slot=99
    )
    own = read_oracle(
        deployment=deployment, source="PythLazer", owner=deployment.program_id, data=data
    )
    theirs = decode_pyth_lazer_price_info(data)
    assert own == OraclePrice(150_123_456, 12_345, 99)
    assert (own.price, own.confidence, own.slot) == (theirs.price, theirs.confidence, theirs.slot)


def test_prices_of_many_units_are_scaled_before_they_are_rounded():
    data = lazer_account(VELOCITY, price=12_345, exponent=-10, conf=0)
    for source, expected in (("PythLazer", 1), ("PythLazer1K", 1_234), ("PythLazer1M", 1_234_500)):
        found = read_oracle(
            deployment=VELOCITY, source=source, owner=VELOCITY.program_id, data=data
        )
        assert found.price == expected


@pytest.mark.parametrize(
    ("price", "confidence", "expected"),
    [
        (99_990_000, 20_000, 1_000_000),  # a basis point below one, less sure than that
        (99_990_000, 100, 999_900),  # surer than that
        (99_000_000, 10_000_000, 990_000),  # a percent below
    ],
)
def test_a_stable_coin_near_one_is_one(price, confidence, expected):
    data = lazer_account(VELOCITY, price=price, exponent=-8, conf=confidence)
    found = read_oracle(
        deployment=VELOCITY,
        source="PythLazerStableCoin",
        owner=VELOCITY.program_id,
        data=data,
    )
    assert found.price == expected


def test_the_quote_asset_is_always_worth_one():
    found = read_oracle(deployment=DRIFT, source="QuoteAsset", owner="", data=b"")
    assert found == QUOTE_ASSET_PRICE
    assert found.price == 10**6


def test_what_is_no_oracle_is_refused():
    lazer = lazer_account(VELOCITY, price=1, exponent=-8)
    pyth = pyth_account(1, 1, -8, 1)
    for source, owner, data in (
        ("PythLazer", DRIFT.program_id, lazer),
        ("PythLazer", VELOCITY.program_id, pyth),
        ("Pyth", "any", lazer),
        ("Pyth", "any", pyth[:100]),
        ("Switchboard", "any", pyth),
    ):
        with pytest.raises(LayoutMismatch):
            read_oracle(deployment=VELOCITY, source=source, owner=owner, data=data)
