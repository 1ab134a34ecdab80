"""A page of fifty orders over REST, against a bare Django REST framework view of the same rows."""

from decimal import Decimal
from typing import Any
from unittest.mock import patch

from benchmarks import desk_database
from benchmarks.measuring import Finding, Size, by_turns, limited, rated

_ON_A_PAGE = 50


def measure(size: Size) -> list[Finding]:
    """`rows` is how many requests a round; ours with its key, its limits and its policies."""
    desk_database.prepare()
    from core.rest.buckets import Bucket
    from tests import factories
    from tests.rest.programs import make_key
    from trading.api import OrdersView

    requests, rounds = size.rows_or(300), size.rounds_or(5)
    wallet, market = factories.wallet(), factories.drift_market()
    for number in range(_ON_A_PAGE + 10):
        factories.filled_drift_order(market, wallet=wallet, size=str(Decimal(number + 1) / 4))
    _, presented = make_key(wallet.user, "read:account")
    ours, bare = OrdersView.as_view(), _bare_view(wallet.user_id)
    # The same round trip to Redis, from a bucket that does not run out.
    endless = Bucket("bench", capacity=10**9, per_second=10**6)
    with patch("core.rest.views.READS", endless):
        seconds = by_turns(
            {
                "ours": lambda: _ask(ours, requests, HTTP_AUTHORIZATION=f"Bearer {presented}"),
                "bare": lambda: _ask(bare, requests),
            },
            rounds=rounds,
        )
    rates = {name: requests / each for name, each in seconds.items()}
    return [
        rated(
            "a page of 50 orders", rates["ours"], rates["bare"],
            bound_name="DRF's ModelSerializer, no key and no limits", at_least=2.7,
        ),
        limited("a request", seconds["ours"] / requests),
    ]  # fmt: skip


def _ask(view: Any, requests: int, **headers: str) -> None:
    from django.test import RequestFactory

    factory = RequestFactory()
    for _ in range(requests):
        answer = view(factory.get("/api/v1/orders", **headers))
        answer.render()
        assert answer.status_code == 200, answer.content
        assert len(answer.content) > 50 * _ON_A_PAGE


def _bare_view(user_id: Any) -> Any:
    """What the framework's own tutorial would make of it, within a person's transaction."""
    from rest_framework import generics, renderers, serializers
    from rest_framework.negotiation import DefaultContentNegotiation

    from core.roles import as_user
    from drift.models import DriftOrder

    class OrderSerializer(serializers.ModelSerializer[DriftOrder]):
        class Meta:
            model = DriftOrder
            fields = "__all__"

    class Orders(generics.ListAPIView[DriftOrder]):
        serializer_class = OrderSerializer
        authentication_classes = ()
        permission_classes = ()
        renderer_classes = (renderers.JSONRenderer,)
        content_negotiation_class = DefaultContentNegotiation

        def get_queryset(self) -> Any:
            return DriftOrder.objects.filter(user_id=user_id).order_by("-id")[:_ON_A_PAGE]

        def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            with as_user(user_id):
                return super().get(request, *args, **kwargs)

    return Orders.as_view()
