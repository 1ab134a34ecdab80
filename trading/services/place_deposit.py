"""Place a deposit into a venue account; the first one makes the account."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection

from accounts.enums import IntentKind
from accounts.models import User
from accounts.services import record_intent
from chain.services import Act, queue_submission
from core.errors import Refused
from core.money import ZERO, plain
from core.roles import as_user
from core.uuid7 import uuid7
from trading.enums import TransferKind
from trading.facts import DepositPreview, TransferFacts
from trading.models import Sponsorship, VenueTransfer
from trading.services.accounts import open_account
from trading.services.place_order import first_result
from trading.services.preview_deposit import check_sponsor_caps, preview_deposit
from trading.services.read_orders import read_transfer
from trading.services.small_limit import past_small_limit
from trading.venues.base import Venue, get_venue
from wallets.facts import WalletFacts
from wallets.services import access_wallet

DEADLINE = timedelta(minutes=3)
SUBJECT = "deposit"
# Any number that no other advisory lock of the desk has.
_SPONSOR_LOCK = 7_301_551


def place_deposit(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    deployment: str,
    amount: Decimal,
    sponsor_fee: Decimal,
    now: datetime,
    token_symbol: str = "",
) -> TransferFacts:
    """Place what was confirmed, once for this key: `amount` of the token, `sponsor_fee` in quote.

    Reads wallet and venue afresh, then in one transaction: intent, lock, transfer, its message
    queued, what the desk pays reserved under its caps. Same key and content again: the first
    deposit. Raises Conflict, Refused with the rule that denies, NotFound, Unavailable.
    """
    content = {
        "deployment": deployment,
        "amount": plain(amount),
        "sponsor_fee": plain(sponsor_fee),
    }
    venue = get_venue(deployment)
    if token_symbol not in ("", venue.quote_symbol):
        content["token"] = token_symbol
    if first_result(user_id, channel, key) is not None:
        return _same_again(user_id, channel, key, content, now)
    preview = preview_deposit(
        user_id=user_id, deployment=deployment, token_symbol=token_symbol, amount=amount, now=now
    )
    wallet = access_wallet(user_id=user_id)
    transfer_id = uuid7()
    with as_user(user_id):
        intent, is_new = record_intent(
            intent_id=transfer_id,
            user_id=user_id,
            channel=channel,
            key=key,
            kind=IntentKind.DEPOSIT,
            content=content,
            deadline=now + DEADLINE,
        )
        if is_new:
            _check(preview, sponsor_fee)
            _place(transfer_id, wallet, venue, preview, now)
    return read_transfer(user_id=user_id, transfer_id=intent.id)


def _same_again(
    user_id: uuid.UUID, channel: str, key: str, content: dict[str, str], now: datetime
) -> TransferFacts:
    """What the key stands for, without asking the network again. Raises Conflict."""
    with as_user(user_id):
        intent, _ = record_intent(
            intent_id=uuid7(),
            user_id=user_id,
            channel=channel,
            key=key,
            kind=IntentKind.DEPOSIT,
            content=content,
            deadline=now,
        )
    return read_transfer(user_id=user_id, transfer_id=intent.id)


def _check(preview: DepositPreview, confirmed_fee: Decimal) -> None:
    for denial in preview.denials:
        raise Refused(f"deposit.{denial.rule}", **denial.params)
    # A little more than was shown is the price of SOL moving; much more is to be shown again.
    if preview.sponsor_fee > confirmed_fee * Decimal("1.05"):
        raise Refused("deposit.fee_changed", then=confirmed_fee, now=preview.sponsor_fee)


def _place(
    transfer_id: uuid.UUID,
    wallet: WalletFacts,
    venue: Venue,
    preview: DepositPreview,
    now: datetime,
) -> None:
    account = open_account(wallet=wallet, venue=venue)
    # Two deposits at once, at two venues: the second waits here, and sees the first.
    User.objects.select_for_update(no_key=True).get(pk=wallet.user_id)
    if past_small_limit(
        user_id=wallet.user_id,
        deployment=venue.deployment,
        token_symbol=preview.token_symbol,
        amount=preview.amount,
    ):
        limit = plain(settings.ENVIRONMENT.deposit_limit_without_totp)
        raise Refused("deposit.totp_needed", limit=limit)
    if preview.sponsored:
        _reserve(wallet.user_id, preview, now)
    transfer = VenueTransfer(
        id=transfer_id,
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        account=account,
        deployment=venue.deployment,
        kind=TransferKind.DEPOSIT,
        token_symbol=preview.token_symbol,
        amount=preview.amount,
        sponsored=preview.sponsored,
        sponsor_fee=preview.sponsor_fee,
        sponsored_lamports=preview.sponsored_lamports,
        initializes=preview.initializes,
        expires_at=now + DEADLINE,
        created_at=now,
    )
    transfer.save(force_insert=True)
    queue_deposit_message(transfer=transfer, wallet=wallet, venue=venue, attempt=1, now=now)


def _reserve(user_id: uuid.UUID, preview: DepositPreview, now: datetime) -> None:
    """Hold the caps also between two sponsored deposits at once: one after the other.

    The lock ends with the transaction, which writes the Sponsorship that the next one counts.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SPONSOR_LOCK])
    denial = check_sponsor_caps(user_id=user_id, lamports=preview.sponsored_lamports, now=now)
    if denial is not None:
        missing = preview.rent_sol + preview.fee_sol - preview.wallet_sol
        raise Refused(f"deposit.sol_missing_{denial.rule}", missing=max(missing, ZERO))


def queue_deposit_message(
    *,
    transfer: VenueTransfer,
    wallet: WalletFacts,
    venue: Venue,
    attempt: int,
    now: datetime,
) -> None:
    """The deposit's message, its transaction row and what the desk pays, in one transaction."""
    submission_id = uuid7()
    venue.transaction_model(
        id=submission_id,
        user_id=transfer.user_id,
        wallet_id=wallet.id,
        deployment=venue.deployment,
        tx_type="deposit",
        amount=transfer.amount,
        token_symbol=transfer.token_symbol,
        retry_count=attempt - 1,
        metadata={"initializes": transfer.initializes},
        created_at=now,
    ).save(force_insert=True)
    acts = [Act(SUBJECT, transfer.id, "deposit")]
    if transfer.initializes:
        acts.append(Act(SUBJECT, transfer.id, "initialize"))
    queue_submission(
        submission_id=submission_id,
        wallet_id=wallet.id,
        acts=acts,
        deadline=transfer.expires_at,
        attempt=attempt,
    )
    if transfer.sponsored:
        Sponsorship(
            user_id=transfer.user_id,
            submission_id=submission_id,
            lamports=transfer.sponsored_lamports,
            fee=transfer.sponsor_fee,
            token_symbol=transfer.token_symbol,
            created_at=now,
        ).save(force_insert=True)
