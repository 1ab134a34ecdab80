"""`/metrics`: what is counted comes out, from one process and from several."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from alerts.models import OutboxMessage
from core import metrics
from core.roles import as_sync
from laminator.metrics import desk_figures
from tests import factories
from tests.broken_servers import database_at, free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scrape(db):
    desk_figures.forget()

    def scrape():
        text = Client(HTTP_HOST="localhost").get("/metrics").content.decode()
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    yield scrape
    desk_figures.forget()


def test_each_counter_comes_out(scrape):
    before = scrape()

    metrics.count_rpc_call(method="getSlot", outcome="ok", seconds=0.02)
    metrics.record_job(job="a_job", outcome="ok", seconds=1.5, lag_seconds=0.25)
    metrics.count_outbox(outcome="delivered", age_seconds=0.5)
    metrics.count_cache(cache="prices", hit=True)
    metrics.count_cache(cache="prices", hit=False)
    metrics.count_submission(end="finalized")
    metrics.count_order(deployment="velocity", outcome="filled")
    metrics.count_update(outcome="ok")
    metrics.record_pool_wait(seconds=0.001)

    after = scrape()
    for name, more in (
        ('rpc_call_seconds_count{method="getSlot",outcome="ok"}', 1),
        ('job_seconds_sum{job="a_job",outcome="ok"}', 1.5),
        ('outbox_deliveries_total{outcome="delivered"}', 1),
        ('cache_lookups_total{cache="prices",outcome="hit"}', 1),
        ('cache_lookups_total{cache="prices",outcome="miss"}', 1),
        ('submissions_ended_total{end="finalized"}', 1),
        ('orders_ended_total{deployment="velocity",outcome="filled"}', 1),
        ('bot_updates_total{outcome="ok"}', 1),
    ):
        key = f"laminator_{name}"
        assert after[key] - before.get(key, 0) == pytest.approx(more), name
    assert after['laminator_job_lag_seconds{job="a_job"}'] == 0.25


def test_requests_are_counted_by_the_name_of_their_address(scrape):
    key = 'laminator_http_requests_total{method="GET",status="404",view="none"}'
    before = scrape().get(key, 0)

    Client(HTTP_HOST="localhost").get("/no/such/page/of-somebody")
    after = scrape()

    assert after[key] - before == 1
    assert not [name for name in after if "of-somebody" in name]


def test_queries_are_timed_and_tallied(db):
    with metrics.tallied_queries() as tally, as_sync(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")

    assert tally.count >= 2
    assert tally.seconds > 0
    assert connection.execute_wrappers.count(metrics.time_query) == 1


def test_gauges_are_read_from_the_tables(scrape):
    market = factories.drift_market()
    held = factories.wallet()
    factories.filled_drift_order(market, wallet=held, size="3", price="50")
    factories.drift_order(market, wallet=held, status="expired")
    factories.drift_position(market, wallet=held)
    factories.signed_submission(held, state="sent")
    factories.submission(held)
    with as_sync():
        waiting = OutboxMessage.objects.filter(state="waiting").count()
    desk_figures.forget()

    read = scrape()

    assert read["laminator_database_up"] == 1
    assert read["laminator_users_active_24h"] == 1
    assert read["laminator_positions_open"] == 1
    assert read["laminator_positions_opened_24h"] == 1
    assert read["laminator_positions_closed_24h"] == 0
    assert read["laminator_order_success_ratio_24h"] == 0.5
    assert read["laminator_order_average_size_24h"] == 150
    assert read['laminator_submissions_open{state="sent"}'] == 1
    assert read["laminator_unknown_outcomes"] == 1
    assert read["laminator_outbox_waiting"] == waiting


def test_scrapes_do_not_hammer_the_tables(scrape):
    scrape()
    factories.user()

    assert scrape()["laminator_users"] == 0


def test_without_a_database_the_counters_still_come_out(scrape):
    desk_figures.forget()
    with database_at(free_port()):
        read = scrape()

    assert read["laminator_database_up"] == 0
    assert "laminator_users" not in read
    assert any(name.startswith("laminator_http_requests_total") for name in read)


_OTHER_PROCESS = """
from core import metrics
metrics.count_cache(cache="shared", hit=True)
metrics.record_job(job="shared", outcome="ok", seconds=0.1, lag_seconds=2.0)
"""
_READER = """
from prometheus_client import generate_latest
from core import metrics
metrics.count_cache(cache="shared", hit=True)
print(generate_latest(metrics.readable_registry()).decode())
"""


def test_several_processes_are_added_up_and_those_of_the_last_start_forgotten(tmp_path):
    folder = tmp_path / "metrics"
    metrics.prepare_folder(folder)
    environment = os.environ | {metrics.MULTIPROCESS_FOLDER: str(folder)}

    def run(code):
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, check=True,
            capture_output=True, text=True,
        ).stdout  # fmt: skip

    run(_OTHER_PROCESS)
    run(_OTHER_PROCESS)
    together = run(_READER)
    metrics.prepare_folder(folder)
    alone = run(_READER)

    line = 'laminator_cache_lookups_total{cache="shared",outcome="hit"}'
    assert f"{line} 3.0" in together
    assert 'laminator_job_lag_seconds{job="shared"} 2.0' in together
    assert f"{line} 1.0" in alone
