"""How a deployment's spot markets are named and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenWords:
    """The symbol and the decimal places of a spot market's token."""

    symbol: str
    places: int


def words_of(tokens: Mapping[int, TokenWords], market_index: int) -> TokenWords:
    """A market that is not known yet is called by its number, in base units."""
    return tokens.get(market_index) or TokenWords(f"spot {market_index}", 0)
