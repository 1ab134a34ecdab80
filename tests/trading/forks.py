"""Acts as a fork leaves them: confirmed, taken back, and on their way again."""

from decimal import Decimal

from django.utils import timezone
from solders.keypair import Keypair

from chain.models import Submission
from chain.services.move_submission import move_submission
from core.roles import as_sync, as_user
from tests.trading.books import (
    ended,
    placed,
    replaced,
    resting,
    transaction,
)
from tests.trading.placing import changes_of
from trading.models import YoungMove
from trading.services import cancel_orders
from trading.services.accounts import lock_account
from trading.services.send_changes import modify_in_account

D = Decimal


def unsent_name():
    """A signature that no transaction has."""
    return str(Keypair().sign_message(b"never sent"))


def confirm(subject_id, slot):
    """The message of an act is confirmed; its signature."""
    name = unsent_name()
    with as_sync():
        row = Submission.objects.get(acts__subject_id=subject_id)
        Submission.objects.filter(pk=row.pk).update(
            state="confirmed", signature=name, raw=b"bytes", last_valid_block_height=1,
            landed_slot=slot,
        )  # fmt: skip
    return name


def end(subject_id, state, **changes):
    with as_sync():
        row = Submission.objects.filter(acts__subject_id=subject_id).latest("attempt")
        move_submission(row, to=state, now=timezone.now(), **changes)


def young(signature, slot, *events, finalized=False):
    return transaction(*events, signature=signature, slot=slot, finalized=finalized)


def young_moves():
    with as_sync():
        return YoungMove.objects.count()


def at_venue(books, slot, **told):
    """An order of ours that rests for good; its row and the history so far."""
    order, signature = books.order(landed=slot - 50, order_type="limit", price=D(101), **told)
    history = [transaction(placed(), signature=signature, slot=slot - 50)]
    books.hear(*history, slot=slot - 49, orders=(resting(),))
    return order, history


def cancel(books, order, slot):
    """It is cancelled in a transaction that is not final yet; the change and that transaction."""
    facts = cancel_orders(
        user_id=books.wallet.user_id, channel="telegram", key="cancel", order_ids=[order.id],
        now=timezone.now(),
    )  # fmt: skip
    [change] = changes_of(books)
    return change, young(confirm(facts.id, slot), slot, ended(why="venue.cancelled_by_owner"))


def modify(books, order, slot, *, price="99", new="2"):
    row = books.read(order)
    with as_user(books.wallet.user_id):
        account = lock_account(wallet_id=books.wallet.id, deployment=order.deployment)
        change = modify_in_account(
            account=account, venue=books.venue, order=row, wanted={"price": price},
            channel="telegram", key=f"modify {new}", now=timezone.now(),
        )  # fmt: skip
    return change, young(confirm(change.id, slot), slot, replaced("1", new, price=price))
