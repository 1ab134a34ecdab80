"""Answers about wallets over REST."""

from typing import Any

from rest_framework import serializers

from core.rest.fields import DecimalText, Instant


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
