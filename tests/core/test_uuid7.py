"""Keys sort by the moment they were made in, in Python and in SQL alike."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from core import uuid7 as module
from core.uuid7 import time_of, uuid7


def assert_is_version_7(key):
    assert (key.version, key.variant) == (7, uuid.RFC_4122)


def test_a_key_carries_its_version_and_its_moment():
    before = datetime.now(UTC)
    key = uuid7()
    after = datetime.now(UTC)

    assert_is_version_7(key)
    assert before - timedelta(milliseconds=1) <= time_of(key) <= after + timedelta(seconds=1)


def test_keys_of_one_process_rise_strictly_also_across_threads():
    made = []

    def make():
        mine = [uuid7() for _ in range(3000)]
        assert mine == sorted(mine)
        made.extend(mine)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == len(made) == 12_000


def test_keys_go_on_rising_when_the_clock_goes_back_or_the_counter_is_spent(monkeypatch):
    monkeypatch.setattr(module.time, "time_ns", lambda: 1_000_000_000_000_000_000)
    first = uuid7()
    monkeypatch.setattr(module.time, "time_ns", lambda: 999_000_000_000_000_000)

    keys = [first, *(uuid7() for _ in range(10_000))]

    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    for key in keys[::1000]:
        assert_is_version_7(key)


@pytest.mark.django_db
def test_the_databases_own_keys_have_the_same_layout_and_sort_among_ours(owner_sql):
    before = uuid7()
    threading.Event().wait(0.005)
    (made,) = owner_sql.execute(
        "SELECT array_agg(desk_uuidv7()) FROM generate_series(1, 50)"
    ).fetchone()
    threading.Event().wait(0.005)
    after = uuid7()

    assert len(set(made)) == 50
    for key in made:
        assert_is_version_7(key)
        assert before < key < after
        assert time_of(before) <= time_of(key) <= time_of(after)


@pytest.mark.django_db
def test_the_database_sorts_keys_as_python_does(owner_sql):
    keys = [uuid7() for _ in range(100)]

    (backwards,) = owner_sql.execute(
        "SELECT array_agg(key ORDER BY key) FROM unnest(%s::uuid[]) key", [keys[::-1]]
    ).fetchone()

    assert backwards == keys
