"""Oracle accounts: their prices, and what they are still good for."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from solders.pubkey import Pubkey

from drift.layouts.schema import discriminator
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.model import Market
from sandbox.perps.terms import PRICE, quotient
from sandbox.perps.views import View

PYTH_MAINNET = Pubkey.from_string("FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH")
PYTH_DEVNET = Pubkey.from_string("gSbePebfvPy7tRqimPoVecS2UsBvYv46ynrzWocc92s")
PYTH_PROGRAMS = frozenset({PYTH_MAINNET, PYTH_DEVNET})
LAZER_DISCRIMINATOR = discriminator("account", "PythLazerOracle")
PYTH_ACCOUNT_SIZE = 3312
PYTH_MAGIC = 0xA1B2C3D4


class Validity(IntEnum):
    """In order of severity, the worst first."""

    NON_POSITIVE = 0
    TOO_VOLATILE = 1
    TOO_UNCERTAIN = 2
    STALE_FOR_MARGIN = 3
    INSUFFICIENT_DATA_POINTS = 4
    STALE_FOR_AMM = 5
    VALID = 6

    @property
    def error(self) -> Error:
        return Error(Error.ORACLE_NON_POSITIVE + self)


GOOD_FOR_AMM_FILL = frozenset({Validity.VALID})
GOOD_FOR_ORDER_PRICE = frozenset(
    {Validity.VALID, Validity.STALE_FOR_AMM, Validity.INSUFFICIENT_DATA_POINTS}
)
GOOD_FOR_MARGIN = GOOD_FOR_ORDER_PRICE
GOOD_FOR_FUNDING = GOOD_FOR_ORDER_PRICE | {Validity.STALE_FOR_MARGIN}
GOOD_FOR_SETTLING = GOOD_FOR_FUNDING
GOOD_FOR_TRIGGER = GOOD_FOR_FUNDING | {Validity.TOO_UNCERTAIN}
GOOD_FOR_LIQUIDATION = GOOD_FOR_TRIGGER
GOOD_FOR_TWAP = GOOD_FOR_TRIGGER | {Validity.TOO_VOLATILE}


@dataclass(frozen=True, slots=True)
class OraclePrice:
    """A price in 1e6, its confidence, and its age in slots."""

    price: int
    confidence: int
    delay: int


QUOTE_PRICE = OraclePrice(PRICE, 1, 0)


@dataclass(slots=True)
class Oracles:
    """The oracles that an instruction was given; prices and validities are read once."""

    guard_rails: Any
    raw: dict[Pubkey, tuple[bytes, bool]] = field(default_factory=dict)
    slot: int = 0
    _prices: dict[Pubkey, OraclePrice] = field(default_factory=dict)
    _validities: dict[Pubkey, Validity] = field(default_factory=dict)

    def price(self, key: Pubkey) -> OraclePrice:
        if key == Pubkey.default():
            return QUOTE_PRICE
        known = self._prices.get(key)
        if known is None:
            if key not in self.raw:
                raise Refused(Error.ORACLE_NOT_FOUND)
            data, lazer = self.raw[key]
            known = read_lazer(data, self.slot) if lazer else read_pyth(data, self.slot)
            self._prices[key] = known
        return known

    def price_and_validity(
        self, market: Market, key: Pubkey, twap: int
    ) -> tuple[OraclePrice, Validity]:
        """As judged for the first market that asked for this oracle in the instruction."""
        price = self.price(key)
        if key == Pubkey.default():
            return price, Validity.VALID
        if key not in self._validities:
            rails = self.guard_rails.validity
            self._validities[key] = judge(price, twap, rails, market.confidence_multiplier)
        return price, self._validities[key]


def judge(price: OraclePrice, twap: int, rails: View, multiplier: int) -> Validity:
    """How good a price is by the guard rails."""
    if price.price <= 0:
        return Validity.NON_POSITIVE
    if quotient(max(price.price, twap), max(min(price.price, twap), 1)) > rails.too_volatile_ratio:
        return Validity.TOO_VOLATILE
    uncertainty = max(1, price.confidence) * PRICE // price.price
    if uncertainty > rails.confidence_interval_max_size * multiplier:
        return Validity.TOO_UNCERTAIN
    if price.delay > rails.slots_before_stale_for_margin:
        return Validity.STALE_FOR_MARGIN
    if price.delay > rails.slots_before_stale_for_amm:
        return Validity.STALE_FOR_AMM
    return Validity.VALID


def is_too_divergent(price: int, fast_average: int, guard_rails: View) -> bool:
    """Whether a price is too far from its five-minute average to trade by."""
    widest = widest_divergence(guard_rails)
    return quotient(abs(price - fast_average) * PRICE, abs(fast_average)) >= widest


def widest_divergence(guard_rails: View) -> int:
    """The greatest distance from the five-minute average, in 1e6; half at the least."""
    return int(max(guard_rails.price_divergence.oracle_twap5min_percent_divergence, PRICE // 2))


def _scaled(price: int, confidence: int, exponent: int, delay: int) -> OraclePrice:
    precision = int(10 ** abs(exponent))
    require(precision > 1, Error.INVALID_ORACLE)
    if precision > PRICE:
        divisor = precision // PRICE
        return OraclePrice(quotient(price, divisor), confidence // divisor, delay)
    factor = PRICE // precision
    return OraclePrice(price * factor, confidence * factor, delay)


def read_pyth(data: bytes, slot: int) -> OraclePrice:
    """A Pyth (v2) price account."""
    exponent = struct.unpack_from("<i", data, 20)[0]
    valid_slot = struct.unpack_from("<Q", data, 40)[0]
    price, confidence = struct.unpack_from("<qQ", data, 208)
    return _scaled(price, confidence, exponent, slot - valid_slot)


def read_lazer(data: bytes, slot: int) -> OraclePrice:
    """A Pyth Lazer account of the program."""
    price, _, posted_slot, exponent, _, confidence = struct.unpack_from("<qQQi4sQ", data, 8)
    return _scaled(price, confidence, exponent, slot - posted_slot)


def pyth_account_data(
    *, price: int, confidence: int, slot: int, timestamp: int, exponent: int = -8
) -> bytes:
    """The bytes of a Pyth (v2) price account whose averages equal its price."""
    data = bytearray(PYTH_ACCOUNT_SIZE)
    struct.pack_into("<IIII", data, 0, PYTH_MAGIC, 2, 3, PYTH_ACCOUNT_SIZE)
    data[16] = 1
    struct.pack_into("<iIIQQ", data, 20, exponent, 3, 3, slot, slot)
    struct.pack_into("<qqq", data, 48, price, price, 1)
    struct.pack_into("<qqq", data, 72, confidence, confidence, 1)
    struct.pack_into("<qB", data, 96, timestamp, 1)
    struct.pack_into("<QqQq", data, 176, max(slot - 1, 0), price, confidence, timestamp)
    struct.pack_into("<qQIIQ", data, 208, price, confidence, 1, 0, slot)
    return bytes(data)
