"""Placing orders at the hand venue, and letting their messages land there."""

from dataclasses import replace
from decimal import Decimal

from django.utils import timezone

from chain.models import Submission, SubmissionAct
from core.roles import as_sync
from drift.models import DriftOrder
from tests.factories import signature as new_signature
from tests.trading.books import position_state, resting
from tests.trading.hand_venue import HAND, empty_report
from trading.models import OrderChange
from trading.services import place_order, preview_order
from trading.services.place_order import ConfirmedOrder
from trading.venues.reports import OrderPlaced
from trading.wishes import OrderWish

D = Decimal


def confirm(desk, **wish):
    """What the card would hold after a preview of this moment."""
    wanted = OrderWish(deployment=HAND, symbol="SOL", **{"side": "long"} | wish)
    shown = preview_order(user_id=desk.wallet.user_id, wish=wanted, now=timezone.now())
    return ConfirmedOrder.as_shown(wanted, shown)


def place(desk, key="one", **wish):
    return place_order(
        user_id=desk.wallet.user_id,
        channel="telegram",
        key=key,
        confirmed=confirm(desk, **wish),
        now=timezone.now(),
    )


def hold(desk, side="long", size="1"):
    state = position_state(side=side, size=size)
    desk.venue.reports[desk.address] = empty_report(desk.address, positions=(state,))


def land(subject_id, *, slot=500) -> str:
    """The message of an order or a change becomes final; its signature."""
    signature = new_signature()
    with as_sync():
        rows = Submission.objects.filter(acts__subject_id=subject_id, state="queued")
        [submission] = rows.distinct()
        submission.acts.update(live=False)
        Submission.objects.filter(pk=submission.pk).update(
            state="finalized", signature=signature, raw=b"bytes", last_valid_block_height=1,
            landed_slot=slot,
        )  # fmt: skip
    return signature


def orders_of(desk, **wanted):
    with as_sync():
        return list(DriftOrder.objects.filter(wallet=desk.wallet, **wanted).order_by("id"))


def changes_of(desk, **wanted):
    with as_sync():
        return list(OrderChange.objects.filter(wallet=desk.wallet, **wanted).order_by("id"))


def messages_of(subject_id):
    with as_sync():
        return SubmissionAct.objects.filter(subject_id=subject_id).count()


def rests(order, venue_order_id, **changes):
    """The order as it rests at the venue."""
    state = resting(
        venue_order_id, label=order.venue_label, size=str(changes.pop("size", order.size)),
        direction=order.direction,
    )  # fmt: skip
    named = {"price": order.price, "expires_at": order.expires_at}
    return replace(state, **named | changes)


def is_placed(order, venue_order_id, **changes):
    return OrderPlaced(event_index=1, order=rests(order, venue_order_id, **changes))
