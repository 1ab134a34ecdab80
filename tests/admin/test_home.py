"""The first page of the back office: true figures, few queries, whatever is broken."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import OutboxMessage
from core import heartbeat
from core.admin_columns import NOTHING
from core.models import Job
from core.redis import redis as redis_client
from core.roles import as_sync
from tests import factories
from trading.models import Difference

pytestmark = pytest.mark.usefixtures("health_is_asked_anew")


@pytest.fixture
def a_day(db, redis_server):
    """Six orders, four fills, two positions, and things that wait."""
    now = timezone.now()
    with as_sync():
        held = factories.wallet(factories.user(last_active=now))
        factories.user(last_active=now - timedelta(days=3))
        market = factories.drift_market("drift")
        for _ in range(3):
            factories.filled_drift_order(market, wallet=held, size="2", price="100")
        factories.drift_order(market, wallet=held, status="failed")
        factories.drift_order(market, wallet=held, status="cancelled")
        factories.drift_order(market, wallet=held, status="open")
        factories.filled_drift_order(market, wallet=held, created_at=now - timedelta(days=2))
        factories.order(wallet=held, status="failed")  # paper
        for fee in ("0.5", "0.5"):
            factories.fill(market.catalogue, wallet=held, size=2, price=100, fee=Decimal(fee))
        factories.drift_position(market, wallet=held, size=3, mark_price=110, unrealized_pnl=30)
        factories.closed_drift_position(factories.drift_market("drift"), wallet=held)
        factories.signed_submission(held, state="sent", created_at=now - timedelta(minutes=5))
        factories.submission(held)
        factories.signed_submission(held, state="finalized")
        account = factories.venue_account(held)
        Difference.objects.create(account=account, what="a", expected=1, actual=2)
        Difference.objects.create(account=account, what="b", expected=1, actual=2, resolved_at=now)
        OutboxMessage.objects.create(
            user_id=held.user_id, card="order", subject_type="order", subject_id=held.pk
        )
        Job.objects.create(name="balance_sync", finished_at=now, lag_seconds="0.2", runs=7)
    redis_server.set(
        "price:velocity:SOL",
        json.dumps({"price": "110.5", "source": "oracles", "observed_at": now.isoformat()}),
    )
    heartbeat.beat("bot")


def _cards(answer):
    return {card.title: card for _, cards in answer.context["desk"]["groups"] for card in cards}


def test_the_figures_are_those_of_the_tables(enter, a_day):
    desk = enter("viewer").get("/admin/")
    cards = _cards(desk)

    assert desk.status_code == 200
    assert (cards["Traders"].value, cards["Active in 24 hours"].value) == ("2", "1")
    assert cards["Open positions"].value == "1"
    assert cards["Open positions"].note == "2 opened, 1 closed in 24 hours"
    assert cards["Open notional"].value == "$330"
    assert cards["Placed"].value == "6"
    assert cards["Success rate"].value == "75.0 %"
    assert cards["Average order"].value == "$200.00"
    assert (cards["Volume"].value, cards["Fees"].value) == ("$400", "$1.00")
    assert (cards["Unknown outcomes"].value, cards["Unknown outcomes"].worries) == ("1", True)
    assert cards["Unknown outcomes"].note == "oldest 5 min"
    with as_sync():
        waiting = OutboxMessage.objects.filter(state="waiting").count()
    assert (cards["Differences"].value, cards["Outbox"].value) == ("1", str(waiting))
    assert waiting >= 1


def test_the_page_shows_jobs_prices_health_and_what_is_under_way(enter, a_day):
    desk = enter().get("/admin/").context["desk"]

    assert [(line.name, line.columns[0]) for line in desk["submissions"]] == [
        ("queued", "1"), ("sent", "1"),
    ]  # fmt: skip
    assert [(line.name, line.columns[0], line.ok) for line in desk["prices"]] == [
        ("velocity SOL", "$110.50", True)
    ]
    assert [(line.name, line.ok) for line in desk["jobs"]] == [("balance sync", True)]
    health = {line.name: line.ok for line in desk["health"]}
    assert health["database"]
    assert health["bot"]
    assert not health["feed"]
    filled = [part for bar in desk["bars"] for part in bar.parts if part[0] == "good"]
    assert len(desk["bars"]) == 24
    assert filled


def test_the_page_takes_fifteen_queries_at_most(enter, a_day):
    browser = enter()
    browser.get("/admin/")

    with CaptureQueriesContext(connection) as queries:
        browser.get("/admin/")

    assert 5 < len(queries) <= 15


def test_the_page_stands_without_rows_and_without_redis(enter, settings):
    browser = enter()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis_client.cache_clear()

    answer = browser.get("/admin/")

    assert answer.status_code == 200
    assert _cards(answer)["Success rate"].value == NOTHING
    assert "No price has come in" in answer.content.decode()
    redis_client.cache_clear()
