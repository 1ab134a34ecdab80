"""Jupiter Perps on the chain: where a wallet's positions lie, and what their bytes say. Pure."""

import struct
from decimal import Decimal
from functools import lru_cache

from chain.addresses import address_bytes, address_of, derived_address
from chain.rpc import AccountData
from trading.elsewhere.base import Holding, moment_of, units_of
from trading.enums import Side

PROGRAM = "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu"
POOL = "5BUwFW4nRbftYTDMbgxykoFWqWHPzahFSNAaaaJtVKsq"
CUSTODIES = {
    "SOL": "7xS2gz2bTp3fwCC7knJvUWTEU9Tycczu6VhJYKgi1wdz",
    "ETH": "AQCGyheWPLeo6Qp9WpYS9m3Qj479t7R636N9ey1rEjEn",
    "BTC": "5Pv3gM9JrFFH883SWAhvJC9RPYmo8UNxuFtv5bMMALkm",
    "USDC": "G18jKKXQwBbrHeiK3C9MRXhkHsLHf7XgCSisykV46EZa",
    "USDT": "4vkNeXiYEUizLdrpdPS1eC2mccyM4NUPRtERrk6ZETkk",
}
ASSETS = ("SOL", "ETH", "BTC")
# A long is covered by its own asset, a short by a stable coin.
_PLACES = tuple(
    [(asset, asset, 1) for asset in ASSETS]
    + [(asset, coin, 2) for asset in ASSETS for coin in ("USDC", "USDT")]
)
PLACES = len(_PLACES)
_DISCRIMINATOR = bytes([170, 188, 143, 228, 122, 64, 247, 208])
# Discriminator, owner, pool, custody, collateral custody, open time, update time, side, price,
# size, collateral, realised PnL, interest snapshot, locked amount, bump.
_POSITION = struct.Struct("<8s32s32s32s32sqqBQQQq16sQB")
_SIDES = {1: Side.LONG, 2: Side.SHORT}


@lru_cache(maxsize=10_000)
def position_addresses(wallet_address: str) -> tuple[str, ...]:
    """All places where this wallet can have a position. Raises ValueError for no address."""
    seeds = {name: address_bytes(custody) for name, custody in CUSTODIES.items()}
    return tuple(
        derived_address(
            PROGRAM,
            b"position",
            address_bytes(wallet_address),
            address_bytes(POOL),
            seeds[asset],
            seeds[collateral],
            bytes([side]),
        )
        for asset, collateral, side in _PLACES
    )


def read_position(account: AccountData | None, *, wallet_address: str) -> Holding | None:
    """The open position in an account; None for a closed one, and for any other account.

    Another program's accounts begin with the same eight bytes: owner and length are looked at too.
    """
    if account is None or account.owner != PROGRAM or len(account.data) < _POSITION.size:
        return None
    (
        discriminator, owner, pool, custody, _, opened, _, side, price, size, collateral, realized,
        *_,
    ) = _POSITION.unpack_from(account.data)  # fmt: skip
    if discriminator != _DISCRIMINATOR or address_of(owner) != wallet_address:
        return None
    asset = next((name for name in ASSETS if CUSTODIES[name] == address_of(custody)), None)
    entry_price, size_usd = _usd(price), _usd(size)
    units = units_of(size_usd, entry_price)
    if address_of(pool) != POOL or asset is None or side not in _SIDES or units is None:
        return None
    return Holding(
        ref=account.address,
        asset=asset,
        side=_SIDES[side],
        size=units,
        size_usd=size_usd,
        entry_price=entry_price,
        margin=_usd(collateral),
        realized_pnl=_usd(realized),
        opened_at=moment_of(opened),
    )


def _usd(units: int) -> Decimal:
    return Decimal(units).scaleb(-6)
