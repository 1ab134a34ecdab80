"""Money of trading over REST: venue accounts, and deposits into them."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import ApiScope
from accounts.services import act_once
from core.errors import Refused
from core.rest.paging import PageQuery
from core.rest.rendering import Json
from core.rest.views import DeskView
from trading import serializers as shapes
from trading.api import LOCATION, placed
from trading.enums import TransferKind
from trading.rest_words import told_denials
from trading.services import place_deposit, preview_deposit, read_account, read_equity
from trading.services.read_pages import page_of_transfers, transfer_as_json
from trading.venues.base import get_venue, open_venues

_MOST_POINTS = 1000


class VenueAccountsView(DeskView):
    tag = "money"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="listVenueAccounts", responses=shapes.AccountsSerializer)
    def get(self, request: Request) -> Response:
        """Collateral and health at each venue, as last observed; none before it was ever seen."""
        user_id = self.caller.user_id
        found = [
            account
            for venue in open_venues()
            if (account := read_account(user_id=user_id, deployment=venue.deployment)) is not None
        ]
        return Response({"items": shapes.AccountSerializer(found, many=True).data})


class EquityView(DeskView):
    tag = "money"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="readEquity", responses=shapes.EquitySerializer)
    def get(self, request: Request, venue: str) -> Response:
        """What the account at a venue was worth over time: its last thousand movements."""
        found = read_equity(
            user_id=self.caller.user_id, deployment=shapes.known_venue(venue), now=self.now()
        )
        told = {
            "venue": found.deployment,
            "currency": get_venue(found.deployment).quote_symbol,
            "gain": found.gain,
            "items": found.points[-_MOST_POINTS:],
        }
        return Response(shapes.EquitySerializer(told).data)


class TransferView(DeskView):
    """What deposits and ways back share: each is one kind of transfer between wallet and venue."""

    tag = "money"
    kind: ClassVar[TransferKind]

    def listed(self, of_list: str) -> Response:
        """A page of the caller's transfers of this kind, newest first."""
        wanted = self.page(of_list)
        page = page_of_transfers(
            user_id=self.caller.user_id,
            kind=self.kind,
            before=wanted["before"],
            limit=wanted["limit"],
            now=self.now(),
        )
        return self.paged(of_list, Json(page.items), page.last)

    def told(self, transfer_id: uuid.UUID) -> Json:
        """One of them, as it stands."""
        return Json(
            transfer_as_json(
                user_id=self.caller.user_id,
                transfer_id=transfer_id,
                kind=self.kind,
                now=self.now(),
            )
        )

    def place_once(
        self,
        request: Request,
        body: dict[str, Any],
        act: Callable[[str], uuid.UUID],
        *,
        now: datetime,
    ) -> Response:
        """Act once for the request's Idempotency-Key; the answer shows where the transfer is."""
        made = act_once(
            user_id=self.caller.user_id,
            key=request.headers.get("Idempotency-Key"),
            request={"path": request.path, "body": body},
            act=act,
            read_again=lambda intent_id: intent_id,
            now=now,
        )
        place = f"{request.path.rstrip('/')}/{made}"
        return Response(self.told(made), status=202, headers={"Location": place})


class DepositsView(TransferView):
    kind = TransferKind.DEPOSIT
    scopes = {"GET": ApiScope.READ_ACCOUNT, "POST": ApiScope.TRADE}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="listDeposits",
        parameters=[PageQuery],
        responses=shapes.DepositPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Deposits into venues, newest first."""
        return self.listed("deposits")

    @extend_schema(
        operation_id="placeDeposit",
        request=shapes.DepositBody,
        parameters=[LOCATION],
        responses={202: placed(shapes.DepositSerializer, "The deposit")},
    )
    def post(self, request: Request) -> Response:
        """Deposit into a venue out of the wallet, once for its Idempotency-Key."""
        body, now, user_id = self.body(shapes.DepositBody), self.now(), self.caller.user_id

        def act(key: str) -> uuid.UUID:
            preview = preview_deposit(
                user_id=user_id,
                deployment=body["venue"],
                token_symbol=body.get("currency", ""),
                amount=body["amount"],
                now=now,
            )
            most = body.get("maxSponsorFee", preview.sponsor_fee)
            if preview.sponsor_fee > most:
                raise Refused("deposit.fee_changed", then=most, now=preview.sponsor_fee)
            return place_deposit(
                user_id=user_id,
                channel="rest",
                key=key,
                deployment=body["venue"],
                token_symbol=body.get("currency", ""),
                amount=body["amount"],
                sponsor_fee=preview.sponsor_fee,
                now=now,
            ).id

        return self.place_once(request, body, act, now=now)


class DepositPreviewView(DeskView):
    tag = "money"
    scopes = {"POST": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="previewDeposit",
        request=shapes.DepositBody,
        responses={200: shapes.DepositPreviewSerializer},
    )
    def post(self, request: Request) -> Response:
        """What the deposit would cost now, and what would refuse it. Places nothing."""
        body = self.body(shapes.DepositBody)
        preview = preview_deposit(
            user_id=self.caller.user_id,
            deployment=body["venue"],
            amount=body["amount"],
            token_symbol=body.get("currency", ""),
            now=self.now(),
        )
        return Response(
            shapes.DepositPreviewSerializer(
                {
                    "venue": preview.deployment,
                    "currency": preview.token_symbol,
                    "amount": preview.amount,
                    "initializes": preview.initializes,
                    "sponsored": preview.sponsored,
                    "sponsorFee": preview.sponsor_fee,
                    "rentSol": preview.rent_sol,
                    "networkFeeSol": preview.fee_sol,
                    "staysSol": preview.stays_sol,
                    "denials": told_denials(preview.denials, kind="deposit"),
                }
            ).data
        )


class DepositView(TransferView):
    kind = TransferKind.DEPOSIT
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="readDeposit", responses=shapes.DepositSerializer)
    def get(self, request: Request, deposit_id: uuid.UUID) -> Response:
        """One deposit and what is known of it."""
        return Response(self.told(deposit_id))
