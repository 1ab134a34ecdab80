"""The person behind a key, over REST; keys are made where a second factor can be asked for."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import serializers as shapes
from accounts.enums import ApiScope
from accounts.services import access_user, list_api_keys, revoke_api_key
from core.rest.views import DeskView


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
