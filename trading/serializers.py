"""Bodies and answers of trading over REST, in the words of CCXT."""

import uuid
from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.errors import NotFound
from core.rest.fields import AmountField, Body, DecimalText, Instant
from core.rest.openapi import page_of
from core.rest.paging import PageQuery
from trading import progress

_SIDES = ("buy", "sell")
_HELD = ("long", "short")
_STATUSES = sorted(
    value for name, value in vars(progress).items() if name.isupper() and isinstance(value, str)
)


def known_venue(key: str) -> str:
    """The key of a venue that is open here. Raises NotFound: it was the caller who named it."""
    if key not in settings.VENUES:
        raise NotFound("venue.not_found", venue=key)
    return key


class VenueField(serializers.CharField):
    """A venue deployment's key; one that is not open is not found."""

    def to_internal_value(self, data: Any) -> str:
        return known_venue(super().to_internal_value(data)[:40])


def venue_field(**options: Any) -> serializers.CharField:
    return VenueField(
        max_length=40, help_text="The venue deployment, such as `velocity`.", **options
    )


def symbol_field(**options: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=40, help_text="The market, such as `SOL-PERP` or `SOL`.", **options
    )


class VenueQuery(serializers.Serializer[Any]):
    venue = venue_field(required=False)


class ListQuery(PageQuery):
    """A page of one venue's rows, or of all."""

    open = serializers.BooleanField(default=False, help_text="Only what is still open.")
    venue = venue_field(required=False, default=None)


class FillQuery(PageQuery):
    order = serializers.UUIDField(required=False, default=None, help_text="Of this order alone.")


class FeeSerializer(serializers.Serializer[Any]):
    """What was paid; below zero, what was got."""

    currency = serializers.CharField()
    cost = DecimalText()


class OrderSerializer(serializers.Serializer[Any]):
    """An order and what is known of it. `checking` means: perhaps done, do not repeat."""

    id = serializers.UUIDField()
    clientOrderId = serializers.CharField(
        allow_null=True, help_text="The Idempotency-Key that it was placed with."
    )
    symbol = serializers.CharField()
    venue = serializers.CharField()
    type = serializers.CharField()
    side = serializers.ChoiceField(choices=_SIDES)
    positionSide = serializers.ChoiceField(choices=_HELD)
    amount = DecimalText()
    filled = DecimalText()
    remaining = DecimalText()
    price = DecimalText(allow_null=True, help_text="The limit, or a taker's worst price.")
    triggerPrice = DecimalText(allow_null=True)
    average = DecimalText(allow_null=True)
    fee = FeeSerializer()
    realizedPnl = DecimalText()
    leverage = DecimalText()
    reduceOnly = serializers.BooleanField()
    postOnly = serializers.BooleanField()
    timeInForce = serializers.ChoiceField(choices=("GTC", "IOC"))
    oracleOffset = DecimalText(allow_null=True, help_text="The limit's distance from the oracle.")
    role = serializers.ChoiceField(choices=("entry", "stop_loss", "take_profit"))
    parent = serializers.UUIDField(  # type: ignore[assignment]
        allow_null=True, help_text="The entry that a stop came with."
    )
    origin = serializers.CharField(help_text="`ours`, or `external`: made elsewhere.")
    reason = serializers.CharField(help_text="A stable code: why it ended as it did.")
    signature = serializers.CharField(allow_null=True)
    createdAt = Instant()
    updatedAt = Instant()
    expiresAt = Instant(allow_null=True)
    status = serializers.ChoiceField(choices=_STATUSES)


class PositionSerializer(serializers.Serializer[Any]):
    """A position with its gains at the last price."""

    id = serializers.UUIDField()
    symbol = serializers.CharField()
    venue = serializers.CharField()
    side = serializers.ChoiceField(choices=_HELD)
    amount = DecimalText()
    entryPrice = DecimalText()
    markPrice = DecimalText(allow_null=True)
    exitPrice = DecimalText(allow_null=True)
    liquidationPrice = DecimalText(allow_null=True)
    leverage = DecimalText()
    margin = DecimalText()
    unrealizedPnl = DecimalText()
    realizedPnl = DecimalText()
    fees = DecimalText()
    funding = DecimalText()
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=("open", "closed", "liquidated"))
    openedAt = Instant(allow_null=True)
    closedAt = Instant(allow_null=True)
    updatedAt = Instant()


