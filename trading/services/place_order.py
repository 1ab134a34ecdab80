"""Place an order: the one transaction that everything after it rests on."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Intent
from accounts.services import record_intent
from chain.services import Act, queue_submission
from core.errors import Conflict, Refused
from core.money import plain
from core.roles import as_user
from core.uuid7 import uuid7
from trading.enums import OrderStatus
from trading.facts import OrderFacts, OrderPreview
from trading.models import AbstractOrder, VenueAccount
from trading.risk import check_risk
from trading.services.preview_order import OrderWish, preview_order, read_risk_facts
from trading.services.read_orders import read_order
from trading.venues.base import Venue, get_venue
from wallets.facts import WalletFacts
from wallets.services import access_wallet

TAKER_DEADLINE = timedelta(seconds=60)
SUBJECT = "order"


@dataclass(frozen=True, slots=True)
class ConfirmedOrder:
    """Exactly what a person confirmed: the card's own numbers."""

    wish: OrderWish
    direction: str
    size: Decimal
    worst_price: Decimal
    expected_price: Decimal


def place_order(
    *, user_id: uuid.UUID, channel: str, key: str, confirmed: ConfirmedOrder, now: datetime
) -> OrderFacts:
    """Place what was confirmed, once for this key.

    Quotes afresh before the transaction (a moved market refuses), then in one transaction: the
    intent, the account's lock, the risk check, the order, its message queued, its audit rows.
    Same key and content again: the first order. Raises Conflict (same key, other content),
    Refused with the rule that denies, NotFound, Unavailable.
    """
    before = first_result(user_id, channel, key)
    if before is not None:
        _check_same(user_id, channel, key, confirmed, now)
        return read_order(user_id=user_id, order_id=before)
    preview = preview_order(user_id=user_id, wish=_exactly(confirmed), now=now)
    _check_unmoved(confirmed, preview)
    wallet = access_wallet(user_id=user_id)
    venue = get_venue(confirmed.wish.deployment)
    order_id = uuid7()
    with as_user(user_id):
        intent, is_new = record_intent(
            intent_id=order_id,
            user_id=user_id,
            channel=channel,
            key=key,
            kind="close" if preview.reduce_only else "order",
            content=_content(confirmed),
            deadline=now + TAKER_DEADLINE,
        )
        if is_new:
            _place(intent, wallet, venue, preview, confirmed, now)
    return read_order(user_id=user_id, order_id=intent.id)


def _place(
    intent: Intent,
    wallet: WalletFacts,
    venue: Venue,
    preview: OrderPreview,
    confirmed: ConfirmedOrder,
    now: datetime,
) -> None:
    account = lock_account(wallet=wallet, venue=venue)
    facts = read_risk_facts(
        user_id=intent.user_id,
        market=preview.market,
        direction=preview.direction,
        size=confirmed.size,
        reduce_only=preview.reduce_only,
        # What is placed is judged: the price that was confirmed, not that of this moment.
        quote=replace(preview.quote, worst_price=confirmed.worst_price),
        max_leverage=preview.leverage,
        now=now,
    )
    for denial in (*check_risk(facts), *preview.denials):
        raise Refused(f"risk.{denial.rule}", **denial.params)
    submission_id = uuid7()
    order = venue.order_model(
        id=intent.id,
        user_id=intent.user_id,
        wallet_id=wallet.id,
        market_id=preview.market.id,
        market_index=preview.market.market_index,
        account_address=account.address,
        deployment=venue.deployment,
        order_type="market",
        side=confirmed.wish.side,
        direction=preview.direction,
        size=confirmed.size,
        price=confirmed.worst_price,
        leverage=preview.leverage,
        reduce_only=preview.reduce_only,
        venue_label=_free_label(venue, account),
        expires_at=now + TAKER_DEADLINE,
        created_at=now,
        metadata={
            "expected_price": str(confirmed.expected_price),
            "oracle_price": str(preview.quote.oracle_price),
            "initial_margin": str(preview.quote.initial_margin),
            "priority_fee_cap": str(preview.priority_fee_cap),
            "submission_id": str(submission_id),
        },
    )
    order.save(force_insert=True)
    queue_order_message(order=order, venue=venue, submission_id=submission_id, attempt=1, now=now)


