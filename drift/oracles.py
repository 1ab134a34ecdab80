"""The oracle prices that the program itself would read, from the bytes of their accounts."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from drift.codec import LayoutMismatch, Projection, codec_for
from drift.layouts.deployments import Deployment

PRICE_PRECISION = 1_000_000
_STABLE_COIN_BAND = 500  # five basis points of one: nearer than this a stable coin is worth one
_PYTH_MAGIC = 0xA1B2C3D4
_PYTH_PRICE_ACCOUNT = 3
# magic, version, account type … exponent … valid slot … aggregate price and confidence
_PYTH = struct.Struct("<III8xi16xQ160xqQ")
_PREFIXED = {"1K": 1_000, "1M": 1_000_000}


@dataclass(frozen=True, slots=True)
class OraclePrice:
    """`price` and `confidence` in 1e6; `slot` is when it was published, 0 for the quote asset."""

    price: int
    confidence: int
    slot: int


QUOTE_ASSET_PRICE = OraclePrice(PRICE_PRECISION, 0, 0)


def read_oracle(*, deployment: Deployment, source: str, owner: str, data: bytes) -> OraclePrice:
    """Read the price that a market's `oracle_source` finds in its oracle account.

    The account must be the one the market names. Raises LayoutMismatch for other bytes and for
    sources that the desk does not read.
    """
    if source == "QuoteAsset":
        return QUOTE_ASSET_PRICE
    if source.startswith("PythLazer"):
        price, exponent, confidence, slot = _read_lazer(deployment, owner, data)
        suffix = source.removeprefix("PythLazer")
    elif source in ("Pyth", "Pyth1K", "Pyth1M", "PythStableCoin"):
        price, exponent, confidence, slot = _read_pyth(data)
        suffix = source.removeprefix("Pyth")
    else:
        raise LayoutMismatch(f"oracles of kind {source} are not read")
    multiple = _PREFIXED.get(suffix, 1)
    price = _to_price_precision(price, exponent, multiple)
    confidence = _to_price_precision(confidence, exponent, multiple)
    if suffix == "StableCoin" and abs(price - PRICE_PRECISION) <= min(
        _STABLE_COIN_BAND, confidence
    ):
        price = PRICE_PRECISION
    return OraclePrice(price, confidence, slot)


def _read_pyth(data: bytes) -> tuple[int, int, int, int]:
    try:
        magic, _, kind, exponent, slot, price, confidence = _PYTH.unpack_from(data)
    except struct.error as error:
        raise LayoutMismatch(f"no Pyth price account: {error}") from error
    if magic != _PYTH_MAGIC or kind != _PYTH_PRICE_ACCOUNT:
        raise LayoutMismatch("no Pyth price account")
    return price, exponent, confidence, slot


def _read_lazer(deployment: Deployment, owner: str, data: bytes) -> tuple[int, int, int, int]:
    if owner != deployment.program_id:
        raise LayoutMismatch(f"the Lazer oracle is owned by {owner}")
    codec_for(deployment.layout).check_account("PythLazerOracle", data)
    price, exponent, confidence, slot = Projection(
        deployment.layout, "PythLazerOracle", ("price", "exponent", "conf", "posted_slot")
    ).read(data)
    return price, exponent, confidence, slot


def _to_price_precision(value: int, exponent: int, multiple: int) -> int:
    """Scale to 1e6, toward zero as the program does; `multiple` is how many units a price is of."""
    precision: int = 10 ** abs(exponent) // multiple
    scaled = abs(value) * PRICE_PRECISION // precision
    return scaled if value >= 0 else -scaled
