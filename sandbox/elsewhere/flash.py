"""Flash.trade: the answers of its public API."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from solders.pubkey import Pubkey

from sandbox.elsewhere.held import Held
from sandbox.state import Json

PROGRAM = Pubkey.from_string("FLASH6Lo6h3iasJKWDs2F8TkW2UKf3s15C8PMGuVfgBn")


def told_positions(owner: Pubkey, held: Sequence[Held], prices: dict[str, Decimal]) -> Json:
    """The answer of `GET /positions/owner/{owner}`."""
    return [
        {"key": _key(owner, each), "positionAccountData": "", **_metrics(each, prices)}
        for each in held
        if not each.on_rollup
    ]


def told_basket(owner: Pubkey, held: Sequence[Held], prices: dict[str, Decimal]) -> Json | None:
    """The answer of `GET /v2/owner/{owner}`; nothing for who never was on the rollup."""
    metrics = {_key(owner, each): _metrics(each, prices) for each in held if each.on_rollup}
    if not metrics:
        return None
    basket = Pubkey.find_program_address([b"basket", bytes(owner)], PROGRAM)[0]
    return {"basketPubkey": str(basket), "positionMetrics": metrics, "orderMetrics": {}}


def told_prices(prices: dict[str, Decimal], *, micros: int) -> Json:
    """The answer of `GET /prices`."""
    return {
        name: {
            "price": int(price.scaleb(8)),
            "exponent": -8,
            "confidence": 0,
            # A JSON number, as the real one is.
            "priceUi": float(price),
            "timestampUs": micros,
            "marketSession": "regular",
        }
        for name, price in prices.items()
    }


def _metrics(held: Held, prices: dict[str, Decimal]) -> dict[str, Json]:
    size, collateral = Decimal(held.size_usd), Decimal(held.collateral_usd)
    price = prices.get(held.asset, Decimal(held.entry_price))
    fee = size * Decimal("0.0008")
    before, after = held.gain(price), held.gain(price) - fee
    entry = Decimal(held.entry_price)
    room = (collateral - fee) / held.units
    return {
        "sideUi": held.side.capitalize(),
        "marketSymbol": held.asset,
        "collateralSymbol": held.collateral or ("USDC" if held.side == "short" else held.asset),
        "entryPriceUi": f"{entry:.4f}",
        "sizeAmountUi": f"{held.units:.4f}",
        "sizeUsdUi": f"{size:.2f}",
        "collateralUsdUi": f"{collateral:.2f}",
        "pnlWithFeeUsdUi": f"{after:.2f}",
        "pnlPercentageWithFee": f"{after / collateral * 100:.2f}",
        "pnlWithoutFeeUsdUi": f"{before:.2f}",
        "pnlPercentageWithoutFee": f"{before / collateral * 100:.2f}",
        "liquidationPriceUi": f"{entry - room if held.side == 'long' else entry + room:.4f}",
        "leverageUi": f"{size / collateral:.2f}",
    }


def _key(owner: Pubkey, held: Held) -> str:
    """One position for a market and side."""
    seeds = [b"position", bytes(owner), f"{held.asset}:{held.side}".encode()[:32]]
    return str(Pubkey.find_program_address(seeds, PROGRAM)[0])
