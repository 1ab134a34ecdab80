"""Changes over REST: of one order, of many, of all; and the freeze of one's own account."""

import uuid
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import ApiScope, Channel
from accounts.services import act_once, check_totp
from core.rest.rendering import Json
from core.rest.views import DeskView
from trading import bodies
from trading import serializers as shapes
from trading.api import LOCATION, placed
from trading.facts import ChangeFacts
from trading.rest_words import change_wish, change_words
from trading.services import (
    cancel_all_orders,
    cancel_orders,
    close_all_positions,
    freeze_user,
    modify_order,
    panic,
    read_change,
    set_stops,
    unfreeze_user,
)
from trading.services.read_pages import order_as_json

CHANGED = {202: placed(shapes.ChangeSerializer, "The change")}


class ChangingView(DeskView):
    """What its acts have in common: once for a key, answered with the change and its address."""

    tag = "orders"

    def changed(
        self, body: dict[str, Any], make: Callable[..., ChangeFacts], /, **what: Any
    ) -> Response:
        """Make the change, or find what its key once led to."""
        now, user_id = self.now(), self.caller.user_id
        made = act_once(
            user_id=user_id,
            key=self.request.headers.get("Idempotency-Key"),
            request={"method": self.request.method, "path": self.request.path, "body": body},
            act=lambda key: make(user_id=user_id, channel=Channel.REST, key=key, now=now, **what),
            read_again=lambda found: read_change(user_id=user_id, change_id=found),
            now=now,
        )
        place = f"/api/v1/changes/{made.id}"
        return Response(change_words(made), status=202, headers={"Location": place})


class OrderView(ChangingView):
    scopes = {
        "GET": ApiScope.READ_ACCOUNT,
        "PATCH": ApiScope.TRADE,
        "DELETE": ApiScope.TRADE,
    }
    acts = frozenset({"PATCH", "DELETE"})

    @extend_schema(operation_id="readOrder", responses=shapes.OrderSerializer)
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """One order and what is known of it."""
        told = order_as_json(user_id=self.caller.user_id, order_id=order_id, now=self.now())
        return Response(Json(told))

    @extend_schema(
        operation_id="modifyOrder",
        request=bodies.ModifyBody,
        parameters=[LOCATION],
        responses=CHANGED,
    )
    def patch(self, request: Request, order_id: uuid.UUID) -> Response:
        """Change a resting order; it keeps its id here, whatever the venue calls it then."""
        body = self.body(bodies.ModifyBody)
        return self.changed(body, modify_order, order_id=order_id, change=change_wish(body))

    @extend_schema(operation_id="cancelOrder", parameters=[LOCATION], responses=CHANGED)
    def delete(self, request: Request, order_id: uuid.UUID) -> Response:
        """Cancel one order; it has ended when its own status says so."""
        return self.changed({}, cancel_orders, order_ids=[order_id])


class CancelOrdersView(ChangingView):
    scopes = {"POST": ApiScope.TRADE}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="cancelOrders",
        request=bodies.CancelBody,
        parameters=[LOCATION],
        responses=CHANGED,
    )
    def post(self, request: Request) -> Response:
        """Cancel orders of one venue in one message."""
        body = self.body(bodies.CancelBody)
        return self.changed(body, cancel_orders, order_ids=body["orders"])


class CancelAllView(ChangingView):
    scopes = {"POST": ApiScope.TRADE}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="cancelAllOrders",
        request=bodies.CancelAllBody,
        parameters=[LOCATION],
        responses=CHANGED,
    )
    def post(self, request: Request) -> Response:
        """Cancel every order, stops included: of a market, of a venue, or of all."""
        body = self.body(bodies.CancelAllBody)
        return self.changed(
            body, cancel_all_orders, deployment=body.get("venue"), symbol=body.get("symbol")
        )


class StopsView(ChangingView):
    tag = "positions"
    scopes = {"PUT": ApiScope.TRADE_REDUCE_ONLY}
    acts = frozenset({"PUT"})

    @extend_schema(
        operation_id="setStops",
        request=bodies.StopsBody,
        parameters=[LOCATION],
        responses=CHANGED,
    )
    def put(self, request: Request, venue: str, symbol: str) -> Response:
        """Guard an open position by a stop loss, a take profit or both."""
        body = self.body(bodies.StopsBody)
        return self.changed(
            body,
            set_stops,
            deployment=shapes.known_venue(venue),
            symbol=symbol,
            stop_loss=body.get("stopLoss"),
            take_profit=body.get("takeProfit"),
        )


class CloseAllView(ChangingView):
    tag = "positions"
    scopes = {"POST": ApiScope.TRADE_REDUCE_ONLY}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="closeAllPositions", request=None, parameters=[LOCATION], responses=CHANGED
    )
    def post(self, request: Request) -> Response:
        """Close every position at the market, reduce-only."""
        return self.changed(self.body(bodies.NothingBody), close_all_positions)


class PanicView(ChangingView):
    tag = "positions"
    scopes = {"POST": ApiScope.TRADE_REDUCE_ONLY}
    acts = frozenset({"POST"})

    @extend_schema(operation_id="panic", request=None, parameters=[LOCATION], responses=CHANGED)
    def post(self, request: Request) -> Response:
        """Cancel every order but stops, then close every position."""
        return self.changed(self.body(bodies.NothingBody), panic)


class ChangeView(DeskView):
    tag = "orders"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="readChange", responses=shapes.ChangeSerializer)
    def get(self, request: Request, change_id: uuid.UUID) -> Response:
        """One change and what is known of it."""
        return Response(change_words(read_change(user_id=self.caller.user_id, change_id=change_id)))


class FreezeView(DeskView):
    tag = "account"
    scopes = {"POST": ApiScope.TRADE_REDUCE_ONLY}

    @extend_schema(
        operation_id="freezeAccount", request=None, responses={200: shapes.FrozenSerializer}
    )
    def post(self, request: Request) -> Response:
        """Stop everything but closing, on every channel; doing it again changes nothing."""
        self.body(bodies.NothingBody)
        denials = freeze_user(user_id=self.caller.user_id, now=self.now())
        refusals = [{"code": said.rule, "params": said.params} for said in denials]
        return Response({"frozen": True, "refusals": refusals})


class UnfreezeView(DeskView):
    tag = "account"
    scopes = {"POST": ApiScope.TRADE}

    @extend_schema(
        operation_id="unfreezeAccount",
        request=bodies.CodeBody,
        responses={200: shapes.FrozenSerializer},
    )
    def post(self, request: Request) -> Response:
        """Undo the person's own freeze by a code of the authenticator."""
        code, now, user_id = self.body(bodies.CodeBody)["code"], self.now(), self.caller.user_id
        check_totp(user_id=user_id, code=code, now=now)
        unfreeze_user(user_id=user_id, now=now)
        return Response({"frozen": False, "refusals": []})
