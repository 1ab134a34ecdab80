"""Bring a restored database up to the chain, step by step, before anything new is signed."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chain.enums import IN_FLIGHT, SubmissionState
from chain.messages import read_message
from chain.models import Submission
from chain.rpc import rpc
from chain.services import (
    ChainMessage,
    collect_evidence,
    read_epoch,
    read_landed,
    rebuild_submission,
)
from chain.services.sign_submission import abandon_submission
from core.errors import Refused, Unavailable
from core.roles import as_sync
from trading.enums import EntryKind, TransactionStatus
from trading.models import AccountEntry, Fill, VenueAccount
from trading.services.reconcile_account import reconcile_account
from trading.venues.base import open_venues
from wallets.enums import ChainType
from wallets.models import Wallet
from wallets.services import recall_withdrawals

# A message that was signed a moment before the halt is dead or final this many blocks after it.
SETTLED_BLOCKS = 150 + 32
# The slot that a mark noted is earlier than its commit; a little more is read than is needed.
_OVERLAP_SLOTS = 300
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message of ours that a wallet's history shows, and what became of its row."""

    message: ChainMessage
    wallet_id: uuid.UUID
    outcome: str


def blocks_to_wait() -> int:
    """How many blocks must still be final before the chain cannot change any more; 0 when none.

    Raises Refused if the desk is not halted, Unavailable if no node answers.
    """
    with as_sync():
        epoch = read_epoch()
    if not epoch.is_halted:
        raise Refused("desk.not_halted")
    if epoch.halted_height is None:
        raise Unavailable("chain.unavailable")
    return max(0, epoch.halted_height + SETTLED_BLOCKS - rpc().block_height("finalized"))


def wallets_to_reconcile() -> list[Wallet]:
    """Every wallet that may have signed since the copy was made."""
    with as_sync():
        return list(Wallet.objects.filter(chain_type=ChainType.SOLANA).order_by("id"))


def reconcile_wallet(*, wallet: Wallet, now: datetime) -> list[FoundMessage]:
    """Find the wallet's messages since the copy by their memos, and write down what is missing.

    Anyone can write a memo beside a wallet's address: only what the wallet itself has signed
    counts. What left the house by them is told as sent. Safe any number of times. Raises
    Unavailable.
    """
    with as_sync():
        since = max(0, (read_epoch().finalized_slot or 0) - _OVERLAP_SLOTS)
    found = []
    for entry in _entries(wallet.wallet_address, since):
        submission_id = _our_memo(entry.get("memo"))
        if submission_id is None:
            continue
        message = _message(submission_id, entry, wallet.wallet_address)
        if message is None:
            continue
        outcome = rebuild_submission(message=message, wallet_id=wallet.id, now=now)
        found.append(FoundMessage(message, wallet.id, outcome))
    recall_withdrawals(wallet_id=wallet.id, landed=[each.message for each in found], now=now)
    return found


def settle_unsigned(*, now: datetime) -> int:
    """End what was never signed, as the chain has now shown; nothing old is signed again.

    Of messages that are still under way none may be replaced by a new one: its own successor
    may be among what the database forgot. Returns how many ended.
    """
    with as_sync():
        halted_at = read_epoch().halted_at or now
        waiting = Submission.objects.filter(
            state__in=[SubmissionState.QUEUED, SubmissionState.CLAIMED], created_at__lte=halted_at
        )
        unsigned = list(waiting.values_list("id", flat=True))
        under_way = Submission.objects.filter(state__in=IN_FLIGHT)
        under_way.filter(deadline__gt=halted_at).update(deadline=halted_at)
    refusal = Refused("desk.restored")
    for submission_id in unsigned:
        abandon_submission(submission_id=submission_id, claim=None, error=refusal)
    return len(unsigned)


