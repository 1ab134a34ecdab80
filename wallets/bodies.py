"""Bodies about money that leaves a wallet, over REST."""

from typing import Any

from rest_framework import serializers

from core.rest.fields import AmountField, Body

_CODE = "Of the person's authenticator; used up by this, and no part of what the key stands for."


class AddressBody(Body):
    """An address for the book."""

    name = serializers.CharField(max_length=40)
    address = serializers.CharField(max_length=44, help_text="Of a wallet on Solana.")
    code = serializers.CharField(max_length=7, help_text=_CODE)


class WithdrawalPreviewBody(Body):
    """A withdrawal. One of `addressId` and `incomingId` is given."""

    currency = serializers.CharField(max_length=20, help_text="Such as USDC or SOL.")
    amount = AmountField()
    addressId = serializers.UUIDField(required=False, help_text="Of the address book.")
    incomingId = serializers.UUIDField(
        required=False, help_text="What came and is of no use: it goes back to its sender."
    )
    venue = serializers.CharField(
        required=False, max_length=20, help_text="The venue that pays the wallet first."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("addressId" in attrs) == ("incomingId" in attrs):
            raise serializers.ValidationError(
                {"addressId": ["Give one of addressId and incomingId."]}
            )
        return attrs


class WithdrawalBody(WithdrawalPreviewBody):
    """A withdrawal and the code that lets it go."""

    code = serializers.CharField(max_length=7, help_text=_CODE)
