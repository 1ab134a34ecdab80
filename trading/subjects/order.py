"""An order as the subject of a message."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings

from accounts.enums import TradingState
from chain.enums import SubmissionState
from chain.messages import MessagePlan, Signer
from chain.subjects import Fate
from core.errors import Refused
from core.money import plain
from core.roles import as_sync
from core.uuid7 import uuid7
from trading.booking.orders import end_order
from trading.enums import OrderStatus
from trading.models import AbstractOrder, VenueAccount
from trading.services.preview_order import margin_under_way, strictest_state
from trading.services.read_markets import market_facts
from trading.services.venue_gates import read_venue_gate
from trading.subjects.common import (
    book_transaction,
    counters_explained,
    lock_account,
    tell_progress,
    want_account,
)
from trading.venues.base import OrderRequest, Venue, get_venue
from wallets.tokens import LAMPORTS


class OrderSubject:
    """Builds an order's message and follows it; the order's own end comes from the venue."""

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:  # noqa: ARG002
        with as_sync():
            order, venue = _load(subject_id)
            wallet: Any = order.wallet
        if order.status != OrderStatus.PENDING:
            raise Refused("order.no_longer_pending", status=order.status)
        request = OrderRequest(
            wallet_address=wallet.wallet_address,
            market_index=order.market_index,  # type: ignore[attr-defined]
            order_type=order.order_type,  # type: ignore[attr-defined]
            direction=order.direction,
            size=order.size,
            price=order.price,
            reduce_only=order.reduce_only,
            post_only=order.post_only,
            label=order.venue_label or 0,
            expires_at=order.expires_at,
        )
        message = venue.plan_orders([request])
        signer = Signer(wallet.wallet_address, wallet.wallet_type, wallet.privy_wallet_id)
        cap = Decimal(order.metadata["priority_fee_cap"])
        return MessagePlan(
            fee_payer=wallet.wallet_address,
            signers=(signer,),
            instructions=message.instructions,
            allowed=message.allowed,
            counters=message.counters,
            priority_fee_cap_lamports=int(cap * LAMPORTS),
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:  # noqa: ARG002
        order, venue, account = _load_locked(subject_id)
        if order.status != OrderStatus.PENDING:
            raise Refused("order.no_longer_pending", status=order.status)
        market: Any = order.market  # type: ignore[attr-defined]
        state = strictest_state(user=order.user, market=market_facts(market, None, now))
        if state != TradingState.ACTIVE and not order.reduce_only:
            raise Refused("risk.trading_halted")
        gate = read_venue_gate(deployment=venue.deployment, now=now)
        if not (gate.is_open or order.reduce_only):
            raise Refused("risk.venue_read_only", reason=gate.reason)
        if not order.reduce_only:
            _check_margin(order, venue, account)

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:  # noqa: ARG002
        order, venue, account = _load_locked(subject_id)
        code, _ = book_transaction(venue=venue, fate=fate)
        if fate.state in (SubmissionState.CONFIRMED, SubmissionState.FINALIZED):
            want_account(account=account, at=fate.at)
        elif fate.state == SubmissionState.FAILED:
            _end(order, OrderStatus.FAILED, code or "chain.failed", fate.at)
        elif fate.state in (SubmissionState.EXPIRED, SubmissionState.ABANDONED):
            if fate.may_sign_again and order.status == OrderStatus.PENDING:
                _sign_again(order, venue, fate)
            else:
                _end(order, OrderStatus.NOT_EXECUTED, code or "message.never_landed", fate.at)
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


def _load(order_id: uuid.UUID) -> tuple[AbstractOrder, Venue]:
    for key in settings.VENUES:
        venue = get_venue(key)
        order = (
            venue.order_model._default_manager.select_related("user", "wallet", "market")
            .filter(pk=order_id, deployment=key)
            .first()
        )
        if order is not None:
            return order, venue
    raise Refused("order.gone", order=str(order_id))


def _load_locked(order_id: uuid.UUID) -> tuple[AbstractOrder, Venue, VenueAccount]:
    """The account's lock first, then the order as nobody else can change it any more."""
    for key in settings.VENUES:
        orders = get_venue(key).order_model._default_manager.filter(pk=order_id, deployment=key)
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


def _sign_again(order: AbstractOrder, venue: Venue, fate: Fate) -> None:
    """A new message of the same act: the old one is proven dead and there is time left."""
    from trading.services.place_order import queue_order_message

    queue_order_message(
        order=order,
        venue=venue,
        submission_id=uuid7(),
        attempt=fate.attempt + 1,
        now=fate.at,
    )
