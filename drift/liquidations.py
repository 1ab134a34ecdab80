"""What a liquidation moved beside its fills: tokens, borrows and losses that others bore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from solders.pubkey import Pubkey

from drift.events import VenueEvent
from drift.token_words import TokenWords, words_of
from drift.units import from_quote, from_units
from trading.enums import EntryKind
from trading.venues.reports import EntryReport

# One record moves two balances: the second entry of it stands this far behind its line.
SECOND_PART = 1_000_000


def liquidation_entries(
    event: VenueEvent, *, user: Pubkey, tokens: Mapping[int, TokenWords], quote_symbol: str
) -> Iterator[EntryReport]:
    """The account's side of a LiquidationRecord, as the one liquidated or the liquidator.

    A perp position that is taken over is a fill with its fees, in a record of its own. Of a loan
    that is taken over, the insurance fund's part stays with the one liquidated.
    """
    fields = event.fields
    kind = fields["liquidation_type"]
    sides = [(fields["user"], 1), (fields["liquidator"], -1)]
    at = datetime.fromtimestamp(fields["ts"], UTC)

    def token(index: int, units: int, part: int = 0) -> EntryReport:
        words = words_of(tokens, index)
        return EntryReport(
            event_index=event.line + part,
            kind=EntryKind.LIQUIDATION,
            token_symbol=words.symbol,
            amount=from_units(units, words.places),
            occurred_at=at,
        )

    def perp(index: int, units: int, part: int = 0) -> EntryReport:
        return EntryReport(
            event_index=event.line + part,
            kind=EntryKind.LIQUIDATION,
            token_symbol=quote_symbol,
            amount=from_quote(units),
            occurred_at=at,
            market_index=index,
        )

    for account, sign in sides:
        if account != user:
            continue
        if kind == "LiquidateSpot":
            told = fields["liquidate_spot"]
            kept = told["if_fee"] if sign > 0 else 0
            yield token(told["asset_market_index"], -sign * told["asset_transfer"])
            yield token(
                told["liability_market_index"],
                sign * (told["liability_transfer"] - kept),
                SECOND_PART,
            )
        elif kind == "LiquidateBorrowForPerpPnl":
            told = fields["liquidate_borrow_for_perp_pnl"]
            yield perp(told["perp_market_index"], -sign * told["pnl_transfer"])
            yield token(
                told["liability_market_index"], sign * told["liability_transfer"], SECOND_PART
            )
        elif kind == "LiquidatePerpPnlForDeposit":
            told = fields["liquidate_perp_pnl_for_deposit"]
            yield perp(told["perp_market_index"], sign * told["pnl_transfer"])
            yield token(told["asset_market_index"], -sign * told["asset_transfer"], SECOND_PART)
        elif kind == "PerpBankruptcy" and sign > 0:
            told = fields["perp_bankruptcy"]
            yield perp(told["market_index"], -told["pnl"])
        elif kind == "SpotBankruptcy" and sign > 0:
            told = fields["spot_bankruptcy"]
            yield token(told["market_index"], told["borrow_amount"])
    told = fields["perp_bankruptcy"]
    if kind == "PerpBankruptcy" and told["clawback_user"] == user:
        yield perp(told["market_index"], -(told["clawback_user_payment"] or 0), SECOND_PART)
