"""Trading over REST: each view turns a body into one call of the bot's own services."""

import uuid
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import ApiScope
from accounts.services import act_once
from core.rest.paging import PageQuery
from core.rest.rendering import Json
from core.rest.views import DeskView
from trading import serializers as shapes
from trading.bodies import OrderBody
from trading.market_serializers import MarketSerializer, MarketsSerializer
from trading.rest_words import order_wish, preview_words
from trading.services import (
    list_markets,
    place_order,
    preview_order,
    read_market,
    read_market_prices,
)
from trading.services.place_order import ConfirmedOrder
from trading.services.read_pages import (
    order_as_json,
    page_of_fills,
    page_of_ledger,
    page_of_orders,
    page_of_positions,
    page_of_transactions,
    position_as_json,
)
from trading.venues.base import open_venues
from trading.wishes import OrderWish

LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[202], description="Where it is followed."
)


def placed(shape: Any, what: str) -> OpenApiResponse:
    return OpenApiResponse(shape, f"{what} is on its way: follow it at `Location`.")


class MarketsView(DeskView):
    tag = "markets"
    scopes = {"GET": ApiScope.READ_MARKET}

    @extend_schema(
        operation_id="listMarkets",
        parameters=[shapes.VenueQuery],
        responses=MarketsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Every market that is traded here, with its last price and that price's age."""
        only = self.query(shapes.VenueQuery).get("venue")
        keys = [only] if only else [venue.deployment for venue in open_venues()]
        now = self.now()
        found = [market for key in keys for market in list_markets(deployment=key, now=now)]
        return Response({"items": MarketSerializer(found, many=True).data})


class MarketView(DeskView):
    tag = "markets"
    scopes = {"GET": ApiScope.READ_MARKET}

    @extend_schema(operation_id="readMarket", responses=MarketSerializer)
    def get(self, request: Request, venue: str, symbol: str) -> Response:
        """One market."""
        found = read_market(deployment=shapes.known_venue(venue), symbol=symbol, now=self.now())
        return Response(MarketSerializer(found).data)


class MarketPricesView(DeskView):
    tag = "markets"
    scopes = {"GET": ApiScope.READ_MARKET}

    @extend_schema(
        operation_id="listPrices",
        parameters=[shapes.PricesQuery],
        responses=shapes.PricesSerializer,
    )
    def get(self, request: Request, venue: str, symbol: str) -> Response:
        """A market's prices of the last hours, thinned out to half minutes."""
        back = timedelta(hours=self.query(shapes.PricesQuery)["hours"])
        market, prices = read_market_prices(
            deployment=shapes.known_venue(venue), symbol=symbol, now=self.now(), back=back
        )
        told = {"venue": market.deployment, "symbol": market.symbol, "items": prices}
        return Response(shapes.PricesSerializer(told).data)


class OrdersView(DeskView):
    tag = "orders"
    scopes = {"GET": ApiScope.READ_ACCOUNT, "POST": ApiScope.TRADE_REDUCE_ONLY}
    acts = frozenset({"POST"})

    @extend_schema(
        operation_id="listOrders",
        parameters=[shapes.ListQuery],
        responses=shapes.OrderPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Orders over every venue, newest first."""
        wanted = self.page("orders", shapes.ListQuery)
        page = page_of_orders(
            user_id=self.caller.user_id,
            open_only=wanted["open"],
            venue=wanted["venue"],
            before=wanted["before"],
            limit=wanted["limit"],
            now=self.now(),
        )
        return self.paged("orders", Json(page.items), page.last)

    @extend_schema(
        operation_id="placeOrder",
        request=OrderBody,
        parameters=[LOCATION],
        responses={202: placed(shapes.OrderSerializer, "The order")},
    )
    def post(self, request: Request) -> Response:
        """Place an order, once for its Idempotency-Key, under all rules of the desk.

        Without `"reduceOnly": true` it needs the scope `trade`.
        """
        given = request.data
        if not (isinstance(given, dict) and given.get("reduceOnly") is True):
            self.require(ApiScope.TRADE)
        body = self.body(OrderBody)
        return self.placed_order(body, order_wish(body))

    def placed_order(self, body: dict[str, Any], wish: OrderWish) -> Response:
        """Place it, or find what its key once led to, and answer with the order."""
        now, user_id = self.now(), self.caller.user_id

        def act(key: str) -> uuid.UUID:
            preview = preview_order(user_id=user_id, wish=wish, now=now)
            # A program confirms by asking: the quote that was made for it just now.
            confirmed = ConfirmedOrder.as_shown(wish, preview)
            placed = place_order(
                user_id=user_id, channel="rest", key=key, confirmed=confirmed, now=now
            )
            return placed.id

        order_id = act_once(
            user_id=user_id,
            key=self.request.headers.get("Idempotency-Key"),
            request={"path": self.request.path, "body": body},
            act=act,
            read_again=lambda intent_id: intent_id,
            now=now,
        )
        told = order_as_json(user_id=user_id, order_id=order_id, now=now)
        return Response(Json(told), status=202, headers={"Location": f"/api/v1/orders/{order_id}"})


class OrderPreviewView(DeskView):
    tag = "orders"
    scopes = {"POST": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="previewOrder",
        request=OrderBody,
        responses={200: shapes.OrderPreviewSerializer},
    )
    def post(self, request: Request) -> Response:
        """What the order would be now, and every rule that would refuse it. Places nothing."""
        wish = order_wish(self.body(OrderBody))
        preview = preview_order(user_id=self.caller.user_id, wish=wish, now=self.now())
        return Response(shapes.OrderPreviewSerializer(preview_words(preview)).data)


class PositionsView(DeskView):
    tag = "positions"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="listPositions",
        parameters=[shapes.ListQuery],
        responses=shapes.PositionPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Positions over every venue, the last opened first."""
        wanted = self.page("positions", shapes.ListQuery)
        page = page_of_positions(
            user_id=self.caller.user_id,
            open_only=wanted["open"],
            venue=wanted["venue"],
            before=wanted["before"],
            limit=wanted["limit"],
        )
        return self.paged("positions", Json(page.items), page.last)


class PositionView(DeskView):
    tag = "positions"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(operation_id="readPosition", responses=shapes.PositionSerializer)
    def get(self, request: Request, position_id: uuid.UUID) -> Response:
        """One position."""
        return Response(
            Json(position_as_json(user_id=self.caller.user_id, position_id=position_id))
        )


class ClosePositionView(OrdersView):
    tag = "positions"
    scopes = {"POST": ApiScope.TRADE_REDUCE_ONLY}
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="closePosition",
        request=shapes.ClosePositionBody,
        parameters=[LOCATION],
        responses={202: placed(shapes.OrderSerializer, "The closing order")},
    )
    def post(self, request: Request, venue: str, symbol: str) -> Response:  # type: ignore[override]
        """Close a position or a part of it, reduce-only, at the market."""
        body = self.body(shapes.ClosePositionBody)
        wanted = {
            "venue": shapes.known_venue(venue),
            "symbol": symbol,
            "percent": body.get("percent"),
        }
        return self.placed_order(body, order_wish(wanted))


class FillsView(DeskView):
    tag = "history"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="listFills",
        parameters=[shapes.FillQuery],
        responses=shapes.FillPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Fills with their fees and gains, the last booked first."""
        wanted = self.page("fills", shapes.FillQuery)
        page = page_of_fills(
            user_id=self.caller.user_id,
            order_id=wanted["order"],
            before=wanted["before"],
            limit=wanted["limit"],
        )
        return self.paged("fills", Json(page.items), page.last)


class TransactionsView(DeskView):
    tag = "history"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="listTransactions",
        parameters=[PageQuery],
        responses=shapes.TransactionPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Messages on the chain, newest first."""
        wanted = self.page("transactions")
        page = page_of_transactions(
            user_id=self.caller.user_id, before=wanted["before"], limit=wanted["limit"]
        )
        return self.paged("transactions", Json(page.items), page.last)


class LedgerView(DeskView):
    tag = "history"
    scopes = {"GET": ApiScope.READ_ACCOUNT}

    @extend_schema(
        operation_id="listLedger",
        parameters=[PageQuery],
        responses=shapes.LedgerPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Movements of money in venue accounts that are no fills: funding, charges, deposits."""
        wanted = self.page("ledger")
        page = page_of_ledger(
            user_id=self.caller.user_id, before=wanted["before"], limit=wanted["limit"]
        )
        return self.paged("ledger", Json(page.items), page.last)
