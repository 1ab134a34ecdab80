"""A cancel or a modify as the subject of a message; what the venue then shows ends it."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.utils import timezone

from chain.enums import SubmissionState
from chain.messages import MessagePlan, Signer
from chain.subjects import Fate
from core.errors import Refused
from core.roles import as_sync
from trading.booking.changes import end_change
from trading.enums import ORDER_LIVE, ChangeKind, ChangeStatus
from trading.models import OrderChange, VenueAccount
from trading.services.accounts import lock_account
from trading.services.judge_again import FRESH, check_may_add, price_is_young_until
from trading.services.modify_order import judge_change
from trading.services.send_changes import fields_of, modify_request, send_change
from trading.subjects.common import (
    book_transaction,
    counters_explained,
    take_message_back,
    tell_progress,
    want_account,
)
from trading.venues.base import Venue, VenueMessage, get_venue
from trading.wishes import ChangeWish
from wallets.tokens import LAMPORTS


class OrderChangeSubject:
    """Builds the message on the orders as they are then; a gone order is passed over."""

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:  # noqa: ARG002
        with as_sync():
            change = _load(subject_id)
            venue = get_venue(change.deployment)
            orders = _resting(change, venue)
            wallet: Any = change.wallet
        _check_open(change, orders)
        now = timezone.now()
        good_until = None
        if _is_a_persons_modify(change):
            good_until = _judge(change, orders, venue, now)
        message = _message(change, venue, orders, wallet.wallet_address)
        cap = Decimal(change.metadata["priority_fee_cap"])
        return MessagePlan(
            fee_payer=wallet.wallet_address,
            signers=(Signer(wallet.wallet_address, wallet.wallet_type, wallet.privy_wallet_id),),
            instructions=message.instructions,
            allowed=message.allowed,
            counters=message.counters,
            priority_fee_cap_lamports=int(cap * LAMPORTS),
            good_until=good_until,
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:  # noqa: ARG002
        change, venue, _ = _load_locked(subject_id)
        orders = _resting(change, venue)
        _check_open(change, orders)
        if not _is_a_persons_modify(change):
            return
        [order] = orders
        if not order.reduce_only:
            check_may_add(order=order, venue=venue, now=now)

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:  # noqa: ARG002
        change, venue, account = _load_locked(subject_id)
        code, _ = book_transaction(venue=venue, fate=fate)
        if take_message_back(venue=venue, account=account, wallet=change.wallet, fate=fate):
            change = _load(subject_id)
        if fate.state in (SubmissionState.CONFIRMED, SubmissionState.FINALIZED):
            want_account(account=account, at=fate.at)
        elif fate.state == SubmissionState.FAILED:
            _end(change, code or "chain.failed", fate.at)
        elif fate.state in (SubmissionState.EXPIRED, SubmissionState.ABANDONED):
            orders = _resting(change, venue)
            if fate.may_sign_again and change.status == ChangeStatus.PENDING and orders:
                wallet: Any = change.wallet
                send_change(
                    change=change,
                    venue=venue,
                    orders=orders,
                    wallet_address=wallet.wallet_address,
                    attempt=fate.attempt + 1,
                    now=fate.at,
                )
            else:
                _end(change, code or "message.never_landed", fate.at)
        if fate.state != SubmissionState.SIGNED:
            tell_progress(subject=change, kind="order_change", fate=fate)

    def explain_counters(
        self,
        *,
        subject_id: uuid.UUID,
        counters: dict[str, Any],
        signature: str,
        min_slot: int,
    ) -> bool:
        """A cancel moves no counter, and done twice it does what it does once."""
        with as_sync():
            change = _load(subject_id)
            account = VenueAccount.objects.get(
                wallet_id=change.wallet_id, deployment=change.deployment, sub_account_id=0
            )
        if change.kind == ChangeKind.CANCEL:
            return True
        return counters_explained(
            venue=get_venue(change.deployment),
            address=account.address,
            counters=counters,
            signature=signature,
            min_slot=min_slot,
        )


def _judge(change: OrderChange, orders: list[Any], venue: Venue, now: datetime) -> datetime | None:
    """As orders are judged; until when the price is young enough, None for what only reduces."""
    [order] = orders
    told, seen_at = change.metadata.get("price_age"), change.created_at
    if told is None or abs(now - seen_at) > FRESH:
        wanted = ChangeWish(**fields_of(change.wanted))
        told, seen_at = judge_change(order=order, change=wanted, venue=venue, now=now), now
    return None if order.reduce_only else price_is_young_until(Decimal(told), seen_at)


def _is_a_persons_modify(change: OrderChange) -> bool:
    """What the desk itself does follows what was filled, and adds nothing."""
    return change.kind == ChangeKind.MODIFY and not change.metadata.get("by_desk")


def _load(change_id: uuid.UUID) -> OrderChange:
    return OrderChange.objects.select_related("user", "wallet").get(pk=change_id)


def _load_locked(change_id: uuid.UUID) -> tuple[OrderChange, Venue, VenueAccount]:
    """The account's lock first, then the change as nobody else can move it any more."""
    change = _load(change_id)
    account = lock_account(wallet_id=change.wallet_id, deployment=change.deployment)
    return _load(change_id), get_venue(change.deployment), account


def _resting(change: OrderChange, venue: Venue) -> list[Any]:
    """The change's orders that the venue may still hold, under the ids that it knows now."""
    return list(
        venue.order_model._default_manager.select_related("market", "user", "wallet")
        .filter(pk__in=change.order_ids, status__in=ORDER_LIVE, venue_order_id__isnull=False)
        .order_by("id")
    )


def _check_open(change: OrderChange, orders: list[Any]) -> None:
    if change.status != ChangeStatus.PENDING:
        raise Refused("order.no_longer_pending", status=change.status)
    if not orders:
        raise Refused("order.ended_before_change")


def _message(
    change: OrderChange, venue: Venue, orders: list[Any], wallet_address: str
) -> VenueMessage:
    if change.kind == ChangeKind.CANCEL:
        return venue.plan_cancel(
            wallet_address=wallet_address,
            venue_order_ids=[order.venue_order_id for order in orders],
        )
    [order] = orders
    request = modify_request(order=order, wanted=change.wanted, wallet_address=wallet_address)
    if request.size is not None and request.size <= 0:
        raise Refused("order.filled_beyond_change", filled=order.filled_size)
    return venue.plan_modify(request)


def _end(change: OrderChange, reason: str, at: datetime) -> None:
    if change.status == ChangeStatus.PENDING:
        end_change(change, ChangeStatus.NOT_EXECUTED, reason, at)