class FillSerializer(serializers.Serializer[Any]):
    """One fill; `realizedPnl` is after its fee."""

    id = serializers.UUIDField()
    order = serializers.UUIDField(allow_null=True)
    symbol = serializers.CharField()
    venue = serializers.CharField()
    side = serializers.ChoiceField(choices=_SIDES)
    positionSide = serializers.ChoiceField(choices=_HELD)
    amount = DecimalText()
    price = DecimalText()
    cost = DecimalText()
    fee = FeeSerializer()
    realizedPnl = DecimalText()
    takerOrMaker = serializers.ChoiceField(choices=("taker", "maker"))
    origin = serializers.CharField()
    signature = serializers.CharField(allow_null=True)
    filledAt = Instant()


class TransactionSerializer(serializers.Serializer[Any]):
    """One message on the chain."""

    id = serializers.UUIDField()
    venue = serializers.CharField(allow_null=True)
    type = serializers.CharField()
    status = serializers.ChoiceField(choices=("pending", "confirmed", "failed", "cancelled"))
    amount = DecimalText(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    networkFee = DecimalText(allow_null=True)
    signature = serializers.CharField(allow_null=True)
    slot = serializers.IntegerField(allow_null=True)
    createdAt = Instant()
    landedAt = Instant(allow_null=True)


class LedgerSerializer(serializers.Serializer[Any]):
    """One movement of money in a venue account that is no fill, signed as its owner feels it."""

    id = serializers.UUIDField()
    venue = serializers.CharField()
    type = serializers.CharField()
    currency = serializers.CharField()
    amount = DecimalText()
    order = serializers.UUIDField(allow_null=True)
    position = serializers.UUIDField(allow_null=True)
    signature = serializers.CharField()
    occurredAt = Instant()


class DepositSerializer(serializers.Serializer[Any]):
    """A deposit into a venue account; `booked` is what the venue's own record says."""

    id = serializers.UUIDField()
    venue = serializers.CharField()
    currency = serializers.CharField()
    amount = DecimalText()
    booked = DecimalText(allow_null=True)
    sponsorFee = DecimalText()
    initializes = serializers.BooleanField(help_text="Whether it makes the account.")
    reason = serializers.CharField()
    signature = serializers.CharField(allow_null=True)
    createdAt = Instant()
    expiresAt = Instant()
    status = serializers.ChoiceField(choices=_STATUSES)


class AccountSerializer(serializers.Serializer[Any]):
    """The account at one venue as last observed; `observedAt` is the age of its figures."""

    venue = serializers.CharField(source="deployment")
    address = serializers.CharField()
    exists = serializers.BooleanField()
    currency = serializers.CharField(source="quote_asset")
    collateral = DecimalText()
    freeCollateral = DecimalText(source="free_collateral")
    health = DecimalText(allow_null=True)
    observedAt = Instant(source="observed_at", allow_null=True)


class AccountsSerializer(serializers.Serializer[Any]):
    items = AccountSerializer(many=True)


class DenialSerializer(serializers.Serializer[Any]):
    """A rule that says no; placing would be refused with this code."""

    code = serializers.CharField()
    params = serializers.DictField(child=serializers.CharField())


class ChangedOrderSerializer(serializers.Serializer[Any]):
    """An order that a change is about, and where it stands now."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(source="progress", choices=_STATUSES)


class ChangeSerializer(serializers.Serializer[Any]):
    """A change of orders. `done` says that all of it was asked for: each order has its own end."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    venue = serializers.CharField(source="deployment", help_text="Empty where it is of several.")
    wanted = serializers.DictField(child=serializers.CharField())
    orders = ChangedOrderSerializer(many=True)
    changes = serializers.SerializerMethodField(help_text="Changes that this one has brought.")
    refusals = DenialSerializer(many=True, help_text="What could not be done, and why.")
    reason = serializers.CharField()
    signature = serializers.CharField(allow_null=True)
    createdAt = Instant(source="created_at")
    deadline = Instant()
    status = serializers.ChoiceField(source="progress", choices=_STATUSES)

    def get_changes(self, change: Any) -> list[uuid.UUID]:
        return [part.id for part in change.changes]


class FrozenSerializer(serializers.Serializer[Any]):
    """Whether the account is frozen, and which orders could not be cancelled."""

    frozen = serializers.BooleanField()
    refusals = DenialSerializer(many=True)


class OrderPreviewSerializer(serializers.Serializer[Any]):
    """What an order would be at this moment; nothing is placed."""

    symbol = serializers.CharField()
    venue = serializers.CharField()
    side = serializers.ChoiceField(choices=_SIDES)
    amount = DecimalText()
    expectedPrice = DecimalText()
    worstPrice = DecimalText()
    cost = DecimalText()
    fee = FeeSerializer()
    initialMargin = DecimalText()
    liquidationPrice = DecimalText(allow_null=True)
    reduceOnly = serializers.BooleanField()
    slippagePercent = DecimalText()
    denials = DenialSerializer(many=True)
    warnings = DenialSerializer(many=True, help_text="No reason to refuse, but worth reading.")


class VenueWithdrawalPreviewSerializer(serializers.Serializer[Any]):
    """What can leave the venue now; nothing is placed."""

    venue = serializers.CharField(source="deployment")
    currency = serializers.CharField(source="token_symbol")
    amount = DecimalText()
    withdrawable = DecimalText()
    settles = serializers.BooleanField(help_text="Whether profit is settled first.")
    networkFeeSol = DecimalText(source="fee_sol")
    denials = DenialSerializer(many=True, source="told_denials")


class DepositPreviewSerializer(serializers.Serializer[Any]):
    """What a deposit would cost at this moment; nothing is placed."""

    venue = serializers.CharField()
    currency = serializers.CharField()
    amount = DecimalText()
    initializes = serializers.BooleanField()
    sponsored = serializers.BooleanField()
    sponsorFee = DecimalText()
    rentSol = DecimalText()
    networkFeeSol = DecimalText()
    staysSol = DecimalText(help_text="What the wallet holds of SOL after it, at least.")
    denials = DenialSerializer(many=True)


class DepositBody(Body):
    """A deposit of a token that the venue takes, out of the wallet."""

    venue = venue_field()
    currency = serializers.CharField(
        required=False,
        max_length=12,
        help_text="Such as SOL; without it, the venue's quote token.",
    )
    amount = AmountField(help_text="In that token.")
    maxSponsorFee = AmountField(
        required=False,
        help_text="The most that the desk's paying for rent and fees may cost; without it, "
        "what it costs now.",
    )


class VenueWithdrawalBody(Body):
    """From the venue account to the person's own wallet, which is all that it can reach."""

    venue = venue_field()
    currency = serializers.CharField(max_length=12)
    amount = AmountField()


class ClosePositionBody(Body):
    """Which part of a position to close, at the market."""

    percent = AmountField(required=False, help_text="Above 0, up to 100; without it, all of it.")


class PricesQuery(serializers.Serializer[Any]):
    hours = serializers.IntegerField(
        default=6, min_value=1, max_value=24, help_text="How far back."
    )


class PricePointSerializer(serializers.Serializer[Any]):
    at = Instant()
    price = DecimalText()


class PricesSerializer(serializers.Serializer[Any]):
    """A market's prices, oldest first, at most one each half minute."""

    venue = serializers.CharField()
    symbol = serializers.CharField()
    items = PricePointSerializer(many=True)


class EquityPointSerializer(serializers.Serializer[Any]):
    at = Instant()
    netDeposits = DecimalText(source="net_deposits")
    equity = DecimalText()


class EquitySerializer(serializers.Serializer[Any]):
    """An account's worth after each movement, oldest first; the last point is of now."""

    venue = serializers.CharField()
    currency = serializers.CharField()
    gain = DecimalText(help_text="What it is worth beyond what was put in.")
    items = EquityPointSerializer(many=True)


OrderPageSerializer = page_of(OrderSerializer)
PositionPageSerializer = page_of(PositionSerializer)
FillPageSerializer = page_of(FillSerializer)
TransactionPageSerializer = page_of(TransactionSerializer)
LedgerPageSerializer = page_of(LedgerSerializer)
DepositPageSerializer = page_of(DepositSerializer)
