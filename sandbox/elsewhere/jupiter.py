"""Jupiter Perps: position accounts on the chain, and the answers of its perps API."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.elsewhere.held import BadHolding, Held
from sandbox.solana.chain import Chain
from sandbox.state import Json

PROGRAM = Pubkey.from_string("PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu")
POOL = Pubkey.from_string("5BUwFW4nRbftYTDMbgxykoFWqWHPzahFSNAaaaJtVKsq")
CUSTODIES = {
    "SOL": Pubkey.from_string("7xS2gz2bTp3fwCC7knJvUWTEU9Tycczu6VhJYKgi1wdz"),
    "ETH": Pubkey.from_string("AQCGyheWPLeo6Qp9WpYS9m3Qj479t7R636N9ey1rEjEn"),
    "BTC": Pubkey.from_string("5Pv3gM9JrFFH883SWAhvJC9RPYmo8UNxuFtv5bMMALkm"),
    "USDC": Pubkey.from_string("G18jKKXQwBbrHeiK3C9MRXhkHsLHf7XgCSisykV46EZa"),
    "USDT": Pubkey.from_string("4vkNeXiYEUizLdrpdPS1eC2mccyM4NUPRtERrk6ZETkk"),
}
MINTS = {
    "SOL": "So11111111111111111111111111111111111111112",
    "ETH": "7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs",
    "BTC": "3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh",
    "USDC": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    "USDT": "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",
}
ASSETS = ("SOL", "ETH", "BTC")
STABLE = ("USDC", "USDT")
DISCRIMINATOR = bytes([170, 188, 143, 228, 122, 64, 247, 208])
SIDES = {"long": 1, "short": 2}
# Bytes behind the fields that are known: the real accounts are longer than their first fields.
TAIL = bytes(6)
USD = 6


def place(owner: Pubkey, held: Held) -> Pubkey:
    """Where a position lies."""
    seeds = [
        b"position",
        bytes(owner),
        bytes(POOL),
        bytes(CUSTODIES[held.asset]),
        bytes(CUSTODIES[_collateral(held)]),
        bytes([SIDES[held.side]]),
    ]
    return Pubkey.find_program_address(seeds, PROGRAM)[0]


def write(chain: Chain, owner: Pubkey, before: Sequence[Held], held: Sequence[Held]) -> None:
    """Write the accounts; one that is closed stays, with a size of nothing. Raises BadHolding."""
    places = [place(owner, each) for each in held]
    if len(set(places)) != len(places):
        raise BadHolding("Jupiter has one position for an asset, side and collateral")
    now = chain.clock.unix_timestamp
    for each in before:
        address = place(owner, each)
        if address not in places:
            _write(chain, address, _bytes(owner, each, now, is_open=False))
    for address, each in zip(places, held, strict=True):
        _write(chain, address, _bytes(owner, each, now, is_open=True))


def check(held: Sequence[Held]) -> None:
    """Raises BadHolding for what Jupiter does not have."""
    for each in held:
        if each.asset not in ASSETS:
            raise BadHolding(f"Jupiter has {', '.join(ASSETS)}")
        if each.side == "short" and _collateral(each) not in STABLE:
            raise BadHolding(f"a short is covered by {' or '.join(STABLE)}")


def told(owner: Pubkey, held: Sequence[Held], prices: dict[str, Decimal]) -> Json:
    """The answer of `GET /v2/positions`."""
    listed = [_told(owner, each, prices[each.asset]) for each in held]
    return {"count": len(listed), "dataList": listed}


def _told(owner: Pubkey, held: Held, price: Decimal) -> Json:
    size, collateral = Decimal(held.size_usd), Decimal(held.collateral_usd)
    fee = size * Decimal("0.0006")
    before, after = held.gain(price), held.gain(price) - fee
    room = (collateral - fee - size / 500) / held.units
    entry = Decimal(held.entry_price)
    return {
        "asset": held.asset,
        "assetMint": MINTS[held.asset],
        "collateralToken": _collateral(held),
        "collateralMint": MINTS[_collateral(held)],
        "positionPubkey": str(place(owner, held)),
        "side": held.side,
        "leverage": f"{size / collateral:.2f}",
        "sizeUsd": _usd(size),
        "sizeTokenAmount": _usd(held.units),
        "collateralUsd": _usd(collateral),
        "valueUsd": _usd(collateral + after),
        "entryPriceUsd": _usd(entry),
        "markPriceUsd": _usd(price),
        "liquidationPriceUsd": _usd(entry - room if held.side == "long" else entry + room),
        "openFeesUsd": "0",
        "closeFeesUsd": _usd(fee),
        "borrowFeesUsd": "0",
        "totalFeesUsd": _usd(fee),
        "pnlBeforeFeesUsd": _usd(before),
        "pnlBeforeFeesPct": f"{before / collateral * 100:.2f}",
        "pnlAfterFeesUsd": _usd(after),
        "pnlAfterFeesPct": f"{after / collateral * 100:.2f}",
        "createdTime": held.opened_at,
        "updatedTime": held.opened_at,
        "tpslRequests": [],
    }


def _collateral(held: Held) -> str:
    return held.collateral or (held.asset if held.side == "long" else "USDC")


def _write(chain: Chain, address: Pubkey, data: bytes) -> None:
    chain.set_account(address, Account(chain.rent(len(data)), data, PROGRAM))


def _bytes(owner: Pubkey, held: Held, now: int, *, is_open: bool) -> bytes:
    units = int(held.units.scaleb(9).to_integral_value(rounding=ROUND_DOWN))
    keys = (owner, POOL, CUSTODIES[held.asset], CUSTODIES[_collateral(held)])
    return (
        DISCRIMINATOR
        + b"".join(bytes(key) for key in keys)
        + struct.pack("<qq", held.opened_at, now)
        + bytes([SIDES[held.side]])
        + struct.pack(
            "<QQQ",
            int(_usd(Decimal(held.entry_price))) if is_open else 0,
            int(_usd(Decimal(held.size_usd))) if is_open else 0,
            int(_usd(Decimal(held.collateral_usd))) if is_open else 0,
        )
        + struct.pack("<q", 0)
        + bytes(16)
        + struct.pack("<QB", units if is_open else 0, 255)
        + TAIL
    )


def _usd(value: Decimal) -> str:
    """Dollars as whole millionths."""
    return str(int(value.scaleb(USD).to_integral_value(rounding=ROUND_DOWN)))
