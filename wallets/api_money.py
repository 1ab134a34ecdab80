"""Money of wallets over REST: the address book, withdrawals, and what has come in."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import ApiScope, Channel
from accounts.services import act_once
from core.rest.paging import PageQuery, write_cursor
from core.rest.views import DeskView
from wallets import bodies
from wallets import serializers as shapes
from wallets.enums import WithdrawalStatus
from wallets.facts import WithdrawalFacts
from wallets.services import (
    add_address,
    cancel_withdrawal,
    confirm_withdrawal,
    list_addresses,
    list_incoming,
    list_withdrawals,
    place_withdrawal,
    preview_withdrawal,
    read_withdrawal,
    remove_address,
)

_LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[202], description="Where it is followed."
)


class AddressesView(DeskView):
    tag = "money"
    scopes = {"GET": ApiScope.READ_ACCOUNT, "POST": ApiScope.WITHDRAW}

    @extend_schema(operation_id="listAddresses", responses=shapes.AddressesSerializer)
    def get(self, request: Request) -> Response:
        """The address book: where withdrawals may go, and from when on."""
        found = list_addresses(user_id=self.caller.user_id, now=self.now())
        return Response({"items": shapes.AddressSerializer(found, many=True).data})

    @extend_schema(
        operation_id="addAddress",
        request=bodies.AddressBody,
        responses={201: shapes.AddressSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add an address with a code of the authenticator; it cools off before its first use."""
        body = self.body(bodies.AddressBody)
        added = add_address(
            user_id=self.caller.user_id,
            label=body["name"],
            address=body["address"],
            code=body["code"],
            now=self.now(),
        )
        return Response(shapes.AddressSerializer(added).data, status=201)


class AddressView(DeskView):
    tag = "money"
    scopes = {"DELETE": ApiScope.WITHDRAW}

    @extend_schema(operation_id="removeAddress", responses={204: None})
    def delete(self, request: Request, address_id: uuid.UUID) -> Response:
        """Take an address out of the book; what is not signed yet does not go there any more."""
        remove_address(user_id=self.caller.user_id, address_id=address_id, now=self.now())
        return Response(status=204)


class WithdrawalsView(DeskView):
    tag = "money"
    scopes = {"GET": ApiScope.READ_ACCOUNT, "POST": ApiScope.WITHDRAW}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="listWithdrawals",
        parameters=[PageQuery],
        responses=shapes.WithdrawalPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Withdrawals out of the wallet, newest first."""
        wanted = self.page("withdrawals")
        limit = wanted["limit"]
        found = list_withdrawals(
            user_id=self.caller.user_id, before=wanted["before"], limit=limit + 1
        )
        return _page("withdrawals", shapes.WithdrawalSerializer, found, limit)

    @extend_schema(
        operation_id="placeWithdrawal",
        request=bodies.WithdrawalBody,
        parameters=[_LOCATION],
        responses={
            202: OpenApiResponse(
                shapes.WithdrawalSerializer,
                "The withdrawal is on its way: follow it at `Location`.",
            )
        },
    )
    def post(self, request: Request) -> Response:
        """Withdraw to an address of the book, or send a wrong token back, once for the key.

        With a wrong code it stays prepared: the same key with the right one lets it go.
        """
        body, now, user_id = self.body(bodies.WithdrawalBody), self.now(), self.caller.user_id
        code = body.pop("code")

        def confirmed(withdrawal_id: uuid.UUID) -> WithdrawalFacts:
            found = read_withdrawal(user_id=user_id, withdrawal_id=withdrawal_id)
            if found.status != WithdrawalStatus.AWAITING_CODE or found.expires_at < now:
                return found
            return confirm_withdrawal(
                user_id=user_id, withdrawal_id=withdrawal_id, code=code, now=now
            )

        def act(key: str) -> WithdrawalFacts:
            placed = place_withdrawal(
                user_id=user_id, channel=Channel.REST, key=key, now=now, **_asked(body)
            )
            return confirmed(placed.id)

        made = act_once(
            user_id=user_id,
            key=request.headers.get("Idempotency-Key"),
            request={"path": request.path, "body": body},
            act=act,
            read_again=confirmed,
            now=now,
        )
        return Response(
            shapes.WithdrawalSerializer(made).data,
            status=202,
            headers={"Location": f"/api/v1/withdrawals/{made.id}"},
        )


class WithdrawalPreviewView(DeskView):
    tag = "money"
    scopes = {"POST": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="previewWithdrawal",
        request=bodies.WithdrawalPreviewBody,
        responses={200: shapes.WithdrawalPreviewSerializer},
    )
    def post(self, request: Request) -> Response:
        """What the withdrawal would cost, and what would refuse it. Places nothing."""
        body = self.body(bodies.WithdrawalPreviewBody)
        preview = preview_withdrawal(user_id=self.caller.user_id, now=self.now(), **_asked(body))
        return Response(shapes.WithdrawalPreviewSerializer(preview).data)


class WithdrawalView(DeskView):
    tag = "money"
    scopes = {"GET": ApiScope.READ_ACCOUNT, "DELETE": ApiScope.WITHDRAW}

    @extend_schema(operation_id="readWithdrawal", responses=shapes.WithdrawalSerializer)
    def get(self, request: Request, withdrawal_id: uuid.UUID) -> Response:
        """One withdrawal and what is known of it."""
        found = read_withdrawal(user_id=self.caller.user_id, withdrawal_id=withdrawal_id)
        return Response(shapes.WithdrawalSerializer(found).data)

    @extend_schema(operation_id="cancelWithdrawal", responses=shapes.WithdrawalSerializer)
    def delete(self, request: Request, withdrawal_id: uuid.UUID) -> Response:
        """Stop it while it waits; no code is needed to keep money where it is."""
        found = cancel_withdrawal(
            user_id=self.caller.user_id, withdrawal_id=withdrawal_id, now=self.now()
        )
        return Response(shapes.WithdrawalSerializer(found).data)


class IncomingView(DeskView):
    tag = "money"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="listIncoming", parameters=[PageQuery], responses=shapes.IncomingPageSerializer
    )
    def get(self, request: Request) -> Response:
        """What reached the wallet from outside, final, newest first."""
        wanted = self.page("incoming")
        limit = wanted["limit"]
        found = list_incoming(user_id=self.caller.user_id, before=wanted["before"], limit=limit + 1)
        return _page("incoming", shapes.IncomingSerializer, found, limit)


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "token_symbol": body["currency"],
        "amount": body["amount"],
        "address_id": body.get("addressId"),
        "incoming_id": body.get("incomingId"),
        "source_deployment": body.get("venue", ""),
    }


def _page(of_list: str, shape: Any, found: tuple[Any, ...], limit: int) -> Response:
    """One row more than is shown says whether the list goes on."""
    shown = found[:limit]
    more = write_cursor(of_list=of_list, after=shown[-1].id) if len(found) > limit else None
    return Response({"items": shape(shown, many=True).data, "nextCursor": more})
