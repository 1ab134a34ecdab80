"""A person's orders and deposits, with what is known of each."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any, NamedTuple

from django.db.models import DecimalField, Q, Sum
from django.utils import timezone

from chain.enums import SubmissionState
from chain.models import SubmissionAct
from core.errors import NotFound
from core.roles import as_user
from trading.enums import ORDER_LIVE, OrderRole
from trading.facts import FillFacts, MarketFacts, OrderFacts, TransferFacts
from trading.models import Fill, VenueOrderId, VenueTransfer
from trading.progress import order_progress, transfer_progress
from trading.reach import NEVER_SENT, how_far
from trading.venues.base import open_venues

_AS_THE_SERVER_ROUNDS = Context(prec=60, rounding=ROUND_HALF_UP)


def read_order(*, user_id: uuid.UUID, order_id: uuid.UUID) -> OrderFacts:
    """One order of this person's with its stops. Raises NotFound, also for another's."""
    with as_user(user_id, looks=True):
        for model in _order_models():
            rows = model._default_manager.select_related("market", "wallet")
            found = list(
                rows.filter(Q(pk=order_id) | Q(parent_id=order_id), user_id=user_id).order_by("id")
            )
            mine = next((order for order in found if order.id == order_id), None)
            if mine is not None:
                facts = _order_facts(found)
                children = tuple(each for each in facts if each.id != order_id)
                [own] = [each for each in facts if each.id == order_id]
                return replace(own, children=children)
    raise NotFound("order.not_found")


def facts_of_new(
    *, orders: Sequence[Any], market: MarketFacts, wallet_address: str, sent: Sequence[Any]
) -> OrderFacts:
    """What read_order would say of an order and its stops that this transaction has inserted.

    Their messages, those of the `sent`, are queued.
    """
    now = timezone.now()
    queued = Messages(SubmissionState.QUEUED.value, None, how_far([SubmissionState.QUEUED]))
    under_way = {order.id for order in sent}
    entry, *stops = (
        _one(
            _as_stored(order),
            market,
            wallet_address,
            queued if order.id in under_way else NO_MESSAGES,
            Decimal(0),
            {},
            now,
        )
        for order in orders
    )
    return replace(entry, children=tuple(sorted(stops, key=lambda each: each.id)))


def _as_stored(order: Any) -> Any:
    """The row with its values in the shape that the database gives them back in."""
    for field in order._meta.concrete_fields:
        value = getattr(order, field.attname)
        if isinstance(value, Enum):
            setattr(order, field.attname, value.value)
        elif isinstance(field, DecimalField) and value is not None:
            unit = Decimal(1).scaleb(-field.decimal_places)
            setattr(order, field.attname, value.quantize(unit, context=_AS_THE_SERVER_ROUNDS))
    return order


def list_orders(
    *,
    user_id: uuid.UUID,
    open_only: bool = False,
    limit: int = 5,
    before: uuid.UUID | None = None,
    deployment: str | None = None,
    symbol: str | None = None,
    folded: bool = False,
) -> tuple[OrderFacts, ...]:
    """The person's orders, newest first, over every deployment; stops are orders among them.

    `before` is the id of the last one of the page before. Where they are `folded`, the stops that
    came with an entry are its `children` instead, and it is open as long as one of them is.
    """
    found: list[Any] = []
    with as_user(user_id):
        for model in _order_models():
            rows = model._default_manager.select_related("market", "wallet").filter(user_id=user_id)
            is_open = Q(status__in=ORDER_LIVE)
            if folded:
                guarded = rows.filter(is_open, parent_id__isnull=False).values("parent_id")
                rows, is_open = rows.filter(parent_id__isnull=True), is_open | Q(pk__in=guarded)
            if open_only:
                rows = rows.filter(is_open)
            if before is not None:
                rows = rows.filter(id__lt=before)
            if deployment is not None:
                rows = rows.filter(deployment=deployment)
            if symbol is not None:
                wanted = symbol.strip().upper()
                rows = rows.filter(Q(market__symbol=wanted) | Q(market__base_asset=wanted))
            found += rows.order_by("-id")[:limit]
        found = sorted(found, key=lambda order: order.id, reverse=True)[:limit]
        stops = _stops_of(user_id, found) if folded else []
        facts = _order_facts([*found, *stops])
    tops, children = facts[: len(found)], facts[len(found) :]
    return tuple(
        replace(top, children=tuple(each for each in children if each.parent_id == top.id))
        for top in tops
    )


def _stops_of(user_id: uuid.UUID, entries: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for model in dict.fromkeys(type(entry) for entry in entries):
        rows = model._default_manager.select_related("market", "wallet")
        ids = [entry.id for entry in entries if isinstance(entry, model)]
        found += rows.filter(parent_id__in=ids, user_id=user_id).order_by("id")
    return found


def list_orders_of(*, user_id: uuid.UUID, order_ids: Sequence[uuid.UUID]) -> tuple[OrderFacts, ...]:
    """These orders of the person's, oldest first; another's are left out."""
    found: list[Any] = []
    with as_user(user_id):
        for model in _order_models():
            rows = model._default_manager.select_related("market", "wallet")
            found += rows.filter(pk__in=order_ids, user_id=user_id)
        found.sort(key=lambda order: order.id)
        return tuple(_order_facts(found))


def list_fills(
    *,
    user_id: uuid.UUID,
    order_id: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> tuple[FillFacts, ...]:
    """The person's fills, newest first, of one order or of all.

    `before` is the id of the last one of the page before.
    """
    with as_user(user_id):
        rows = Fill.objects.select_related("market").filter(user_id=user_id)
        if order_id is not None:
            rows = rows.filter(order_id=order_id)
        if before is not None:
            rows = rows.filter(id__lt=before)
        return tuple(_fill_facts(fill) for fill in rows.order_by("-id")[:limit])


def _fill_facts(fill: Any) -> FillFacts:
    return FillFacts(
        id=fill.id,
        order_id=fill.order_id,
        deployment=fill.deployment,
        market=fill.market.symbol,
        base_asset=fill.market.base_asset,
        quote_asset=fill.market.quote_asset,
        side=fill.side,
        direction=fill.direction,
        size=fill.size,
        price=fill.price,
        quote=fill.quote,
        fee=fill.fee,
        realized_pnl=fill.realized_pnl,
        is_maker=fill.is_maker,
        origin=fill.origin,
        signature=fill.tx_hash,
        venue_order_id=fill.venue_order_id,
        filled_at=fill.filled_at,
    )


def read_transfer(*, user_id: uuid.UUID, transfer_id: uuid.UUID) -> TransferFacts:
    """One deposit of this person's. Raises NotFound, also for another's."""
    with as_user(user_id):
        transfer = VenueTransfer.objects.filter(pk=transfer_id, user_id=user_id).first()
        if transfer is None:
            raise NotFound("transfer.not_found")
        sent = list_messages([transfer.id]).get(transfer.id, NO_MESSAGES)
    now = timezone.now()
    return TransferFacts(
        id=transfer.id,
        deployment=transfer.deployment,
        kind=transfer.kind,
        token_symbol=transfer.token_symbol,
        amount=transfer.amount,
        booked_amount=transfer.booked_amount,
        sponsor_fee=transfer.sponsor_fee,
        initializes=transfer.initializes,
        status=transfer.status,
        reason=transfer.status_reason,
        progress=transfer_progress(
            status=transfer.status,
            submission_state=sent.state,
            past_deadline=now > transfer.expires_at,
        ),
        signature=sent.signature,
        reached=sent.reached,
        created_at=transfer.created_at,
        expires_at=transfer.expires_at,
    )


def _order_models() -> list[Any]:
    """Each table of orders once, whatever number of deployments shares it."""
    return list(dict.fromkeys(venue.order_model for venue in open_venues()))


class Messages(NamedTuple):
    """What the messages of one act tell together: the last one's state, and how far any came."""

    state: str | None
    signature: str | None
    reached: str


