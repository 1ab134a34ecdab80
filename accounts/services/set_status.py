"""What a person's account is, as an admin sets it."""

import uuid
from datetime import datetime

from accounts.enums import UserRole, UserStatus
from accounts.models import User
from audit.services import record
from core.errors import NotAllowed, NotFound, Refused
from core.roles import as_admin


def set_user_status(
    *, user_id: uuid.UUID, status: str, reason: str, staff_id: uuid.UUID, now: datetime
) -> None:
    """Suspend a person, ban or close an account, or let it go again, and write down why.

    It holds from the next order, and from the next signing, on. The same status again changes
    nothing. Raises Refused (unknown status, no reason), NotAllowed (no admin, one's own account),
    NotFound.
    """
    with as_admin():
        check_user_status(user_id=user_id, status=status, reason=reason, staff_id=staff_id)
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        if user.status == status:
            return
        before, user.status = user.status, status
        user.save(update_fields=["status", "updated_at"])
        record(
            action="user.status_set",
            resource=user,
            old={"status": before},
            new={"status": status, "reason": reason, "actor": str(staff_id), "at": now},
            user_id=user_id,
        )


def check_user_status(*, user_id: uuid.UUID, status: str, reason: str, staff_id: uuid.UUID) -> None:
    """Raises Refused and NotAllowed as set_user_status would, before anything is set."""
    if status not in UserStatus.values:
        raise Refused("user.status_unknown")
    if not reason.strip():
        raise Refused("user.no_reason")
    with as_admin():
        staff = User.objects.filter(pk=staff_id).first()
    if staff is None or not staff.is_active or staff.role != UserRole.ADMIN:
        raise NotAllowed("user.not_an_admin")
    if staff_id == user_id:
        raise NotAllowed("user.own_status")
