"""Place a withdrawal from the venue to the person's own wallet: settled first where that helps."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.enums import IntentKind
from accounts.services import record_intent
from chain.services import Act, queue_submission
from core.errors import Refused
from core.money import plain
from core.roles import as_user
from core.uuid7 import uuid7
from trading.enums import TransferKind
from trading.facts import TransferFacts, VenueWithdrawalPreview
from trading.models import VenueTransfer
from trading.services.accounts import open_account
from trading.services.place_order import first_result
from trading.services.preview_venue_withdrawal import preview_venue_withdrawal
from trading.services.read_orders import read_transfer
from trading.venues.base import Venue, get_venue
from wallets.facts import WalletFacts
from wallets.services import access_wallet

DEADLINE = timedelta(minutes=3)
SUBJECT = "venue_withdrawal"
SETTLE, WITHDRAW = "settle", "withdraw"


def place_venue_withdrawal(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    deployment: str,
    token_symbol: str,
    amount: Decimal,
    now: datetime,
) -> TransferFacts:
    """Place what was confirmed, once for this key; it can only reach the person's own wallet.

    What arrives is what the venue records, which may be less than `amount`. Same key and content
    again: the first one. Raises Conflict, Refused with the rule that denies, NotFound, Unavailable.
    """
    content = {"deployment": deployment, "token": token_symbol, "amount": plain(amount)}
    preview = None
    if first_result(user_id, channel, key) is None:
        preview = preview_venue_withdrawal(
            user_id=user_id,
            deployment=deployment,
            token_symbol=token_symbol,
            amount=amount,
            now=now,
        )
        for denial in preview.denials:
            raise Refused(f"venue_withdrawal.{denial.rule}", **denial.params)
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        intent, is_new = record_intent(
            intent_id=uuid7(),
            user_id=user_id,
            channel=channel,
            key=key,
            kind=IntentKind.VENUE_WITHDRAWAL,
            content=content,
            deadline=now + DEADLINE,
        )
        if is_new and preview is not None:
            _place(intent.id, wallet, get_venue(deployment), preview, now)
    return read_transfer(user_id=user_id, transfer_id=intent.id)


def _place(
    transfer_id: uuid.UUID,
    wallet: WalletFacts,
    venue: Venue,
    preview: VenueWithdrawalPreview,
    now: datetime,
) -> None:
    transfer = VenueTransfer(
        id=transfer_id,
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        account=open_account(wallet=wallet, venue=venue),
        deployment=venue.deployment,
        kind=TransferKind.WITHDRAWAL,
        token_symbol=preview.token_symbol,
        amount=preview.amount,
        expires_at=now + DEADLINE,
        created_at=now,
    )
    transfer.save(force_insert=True)
    step = SETTLE if preview.settles else WITHDRAW
    queue_withdraw_message(transfer=transfer, venue=venue, step=step, attempt=1, now=now)


def queue_withdraw_message(
    *, transfer: VenueTransfer, venue: Venue, step: str, attempt: int, now: datetime
) -> None:
    """The message of one step and its transaction row, in the caller's transaction."""
    submission_id = uuid7()
    venue.transaction_model(
        id=submission_id,
        user_id=transfer.user_id,
        wallet_id=transfer.wallet_id,
        deployment=venue.deployment,
        tx_type="settle_pnl" if step == SETTLE else "withdraw",
        amount=None if step == SETTLE else transfer.amount,
        token_symbol=transfer.token_symbol,
        retry_count=attempt - 1,
        created_at=now,
    ).save(force_insert=True)
    queue_submission(
        submission_id=submission_id,
        wallet_id=transfer.wallet_id,
        acts=[Act(SUBJECT, transfer.id, step)],
        deadline=transfer.expires_at,
        attempt=attempt,
    )
