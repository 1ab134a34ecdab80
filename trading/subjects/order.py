"""An order as the subject of a message; a bracket's message carries several."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.utils import timezone

from chain.enums import SubmissionState
from chain.messages import MessagePlan, Signer
from chain.models import SubmissionAct
from chain.services import time_left
from chain.subjects import Fate
from core.errors import Refused
from core.money import plain
from core.roles import as_sync
from trading.booking.orders import end_order
from trading.enums import OrderRole, OrderStatus
from trading.models import AbstractOrder, VenueAccount
from trading.services.accounts import lock_account
from trading.services.follow_stops import follow_stops
from trading.services.judge_again import check_may_add, judge_orders
from trading.services.read_risk import margin_under_way
from trading.services.send_orders import SUBJECT, order_request, send_orders
from trading.subjects.common import (
    book_transaction,
    counters_explained,
    take_message_back,
    tell_progress,
    want_account,
)
from trading.venues.base import Venue, get_venue, open_venues
from wallets.tokens import LAMPORTS

# A stop whose position is open is sent again this often before its owner is told that it is not
# there.
_STOP_ATTEMPTS = 5


class OrderSubject:
    """Builds an order's message and follows it; the order's own end comes from the venue."""

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:
        with as_sync():
            orders = [_load(key)[0] for key in _carried(submission_id) or [subject_id]]
            venue = get_venue(orders[0].deployment)
            wallet: Any = orders[0].wallet
            account = _account(orders[0], venue)
            left = time_left(submission_id=submission_id)
        for order in orders:
            if order.status != OrderStatus.PENDING:
                raise Refused("order.no_longer_pending", status=order.status)
        address = wallet.wallet_address
        good_until = judge_orders(
            orders=orders,
            venue=venue,
            wallet_address=address,
            seen_slot=account.observed_slot,
            now=timezone.now(),
        )
        message = venue.plan_orders(
            [order_request(order, wallet_address=address, left=left) for order in orders]
        )
        cap = Decimal(orders[0].metadata["priority_fee_cap"])
        return MessagePlan(
            fee_payer=address,
            signers=(Signer(address, wallet.wallet_type, wallet.privy_wallet_id),),
            instructions=message.instructions,
            allowed=message.allowed,
            counters=message.counters,
            priority_fee_cap_lamports=int(cap * LAMPORTS),
            good_until=good_until,
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:  # noqa: ARG002
        """What rows alone can tell, under the account's lock: the rest `plan` has judged again.

        How old the price is by now is asked of `plan`'s own word of until when it is good.
        """
        order, venue, account = _load_locked(subject_id)
        if order.status != OrderStatus.PENDING:
            raise Refused("order.no_longer_pending", status=order.status)
        if order.reduce_only:
            return
        check_may_add(order=order, venue=venue, now=now)
        _check_margin(order, venue, account)

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:  # noqa: ARG002
        order, venue, account = _load_locked(subject_id)
        code, _ = book_transaction(venue=venue, fate=fate)
        if take_message_back(venue=venue, account=account, wallet=order.wallet, fate=fate):
            order, _ = _load(subject_id)
        if fate.state in (SubmissionState.CONFIRMED, SubmissionState.FINALIZED):
            want_account(account=account, at=fate.at)
        elif fate.state == SubmissionState.FAILED:
            _end(order, OrderStatus.FAILED, code or "chain.failed", fate.at)
        elif fate.state in (SubmissionState.EXPIRED, SubmissionState.ABANDONED):
            if fate.may_sign_again and order.status == OrderStatus.PENDING:
                _sign_again(order, venue, fate)
            elif not _stop_is_sent_again(order, fate):
                _end(order, OrderStatus.NOT_EXECUTED, code or "message.never_landed", fate.at)
        if fate.state in (
            SubmissionState.FAILED,
            SubmissionState.EXPIRED,
            SubmissionState.ABANDONED,
        ):
            follow_stops(venue=venue, account=account, now=fate.at)
        tell_progress(subject=order, kind="order", fate=fate)

    def explain_counters(
        self,
        *,
        subject_id: uuid.UUID,
        counters: dict[str, Any],
        signature: str,
        min_slot: int,
    ) -> bool:
        with as_sync():
            order, venue = _load(subject_id)
            address = _account(order, venue).address
        return counters_explained(
            venue=venue,
            address=address,
            counters=counters,
            signature=signature,
            min_slot=min_slot,
        )


def _carried(submission_id: uuid.UUID) -> list[uuid.UUID]:
    """The orders of a message, in the order in which the venue is to take them."""
    return list(
        SubmissionAct.objects.filter(submission_id=submission_id, subject_type=SUBJECT)
        .order_by("instruction_index")
        .values_list("subject_id", flat=True)
    )


def _load(order_id: uuid.UUID) -> tuple[AbstractOrder, Venue]:
    for venue in open_venues():
        order = (
            venue.order_model._default_manager.select_related("user", "wallet", "market")
            .filter(pk=order_id, deployment=venue.deployment)
            .first()
        )
        if order is not None:
            return order, venue
    raise Refused("order.gone", order=str(order_id))


def _load_locked(order_id: uuid.UUID) -> tuple[AbstractOrder, Venue, VenueAccount]:
    """The account's lock first, then the order as nobody else can change it any more."""
    for venue in open_venues():
        key = venue.deployment
        orders = venue.order_model._default_manager.filter(pk=order_id, deployment=key)
        wallet_id = orders.values_list("wallet_id", flat=True).first()
        if wallet_id is not None:
            account = lock_account(wallet_id=wallet_id, deployment=key)
            return (*_load(order_id), account)
    raise Refused("order.gone", order=str(order_id))


