"""What moved money in an account beside fills: deposits, funding, charges, settlements."""

from accounts.services import end_intent
from audit.services import advance
from trading.booking.ledger import Ledger
from trading.booking.positions import book_position_entry
from trading.enums import TRANSFER_MOVES, EntryKind, TransferStatus
from trading.models import AccountEntry, VenueAccount, VenueTransfer
from trading.venues.reports import EntryReport
from wallets.models import Wallet

_TRANSFERS = ("deposit", "venue_withdrawal")
_OF_POSITION = {EntryKind.FUNDING, EntryKind.KEEPER_CHARGE, EntryKind.LIQUIDATION}


def book_entry(
    *,
    ledger: Ledger,
    account: VenueAccount,
    wallet: Wallet,
    entry: EntryReport,
    signature: str,
    slot: int,
    is_final: bool = True,
) -> AccountEntry | None:
    """Book one movement; None if it was booked before (unique by its place on the chain)."""
    if ledger.entry(account, signature, entry.event_index, entry.kind) is not None:
        return None
    order = ledger.find_order(account, entry.venue_order_id) if entry.venue_order_id else None
    market = ledger.markets.get(entry.market_index) if entry.market_index is not None else None
    position = (
        ledger.position(account, market)
        if market is not None and entry.kind in _OF_POSITION
        else None
    )
    booked = AccountEntry(
        user_id=wallet.user_id,
        account=account,
        deployment=ledger.venue.deployment,
        kind=entry.kind,
        token_symbol=entry.token_symbol,
        amount=entry.amount,
        market_index=entry.market_index,
        position_id=position.id if position else None,
        order_id=order.id if order else None,
        tx_hash=signature,
        event_index=entry.event_index,
        slot=slot,
        is_final=is_final,
        occurred_at=entry.occurred_at,
        metadata={"venue_record_id": entry.venue_record_id},
    )
    ledger.add_entry(booked)
    if position is not None:
        book_position_entry(
            ledger=ledger,
            position=position,
            amount=entry.amount,
            is_funding=entry.kind == EntryKind.FUNDING,
            at=entry.occurred_at,
        )
    if entry.kind in (EntryKind.DEPOSIT, EntryKind.WITHDRAWAL):
        _complete_transfer(ledger, booked)
    return booked


def _complete_transfer(ledger: Ledger, booked: AccountEntry) -> None:
    """The venue's record ends the transfer whose message made it, with the amount it names."""
    ours = [
        act.subject_id for act in ledger.acts.get(booked.tx_hash, ())
        if act.subject_type in _TRANSFERS
    ]  # fmt: skip
    if not ours:
        return
    transfer = VenueTransfer.objects.select_for_update().filter(pk__in=ours).first()
    if transfer is not None:
        _complete(transfer, booked)


def complete_entered(*, transfer: VenueTransfer, signature: str | None) -> None:
    """The same where the record was booked while nobody knew whose it was: a restored copy that
    is looked at before its messages are found has the venue's word first."""
    booked = AccountEntry.objects.filter(
        account_id=transfer.account_id,
        tx_hash=signature,
        kind__in=(EntryKind.DEPOSIT, EntryKind.WITHDRAWAL),
    ).first()
    if booked is not None:
        _complete(transfer, booked)


def _complete(transfer: VenueTransfer, booked: AccountEntry) -> None:
    if advance(
        transfer,
        to=TransferStatus.COMPLETED,
        moves=TRANSFER_MOVES,
        status_reason="",
        booked_amount=abs(booked.amount),
        venue_record_id=booked.metadata["venue_record_id"],
        tx_hash=booked.tx_hash,
        ended_at=booked.occurred_at,
    ):
        end_intent(intent_id=transfer.id, executed=True, now=booked.occurred_at)
