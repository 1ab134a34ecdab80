"""The person behind a key, over REST; keys are made where a second factor can be asked for."""

import uuid
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import serializers as shapes
from accounts.enums import ApiScope
from accounts.services import (
    access_user,
    change_setting,
    list_api_keys,
    read_settings,
    revoke_api_key,
)
from core.money import plain
from core.rest.views import DeskView

RISK = "risk_management"


class MeView(DeskView):
    tag = "account"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="readMe", responses=shapes.MeSerializer)
    def get(self, request: Request) -> Response:
        """Who the key belongs to, how much they may do now, and what the key may do."""
        caller = self.caller
        user = access_user(user_id=caller.user_id)
        return Response(
            {
                "id": user.id,
                "name": user.username or user.first_name,
                "status": user.status,
                "tradingState": user.trading_state,
                "tier": user.tier,
                "keyName": caller.key_name,
                "scopes": sorted(caller.scopes),
                "settings": user.settings,
            }
        )


class LeverageView(DeskView):
    tag = "account"
    scopes = {"GET": ApiScope.READ_ACCOUNT, "PUT": ApiScope.TRADE}

    @extend_schema(operation_id="readLeverage", responses=shapes.LeverageSerializer)
    def get(self, request: Request) -> Response:
        """The most that any order may bring the account to."""
        return _leverage(read_settings(user_id=self.caller.user_id)[RISK])

    @extend_schema(
        operation_id="setLeverage",
        request=shapes.LeverageBody,
        responses=shapes.LeverageSerializer,
    )
    def put(self, request: Request) -> Response:
        """Set it for all venues and markets; it holds from the next order, and signing, on.

        What is held already stays, and can always be reduced.
        """
        wanted = self.body(shapes.LeverageBody)
        changes = {"max_leverage": str(wanted["leverage"])}
        return _leverage(change_setting(user_id=self.caller.user_id, key=RISK, changes=changes))


def _leverage(stored: dict[str, Any]) -> Response:
    return Response({"leverage": plain(Decimal(stored["max_leverage"]))})


class ApiKeysView(DeskView):
    tag = "account"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="listApiKeys", responses=shapes.ApiKeysSerializer)
    def get(self, request: Request) -> Response:
        """The person's keys without their secrets, newest first."""
        found = list_api_keys(user_id=self.caller.user_id, now=self.now())
        return Response({"items": shapes.ApiKeySerializer(found, many=True).data})


class ApiKeyView(DeskView):
    tag = "account"
    scopes = {"DELETE": ApiScope.TRADE}

    @extend_schema(operation_id="revokeApiKey", responses=shapes.ApiKeySerializer)
    def delete(self, request: Request, key_id: uuid.UUID) -> Response:
        """Revoke a key at once; nothing makes it live again."""
        found = revoke_api_key(user_id=self.caller.user_id, key_id=key_id, now=self.now())
        return Response(shapes.ApiKeySerializer(found).data)
