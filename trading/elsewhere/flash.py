"""Flash.trade: positions by its public API, those on the chain and those on its rollup."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Self

import structlog
from django.conf import settings

from core.errors import Unavailable
from core.money import ZERO
from trading.elsewhere.base import Holding, Look, units_of
from trading.elsewhere.http import JsonReader, Malformed, number, objects, side, symbol

log = structlog.get_logger(__name__)


@cache
def _reader(base_url: str) -> JsonReader:
    return JsonReader(
        base_url,
        venue="Flash",
        per_second=lambda: settings.ENVIRONMENT.flash_requests_per_second,
    )


class FlashVenue:
    """Positions of Flash.trade."""

    display_name = "Flash"
    batch = 10
    # Two requests each, of the few a second that it allows.
    pass_limit = 100

    def __init__(self, deployment: str) -> None:
        self.deployment = deployment

    @classmethod
    def from_settings(cls, key: str) -> Self:
        return cls(key)

    def look(self, wallet_addresses: Sequence[str], *, now: datetime) -> list[Look]:
        looks = []
        marks: Mapping[str, Decimal] | None = None
        for wallet in wallet_addresses:
            try:
                told = _told_positions(wallet)
                if told and marks is None:
                    marks = _marks()
                held = {ref: _holding(ref, position, marks or {}) for ref, position in told.items()}
            except Malformed as error:
                log.warning("flash_unreadable", wallet=wallet, reason=str(error))
                continue
            looks.append(Look(wallet, tuple(held.values()), source="rest", observed_at=now))
        return looks


def _told_positions(wallet_address: str) -> dict[str, Mapping[str, Any]]:
    """By a name of its own each; told twice is held once."""
    reader = _reader(settings.ENVIRONMENT.flash_api_url)
    on_chain = objects(reader.read(f"positions/owner/{wallet_address}"))
    found = {f"v1:{_key(each.get('key'))}": each for each in on_chain}
    # Who never was on the rollup is unknown there.
    basket = reader.read(f"v2/owner/{wallet_address}", missing_is_nothing=True)
    if basket is None:
        return found
    if not isinstance(basket, dict):
        raise Malformed("an object was expected")
    metrics = basket.get("positionMetrics") or {}
    if not isinstance(metrics, dict):
        raise Malformed("an object was expected")
    listed = objects(list(metrics.values()))
    keys = [f"v2:{_key(key)}" for key in metrics]
    return found | dict(zip(keys, listed, strict=True))


def _marks() -> Mapping[str, Decimal]:
    """Prices by asset, for show: without them positions are shown all the same."""
    try:
        told = _reader(settings.ENVIRONMENT.flash_api_url).read("prices")
        if not isinstance(told, dict):
            return {}
        return {
            str(name): number(price["priceUi"], above_zero=True)
            for name, price in told.items()
            if isinstance(price, dict) and price.get("priceUi")
        }
    except (Unavailable, Malformed) as error:
        log.warning("flash_without_prices", reason=str(error))
        return {}


def _holding(ref: str, told: Mapping[str, Any], marks: Mapping[str, Decimal]) -> Holding:
    entry_price = number(told.get("entryPriceUi"), above_zero=True)
    size_usd = number(told.get("sizeUsdUi"), above_zero=True)
    asset = symbol(told.get("marketSymbol"))
    units = units_of(size_usd, entry_price)
    if units is None:
        raise Malformed("a position without a size")
    return Holding(
        ref=ref,
        asset=asset,
        side=side(told.get("sideUi")),
        # Its own word for the amount counts collateral tokens at some markets: the value does not.
        size=units,
        size_usd=size_usd,
        entry_price=entry_price,
        margin=number(told.get("collateralUsdUi")),
        mark_price=marks.get(asset),
        unrealized_pnl=_maybe(told, "pnlWithFeeUsdUi"),
        liquidation_price=max(_maybe(told, "liquidationPriceUi") or ZERO, ZERO) or None,
    )


def _maybe(told: Mapping[str, Any], name: str) -> Decimal | None:
    """What it leaves out is not known."""
    return None if told.get(name) is None else number(told[name])


def _key(told: Any) -> str:
    if not isinstance(told, str) or not 1 <= len(told) <= 100 or not told.isascii():
        raise Malformed("a position without its key")
    return told
