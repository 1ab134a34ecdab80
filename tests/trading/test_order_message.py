"""What becomes of an order as its message goes its way, and the last look before signing."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from chain.models import Submission
from chain.services.move_submission import move_submission
from chain.subjects import Fate
from core.errors import Refused
from core.roles import as_sync
from drift.models import DriftOrder
from tests import factories
from tests.trading.books import entry, moment, transaction
from tests.trading.hand_venue import HAND
from trading import progress, reach
from trading.models import TradingStateRow, VenueAccount
from trading.services import read_order
from trading.subjects.order import OrderSubject


def fate(submission, state, **changes):
    named = {
        "submission_id": submission.pk,
        "attempt": 1,
        "state": state,
        "signature": submission.signature,
        "slot": None,
        "fee_lamports": None,
        "error": None,
        "may_sign_again": False,
        "at": timezone.now(),
    }
    return Fate(**named | changes)


def under_way(books, state="sent", **columns):
    """An order with its message and deadline; returns both."""
    named = {"deadline": timezone.now() + timedelta(seconds=60)}
    order, signature = books.order(state=state, landed=None, **named | columns)
    with as_sync():
        return order, Submission.objects.get(signature=signature)


def book(order, submission, state, **changes):
    with as_sync():
        if state in ("expired", "failed", "abandoned"):
            submission.acts.update(live=False)
        OrderSubject().book(
            subject_id=order.pk, step="place", fate=fate(submission, state, **changes)
        )
        return DriftOrder.objects.get(pk=order.pk)


@pytest.mark.parametrize("state", ["signed", "sent", "confirmed", "finalized"])
def test_no_step_of_the_message_moves_an_order_that_the_venue_has_not_shown(books, state):
    order, submission = under_way(books)
    assert book(order, submission, state).status == "pending"
    assert books.intent(order) == "open"
    wanted = books.read(books.account).wanted_at
    assert (wanted is not None) == (state in ("confirmed", "finalized"))


@pytest.mark.parametrize(
    ("state", "error", "status", "reason"),
    [
        ("failed", {"chain": {"InstructionError": [2, {"Custom": 1}]}}, "failed", "venue.said_no"),
        ("failed", None, "failed", "chain.failed"),
        ("expired", None, "not_executed", "message.never_landed"),
        ("abandoned", {"code": "submission.deadline_passed", "params": {}}, "not_executed",
         "submission.deadline_passed"),
    ],
)  # fmt: skip
def test_the_end_of_the_message_ends_a_pending_order_with_its_reason(
    books, state, error, status, reason
):
    order, submission = under_way(books)
    row = book(order, submission, state, error=error)
    assert (row.status, row.status_reason) == (status, reason)
    assert books.intent(order) == "not_executed"
    assert book(order, submission, state, error=error).ended_at == row.ended_at


@pytest.mark.parametrize("status", ["open", "partially_filled", "filled", "cancelled", "no_effect"])
@pytest.mark.parametrize("state", ["failed", "expired", "abandoned"])
def test_what_the_venue_has_shown_no_end_of_a_message_takes_back(books, status, state):
    order, submission = under_way(books, status=status)
    assert book(order, submission, state, may_sign_again=True).status == status
    with as_sync():
        assert Submission.objects.count() == 1


def test_a_dead_message_with_time_left_is_followed_by_one_other(books):
    order, submission = under_way(books)
    row = book(order, submission, "expired", may_sign_again=True)
    assert row.status == "pending"
    with as_sync():
        second = Submission.objects.exclude(pk=submission.pk).get()
    assert (second.attempt, second.state, second.deadline) == (2, "queued", order.deadline)


def test_an_earlier_message_that_was_sent_is_not_forgotten_for_a_later_one_that_was_not(books):
    order, first = under_way(books)
    said = {"user_id": order.user_id, "order_id": order.pk}
    assert read_order(**said).reached == reach.NOT_KNOWN
    with as_sync():
        first.last_proof, first.deadline = {"second_provider": "agrees"}, order.deadline
        first.save()
        move_submission(first, to="expired", now=timezone.now())
        second = Submission.objects.exclude(pk=first.pk).get()
    waiting = read_order(**said)
    assert (waiting.progress, waiting.reached) == (progress.PLACED, reach.NEVER_LANDED)
    with as_sync():
        error = {"code": "submission.deadline_passed", "params": {}}
        move_submission(second, to="abandoned", now=timezone.now(), error=error)
    ended = read_order(**said)
    assert (ended.progress, ended.reason) == (progress.NOT_EXECUTED, "submission.deadline_passed")
    assert (ended.reached, ended.signature) == (reach.NEVER_LANDED, first.signature)


# The last look.


def guard(order):
    with as_sync():
        OrderSubject().guard(subject_id=order.pk, submission_id=order.pk, now=timezone.now())


@pytest.mark.parametrize("reduce_only", [False, True])
@pytest.mark.parametrize("state", ["halted", "reduce_only"])
@pytest.mark.parametrize("scope", ["desk", "venue", "market", "user", "suspended"])
def test_a_freeze_before_the_signing_stops_all_but_closes(books, scope, state, reduce_only):
    order, _ = books.order(state="signed", reduce_only=reduce_only)
    guard(order)
    with as_sync():
        if scope == "suspended":
            User.objects.filter(pk=order.user_id).update(status="suspended")
        elif scope == "user":
            User.objects.filter(pk=order.user_id).update(trading_state=state)
        else:
            key = {"desk": "", "venue": HAND, "market": f"{HAND}:SOL-PERP"}[scope]
            TradingStateRow.objects.create(scope=scope, key=key, state=state)
    if reduce_only:
        guard(order)
    else:
        with pytest.raises(Refused, match=r"risk\.trading_halted"):
            guard(order)


def test_an_order_that_is_no_longer_pending_is_not_signed(books):
    order, _ = books.order(state="signed", status="cancelled")
    with pytest.raises(Refused, match="no_longer_pending"):
        guard(order)


# Locks.


def test_evidence_waits_for_the_account_before_it_touches_a_transfer(books):
    """Booking holds the account and then wants the transfer: taken the other way round, the two
    would wait for each other."""
    transfer = factories.transfer(books.account)
    factories.intent(books.wallet.user, id=transfer.id, kind="deposit")
    signature = books.message(transfer.id, state="sent", kind="deposit", step="deposit")
    with as_sync():
        submission = Submission.objects.get(signature=signature)
    began = threading.Event()
    outcome = []

    def evidence():
        try:
            with as_sync():
                began.set()
                outcome.append(
                    move_submission(submission, to="confirmed", now=moment(0), landed_slot=500)
                )
        except Exception as error:  # noqa: BLE001 — a deadlock would be one
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=evidence)
    with as_sync():
        VenueAccount.objects.select_for_update().get(pk=books.account.pk)
        thread.start()
        began.wait(10)
        thread.join(0.3)
        assert outcome == []
        # Nobody else holds it: this would fail at once.
        type(transfer).objects.select_for_update(nowait=True).get(pk=transfer.pk)
    thread.join(10)
    assert outcome == [True]
    books.hear(transaction(entry("deposit", "100"), signature=signature))
    assert books.read(transfer).status == "completed"


@pytest.mark.parametrize(("free", "refused"), [("30", False), ("29.99", True)])
def test_all_that_is_under_way_must_fit_what_the_account_has_free(books, free, refused):
    first, _ = books.order(state="sent", landed=None, label=1, initial_margin="10")
    second, _ = books.order(state="signed", landed=None, label=2, initial_margin="20")
    with as_sync():
        VenueAccount.objects.filter(pk=books.account.pk).update(
            free_collateral=free, observed_at=timezone.now()
        )
    if refused:
        with pytest.raises(Refused, match=r"risk\.collateral_too_small"):
            guard(second)
    else:
        guard(second)
    assert books.read(first).status == "pending"


def test_a_look_from_before_the_order_does_not_judge_it(books):
    order, _ = books.order(state="signed", landed=None, initial_margin="10")
    with as_sync():
        VenueAccount.objects.filter(pk=books.account.pk).update(
            free_collateral=0, observed_at=order.created_at - timedelta(seconds=1)
        )
    guard(order)
