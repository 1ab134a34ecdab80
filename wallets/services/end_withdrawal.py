"""The ways in which a withdrawal ends before anything is signed."""

import uuid
from datetime import datetime

from accounts.services import end_intent
from audit.services import advance
from chain.services import read_epoch
from core.errors import Conflict, NotFound, Unavailable
from core.roles import as_sync, as_user
from wallets.allowances import give_back
from wallets.enums import WITHDRAWAL_MOVES, WITHDRAWAL_WAITING, WithdrawalStatus
from wallets.facts import WithdrawalFacts
from wallets.models import Withdrawal
from wallets.services.read_withdrawals import read_withdrawal


def cancel_withdrawal(
    *, user_id: uuid.UUID, withdrawal_id: uuid.UUID, now: datetime
) -> WithdrawalFacts:
    """The person thinks better of it; no code is needed to keep money where it is.

    Raises NotFound, Conflict (it has left its waiting), Unavailable.
    """
    with as_user(user_id):
        row = Withdrawal.objects.filter(pk=withdrawal_id, user_id=user_id).first()
        _cancel(row, "withdrawal.cancelled_by_you", now)
    return read_withdrawal(user_id=user_id, withdrawal_id=withdrawal_id)


def stop_withdrawal(*, withdrawal_id: uuid.UUID, now: datetime) -> None:
    """The same by the link that the second channel was sent. Raises NotFound, Conflict."""
    with as_sync():
        row = Withdrawal.objects.filter(pk=withdrawal_id).first()
        _cancel(row, "withdrawal.stopped_by_mail", now)


def _cancel(row: Withdrawal | None, reason: str, now: datetime) -> None:
    if row is None:
        raise NotFound("withdrawal.not_found")
    if row.status == WithdrawalStatus.CANCELLED:
        return
    if read_epoch().is_halted:
        # On a database that was set back it may have left already: nobody can say that it has not.
        raise Unavailable("desk.not_reconciled")
    if row.status not in WITHDRAWAL_WAITING or not give_up(
        row, to=WithdrawalStatus.CANCELLED, reason=reason, now=now
    ):
        raise Conflict("withdrawal.not_waiting", status=row.status)


def give_up(row: Withdrawal, *, to: WithdrawalStatus, reason: str, now: datetime) -> bool:
    """In the caller's transaction: nothing of it ever left, or will; the limit has it back."""
    if not advance(row, to=to, moves=WITHDRAWAL_MOVES, status_reason=reason, ended_at=now):
        return False
    if row.unit:
        give_back(user_id=row.user_id, unit=row.unit, withdrawal_id=row.pk, now=now)
    end_intent(intent_id=row.pk, executed=False, now=now)
    return True
