"""Orders that were made elsewhere with the same wallet, and changes that were made of any order."""

from datetime import datetime
from typing import Any

from chain.models import SubmissionAct
from core.uuid7 import uuid7
from trading.booking.order_ids import identify_again
from trading.booking.orders import find_order, has_pending_twin
from trading.enums import ChangeKind, ChangeStatus, FillOrigin, OrderStatus, Side
from trading.models import AbstractOrder, OrderChange, VenueAccount
from trading.venues.base import Venue
from trading.venues.reports import OrderPlaced, OrderReplaced, OrderState
from wallets.models import Wallet

# Whose messages make orders of ours at the venue.
_SUBJECTS = ("order", "order_change")


def adopt_placed(
    *,
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    markets: dict[int, Any],
    placed: OrderPlaced,
    signature: str,
    slot: int,
    at: datetime,
) -> None:
    """Make a row for an order that none of our messages placed; nothing if it has one."""
    if _is_ours(signature) or _known(venue, account, placed.order):
        return
    _adopt(venue, account, wallet, markets, placed.order, slot=slot, at=at, signature=signature)


def adopt_resting(
    *,
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    markets: dict[int, Any],
    resting: tuple[OrderState, ...],
    slot: int,
    at: datetime,
) -> None:
    """Make rows for orders in the account that no readable log told of.

    One that could be an order of ours whose message is not final waits until that is known.
    """
    for state in resting:
        is_here = state.market_index in markets  # or will be, with the catalogue's next round
        if not is_here or _known(venue, account, state) or _may_be_ours(venue, account, state):
            continue
        _adopt(venue, account, wallet, markets, state, slot=slot, at=at, signature="")


def book_replaced(
    *, venue: Venue, account: VenueAccount, replaced: OrderReplaced, at: datetime
) -> None:
    """Follow an order to the id and the terms that a change made elsewhere gave it."""
    wanted = replaced.order
    order = find_order(venue=venue, account=account, venue_order_id=replaced.old_venue_order_id)
    if order is not None:
        identify_again(
            order=order,
            venue_order_id=wanted.venue_order_id,
            size=wanted.size - wanted.filled_size,
            at=at,
            price=wanted.price,
            trigger_price=wanted.trigger_price,
            direction=wanted.direction,
            reduce_only=wanted.reduce_only,
            expires_at=wanted.expires_at,
        )


def _is_ours(signature: str) -> bool:
    return SubmissionAct.objects.filter(
        submission__signature=signature, subject_type__in=_SUBJECTS
    ).exists()


def _may_be_ours(venue: Venue, account: VenueAccount, state: OrderState) -> bool:
    """Whether something of ours is under way that may have made this order."""
    return (
        has_pending_twin(venue, account, state)
        or OrderChange.objects.filter(
            wallet_id=account.wallet_id,
            deployment=venue.deployment,
            kind=ChangeKind.MODIFY,
            status=ChangeStatus.PENDING,
        ).exists()
    )


def _known(venue: Venue, account: VenueAccount, state: OrderState) -> bool:
    known = find_order(venue=venue, account=account, venue_order_id=state.venue_order_id)
    return known is not None


def _adopt(
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    markets: dict[int, Any],
    state: OrderState,
    *,
    slot: int,
    at: datetime,
    signature: str,
) -> AbstractOrder:
    market = markets[state.market_index]
    adopted: AbstractOrder = venue.order_model(
        id=uuid7(),
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        market_id=market.id,
        market_index=state.market_index,
        account_address=account.address,
        deployment=venue.deployment,
        venue_order_id=state.venue_order_id,
        order_type=state.order_type,
        side=Side.LONG if state.direction == "buy" else Side.SHORT,
        direction=state.direction,
        size=state.size,
        price=state.price,
        trigger_price=state.trigger_price,
        reduce_only=state.reduce_only,
        post_only=state.post_only,
        status=OrderStatus.OPEN,
        origin=FillOrigin.EXTERNAL,
        expires_at=state.expires_at,
        created_at=at,
        metadata={"placed_slot": slot, "placed_by": signature},
    )
    adopted.save(force_insert=True)
    return adopted
