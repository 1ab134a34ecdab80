"""The address book: where a person's money may go."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.enums import NoticeKind
from accounts.models import User
from accounts.services import check_totp, notify
from audit.services import record
from core.errors import Conflict, NotFound, Refused
from core.roles import as_sync, as_user
from wallets.addresses import check_form, check_is_wallet
from wallets.facts import AddressFacts
from wallets.models import Wallet, WithdrawalAddress

_LONGEST_LABEL = 40
_MOST = 50


def list_addresses(*, user_id: uuid.UUID, now: datetime) -> tuple[AddressFacts, ...]:
    """The person's addresses in the order in which they were added."""
    with as_user(user_id):
        rows = WithdrawalAddress.objects.filter(user_id=user_id, removed_at__isnull=True)
        return tuple(address_facts(row, now) for row in rows.order_by("created_at")[:_MOST])


def add_address(
    *, user_id: uuid.UUID, label: str, address: str, code: str, now: datetime
) -> AddressFacts:
    """Put an address into the book; money can go there when it has cooled off.

    The chain is asked what stands there before the code is used up. Raises Refused, Conflict,
    RateLimited, Unavailable.
    """
    label = " ".join(label.split())
    if not label or len(label) > _LONGEST_LABEL or not label.isprintable():
        raise Refused("address.label_malformed", longest=_LONGEST_LABEL)
    address = check_form(address)
    with as_user(user_id):
        if Wallet.objects.filter(user_id=user_id, wallet_address=address).exists():
            raise Refused("address.not_a_wallet", why="it is your wallet here itself")
        _refuse_twice(user_id, label, address)
    check_is_wallet(address)
    check_totp(user_id=user_id, code=code, now=now)
    usable_at = now + timedelta(hours=settings.ENVIRONMENT.address_cool_off_hours)
    with as_user(user_id):
        row = WithdrawalAddress(
            user_id=user_id, label=label, address=address, usable_at=usable_at, created_at=now
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict("address.known", label=label) from error
        notify(
            user=User.objects.get(pk=user_id),
            kind=NoticeKind.NEW_ADDRESS,
            subject_id=row.id,
            params={
                "label": label,
                "address": address,
                "usable": f"{usable_at:%Y-%m-%d %H:%M} UTC",
            },
            now=now,
        )
    return address_facts(row, now)


def remove_address(*, user_id: uuid.UUID, address_id: uuid.UUID, now: datetime) -> None:
    """Take an address out of the book: nothing that is not signed yet goes there any more.

    Raises NotFound.
    """
    with as_user(user_id):
        row = WithdrawalAddress.objects.filter(pk=address_id, user_id=user_id).first()
        if row is None:
            raise NotFound("address.not_found")
        _remove(row, now)


def stop_address(*, address_id: uuid.UUID, now: datetime) -> None:
    """The same by the link that the second channel was sent."""
    with as_sync():
        row = WithdrawalAddress.objects.filter(pk=address_id).first()
        if row is None:
            raise NotFound("address.not_found")
        _remove(row, now)


def access_address(*, user_id: uuid.UUID, address_id: uuid.UUID) -> WithdrawalAddress:
    """In the caller's transaction: an address in this person's book. Raises NotFound."""
    row = WithdrawalAddress.objects.filter(
        pk=address_id, user_id=user_id, removed_at__isnull=True
    ).first()
    if row is None:
        raise NotFound("address.not_found")
    return row


def address_facts(row: WithdrawalAddress, now: datetime) -> AddressFacts:
    return AddressFacts(
        id=row.id,
        label=row.label,
        address=row.address,
        usable_at=row.usable_at,
        is_usable=row.usable_at <= now,
        created_at=row.created_at,
    )


def _refuse_twice(user_id: uuid.UUID, label: str, address: str) -> None:
    mine = WithdrawalAddress.objects.filter(user_id=user_id, removed_at__isnull=True)
    if mine.filter(address=address).exists() or mine.filter(label=label).exists():
        raise Conflict("address.known", label=label)
    if mine.count() >= _MOST:
        raise Refused("address.too_many", most=_MOST)


def _remove(row: WithdrawalAddress, now: datetime) -> None:
    removed = WithdrawalAddress.objects.filter(pk=row.pk, removed_at__isnull=True)
    if removed.update(removed_at=now):
        record(
            action="withdrawaladdress.removed",
            resource=row,
            old={"removed_at": None},
            new={"removed_at": now},
            user_id=row.user_id,
        )