NO_MESSAGES = Messages(None, None, NEVER_SENT)


def list_messages(subject_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Messages]:
    """The messages of each subject that has any."""
    rows: dict[uuid.UUID, list[tuple[str, str | None]]] = {}
    acts = SubmissionAct.objects.filter(subject_id__in=list(subject_ids)).order_by("submission_id")
    for subject_id, state, signature in acts.values_list(
        "subject_id", "submission__state", "submission__signature"
    ):
        rows.setdefault(subject_id, []).append((state, signature))
    return {
        subject_id: Messages(
            state=found[-1][0],
            signature=next((signature for _, signature in reversed(found) if signature), None),
            reached=how_far(state for state, _ in found),
        )
        for subject_id, found in rows.items()
    }


def latest_messages(subject_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """The latest message of each subject."""
    acts = (
        SubmissionAct.objects.filter(subject_id__in=list(subject_ids))
        .select_related("submission")
        .defer("submission__raw")
        .order_by("submission_id")
    )
    return {act.subject_id: act.submission for act in acts}


def _order_facts(orders: Sequence[Any]) -> list[OrderFacts]:
    messages = list_messages(order.id for order in orders)
    # An order that is new has neither fills nor other ids: for those nothing is asked.
    filled = [order.id for order in orders if order.filled_size]
    gains = dict(
        Fill.objects.filter(order_id__in=filled)
        .values_list("order_id")
        .annotate(Sum("realized_pnl"))
    )
    ids = _ids_at_venue([order.id for order in orders if order.venue_order_id])
    now = timezone.now()
    return [
        _one(
            order,
            order.market,
            order.wallet.wallet_address,
            messages.get(order.id, NO_MESSAGES),
            gains.get(order.id) or Decimal(0),
            ids,
            now,
        )
        for order in orders
    ]


def _ids_at_venue(order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Every id of the orders that were modified, oldest first."""
    found: dict[uuid.UUID, list[str]] = {}
    rows = VenueOrderId.objects.filter(order_id__in=order_ids).order_by("id")
    for order_id, venue_order_id in rows.values_list("order_id", "venue_order_id"):
        found.setdefault(order_id, []).append(venue_order_id)
    return found


def _one(
    order: Any,
    market: Any,
    wallet_address: str,
    sent: Messages,
    gain: Decimal,
    ids: dict[uuid.UUID, list[str]],
    now: datetime,
) -> OrderFacts:
    known = ids.get(order.id) or ([order.venue_order_id] if order.venue_order_id else [])
    return OrderFacts(
        id=order.id,
        deployment=order.deployment,
        market=market.symbol,
        base_asset=market.base_asset,
        quote_asset=market.quote_asset,
        side=order.side,
        direction=order.direction,
        order_type=order.order_type,
        size=order.size,
        filled_size=order.filled_size,
        price=order.price,
        avg_fill_price=order.avg_fill_price,
        fees=order.total_fees,
        realized_pnl=gain,
        reduce_only=order.reduce_only,
        status=order.status,
        reason=order.status_reason,
        progress=order_progress(
            status=order.status,
            submission_state=sent.state,
            past_deadline=order.deadline is not None and now > order.deadline,
            waits_for_entry=order.role != OrderRole.ENTRY,
        ),
        signature=sent.signature,
        reached=sent.reached,
        venue_order_id=order.venue_order_id,
        wallet_last4=wallet_address[-4:],
        tick_size=market.tick_size or Decimal("0.01"),
        step_size=market.step_size or Decimal("0.01"),
        created_at=order.created_at,
        expires_at=order.expires_at,
        trigger_price=order.trigger_price,
        post_only=order.post_only,
        immediate_or_cancel=order.immediate_or_cancel,
        oracle_offset=order.oracle_offset,
        role=order.role,
        parent_id=order.parent_id,
        deadline=order.deadline,
        origin=order.origin,
        venue_order_ids=tuple(known),
    )
