"""What staff do about withdrawals that wait: approve, hold, reject; never make one."""

import uuid
from datetime import datetime

from accounts.enums import UserRole
from accounts.models import User
from audit.services import advance, record
from core.context import acting_in
from core.errors import Conflict, NotAllowed, NotFound
from core.roles import as_admin
from wallets.enums import WITHDRAWAL_MOVES, WithdrawalStatus
from wallets.models import Withdrawal
from wallets.services.end_withdrawal import give_up
from wallets.services.release_withdrawals import ask_to_release

MAY_REVIEW = frozenset({UserRole.FINANCE, UserRole.ADMIN})
_S = WithdrawalStatus


def approve_withdrawal(*, withdrawal_id: uuid.UUID, staff_id: uuid.UUID, now: datetime) -> None:
    """A second person agrees; what is left of its waiting it still waits.

    Raises NotAllowed (role, one's own), NotFound, Conflict (it does not wait for this).
    """
    with as_admin(), acting_in(actor_id=None):
        row, staff = _access(withdrawal_id, staff_id)
        if row.status not in (_S.AWAITING_APPROVAL, _S.HELD) or row.confirmed_at is None:
            raise Conflict("withdrawal.not_waiting", status=row.status)
        if not advance(
            row,
            to=_S.COOLING,
            moves=WITHDRAWAL_MOVES,
            expect=row.status,
            approved_by_id=staff.pk,
            approved_at=now,
            status_reason="",
        ):
            raise Conflict("withdrawal.not_waiting", status=row.status)
        _note("withdrawal.approved", row, staff)
        if row.release_at is not None and row.release_at <= now:
            ask_to_release()


def hold_withdrawal(*, withdrawal_id: uuid.UUID, staff_id: uuid.UUID, reason: str) -> None:
    """It waits until it is approved or rejected. Raises as `approve_withdrawal`."""
    with as_admin(), acting_in(actor_id=None):
        row, staff = _access(withdrawal_id, staff_id)
        if row.status not in (_S.AWAITING_APPROVAL, _S.COOLING, _S.AWAITING_VENUE) or not advance(
            row, to=_S.HELD, moves=WITHDRAWAL_MOVES, expect=row.status, status_reason=reason[:200]
        ):
            raise Conflict("withdrawal.not_waiting", status=row.status)
        _note("withdrawal.held", row, staff)


def reject_withdrawal(
    *, withdrawal_id: uuid.UUID, staff_id: uuid.UUID, reason: str, now: datetime
) -> None:
    """It ends here; nothing was moved. Raises as `approve_withdrawal`."""
    with as_admin(), acting_in(actor_id=None):
        row, staff = _access(withdrawal_id, staff_id)
        waits = (_S.AWAITING_APPROVAL, _S.COOLING, _S.HELD, _S.AWAITING_VENUE)
        if row.status not in waits or not give_up(
            row, to=_S.REJECTED, reason=reason[:200], now=now
        ):
            raise Conflict("withdrawal.not_waiting", status=row.status)
        _note("withdrawal.reviewed", row, staff)


def _access(withdrawal_id: uuid.UUID, staff_id: uuid.UUID) -> tuple[Withdrawal, User]:
    staff = User.objects.filter(pk=staff_id).first()
    if staff is None or not staff.is_active or staff.role not in MAY_REVIEW:
        raise NotAllowed("withdrawal.not_a_reviewer")
    row = Withdrawal.objects.filter(pk=withdrawal_id).first()
    if row is None:
        raise NotFound("withdrawal.not_found")
    if row.user_id == staff.pk:
        raise NotAllowed("withdrawal.own_proposal")
    return row, staff


def _note(action: str, row: Withdrawal, staff: User) -> None:
    # What moved the row is told to its person; who moved it is told here.
    with acting_in(actor_id=staff.pk):
        record(
            action=action,
            resource=row,
            new={"staff": str(staff.pk), "reason": row.status_reason},
            user_id=row.user_id,
        )