def _account(order: AbstractOrder, venue: Venue) -> VenueAccount:
    return VenueAccount.objects.get(
        wallet_id=order.wallet_id, deployment=venue.deployment, sub_account_id=0
    )


def _check_margin(order: AbstractOrder, venue: Venue, account: VenueAccount) -> None:
    """All that is under way must fit what the account had free, if it was looked at since.

    An older look says less than the quote that the order was placed on: a deposit may have
    arrived in between.
    """
    if account.observed_at is None or account.free_collateral is None:
        return
    if account.observed_at <= order.created_at:
        return
    needed = margin_under_way(
        user_id=order.user_id, deployment=venue.deployment, since=account.observed_at
    )
    if needed > account.free_collateral:
        raise Refused(
            "risk.collateral_too_small",
            needed=plain(needed, 2),
            free=plain(account.free_collateral, 2),
            token=venue.quote_symbol,
        )


def _end(order: AbstractOrder, to: OrderStatus, reason: str, at: datetime) -> None:
    """Only from pending: what the venue has shown of the order counts more than its message."""
    end_order(order, to, reason, at, expect=OrderStatus.PENDING)


def _stop_is_sent_again(order: AbstractOrder, fate: Fate) -> bool:
    """A stop of which nothing was ever signed waits for follow_stops to send it anew."""
    return (
        order.role != OrderRole.ENTRY
        and order.status == OrderStatus.PENDING
        and fate.state == SubmissionState.ABANDONED
        and fate.attempt < _STOP_ATTEMPTS
        and _carried(fate.submission_id)[:1] == [order.id]
    )


def _sign_again(order: AbstractOrder, venue: Venue, fate: Fate) -> None:
    """A new message of the same acts: the old one is proven dead and there is time left.

    The first order of a message takes those with it that were sent with it.
    """
    carried = _carried(fate.submission_id) or [order.id]
    if carried[0] != order.id:
        return
    orders = [each for key in carried if (each := _load(key)[0]).status == OrderStatus.PENDING]
    wallet: Any = order.wallet
    assert order.deadline is not None
    send_orders(
        orders=orders,
        wallet_address=wallet.wallet_address,
        venue=venue,
        attempt=fate.attempt + 1,
        deadline=min(order.deadline, fate.deadline or order.deadline),
        now=fate.at,
    )
