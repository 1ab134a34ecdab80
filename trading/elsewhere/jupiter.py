"""Jupiter Perps: positions by its own API where one is set, by account reads else and after it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any, Self

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from chain.budget import Priority, asking_as
from chain.rpc import ACCOUNT_BATCH, rpc
from core.errors import Unavailable
from core.money import ZERO
from markets.prices import read_prices
from trading.elsewhere.base import Holding, Look, moment_of, units_of
from trading.elsewhere.http import JsonReader, Malformed, number, objects, side, symbol
from trading.elsewhere.jupiter_accounts import (
    ASSETS,
    PLACES,
    position_addresses,
    read_position,
)
from trading.enums import Side

log = structlog.get_logger(__name__)

_CENTS = Decimal("0.000001")


@cache
def _reader(base_url: str) -> JsonReader:
    return JsonReader(
        base_url,
        venue="Jupiter",
        per_second=lambda: settings.ENVIRONMENT.jupiter_requests_per_second,
    )


class JupiterVenue:
    """Positions of Jupiter Perps."""

    display_name = "Jupiter"
    # As many as fit one request of accounts.
    batch = ACCOUNT_BATCH // PLACES
    pass_limit = batch * 100

    def __init__(self, deployment: str) -> None:
        self.deployment = deployment

    @classmethod
    def from_settings(cls, key: str) -> Self:
        return cls(key)

    def look(self, wallet_addresses: Sequence[str], *, now: datetime) -> list[Look]:
        url = settings.ENVIRONMENT.jupiter_perps_url
        if url:
            try:
                return [_ask(url, wallet, now) for wallet in wallet_addresses]
            except (Unavailable, Malformed) as error:
                # Nobody has promised that API: what the chain shows is the same positions.
                log.warning("jupiter_by_accounts", reason=str(error))
        return _read_accounts(wallet_addresses, now)


def _read_accounts(wallet_addresses: Sequence[str], now: datetime) -> list[Look]:
    places: list[tuple[str, str]] = []
    for wallet in wallet_addresses:
        try:
            places += [(wallet, address) for address in position_addresses(wallet)]
        except ValueError:
            log.warning("no_solana_address", wallet=wallet)
    with asking_as(Priority.BACKSTOP):
        slot, accounts = rpc().accounts([address for _, address in places])
    held: dict[str, list[Holding]] = {wallet: [] for wallet, _ in places}
    for (wallet, _), account in zip(places, accounts, strict=True):
        if holding := read_position(account, wallet_address=wallet):
            held[wallet].append(holding)
    marks = _marks() if any(held.values()) else {}
    return [
        Look(
            wallet_address=wallet,
            holdings=tuple(_marked(holding, marks.get(holding.asset)) for holding in holdings),
            source="accounts",
            observed_at=now,
            slot=slot,
        )
        for wallet, holdings in held.items()
    ]


def _marks() -> Mapping[str, Decimal]:
    """The desk's own prices: Jupiter's are in accounts of its oracles, not in the position's."""
    try:
        found = read_prices(source=settings.ENVIRONMENT.default_deployment, tokens=ASSETS)
    except RedisError:
        return {}
    return {asset: price.price for asset, price in found.items()}


def _marked(holding: Holding, mark: Decimal | None) -> Holding:
    """With its gain at the mark, before the borrow fee, which the position does not tell."""
    if mark is None:
        return holding
    moved = mark - holding.entry_price if holding.side == Side.LONG else holding.entry_price - mark
    gain = (moved * holding.size).quantize(_CENTS, rounding=ROUND_HALF_EVEN)
    return replace(holding, mark_price=mark, unrealized_pnl=gain)


def _ask(url: str, wallet_address: str, now: datetime) -> Look:
    told = _reader(url).read("v2/positions", walletAddress=wallet_address)
    if not isinstance(told, dict):
        raise Malformed("an object was expected")
    listed = objects(told.get("dataList"))
    if told.get("count") != len(listed):
        raise Malformed("not all positions were told")
    # Told twice is held once.
    found = {each.ref: each for each in map(_told_holding, listed)}
    return Look(wallet_address, tuple(found.values()), source="rest", observed_at=now)


def _told_holding(told: Mapping[str, Any]) -> Holding:
    entry_price, size_usd = _told_usd(told, "entryPriceUsd"), _told_usd(told, "sizeUsd")
    units = units_of(size_usd, entry_price)
    if units is None:
        raise Malformed("a position without a size or a price")
    return Holding(
        ref=_place(told.get("positionPubkey")),
        asset=symbol(told.get("asset")),
        side=side(told.get("side")),
        size=units,
        size_usd=size_usd,
        entry_price=entry_price,
        margin=_told_usd(told, "collateralUsd"),
        mark_price=_told_usd(told, "markPriceUsd"),
        unrealized_pnl=_told_usd(told, "pnlAfterFeesUsd"),
        liquidation_price=max(_told_usd(told, "liquidationPriceUsd"), ZERO) or None,
        opened_at=moment_of(int(number(told.get("createdTime")))),
    )


def _place(told: Any) -> str:
    """The address of a position. Raises Malformed."""
    if not isinstance(told, str) or not 32 <= len(told) <= 44 or not told.isalnum():
        raise Malformed("a position without its address")
    return told


def _told_usd(told: Mapping[str, Any], name: str) -> Decimal:
    """Dollars come as whole millionths."""
    return number(told.get(name)).scaleb(-6)
