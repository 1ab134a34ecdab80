"""Orders that were made elsewhere with the same wallet, and changes that were made of any order."""

from datetime import datetime

from core.uuid7 import uuid7
from trading.booking.ledger import Ledger
from trading.booking.order_ids import identify_again
from trading.booking.orders import has_pending_twin
from trading.booking.young import note_move, terms_of
from trading.enums import ChangeKind, ChangeStatus, FillOrigin, OrderStatus, Side
from trading.models import AbstractOrder, OrderChange, VenueAccount
from trading.venues.reports import OrderPlaced, OrderReplaced, OrderState, TransactionReport
from wallets.models import Wallet

# Whose messages make orders of ours at the venue.
_SUBJECTS = ("order", "order_change")


def adopt_placed(
    *,
    ledger: Ledger,
    account: VenueAccount,
    wallet: Wallet,
    placed: OrderPlaced,
    report: TransactionReport,
    at: datetime,
) -> None:
    """Make a row for an order that none of our messages placed; nothing if it has one."""
    signature = report.signature
    is_ours = any(act.subject_type in _SUBJECTS for act in ledger.acts.get(signature, ()))
    if not is_ours and ledger.find_order(account, placed.order.venue_order_id) is None:
        order = _adopt(
            ledger, account, wallet, placed.order, slot=report.slot, at=report.block_time or at,
            signature=signature,
        )  # fmt: skip
        before = terms_of(order) | {"venue_order_id": None}
        note_move(account=account, order=order, before=before, report=report, at=at)


def adopt_resting(
    *,
    ledger: Ledger,
    account: VenueAccount,
    wallet: Wallet,
    resting: tuple[OrderState, ...],
    slot: int,
    at: datetime,
) -> None:
    """Make rows for orders in the account that no readable log told of.

    One that could be an order of ours whose message is not final waits until that is known.
    """
    for state in resting:
        is_here = state.market_index in ledger.markets  # or will be, with the next round
        is_known = ledger.find_order(account, state.venue_order_id) is not None
        if is_here and not is_known and not _may_be_ours(ledger, account, state):
            _adopt(ledger, account, wallet, state, slot=slot, at=at, signature="")


def book_replaced(
    *,
    ledger: Ledger,
    account: VenueAccount,
    replaced: OrderReplaced,
    report: TransactionReport,
    at: datetime,
) -> None:
    """Follow an order to the id and the terms that a change made elsewhere gave it."""
    wanted = replaced.order
    order = ledger.find_order(account, replaced.old_venue_order_id)
    if order is not None:
        ledger.write()
        before = terms_of(order)
        identify_again(
            order=order,
            venue_order_id=wanted.venue_order_id,
            size=wanted.size - wanted.filled_size,
            at=at,
            slot=report.slot,
            price=wanted.price,
            trigger_price=wanted.trigger_price,
            direction=wanted.direction,
            reduce_only=wanted.reduce_only,
            expires_at=wanted.expires_at,
        )
        ledger.note_modified(order)
        note_move(account=account, order=order, before=before, report=report, at=at)


def _may_be_ours(ledger: Ledger, account: VenueAccount, state: OrderState) -> bool:
    """Whether something of ours is under way that may have made this order."""
    return has_pending_twin(ledger, account, state) or (
        account.wallet_id in ledger.changing
        and OrderChange.objects.filter(
            wallet_id=account.wallet_id,
            deployment=account.deployment,
            kind=ChangeKind.MODIFY,
            status=ChangeStatus.PENDING,
        ).exists()
    )


def _adopt(
    ledger: Ledger,
    account: VenueAccount,
    wallet: Wallet,
    state: OrderState,
    *,
    slot: int,
    at: datetime,
    signature: str,
) -> AbstractOrder:
    venue, market = ledger.venue, ledger.markets[state.market_index]
    adopted: AbstractOrder = venue.order_model(
        id=uuid7(),
        user_id=wallet.user_id,
        wallet_id=wallet.id,
        market_id=market.id,
        market_index=state.market_index,
        account_address=account.address,
        deployment=venue.deployment,
        venue_order_id=state.venue_order_id,
        order_type=state.order_type,
        side=Side.LONG if state.direction == "buy" else Side.SHORT,
        direction=state.direction,
        size=state.size,
        price=state.price,
        trigger_price=state.trigger_price,
        reduce_only=state.reduce_only,
        post_only=state.post_only,
        status=OrderStatus.OPEN,
        origin=FillOrigin.EXTERNAL,
        expires_at=state.expires_at,
        created_at=at,
        metadata={"placed_slot": slot, "placed_by": signature},
    )
    adopted.save(force_insert=True)
    ledger.keep_order(adopted)
    return adopted