def queue_order_message(
    *,
    order: AbstractOrder,
    venue: Venue,
    submission_id: uuid.UUID,
    attempt: int,
    now: datetime,
) -> None:
    """The order's message and its transaction row, in the caller's transaction."""
    assert order.expires_at is not None
    venue.transaction_model(
        id=submission_id,
        user_id=order.user_id,
        wallet_id=order.wallet_id,
        deployment=order.deployment,
        tx_type="close_position" if order.reduce_only else "open_position",
        order_id=order.id,
        amount=order.size,
        retry_count=attempt - 1,
        created_at=now,
    ).save(force_insert=True)
    queue_submission(
        submission_id=submission_id,
        wallet_id=order.wallet_id,
        acts=[Act(SUBJECT, order.id, "place")],
        deadline=order.expires_at,
        attempt=attempt,
    )


def lock_account(*, wallet: WalletFacts, venue: Venue) -> VenueAccount:
    """The wallet's account at the venue, locked until the commit; its row is made if missing."""
    address = venue.account_address(wallet.address)
    VenueAccount.objects.bulk_create(
        [VenueAccount(wallet_id=wallet.id, deployment=venue.deployment, address=address)],
        ignore_conflicts=True,
    )
    return VenueAccount.objects.select_for_update().get(
        wallet_id=wallet.id, deployment=venue.deployment, sub_account_id=0
    )


def _free_label(venue: Venue, account: VenueAccount) -> int:
    """A number from 1 to 255 that no order of the account bears now.

    It is a label to find our order by, no lock: exactly-once does not rest on it.
    """
    resting = {int(label) for label in account.state.get("labels", [])}
    bearing = venue.order_model._default_manager.filter(
        wallet_id=account.wallet_id,
        deployment=account.deployment,
        status__in=[OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED],
        venue_label__isnull=False,
    ).values_list("venue_label", flat=True)
    taken = resting | set(bearing)
    for label in range(1, 256):
        if label not in taken:
            return label
    raise Refused("risk.too_many_orders", maximum=255)


def first_result(user_id: uuid.UUID, channel: str, key: str) -> uuid.UUID | None:
    """The id of what this key stands for, if it was ever used."""
    with as_user(user_id):
        return (
            Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key)
            .values_list("id", flat=True)
            .first()
        )


def _check_same(
    user_id: uuid.UUID, channel: str, key: str, confirmed: ConfirmedOrder, now: datetime
) -> None:
    with as_user(user_id):
        record_intent(
            intent_id=uuid7(),
            user_id=user_id,
            channel=channel,
            key=key,
            kind="close" if confirmed.wish.percent is not None else "order",
            content=_content(confirmed),
            deadline=now,
        )


def _exactly(confirmed: ConfirmedOrder) -> OrderWish:
    """The wish with the size that was confirmed: an amount of money buys another by now."""
    if confirmed.wish.percent is not None:
        return confirmed.wish
    return replace(confirmed.wish, size=confirmed.size, notional=None)


def _check_unmoved(confirmed: ConfirmedOrder, preview: OrderPreview) -> None:
    """The market must still be where the card said, within the slippage that it named."""
    if preview.direction != confirmed.direction or preview.size < confirmed.size:
        raise Conflict("order.position_changed", market=preview.market.symbol)
    allowed = confirmed.expected_price * preview.slippage_percent / 100
    if abs(preview.quote.expected_price - confirmed.expected_price) > allowed:
        raise Refused(
            "order.price_moved",
            then=confirmed.expected_price,
            now=preview.quote.expected_price,
        )


def _content(confirmed: ConfirmedOrder) -> dict[str, str]:
    wish = confirmed.wish
    return {
        "deployment": wish.deployment,
        "symbol": wish.symbol.upper(),
        "side": wish.side,
        "direction": confirmed.direction,
        "size": plain(confirmed.size),
        "worst_price": plain(confirmed.worst_price),
        "percent": "" if wish.percent is None else plain(wish.percent),
        "max_leverage": "" if wish.max_leverage is None else plain(wish.max_leverage),
    }
