"""A person's orders and deposits, with what is known of each."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from chain.enums import UNSIGNED
from chain.models import SubmissionAct
from core.errors import NotFound
from core.roles import as_user
from trading.enums import ORDER_ENDED
from trading.facts import OrderFacts, TransferFacts
from trading.models import Fill, VenueTransfer
from trading.progress import order_progress, transfer_progress
from trading.venues.base import open_venues


def read_order(*, user_id: uuid.UUID, order_id: uuid.UUID) -> OrderFacts:
    """One order of this person's. Raises NotFound, also for another's."""
    with as_user(user_id):
        for model in _order_models():
            order = (
                model._default_manager.select_related("market", "wallet")
                .filter(pk=order_id, user_id=user_id)
                .first()
            )
            if order is not None:
                return _order_facts([order])[0]
    raise NotFound("order.not_found")


def list_orders(
    *, user_id: uuid.UUID, open_only: bool = False, limit: int = 5, before: datetime | None = None
) -> tuple[OrderFacts, ...]:
    """The person's orders, newest first, over every deployment."""
    found: list[Any] = []
    with as_user(user_id):
        for model in _order_models():
            rows = model._default_manager.select_related("market", "wallet").filter(user_id=user_id)
            if open_only:
                rows = rows.exclude(status__in=ORDER_ENDED)
            if before is not None:
                rows = rows.filter(created_at__lt=before)
            found += rows.order_by("-created_at")[:limit]
        found.sort(key=lambda order: order.created_at, reverse=True)
        return tuple(_order_facts(found[:limit]))


def read_transfer(*, user_id: uuid.UUID, transfer_id: uuid.UUID) -> TransferFacts:
    """One deposit of this person's. Raises NotFound, also for another's."""
    with as_user(user_id):
        transfer = VenueTransfer.objects.filter(pk=transfer_id, user_id=user_id).first()
        if transfer is None:
            raise NotFound("transfer.not_found")
        message = _messages([transfer.id]).get(transfer.id)
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
            submission_state=message.state if message else None,
            past_deadline=now > transfer.expires_at,
        ),
        signature=message.signature if message else None,
        signed=message is not None and message.state not in UNSIGNED,
        created_at=transfer.created_at,
        expires_at=transfer.expires_at,
    )


def _order_models() -> list[Any]:
    """Each table of orders once, whatever number of deployments shares it."""
    return list(dict.fromkeys(venue.order_model for venue in open_venues()))


def _messages(subject_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """The latest message of each subject."""
    acts = (
        SubmissionAct.objects.filter(subject_id__in=list(subject_ids))
        .select_related("submission")
        .defer("submission__raw")
        .order_by("submission_id")
    )
    return {act.subject_id: act.submission for act in acts}


def _order_facts(orders: Sequence[Any]) -> list[OrderFacts]:
    messages = _messages(order.id for order in orders)
    gains = dict(
        Fill.objects.filter(order_id__in=[order.id for order in orders])
        .values_list("order_id")
        .annotate(Sum("realized_pnl"))
    )
    now = timezone.now()
    return [
        _one(order, messages.get(order.id), gains.get(order.id) or Decimal(0), now)
        for order in orders
    ]


def _one(order: Any, message: Any, gain: Decimal, now: datetime) -> OrderFacts:
    market = order.market
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
            submission_state=message.state if message else None,
            past_deadline=order.expires_at is not None and now > order.expires_at,
        ),
        signature=message.signature if message else None,
        signed=message is not None and message.state not in UNSIGNED,
        venue_order_id=order.venue_order_id,
        wallet_last4=order.wallet.wallet_address[-4:],
        tick_size=market.tick_size or Decimal("0.01"),
        step_size=market.step_size or Decimal("0.01"),
        created_at=order.created_at,
        expires_at=order.expires_at,
    )
