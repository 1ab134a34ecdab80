"""From waiting to the chain: what has waited long enough is queued, what waited too long ends."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from audit.services import advance
from chain.enums import Lane
from chain.services import Act, queue_submission, require_epoch
from core.errors import Unavailable
from core.logs import get_logger
from core.roles import as_sync
from wallets.allowances import restamp
from wallets.enums import WITHDRAWAL_MOVES, WITHDRAWAL_WAITING, WithdrawalStatus
from wallets.models import Withdrawal
from wallets.services.end_withdrawal import give_up

SUBJECT = "withdrawal"
# How long its message may still be signed.
DEADLINE = timedelta(minutes=10)
# It is signed anew only within minutes, and so but a few times.
_MOST_ATTEMPTS = 32
_S = WithdrawalStatus
log = get_logger("desk.withdrawals")


def ask_to_release() -> None:
    """Have the waiting ones looked at as soon as this transaction has committed."""
    from wallets.tasks import release_withdrawals as task

    transaction.on_commit(lambda: task.delay(), robust=True)


def release_withdrawals(*, now: datetime, limit: int = 200) -> dict[str, int]:
    """Go over what waits: each in a transaction of its own, one odd row keeps no other.

    Nothing is released or ended on a database that was set back: what seems to wait may have left.
    """
    try:
        require_epoch(now=now)
    except Unavailable:
        return {"due": 0, "released": 0}
    released = Q(status=_S.COOLING, release_at__lte=now)
    late = Q(status__in=sorted(WITHDRAWAL_WAITING), expires_at__lt=now)
    with as_sync():
        due = list(Withdrawal.objects.filter(released | late).order_by("id")[:limit])
    done = 0
    for row in due:
        try:
            with as_sync():
                done += _release(row, now)
        except Exception:  # this is a process's loop
            log.exception("a withdrawal could not be released", withdrawal=str(row.pk))
    return {"due": len(due), "released": done}


def fund_withdrawal(*, withdrawal_id: uuid.UUID, amount: Decimal, now: datetime) -> bool:
    """In the caller's transaction: the venue has paid the wallet this much, which goes on now.

    Never more than was confirmed. Returns False if it does not wait for that any more.
    """
    row = Withdrawal.objects.get(pk=withdrawal_id)
    return queue_withdrawal(row, expect=_S.AWAITING_VENUE, amount=min(amount, row.amount), now=now)


def end_unfunded(*, withdrawal_id: uuid.UUID, reason: str, now: datetime) -> bool:
    """In the caller's transaction: the venue has not paid, so nothing goes on."""
    row = Withdrawal.objects.get(pk=withdrawal_id)
    return give_up(row, to=_S.NOT_EXECUTED, reason=reason, now=now)


def queue_withdrawal(row: Withdrawal, *, expect: str, amount: Decimal, now: datetime) -> bool:
    """In the caller's transaction: state, limit and message move together, or not at all."""
    if not advance(
        row,
        to=_S.QUEUED,
        moves=WITHDRAWAL_MOVES,
        expect=expect,
        sent_amount=amount,
        expires_at=now + DEADLINE,
    ):
        return False
    if row.unit:
        restamp(user_id=row.user_id, unit=row.unit, withdrawal_id=row.pk, now=now)
    queue_message(row, attempt=1)
    return True


def message_id(withdrawal_id: uuid.UUID, attempt: int) -> uuid.UUID:
    """The id of the message by which a withdrawal leaves."""
    return uuid.uuid5(withdrawal_id, f"attempt {attempt}")


def message_ids(withdrawal_id: uuid.UUID) -> list[uuid.UUID]:
    """Those of all attempts that there can have been."""
    return [message_id(withdrawal_id, attempt) for attempt in range(1, _MOST_ATTEMPTS + 1)]


def queue_message(row: Withdrawal, *, attempt: int) -> None:
    """The id follows from withdrawal and attempt: books that were set back make the same one,
    and find its memo on the chain before they sign again."""
    queue_submission(
        submission_id=message_id(row.pk, attempt),
        wallet_id=row.wallet_id,
        acts=[Act(SUBJECT, row.pk, "transfer")],
        deadline=row.expires_at,
        attempt=attempt,
        lane=Lane.WITHDRAWAL,
    )


def _release(row: Withdrawal, now: datetime) -> bool:
    if row.expires_at < now:
        reason = (
            "withdrawal.no_code_given"
            if row.status == _S.AWAITING_CODE
            else "withdrawal.waited_too_long"
        )
        return give_up(row, to=_S.NOT_EXECUTED, reason=reason, now=now)
    if row.source_deployment:
        changes: dict[str, Any] = {"moves": WITHDRAWAL_MOVES, "expect": _S.COOLING}
        return advance(row, to=_S.AWAITING_VENUE, **changes)
    return queue_withdrawal(row, expect=_S.COOLING, amount=row.amount, now=now)
