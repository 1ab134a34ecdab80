"""Set the stop loss and the take profit of an open position, as trigger orders at the venue."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.enums import IntentKind
from accounts.services import find_same_intent, record_intent
from core.errors import Conflict, Refused
from core.money import plain
from core.roles import as_user
from core.uuid7 import uuid7
from trading.booking.changes import end_change
from trading.enums import (
    ORDER_ENDED,
    ORDER_LIVE,
    ChangeKind,
    ChangeStatus,
    Direction,
    OrderRole,
    PositionStatus,
    Side,
)
from trading.facts import ChangeFacts, OrderPreview
from trading.models import OrderChange, VenueAccount
from trading.risk import refuse
from trading.services.accounts import lock_account
from trading.services.place_order import DEADLINE, free_labels
from trading.services.preview_order import preview_order
from trading.services.read_changes import read_change
from trading.services.read_risk import list_live
from trading.services.send_changes import modify_in_account
from trading.services.send_orders import send_orders
from trading.venues.base import Venue, VenueCapability, get_venue
from trading.wishes import OrderWish, derived_key
from wallets.services import access_wallet

_TYPES = {
    OrderRole.STOP_LOSS: VenueCapability.STOP_MARKET,
    OrderRole.TAKE_PROFIT: VenueCapability.TAKE_PROFIT_MARKET,
}


def set_stops(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    deployment: str,
    symbol: str,
    stop_loss: Decimal | None,
    take_profit: Decimal | None,
    now: datetime,
) -> ChangeFacts:
    """Guard the open position in a market by trigger prices, once for this key.

    None leaves what is there (a stop is taken off by cancelling its order). What comes of it
    covers the whole position: the one stop of the role that rests already is modified; otherwise
    a reduce-only trigger order of the position's size is placed, both in one message, and those
    that it takes the place of are cancelled once it rests. Reads the network. Raises NotFound,
    Refused (no position, a trigger on the wrong side, off the tick …), Conflict (a change of it
    is under way).
    """
    asked = _asked(stop_loss, take_profit)
    content = {str(role): plain(price) for role, price in asked.items()}
    content |= {"deployment": deployment, "symbol": symbol.upper()}
    with as_user(user_id):
        known = find_same_intent(
            user_id=user_id, channel=channel, key=key, kind=IntentKind.STOPS, content=content
        )
        if known is not None:
            return read_change(user_id=user_id, change_id=known)
    venue = get_venue(deployment)
    previews = _quote(user_id, deployment, symbol, asked, now)
    for preview in previews.values():
        refuse(preview.denials)
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        account = lock_account(wallet_id=wallet.id, deployment=deployment)
        intent, is_new = record_intent(
            intent_id=uuid7(), user_id=user_id, channel=channel, key=key, kind=IntentKind.STOPS,
            content=content, deadline=now + DEADLINE,
        )  # fmt: skip
        if is_new:
            plan = OrderChange(
                id=intent.id, user_id=user_id, wallet_id=wallet.id, deployment=deployment,
                kind=ChangeKind.STOPS, wanted=content, deadline=now + DEADLINE, created_at=now,
            )  # fmt: skip
            plan.save(force_insert=True)
            _set(plan, venue, account, wallet.address, asked, previews, channel, now)
    return read_change(user_id=user_id, change_id=intent.id)


def preview_stops(
    *,
    user_id: uuid.UUID,
    deployment: str,
    symbol: str,
    stop_loss: Decimal | None,
    take_profit: Decimal | None,
    now: datetime,
) -> tuple[OrderPreview, ...]:
    """Each stop as the reduce-only order that set_stops would make of it, with what denies it.

    Reads the network. Raises NotFound, Refused (no position), Unavailable.
    """
    asked = _asked(stop_loss, take_profit)
    return tuple(_quote(user_id, deployment, symbol, asked, now).values())


def _asked(stop_loss: Decimal | None, take_profit: Decimal | None) -> dict[OrderRole, Decimal]:
    wanted = {OrderRole.STOP_LOSS: stop_loss, OrderRole.TAKE_PROFIT: take_profit}
    asked = {role: price for role, price in wanted.items() if price is not None}
    if not asked:
        raise Refused("order.nothing_changes")
    return asked


def _quote(
    user_id: uuid.UUID,
    deployment: str,
    symbol: str,
    asked: dict[OrderRole, Decimal],
    now: datetime,
) -> dict[OrderRole, OrderPreview]:
    previews = {}
    for role, price in asked.items():
        wish = OrderWish(
            deployment=deployment, symbol=symbol, side=Side.LONG, percent=Decimal(100),
            order_type=_TYPES[role], trigger_price=price,
        )  # fmt: skip
        previews[role] = preview_order(user_id=user_id, wish=wish, now=now)
    return previews


def _set(
    plan: OrderChange,
    venue: Venue,
    account: VenueAccount,
    wallet_address: str,
    asked: dict[OrderRole, Decimal],
    previews: dict[OrderRole, OrderPreview],
    channel: str,
    now: datetime,
) -> None:
    market = next(iter(previews.values())).market
    position: Any = venue.position_model._default_manager.filter(
        wallet_id=account.wallet_id, market_id=market.id, status=PositionStatus.OPEN
    ).first()
    if position is None:
        raise Refused("order.no_position", market=market.symbol)
    live = list_live(user_id=plan.user_id, venue=venue, since=now)
    labels = free_labels(account, live)
    placed: list[Any] = []
    orders = venue.order_model._default_manager.filter(guards_position_id=position.id)
    over = [str(key) for key in orders.filter(status__in=ORDER_ENDED).values_list("id", flat=True)]
    for role, price in asked.items():
        size = previews[role].size
        resting = _resting(venue, account, position, role)
        moved = _movable(venue, position, resting, size)
        if moved is not None:
            wanted = {"trigger_price": plain(price)}
            if moved.parent_id is None and moved.size - moved.filled_size != size:
                wanted["size"] = plain(moved.filled_size + size)
            modify_in_account(
                account=account, venue=venue, order=moved, wanted=wanted, channel=channel,
                key=derived_key(plan.id, role), now=now, parent_id=plan.id,
            )  # fmt: skip
            continue
        if any(each.stop.venue_order_id is None for each in resting):
            raise Conflict("order.not_at_venue_yet")
        placed.append(
            _stop(plan, venue, account, position, role, price, previews[role], next(labels), now)
        )
        placed[-1].metadata["ended_before"] = over
        # They stay until this one rests: the position is never without.
        placed[-1].metadata["replaces"] = [
            str(each.stop.id) for each in resting if each.entry is None or each.entry_has_ended
        ]
    for order in placed:
        order.save(force_insert=True)
    if placed:
        send_orders(
            orders=placed, wallet_address=wallet_address, venue=venue, attempt=1,
            deadline=now + DEADLINE, now=now,
        )  # fmt: skip
    plan.metadata = {"order_ids": [str(order.id) for order in placed]}
    plan.save(update_fields=["metadata", "updated_at"])
    # Done is the asking: each order and each change is followed by itself.
    end_change(plan, ChangeStatus.DONE, "", now)


@dataclass(frozen=True, slots=True)
class _Resting:
    """A live stop that guards the position, or part of it; the entry that it came with, if any."""

    stop: Any
    entry: Any

    @property
    def entry_has_ended(self) -> bool:
        return self.entry is not None and self.entry.status in ORDER_ENDED


def _resting(venue: Venue, account: VenueAccount, position: Any, role: OrderRole) -> list[_Resting]:
    """The stops of a role that guard the position now; one whose entry waits guards nothing."""
    orders = venue.order_model._default_manager.select_related("wallet", "market")
    stops = list(
        orders.filter(
            wallet_id=account.wallet_id,
            market_id=position.market_id,
            role=role,
            side=position.side,
            status__in=ORDER_LIVE,
        ).order_by("id")
    )
    entries = orders.in_bulk([stop.parent_id for stop in stops if stop.parent_id])
    found = [_Resting(stop, entries.get(stop.parent_id)) for stop in stops]
    return [each for each in found if each.entry is None or each.entry.filled_size > 0]


def _movable(venue: Venue, position: Any, resting: Sequence[_Resting], size: Decimal) -> Any | None:
    """The one stop that can be changed to guard all of the position; that of an entry keeps its
    entry's size, so only where the entry is the whole position."""
    if len(resting) != 1 or VenueCapability.MODIFY not in venue.capabilities:
        return None
    [one] = resting
    is_of_all = one.entry is not None and one.entry.filled_size == size
    return one.stop if is_of_all or one.stop.guards_position_id == position.id else None


def _stop(
    plan: OrderChange,
    venue: Venue,
    account: VenueAccount,
    position: Any,
    role: OrderRole,
    price: Decimal,
    preview: OrderPreview,
    label: int,
    now: datetime,
) -> Any:
    return venue.order_model(
        id=uuid7(),
        user_id=plan.user_id,
        wallet_id=plan.wallet_id,
        market_id=preview.market.id,
        market_index=preview.market.market_index,
        account_address=account.address,
        deployment=venue.deployment,
        order_type=_TYPES[role],
        role=role,
        guards_position_id=position.id,
        side=position.side,
        direction=Direction.SELL if position.side == Side.LONG else Direction.BUY,
        size=preview.size,
        trigger_price=price,
        leverage=preview.leverage,
        reduce_only=True,
        venue_label=label,
        deadline=now + DEADLINE,
        created_at=now,
        metadata={
            "priority_fee_cap": str(preview.priority_fee_cap),
            "oracle_price": str(preview.quote.oracle_price),
        },
    )