def settle_signed() -> int:
    """Let the chain end what was signed; returns how many it is silent on."""
    with as_sync():
        keys = list(Submission.objects.filter(state__in=IN_FLIGHT).values_list("id", flat=True))
    collect_evidence(submission_ids=keys)
    with as_sync():
        return Submission.objects.filter(state__in=IN_FLIGHT, landed_slot=None).count()


def rebook_accounts(*, wallet: Wallet, now: datetime) -> int:
    """Book all that the venues' records tell of a wallet; returns how many accounts it has.

    An account whose row was forgotten is found again on the chain. Raises Unavailable.
    """
    count = 0
    for venue in open_venues():
        if not venue.settles_on_chain:
            continue
        address = venue.account_address(wallet.wallet_address)
        with as_sync():
            account = VenueAccount.objects.filter(
                wallet=wallet, deployment=venue.deployment, sub_account_id=0
            ).first()
        if account is None:
            if not venue.read_accounts([address])[0].exists:
                continue
            with as_sync():
                account = VenueAccount.objects.create(
                    wallet=wallet, deployment=venue.deployment, address=address
                )
        reconcile_account(account_id=account.pk, now=now)
        count += 1
    return count


def rebuild_transaction(*, found: FoundMessage, wallet: Wallet, now: datetime) -> bool:
    """Write the transaction's row of a rebuilt message; False where it is of no open venue.

    After the accounts were booked: their records say what the message did.
    """
    keys = read_message(found.message.raw).accounts
    for venue in open_venues():
        if not venue.settles_on_chain:
            continue
        address = venue.account_address(wallet.wallet_address)
        if address not in keys:
            continue
        failed = found.message.error is not None
        with as_sync():
            rows = venue.transaction_model._default_manager
            if rows.filter(pk=found.message.submission_id).exists():
                return True
            kind, amount, symbol = _what_it_did(found.message.signature, address)
            rows.create(
                id=found.message.submission_id,
                user_id=wallet.user_id,
                wallet_id=wallet.id,
                deployment=venue.deployment,
                tx_type=kind,
                tx_hash=found.message.signature,
                status=TransactionStatus.FAILED if failed else TransactionStatus.CONFIRMED,
                amount=amount,
                token_symbol=symbol,
                block_number=found.message.slot,
                metadata={"rebuilt_after_restore": True},
                created_at=now,
            )
        return True
    return False


def _what_it_did(signature: str, address: str) -> tuple[str, Any, str | None]:
    entry = AccountEntry.objects.filter(
        tx_hash=signature,
        account__address=address,
        kind__in=[EntryKind.DEPOSIT, EntryKind.WITHDRAWAL],
    ).first()
    if entry is not None:
        word = "deposit" if entry.kind == EntryKind.DEPOSIT else "withdraw"
        return word, abs(entry.amount), entry.token_symbol
    fill = Fill.objects.filter(tx_hash=signature, account=address).first()
    return "place_order", fill.size if fill else None, None


def _entries(address: str, since: int) -> Iterator[dict[str, Any]]:
    before: str | None = None
    while True:
        page = rpc().signatures_for(address, until=None, limit=_PAGE, before=before)
        for entry in page:
            if entry["slot"] < since:
                return
            yield entry
        if len(page) < _PAGE:
            return
        before = page[-1]["signature"]


def _our_memo(memo: str | None) -> uuid.UUID | None:
    """`[36] 0193…`: the length and the text, as nodes show memos; several are joined by `; `."""
    for part in (memo or "").split("; "):
        text = part.partition("] ")[2]
        try:
            return uuid.UUID(text) if len(text) == len(str(uuid.UUID(int=0))) else None
        except ValueError:
            continue
    return None


def _message(submission_id: uuid.UUID, entry: dict[str, Any], address: str) -> ChainMessage | None:
    found = read_landed(signature=entry["signature"], signer=address)
    if found is None:
        return None
    return ChainMessage(
        submission_id=submission_id,
        signature=found.signature,
        raw=found.raw,
        slot=found.slot,
        error=found.error,
    )
