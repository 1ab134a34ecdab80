"""What all processes together may ask of the nodes, and who is served first when it is short."""

import time

import pytest

from chain import budget
from chain.budget import Priority, asking_as, take_request
from core.errors import Unavailable
from core.redis import redis
from laminator.settings.environment import given_variables, parse_environment
from tests.broken_servers import free_port

RATE = 20
FULL = 2 * RATE


@pytest.fixture
def rate(db, settings, monkeypatch):
    """Twenty requests a second, a bucket that is full, and nobody who waits."""
    given = {name: value for name, value in given_variables().items() if name != "FAUCET_URL"}
    settings.ENVIRONMENT = parse_environment(given | {"SOLANA_RPC_REQUESTS_PER_SECOND": str(RATE)})
    nobody_waits = dict.fromkeys(Priority, 0.0)
    monkeypatch.setattr(budget, "_PATIENCE_SECONDS", nobody_waits)
    return RATE


@pytest.fixture
def without_redis(rate, settings, monkeypatch):
    monkeypatch.setattr(budget, "_local", budget._LocalBucket())
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    redis.cache_clear()
    yield
    redis.cache_clear()


def _taken(priority: Priority, *, method: str = "getSlot", at_most: int = 200) -> int:
    """How many requests were let through before the first refusal."""
    with asking_as(priority):
        for number in range(at_most):
            try:
                take_request(method)
            except Unavailable:
                return number
    return at_most


def _about(number: int, wanted: int) -> bool:
    # While they are counted the bucket goes on filling.
    return wanted <= number <= wanted + RATE


def test_the_backstop_leaves_half_to_the_reads_and_the_reads_a_fifth_to_money(rate):
    assert _about(_taken(Priority.BACKSTOP), FULL // 2)
    assert _taken(Priority.BACKSTOP, at_most=1) == 0
    assert _about(_taken(Priority.READS), FULL * 3 // 10)
    assert _taken(Priority.BACKSTOP, at_most=1) == 0
    take_request("sendTransaction")


def test_what_moves_money_goes_even_from_an_empty_bucket_and_within_a_backstop(rate):
    sent = _taken(Priority.BACKSTOP, method="sendTransaction", at_most=FULL * 2)
    assert sent == FULL * 2
    assert _taken(Priority.READS, at_most=1) == 0


def test_the_bucket_is_one_for_all_processes_and_fills_again(rate):
    _taken(Priority.READS)
    level = int(float(redis().hget("rpc:budget", "level") or 0))
    assert level < FULL * 1000
    time.sleep(0.5)
    assert _taken(Priority.READS, at_most=3) == 3


def test_with_redis_down_each_process_keeps_to_its_part_of_the_rate(without_redis):
    part = FULL // 4
    assert _about(_taken(Priority.READS), part * 8 // 10)
    assert _taken(Priority.BACKSTOP, at_most=1) == 0
    take_request("sendTransaction")
