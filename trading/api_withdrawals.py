"""Out of a venue over REST: to the person's own wallet, which is all that such an act can reach."""

import uuid
from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import ApiScope, Channel
from core.rest.paging import PageQuery
from core.rest.views import DeskView
from trading import serializers as shapes
from trading.api import LOCATION, placed
from trading.api_money import TransferView
from trading.enums import TransferKind
from trading.rest_words import told_denials
from trading.services import place_venue_withdrawal, preview_venue_withdrawal


class VenueWithdrawalsView(TransferView):
    kind = TransferKind.WITHDRAWAL
    scopes = {"GET": ApiScope.READ_ACCOUNT, "POST": ApiScope.WITHDRAW}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="listVenueWithdrawals",
        parameters=[PageQuery],
        responses=shapes.DepositPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Ways back from venues to the wallet, newest first."""
        return self.listed("venue-withdrawals")

    @extend_schema(
        operation_id="placeVenueWithdrawal",
        request=shapes.VenueWithdrawalBody,
        parameters=[LOCATION],
        responses={202: placed(shapes.DepositSerializer, "The withdrawal")},
    )
    def post(self, request: Request) -> Response:
        """Bring money from the venue to the person's own wallet, once for its Idempotency-Key."""
        body, now, user_id = self.body(shapes.VenueWithdrawalBody), self.now(), self.caller.user_id

        def act(key: str) -> uuid.UUID:
            return place_venue_withdrawal(
                user_id=user_id,
                channel=Channel.REST,
                key=key,
                deployment=body["venue"],
                token_symbol=body["currency"],
                amount=body["amount"],
                now=now,
            ).id

        return self.place_once(request, body, act, now=now)


class VenueWithdrawalPreviewView(DeskView):
    tag = "money"
    scopes = {"POST": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="previewVenueWithdrawal",
        request=shapes.VenueWithdrawalBody,
        responses={200: shapes.VenueWithdrawalPreviewSerializer},
    )
    def post(self, request: Request) -> Response:
        """What can leave the venue now, and what would refuse it. Places nothing."""
        body = self.body(shapes.VenueWithdrawalBody)
        preview = preview_venue_withdrawal(
            user_id=self.caller.user_id,
            deployment=body["venue"],
            token_symbol=body["currency"],
            amount=body["amount"],
            now=self.now(),
        )
        told = asdict(preview) | {
            "told_denials": told_denials(preview.denials, kind="venue_withdrawal")
        }
        return Response(shapes.VenueWithdrawalPreviewSerializer(told).data)


class VenueWithdrawalView(TransferView):
    kind = TransferKind.WITHDRAWAL
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="readVenueWithdrawal", responses=shapes.DepositSerializer)
    def get(self, request: Request, withdrawal_id: uuid.UUID) -> Response:
        """One of them and what is known of it."""
        return Response(self.told(withdrawal_id))
