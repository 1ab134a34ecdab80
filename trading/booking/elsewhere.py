"""Book what a wallet holds at a venue that is only read: rows of the generic table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.money import ZERO
from core.uuid7 import uuid7
from markets.enums import MarketType
from markets.models import Market
from trading.elsewhere.base import Holding, Look, ReadOnlyVenue
from trading.enums import PositionStatus, VenueAccountStatus
from trading.models import Position, VenueAccount
from wallets.models import Wallet

_QUOTE = "USD"
TICK = Decimal("0.0001")
STEP = Decimal("0.0001")


def markets_for(*, venue: ReadOnlyVenue, looks: Sequence[Look]) -> dict[str, Market]:
    """The catalogue's row of each asset that is held; made when it is first seen."""
    assets = {holding.asset for look in looks for holding in look.holdings}
    return {
        asset: Market.objects.get_or_create(
            symbol=f"{asset}-PERP",
            dex_name=venue.deployment,
            defaults={
                "base_asset": asset,
                "quote_asset": _QUOTE,
                "market_type": MarketType.PERPETUAL,
                "tick_size": TICK,
                "step_size": STEP,
            },
        )[0]
        for asset in sorted(assets)
    }


def book_look(
    *,
    venue: ReadOnlyVenue,
    account: VenueAccount,
    wallet: Wallet,
    look: Look,
    rows: Sequence[Position],
    markets: Mapping[str, Market],
) -> bool:
    """Bring the wallet's open rows in line with a look; the account is locked.

    A look that is older than what is booked, in time or on the chain, changes nothing. What is
    not held any more is closed at the moment of the look, and stays as history. Returns whether
    it was booked.
    """
    if account.observed_at is not None and look.observed_at < account.observed_at:
        return False
    if None not in (look.slot, account.observed_slot) and look.slot < account.observed_slot:  # type: ignore[operator]
        return False
    open_rows = {row.venue_ref: row for row in rows}
    for holding in look.holdings:
        row = open_rows.pop(holding.ref, None)
        market = markets[holding.asset]
        if row is not None and not _is_of(row, holding, market):
            _close(row, look.observed_at)
            row = None
        if row is None:
            _open(venue, wallet, market, holding, look.observed_at)
        else:
            _carry_on(row, holding, look.observed_at)
    for row in open_rows.values():
        _close(row, look.observed_at)
    account.status = (
        VenueAccountStatus.ACTIVE
        if look.holdings or account.status == VenueAccountStatus.ACTIVE
        else VenueAccountStatus.ABSENT
    )
    account.collateral = sum((holding.margin for holding in look.holdings), ZERO)
    account.observed_at = look.observed_at
    account.observed_slot = look.slot
    account.state = {"source": look.source}
    account.save()
    return True


def _is_of(row: Position, holding: Holding, market: Market) -> bool:
    """Whether it is the position that the row tells of, and not a later one in the same place."""
    is_later = holding.opened_at is not None and holding.opened_at > row.opened_at
    return row.market_id == market.pk and row.side == holding.side and not is_later


def _facts(holding: Holding) -> dict[str, Any]:
    """What changes while it is open; what the venue does not tell stays as it was."""
    told = {
        "size": holding.size,
        "entry_price": holding.entry_price,
        "entry_quote": holding.size_usd,
        "margin": holding.margin,
        "leverage": holding.leverage,
        "liquidation_price": holding.liquidation_price,
    }
    if holding.mark_price is not None:
        told["mark_price"] = holding.mark_price
    if holding.unrealized_pnl is not None:
        told["unrealized_pnl"] = holding.unrealized_pnl
    if holding.realized_pnl is not None:
        told["realized_pnl"] = holding.realized_pnl
    return told


def _open(
    venue: ReadOnlyVenue, wallet: Wallet, market: Market, holding: Holding, at: datetime
) -> None:
    # A clock of the venue's that is ahead must not open a position in the future.
    opened_at = min(holding.opened_at or at, at)
    Position(
        id=uuid7(),
        user_id=wallet.user_id,
        wallet_id=wallet.pk,
        market_id=market.pk,
        venue_ref=holding.ref,
        account_address=wallet.wallet_address,
        deployment=venue.deployment,
        side=holding.side,
        peak_size=holding.size,
        opened_at=opened_at,
        updated_at=at,
        **_facts(holding),
    ).save(force_insert=True)


def _carry_on(row: Position, holding: Holding, at: datetime) -> None:
    facts = {"updated_at": at, "peak_size": max(row.peak_size, holding.size), **_facts(holding)}
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))


def _close(row: Position, at: datetime) -> None:
    """How it ended is not told: at what price, and what came of it since the last look."""
    row.status = PositionStatus.CLOSED
    row.closed_at = row.updated_at = at
    row.size = row.margin = row.unrealized_pnl = ZERO
    row.liquidation_price = None
    row.save()
