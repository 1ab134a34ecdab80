"""Place an order: the one transaction that everything after it rests on."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from accounts.enums import IntentKind
from accounts.models import Intent
from accounts.services import find_same_intent, record_intent
from audit.services import record_saves, recorded_at_once
from core.bulk import insert_rows
from core.errors import Conflict, Refused
from core.money import plain
from core.roles import as_user
from core.uuid7 import uuid7
from trading.enums import ORDER_LIVE, OrderRole
from trading.facts import OrderFacts, OrderPreview
from trading.models import VenueAccount
from trading.risk import check_risk, refuse
from trading.services.accounts import open_account
from trading.services.preview_order import quote_order, read_ground
from trading.services.read_orders import facts_of_new, read_order
from trading.services.read_risk import LiveOrder, list_live, read_risk_facts
from trading.services.send_orders import send_orders
from trading.venues.base import Venue, VenueCapability
from trading.wishes import TRIGGERED_MARKET, OrderWish, opposite, wish_content
from wallets.facts import WalletFacts

# Past it no message is signed; a taker cannot fill later either.
DEADLINE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ConfirmedOrder:
    """Exactly what a person confirmed: the card's own numbers."""

    wish: OrderWish
    direction: str
    size: Decimal
    worst_price: Decimal
    expected_price: Decimal

    @classmethod
    def as_shown(cls, wish: OrderWish, preview: OrderPreview) -> Self:
        """Confirm just what the preview of this wish says."""
        return cls(
            wish=wish,
            direction=preview.direction,
            size=preview.size,
            worst_price=preview.quote.worst_price,
            expected_price=preview.quote.expected_price,
        )


@dataclass(frozen=True, slots=True)
class _Placing:
    """What one placing is about."""

    intent: Intent
    wallet: WalletFacts
    venue: Venue
    account: VenueAccount
    preview: OrderPreview
    confirmed: ConfirmedOrder
    now: datetime


def place_order(
    *, user_id: uuid.UUID, channel: str, key: str, confirmed: ConfirmedOrder, now: datetime
) -> OrderFacts:
    """Place what was confirmed, once for this key; a bracket's stops are orders of their own.

    Quotes afresh before the transaction (a moved market refuses), then in one transaction: the
    intent, the account's lock, the risk check, the orders, their message queued, their audit
    rows. Same key and content again: the first order. Raises Conflict (same key, other content),
    Refused with the rule that denies, NotFound, Unavailable.
    """
    content = _content(confirmed)
    kind = IntentKind.CLOSE if confirmed.wish.reduces else IntentKind.ORDER
    with as_user(user_id):
        known = find_same_intent(
            user_id=user_id, channel=channel, key=key, kind=kind, content=content
        )
        if known is not None:
            return read_order(user_id=user_id, order_id=known)
        ground = read_ground(user_id=user_id, wish=_exactly(confirmed), now=now)
    preview = quote_order(wish=_exactly(confirmed), ground=ground)
    _check_unmoved(confirmed, preview)
    with as_user(user_id), recorded_at_once():
        intent, is_new = record_intent(
            intent_id=uuid7(),
            user_id=user_id,
            channel=channel,
            key=key,
            kind=kind,
            content=content,
            deadline=now + DEADLINE,
        )
        if is_new:
            account = open_account(wallet=ground.wallet, venue=ground.venue)
            placed = _place(
                _Placing(intent, ground.wallet, ground.venue, account, preview, confirmed, now)
            )
            if placed is not None:
                return placed
        return read_order(user_id=user_id, order_id=intent.id)


def _place(placing: _Placing) -> OrderFacts | None:
    """None where the venue itself has answered, and its books tell what became of the order."""
    preview, confirmed = placing.preview, placing.confirmed
    user_id = placing.intent.user_id
    quote = preview.quote
    if confirmed.wish.order_type == VenueCapability.MARKET:
        # What is placed is judged: the price that was confirmed, not that of this moment.
        quote = replace(quote, worst_price=confirmed.worst_price)
    live = list_live(user_id=user_id, venue=placing.venue, since=placing.now)
    facts = read_risk_facts(
        user_id=user_id,
        wish=confirmed.wish,
        market=preview.market,
        direction=preview.direction,
        size=confirmed.size,
        quote=quote,
        max_leverage=preview.leverage,
        slippage=preview.slippage_percent,
        now=placing.now,
        live=live,
    )
    # And by the price of this moment: where that is out of bounds, so is what comes of the order.
    of_now = replace(facts, quote=preview.quote)
    refuse((*check_risk(facts), *check_risk(of_now), *preview.denials))
    labels = free_labels(placing.account, live)
    entry = _entry(placing, next(labels))
    stops = list(_stops(placing, labels))
    insert_rows([entry, *stops])
    record_saves(created=[entry, *stops])
    going = [entry, *stops] if preview.stops_go_with_entry else [entry]
    send_orders(
        orders=going,
        wallet_address=placing.wallet.address,
        venue=placing.venue,
        attempt=1,
        deadline=placing.now + DEADLINE,
        now=placing.now,
    )
    if not placing.venue.settles_on_chain:
        return None
    return facts_of_new(
        orders=[entry, *stops],
        market=preview.market,
        wallet_address=placing.wallet.address,
        sent=going,
    )


