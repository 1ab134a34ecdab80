"""The address of the second channel: wanted with a code, changed by a link that went to it."""

import re
import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.enums import NoticeKind
from accounts.models import User
from accounts.services.links import LinkFacts
from accounts.services.notices import notify
from accounts.services.security import lock_withdrawals
from accounts.services.totp import check_totp
from core.errors import Conflict, NotFound, Refused
from core.roles import as_sync

_FORM = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}", re.ASCII)


def want_email(*, user_id: uuid.UUID, email: str, code: str, now: datetime) -> None:
    """Send a link to the address; nothing changes before it is used.

    Raises Refused (no address, code), RateLimited, Conflict (another's), NotFound.
    """
    email = email.strip().lower()
    if len(email) > 200 or not _FORM.fullmatch(email):
        raise Refused("email.malformed")
    check_totp(user_id=user_id, code=code, now=now)
    with as_sync():
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        if User.objects.filter(email=email).exclude(pk=user_id).exists():
            raise Conflict("email.taken")
        notify(user=user, kind=NoticeKind.EMAIL_WANTED, now=now, email=email)


def change_email(*, link: LinkFacts, now: datetime) -> None:
    """The link that went to the address was used. A change (no first one) locks withdrawals.

    Raises Conflict (another took it meanwhile), NotFound.
    """
    email = str(link.params["email"])
    with as_sync():
        user = User.objects.select_for_update(no_key=True).filter(pk=link.user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        before, user.email = user.email, email
        if before == email:
            return
        try:
            with transaction.atomic():
                user.save(update_fields=["email", "updated_at"])
        except IntegrityError as error:
            raise Conflict("email.taken") from error
        if before is not None:
            lock_withdrawals(user_id=user.pk, reason="email_changed", now=now)
            notify(
                user=user,
                kind=NoticeKind.EMAIL_CHANGED,
                now=now,
                params={"email": email},
                email=before,
            )
