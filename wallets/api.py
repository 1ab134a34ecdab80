"""Wallets over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import ApiScope
from core.rest.views import DeskView
from wallets import serializers as shapes
from wallets.services import expect_incoming, find_wallet


class WalletsView(DeskView):
    tag = "account"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="listWallets", responses=shapes.WalletsSerializer)
    def get(self, request: Request) -> Response:
        """The person's wallets with their balances as last synced; none before it was made."""
        wallet = find_wallet(user_id=self.caller.user_id)
        if wallet is not None:
            expect_incoming(wallet_id=wallet.id)
        found = [] if wallet is None else [wallet]
        return Response({"items": shapes.WalletSerializer(found, many=True).data})