def _entry(placing: _Placing, label: int) -> Any:
    confirmed, preview, wish = placing.confirmed, placing.preview, placing.confirmed.wish
    # A taker's is the card's; any other follows from what the person wrote.
    price: Decimal | None = preview.quote.worst_price
    if wish.order_type == VenueCapability.MARKET:
        price = confirmed.worst_price
    if wish.oracle_offset is not None or wish.order_type in TRIGGERED_MARKET:
        price = None
    expires_at: datetime | None = placing.now + DEADLINE
    if wish.rests:
        expires_at = placing.now + wish.expires_in if wish.expires_in else None
    return _order(
        placing,
        id=placing.intent.id,
        order_type=wish.order_type,
        side=wish.side,
        direction=preview.direction,
        price=price,
        trigger_price=wish.trigger_price,
        reduce_only=preview.reduce_only,
        post_only=wish.post_only,
        immediate_or_cancel=wish.immediate_or_cancel,
        oracle_offset=wish.oracle_offset,
        expires_at=expires_at,
        venue_label=label,
        notional=preview.quote.notional,
        initial_margin=preview.quote.initial_margin,
    )


def _stops(placing: _Placing, labels: Iterator[int]) -> Iterator[Any]:
    wish, preview = placing.confirmed.wish, placing.preview
    for role, order_type, trigger in (
        (OrderRole.STOP_LOSS, VenueCapability.STOP_MARKET, wish.stop_loss),
        (OrderRole.TAKE_PROFIT, VenueCapability.TAKE_PROFIT_MARKET, wish.take_profit),
    ):
        if trigger is None:
            continue
        yield _order(
            placing,
            id=uuid7(),
            parent_id=placing.intent.id,
            role=role,
            order_type=order_type,
            side=wish.side,
            direction=opposite(preview.direction),
            trigger_price=trigger,
            reduce_only=True,
            venue_label=next(labels),
        )


def _order(placing: _Placing, **columns: Any) -> Any:
    preview = placing.preview
    return placing.venue.order_model(
        user_id=placing.intent.user_id,
        wallet_id=placing.wallet.id,
        market_id=preview.market.id,
        market_index=preview.market.market_index,
        account_address=placing.account.address,
        deployment=placing.venue.deployment,
        size=placing.confirmed.size,
        leverage=preview.leverage,
        deadline=placing.now + DEADLINE,
        created_at=placing.now,
        metadata={
            "expected_price": str(placing.confirmed.expected_price),
            "oracle_price": str(preview.quote.oracle_price),
            "price_age": str(preview.quote.price_age_seconds),
            "priority_fee_cap": str(preview.priority_fee_cap),
            "slippage": str(preview.slippage_percent),
        },
        **columns,
    )


def free_labels(account: VenueAccount, live: list[LiveOrder]) -> Iterator[int]:
    """Numbers from 1 to 255 that no order of the account bears now.

    They are labels to find our orders by, no lock: exactly-once does not rest on them.
    """
    taken = {int(label) for label in account.state.get("labels", [])}
    taken |= {
        order.venue_label
        for order in live
        if order.venue_label is not None
        and order.status in ORDER_LIVE
        and order.wallet_id == account.wallet_id
    }
    yield from (label for label in range(1, 256) if label not in taken)
    raise Refused("risk.too_many_orders", maximum=255)


def first_result(user_id: uuid.UUID, channel: str, key: str) -> uuid.UUID | None:
    """The id of what this key stands for, if it was ever used."""
    with as_user(user_id):
        return (
            Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key)
            .values_list("id", flat=True)
            .first()
        )


def _exactly(confirmed: ConfirmedOrder) -> OrderWish:
    """The wish with the size that was confirmed: an amount of money buys another by now."""
    if confirmed.wish.percent is not None or confirmed.wish.flip:
        return confirmed.wish
    return replace(confirmed.wish, size=confirmed.size, notional=None)


def _check_unmoved(confirmed: ConfirmedOrder, preview: OrderPreview) -> None:
    """The market must still be where the card said, within the slippage that it named.

    A price that the person wrote is theirs wherever the market goes.
    """
    if preview.direction != confirmed.direction or preview.size < confirmed.size:
        raise Conflict("order.position_changed", market=preview.market.symbol)
    if confirmed.wish.flip and preview.size != confirmed.size:
        raise Conflict("order.position_changed", market=preview.market.symbol)
    if confirmed.wish.order_type != VenueCapability.MARKET:
        return
    allowed = confirmed.expected_price * preview.slippage_percent / 100
    if abs(preview.quote.expected_price - confirmed.expected_price) > allowed:
        raise Refused(
            "order.price_moved",
            then=confirmed.expected_price,
            now=preview.quote.expected_price,
        )


def _content(confirmed: ConfirmedOrder) -> dict[str, str]:
    return wish_content(confirmed.wish) | {
        "direction": confirmed.direction,
        "size": plain(confirmed.size),
        "worst_price": plain(confirmed.worst_price),
    }
