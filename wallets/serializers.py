"""Answers about wallets over REST."""

from typing import Any

from rest_framework import serializers

from core.rest.fields import DecimalText, Instant
from core.rest.openapi import page_of
from wallets.enums import IncomingStatus, WithdrawalStatus


class BalanceSerializer(serializers.Serializer[Any]):
    """How much of one token there is, and how much of it is free."""

    currency = serializers.CharField(source="token_symbol")
    total = DecimalText(source="balance")
    free = DecimalText(source="available")


class WalletSerializer(serializers.Serializer[Any]):
    """A wallet on Solana; `syncedAt` is the age of its balances."""

    id = serializers.UUIDField()
    address = serializers.CharField()
    custodian = serializers.CharField()
    status = serializers.CharField()
    balances = BalanceSerializer(many=True)
    syncedAt = Instant(source="synced_at", allow_null=True)


class WalletsSerializer(serializers.Serializer[Any]):
    items = WalletSerializer(many=True)


class AddressSerializer(serializers.Serializer[Any]):
    """An address of the book; money can go there from `usableAt` on."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="label")
    address = serializers.CharField()
    usableAt = Instant(source="usable_at")
    usable = serializers.BooleanField(source="is_usable")
    createdAt = Instant(source="created_at")


class AddressesSerializer(serializers.Serializer[Any]):
    items = AddressSerializer(many=True)


class WithdrawalSerializer(serializers.Serializer[Any]):
    """A withdrawal and what is known of it; `sent` is what really leaves."""

    id = serializers.UUIDField()
    currency = serializers.CharField(source="token_symbol")
    amount = DecimalText()
    sent = DecimalText(source="sent_amount", allow_null=True)
    to = serializers.CharField(source="label", help_text="Its name in the book.")
    address = serializers.CharField(source="to_address")
    venue = serializers.CharField(source="source_deployment")
    status = serializers.ChoiceField(choices=WithdrawalStatus.values)
    reason = serializers.CharField()
    cancellable = serializers.BooleanField(source="may_be_cancelled")
    signature = serializers.CharField(allow_null=True)
    feeSol = DecimalText(source="fee_sol", allow_null=True)
    createdAt = Instant(source="created_at")
    releaseAt = Instant(source="release_at", allow_null=True)
    expiresAt = Instant(source="expires_at")
    endedAt = Instant(source="ended_at", allow_null=True)


class ObstacleSerializer(serializers.Serializer[Any]):
    """Why it would be refused."""

    code = serializers.CharField()
    params = serializers.DictField(child=serializers.CharField())


class WithdrawalPreviewSerializer(serializers.Serializer[Any]):
    """What a withdrawal would cost at this moment; nothing is placed."""

    currency = serializers.CharField(source="token_symbol")
    amount = DecimalText()
    address = serializers.CharField(source="to_address")
    feeSol = DecimalText(source="fee_sol")
    rentSol = DecimalText(source="rent_sol")
    reserveSol = DecimalText(source="reserve_sol")
    dailyLimit = DecimalText(source="daily_limit", allow_null=True)
    dailyLeft = DecimalText(source="daily_left", allow_null=True)
    needsApproval = serializers.BooleanField(source="needs_approval")
    waitMinutes = serializers.IntegerField(source="wait_minutes")
    obstacles = ObstacleSerializer(many=True)


class IncomingSerializer(serializers.Serializer[Any]):
    """Money that reached the wallet; `returnable` where the person's venue does not take it."""

    id = serializers.UUIDField()
    currency = serializers.CharField(source="token_symbol")
    mint = serializers.CharField(source="token_mint", help_text="Empty for SOL.")
    amount = DecimalText()
    sender = serializers.CharField(source="from_address", help_text="Empty if it is not one.")
    status = serializers.ChoiceField(choices=IncomingStatus.values)
    returnable = serializers.BooleanField(source="may_return")
    signature = serializers.CharField()
    occurredAt = Instant(source="occurred_at")


WithdrawalPageSerializer = page_of(WithdrawalSerializer)
IncomingPageSerializer = page_of(IncomingSerializer)
