"""What wallets hold at these venues, as tests and demos set it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from solders.pubkey import Pubkey

from sandbox.state import Json

VENUES = ("jupiter", "flash")
MOST_POSITIONS = 50


class BadHolding(ValueError):
    """A position that could not be there; the message says why."""


@dataclass(frozen=True, slots=True)
class Held:
    """An open position; money in dollars. Flash keeps some on its rollup."""

    asset: str
    side: str
    size_usd: str
    collateral_usd: str
    entry_price: str
    opened_at: int
    collateral: str = ""
    on_rollup: bool = False

    @property
    def units(self) -> Decimal:
        return Decimal(self.size_usd) / Decimal(self.entry_price)

    def gain(self, price: Decimal) -> Decimal:
        """At a price, before fees."""
        moved = price - Decimal(self.entry_price)
        return (moved if self.side == "long" else -moved) * self.units


class Holdings:
    """By venue and wallet; what was set last counts."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, list[Held]]] = {venue: {} for venue in VENUES}

    def of(self, venue: str, owner: str) -> Sequence[Held]:
        return self._held[venue].get(owner, [])

    def put(self, venue: str, owner: str, positions: Json, *, now: int) -> Sequence[Held]:
        """Replace all that a wallet holds. Raises BadHolding."""
        try:
            Pubkey.from_string(owner)
        except ValueError as error:
            raise BadHolding("that is not a Solana address") from error
        if not isinstance(positions, list) or len(positions) > MOST_POSITIONS:
            raise BadHolding(f"`positions` is a list of at most {MOST_POSITIONS}")
        self._held[venue][owner] = [_held(each, now) for each in positions]
        return self._held[venue][owner]

    def snapshot(self) -> Json:
        return {
            venue: {owner: [asdict(each) for each in held] for owner, held in owners.items()}
            for venue, owners in self._held.items()
        }

    def restore(self, saved: Json) -> None:
        self._held = {
            venue: {
                owner: [Held(**each) for each in held]
                for owner, held in saved.get(venue, {}).items()
            }
            for venue in VENUES
        }


def _held(told: Any, now: int) -> Held:
    if not isinstance(told, Mapping):
        raise BadHolding("a position is an object")
    if told.get("side") not in ("long", "short"):
        raise BadHolding("`side` is long or short")
    return Held(
        asset=str(told.get("asset", "SOL")),
        side=str(told["side"]),
        size_usd=_amount(told, "size_usd"),
        collateral_usd=_amount(told, "collateral_usd"),
        entry_price=_amount(told, "entry_price"),
        opened_at=int(told.get("opened_at", now)),
        collateral=str(told.get("collateral", "")),
        on_rollup=bool(told.get("on_rollup", False)),
    )


def _amount(told: Mapping[str, Any], name: str) -> str:
    try:
        value = Decimal(str(told.get(name)))
    except InvalidOperation as error:
        raise BadHolding(f"`{name}` is no number") from error
    if not value.is_finite() or not 0 < value < 10**12:
        raise BadHolding(f"`{name}` is from 0 to a million millions")
    return f"{value:f}"
