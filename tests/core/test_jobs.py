"""A job runs under its lease: once at a time, known by its row, free again after a death."""

import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.jobs import run_job
from core.models import Job
from core.roles import as_sync
from core.tasks import make_partitions

pytestmark = pytest.mark.django_db


def job(name="partitions"):
    with as_sync():
        return Job.objects.get(name=name)


def make_job(**columns):
    with as_sync():
        return Job.objects.create(name="partitions", **columns)


def test_a_run_leaves_its_times_its_result_and_a_free_lease():
    assert run_job(name="partitions", work=lambda: {"made": 3}, lease_seconds=60)

    row = job()
    assert (row.holder, row.leased_until) == (None, None)
    assert row.started_at <= row.finished_at
    assert (row.runs, row.failures, row.last_error) == (1, 0, "")
    assert row.last_result == {"made": 3}
    assert row.lag_seconds == 0


def test_a_plain_result_is_kept_under_a_name():
    run_job(name="partitions", work=lambda: Decimal("1.5"), lease_seconds=60)

    assert job().last_result == {"result": "1.5"}


def test_a_failure_is_counted_told_without_secrets_and_raised():
    def fail():
        raise ValueError("no answer from https://desk:very-secret-word@node.example")

    run_job(name="partitions", work=lambda: {"made": 1}, lease_seconds=60)
    with pytest.raises(ValueError, match="no answer"):
        run_job(name="partitions", work=fail, lease_seconds=60)

    row = job()
    assert (row.runs, row.failures, row.holder, row.leased_until) == (2, 1, None, None)
    assert row.last_error.startswith("ValueError: no answer")
    assert "very-secret-word" not in row.last_error
    assert row.last_result == {"made": 1}, "what last went well stays readable"


def test_the_work_runs_outside_of_any_transaction():
    seen = []

    run_job(
        name="partitions", work=lambda: seen.append(connection.in_atomic_block), lease_seconds=60
    )

    assert seen == [False]


def test_a_job_does_not_run_while_another_process_holds_it():
    make_job(holder=uuid.uuid4(), leased_until=timezone.now() + timedelta(seconds=60))
    ran = []

    assert not run_job(name="partitions", work=lambda: ran.append(1), lease_seconds=60)

    assert ran == []
    assert job().runs == 0


def test_the_lease_of_a_dead_holder_runs_out():
    make_job(holder=uuid.uuid4(), leased_until=timezone.now() - timedelta(seconds=1))

    assert run_job(name="partitions", work=lambda: None, lease_seconds=60)


def test_two_workers_on_one_job_run_it_once():
    ready, release = threading.Barrier(2), threading.Event()
    ran, refused = [], []

    def compete():
        try:
            ready.wait(10)
            done = run_job(name="partitions", work=work, lease_seconds=60)
            if not done:
                refused.append(1)
                release.set()
        finally:
            connection.close()

    def work():
        ran.append(1)
        assert release.wait(10), "the other worker was not turned away"

    workers = [threading.Thread(target=compete) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)

    assert (ran, refused) == ([1], [1])
    assert job().runs == 1


def test_a_lease_is_extended_while_the_work_goes_on(owner_sql):
    def work():
        before = _leased_until(owner_sql)
        for _ in range(200):
            if _leased_until(owner_sql) > before:
                return "extended"
            threading.Event().wait(0.02)
        return "left to run out"

    run_job(name="partitions", work=work, lease_seconds=1)

    assert job().last_result == {"result": "extended"}


def _leased_until(owner_sql):
    return owner_sql.execute("SELECT leased_until FROM jobs").fetchone()[0]


def test_who_lost_the_lease_does_not_write_over_its_successor(owner_sql):
    successor = uuid.uuid4()

    def work():
        owner_sql.execute("UPDATE jobs SET holder = %s", [successor])

    run_job(name="partitions", work=work, lease_seconds=60)

    assert job().holder == successor
    assert job().finished_at is None


def test_lag_is_what_a_run_began_later_than_its_schedule(owner_sql):
    _, every = settings.JOBS["partitions"]
    run_job(name="partitions", work=lambda: None, lease_seconds=60)
    owner_sql.execute(
        "UPDATE jobs SET started_at = now() - make_interval(secs => %s)", [every + 100]
    )

    run_job(name="partitions", work=lambda: None, lease_seconds=60)

    assert 100 <= job().lag_seconds < 160


def test_an_early_run_has_no_lag():
    run_job(name="partitions", work=lambda: None, lease_seconds=60)
    run_job(name="partitions", work=lambda: None, lease_seconds=60)

    assert job().lag_seconds == 0
    assert job().runs == 2


@pytest.fixture
def _one_more_partition_ahead(owner_sql):
    newest = (
        "SELECT max(relname) FROM pg_class WHERE relispartition AND relkind = 'r'"
        " AND relname LIKE 'audit\\_logs\\_p%'"
    )
    (before,) = owner_sql.execute(newest).fetchone()
    owner_sql.execute("UPDATE partitioned_tables SET ahead = 4 WHERE parent = 'audit_logs'")
    yield
    owner_sql.execute("UPDATE partitioned_tables SET ahead = 3 WHERE parent = 'audit_logs'")
    (made,) = owner_sql.execute(newest).fetchone()
    if made != before:
        owner_sql.execute(f"DROP TABLE {made}")


@pytest.mark.usefixtures("_one_more_partition_ahead")
def test_the_partitions_job_says_how_many_it_made():
    make_partitions()
    assert job().last_result == {"result": 1}
    make_partitions()
    assert job().last_result == {"result": 0}
