"""What fills and other movements of money do to positions."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.money import ZERO
from core.uuid7 import uuid7
from trading.booking.ledger import Ledger
from trading.enums import FillOrigin, PositionStatus, Side
from trading.models import AbstractOrder, AbstractPosition, Fill, VenueAccount
from trading.position_math import Applied, Holding, apply_fill
from trading.venues.base import Venue
from trading.venues.reports import FillReport, PositionState
from wallets.models import Wallet

_PRICE = Decimal("1e-18")


def book_fill(
    *,
    ledger: Ledger,
    account: VenueAccount,
    wallet: Wallet,
    market: Any,
    fill: FillReport,
    order: AbstractOrder | None,
    signature: str,
    slot: int,
    is_final: bool = True,
    origin: str = "",
) -> Fill | None:
    """Book one side of a match and carry the position on; None if it was booked before.

    The account's lock makes the look and the insert one; the unique key holds in any case.
    """
    if ledger.has_fill(account, market.catalogue_id, fill.venue_fill_id):
        if order is not None:
            _give_to_order(ledger, account, market, fill, order)
        return None
    venue = ledger.venue
    position = ledger.position(account, market)
    applied = apply_fill(
        holding_of(position),
        direction=fill.direction,
        size=fill.size,
        quote=fill.quote,
        quote_step=venue.quote_step,
    )
    if position is None:
        position = begin_position(venue, account, wallet, market, applied.closed, fill.occurred_at)
        ledger.add_position(position)
    else:
        ledger.change_position(position)
    gain = applied.gain - fill.fee
    booked = Fill(
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        market_id=market.catalogue_id,
        deployment=venue.deployment,
        order_id=order.id if order else None,
        position_id=position.id,
        side=position.side,
        direction=fill.direction,
        size=fill.size,
        price=(fill.quote / fill.size).quantize(_PRICE),
        quote=fill.quote,
        fee=fill.fee,
        realized_pnl=gain,
        is_maker=fill.is_maker,
        venue_fill_id=fill.venue_fill_id,
        venue_order_id=fill.venue_order_id,
        account=account.address,
        tx_hash=signature,
        slot=slot,
        origin=origin or (order.origin if order else FillOrigin.EXTERNAL),
        event_index=fill.event_index,
        is_final=is_final,
        filled_at=fill.occurred_at,
    )
    ledger.add_fill(account, market, booked)
    carry_on(position, applied, fill, gain)
    if not position.size:
        ledger.close_position(position)
    if applied.opened is not None:
        ledger.add_position(
            begin_position(venue, account, wallet, market, applied.opened, fill.occurred_at)
        )
    return booked


def _give_to_order(
    ledger: Ledger, account: VenueAccount, market: Any, fill: FillReport, order: AbstractOrder
) -> None:
    """A fill that was booked before its order was known is the order's."""
    key = {"market_id": market.catalogue_id, "venue_fill_id": fill.venue_fill_id}
    if ledger.lacks_order(account, market.catalogue_id, fill.venue_fill_id):
        for row in Fill.objects.filter(account=account.address, order_id=None, **key):
            row.order_id, row.origin = order.id, order.origin
            row.save(update_fields=["order_id", "origin"])
            ledger.note_owned(row)


def book_position_entry(
    *, ledger: Ledger, position: AbstractPosition, amount: Decimal, is_funding: bool, at: datetime
) -> None:
    """Funding or a charge: part of the realised PnL of the position that it fell on."""
    ledger.change_position(position)
    position.realized_pnl += amount
    if is_funding:
        position.funding += amount
    position.updated_at = at


def mark_position(
    *, ledger: Ledger, position: AbstractPosition, state: PositionState, at: datetime
) -> None:
    """The venue's own valuation of an open position; a price is no history."""
    position.mark_price = state.mark_price
    position.unrealized_pnl = state.unrealized_pnl
    position.unsettled_funding = state.unsettled_funding
    position.margin = state.margin
    position.leverage = max(state.leverage, Decimal("0.01"))
    position.liquidation_price = state.liquidation_price
    position.quote_asset_amount = state.quote_asset_amount  # type: ignore[attr-defined]
    position.updated_at = at
    ledger.mark_position(position)


def holding_of(position: AbstractPosition | None) -> Holding:
    """What is held, signed, and what it cost."""
    if position is None:
        return Holding(ZERO, ZERO)
    sign = 1 if position.side == Side.LONG else -1
    return Holding(sign * position.size, position.entry_quote)


def begin_position(
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    market: Any,
    holding: Holding,
    at: datetime,
) -> AbstractPosition:
    """A position that is not stored yet."""
    begun: AbstractPosition = venue.position_model(
        id=uuid7(),
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        market_id=market.id,
        market_index=market.market_index,
        account_address=account.address,
        deployment=venue.deployment,
        side=Side.LONG if holding.size > 0 else Side.SHORT,
        size=abs(holding.size),
        peak_size=abs(holding.size),
        entry_quote=holding.entry_quote,
        entry_price=holding.entry_price.quantize(_PRICE),
        opened_at=at,
        updated_at=at,
    )
    return begun


def carry_on(position: AbstractPosition, applied: Applied, fill: FillReport, gain: Decimal) -> None:
    """What a fill made of a position: `applied` to it, its fee and its gain."""
    left = applied.closed
    price = (fill.quote / fill.size).quantize(_PRICE)
    position.size = abs(left.size)
    position.peak_size = max(position.peak_size, position.size)
    if left.size:
        position.entry_quote = left.entry_quote
        position.entry_price = left.entry_price.quantize(_PRICE)
    position.fees += fill.fee
    position.realized_pnl += gain
    position.last_price = price  # type: ignore[attr-defined]
    position.updated_at = fill.occurred_at
    if applied.closed_size:
        position.exit_price = price
    if not left.size:
        ended = PositionStatus.LIQUIDATED if fill.is_liquidation else PositionStatus.CLOSED
        position.status = ended
        position.closed_at = fill.occurred_at
        position.unrealized_pnl = position.unsettled_funding = position.margin = ZERO
        position.liquidation_price = None
