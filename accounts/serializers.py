"""Answers about people and their keys over REST."""

from typing import Any

from rest_framework import serializers

from core.rest.fields import AmountField, Body, Instant


class MeSerializer(serializers.Serializer[Any]):
    """The person behind the key, and what the key may do."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    tradingState = serializers.ChoiceField(choices=("active", "reduce_only", "halted"))
    tier = serializers.CharField()
    keyName = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    settings = serializers.DictField(help_text="Groups of settings, each an object.")


class LeverageBody(Body):
    """The most that any order may bring the account to, from 1 to 100."""

    leverage = AmountField(help_text="Times the collateral.")


class LeverageSerializer(serializers.Serializer[Any]):
    """How far the person lets orders go; a market's own limit holds beside it."""

    leverage = serializers.CharField(help_text="Times the collateral.")


class ApiKeySerializer(serializers.Serializer[Any]):
    """A key without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    key = serializers.CharField(help_text="The part before the point; no secret.")
    scopes = serializers.ListField(child=serializers.CharField())
    allowedIps = serializers.ListField(source="allowed_ips", child=serializers.CharField())
    status = serializers.ChoiceField(choices=("active", "revoked", "expired"))
    expiresAt = Instant(source="expires_at", allow_null=True)
    lastUsedAt = Instant(source="last_used_at", allow_null=True)
    createdAt = Instant(source="created_at")


class ApiKeysSerializer(serializers.Serializer[Any]):
    items = ApiKeySerializer(many=True)
