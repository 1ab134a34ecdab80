"""Prepare a withdrawal from any channel; let it go by a code that was typed into a page."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.enums import IntentKind, NoticeKind
from accounts.models import Intent, User
from accounts.services import check_totp, notify, record_intent
from audit.services import advance
from core.errors import Conflict, NotFound, Refused
from core.money import plain
from core.roles import as_user
from core.uuid7 import uuid7
from wallets.allowances import reserve, used
from wallets.enums import WITHDRAWAL_MOVES, WithdrawalStatus
from wallets.facts import WithdrawalFacts, WithdrawalPreview
from wallets.limits import limits_of, unit_of
from wallets.models import Withdrawal
from wallets.services.preview_withdrawal import find_target, preview_withdrawal
from wallets.services.read_wallet import access_wallet
from wallets.services.read_withdrawals import read_withdrawal
from wallets.services.release_withdrawals import ask_to_release

# How long a prepared one waits for its code.
CODE_VALID = timedelta(minutes=15)
# Less than the day of the limits: what waits has counted without a gap.
LONGEST_WAIT = timedelta(hours=23)


def place_withdrawal(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    token_symbol: str,
    amount: Decimal,
    address_id: uuid.UUID | None,
    now: datetime,
    source_deployment: str = "",
    incoming_id: uuid.UUID | None = None,
) -> WithdrawalFacts:
    """Prepare a withdrawal, once for this key. It waits for a code; nothing moves without one.

    Same key and content again: the first one. Raises Conflict, Refused, NotFound, Unavailable.
    """
    content = {
        "token": token_symbol,
        "amount": plain(amount),
        "address": str(address_id or ""),
        "source": source_deployment,
        "incoming": str(incoming_id or ""),
    }
    known = _known(user_id, channel, key)
    if not known:
        preview = preview_withdrawal(
            user_id=user_id,
            token_symbol=token_symbol,
            amount=amount,
            address_id=address_id,
            now=now,
            source_deployment=source_deployment,
            incoming_id=incoming_id,
        )
        _refuse(preview)
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        intent, is_new = record_intent(
            intent_id=uuid7(),
            user_id=user_id,
            channel=channel,
            key=key,
            kind=IntentKind.WITHDRAWAL,
            content=content,
            deadline=now + CODE_VALID,
        )
        if is_new:
            target = find_target(user_id, token_symbol, address_id, incoming_id, now)
            is_return = target.incoming_id is not None
            Withdrawal(
                id=intent.id,
                user_id=user_id,
                wallet_id=wallet.id,
                address_id=address_id if target.address else None,
                to_address=target.to_address,
                token_symbol=target.token_symbol,
                token_mint=target.token_mint,
                amount=amount,
                unit="" if is_return else unit_of(target.token_symbol) or "",
                source_deployment=source_deployment,
                incoming_id=target.incoming_id,
                expires_at=now + CODE_VALID,
                created_at=now,
            ).save(force_insert=True)
    return read_withdrawal(user_id=user_id, withdrawal_id=intent.id)


def confirm_withdrawal(
    *, user_id: uuid.UUID, withdrawal_id: uuid.UUID, code: str, now: datetime
) -> WithdrawalFacts:
    """Let a prepared withdrawal go on its way: code used up, limits held, the second channel told.

    All that could refuse it is looked at before the code is. Raises Refused, RateLimited,
    Conflict (confirmed or ended meanwhile), NotFound, Unavailable.
    """
    with as_user(user_id):
        row = _mine(user_id, withdrawal_id)
    if row.status != WithdrawalStatus.AWAITING_CODE or row.expires_at < now:
        raise Conflict("withdrawal.not_waiting", status=row.status)
    preview = preview_withdrawal(
        user_id=user_id,
        token_symbol=row.token_symbol,
        amount=row.amount,
        address_id=row.address_id,
        now=now,
        source_deployment=row.source_deployment,
        incoming_id=row.incoming_id,
        confirming=row.pk,
    )
    _refuse(preview)
    check_totp(user_id=user_id, code=code, now=now)
    with as_user(user_id):
        _confirm(user_id, row, preview, now)
    return read_withdrawal(user_id=user_id, withdrawal_id=withdrawal_id)


def _confirm(
    user_id: uuid.UUID, row: Withdrawal, preview: WithdrawalPreview, now: datetime
) -> None:
    """Row first, then allowance: of two confirmations at once one moves it.

    The allowance's row is locked by then, so that of several at once each counts those before it.
    """
    row = Withdrawal.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.status != WithdrawalStatus.AWAITING_CODE:
        raise Conflict("withdrawal.not_waiting", status=row.status)
    user = User.objects.get(pk=user_id)
    release_at = now + timedelta(minutes=preview.wait_minutes)
    needs_approval = row.unit != "" and _reserve(user, row, preview, now)
    to = WithdrawalStatus.AWAITING_APPROVAL if needs_approval else WithdrawalStatus.COOLING
    if not advance(
        row,
        to=to,
        moves=WITHDRAWAL_MOVES,
        expect=WithdrawalStatus.AWAITING_CODE,
        confirmed_at=now,
        release_at=release_at,
        expires_at=now + LONGEST_WAIT,
    ):
        raise Conflict("withdrawal.not_waiting", status=row.status)
    Intent.objects.filter(pk=row.pk).update(deadline=row.expires_at)
    notify(
        user=user,
        kind=NoticeKind.WITHDRAWAL,
        subject_id=row.pk,
        params={
            "amount": plain(row.amount),
            "token": row.token_symbol,
            "address": row.to_address,
            "release": f"{release_at:%Y-%m-%d %H:%M} UTC",
        },
        now=now,
    )
    if release_at <= now:
        ask_to_release()


def _reserve(user: User, row: Withdrawal, preview: WithdrawalPreview, now: datetime) -> bool:
    """Hold the day's limit; whether staff have to agree to what leaves within the day by then.

    Parts of a large amount are as large together: one person's word must not let them all go.
    Raises Refused.
    """
    limits = limits_of(unit=row.unit, tier=user.subscription_tier)
    if not reserve(
        user_id=user.pk,
        unit=row.unit,
        withdrawal_id=row.pk,
        amount=row.amount,
        limit=limits.daily,
        now=now,
    ):
        raise Refused(
            "withdrawal.daily_limit",
            left=plain(preview.daily_left or 0 * row.amount),
            limit=plain(limits.daily),
            unit=row.unit,
        )
    return used(user_id=user.pk, unit=row.unit, now=now) > limits.approval_above


def _mine(user_id: uuid.UUID, withdrawal_id: uuid.UUID) -> Withdrawal:
    row = Withdrawal.objects.filter(pk=withdrawal_id, user_id=user_id).first()
    if row is None:
        raise NotFound("withdrawal.not_found")
    return row


def _known(user_id: uuid.UUID, channel: str, key: str) -> bool:
    with as_user(user_id):
        return Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key).exists()


def _refuse(preview: WithdrawalPreview) -> None:
    for obstacle in preview.obstacles:
        raise obstacle
