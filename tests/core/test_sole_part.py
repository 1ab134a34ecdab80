"""One process alone has a part, and loses it with its session."""

import asyncio
import os
from contextlib import asynccontextmanager

import psycopg
import pytest

from core.sole_part import Holding, SolePart
from laminator.settings.environment import parse_environment

pytestmark = [pytest.mark.django_db, pytest.mark.anyio]


def led_to(url):
    return parse_environment({"DATABASE_URL": url, "SECRET_KEY": "k" * 40})


@pytest.fixture(autouse=True)
def _database_of_this_run(db, settings):
    settings.ENVIRONMENT = led_to(os.environ["DATABASE_URL"])


@asynccontextmanager
async def parts(*numbers):
    made = [SolePart(number) for number in numbers]
    try:
        yield made
    finally:
        for part in made:
            await part.leave()


async def test_the_first_has_it_the_next_waits_and_gets_it_when_it_is_left():
    async with parts(1, 1, 2) as (first, second, other):
        assert await first.take() is Holding.OURS
        assert await first.take() is Holding.OURS
        assert await second.take() is Holding.ANOTHERS
        assert await other.take() is Holding.OURS
        await first.leave()
        assert await second.take() is Holding.OURS
        assert await first.take() is Holding.ANOTHERS


async def test_whose_session_ended_has_lost_it_and_learns_so(login_sql):
    async with parts(1, 1) as (first, second):
        await first.take()
        await second.take()
        _end_holders(login_sql)
        while await second.take() is Holding.ANOTHERS:
            await asyncio.sleep(0.01)  # a session ends a moment after it was told to
        assert await second.take() is Holding.OURS
        assert await first.take() is Holding.UNKNOWN
        assert await first.take() is Holding.ANOTHERS


async def test_of_many_at_once_one_gets_it():
    async with parts(*[1] * 10) as all_of_them:
        got = await asyncio.gather(*(part.take() for part in all_of_them))
        assert got.count(Holding.OURS) == 1
        assert got.count(Holding.ANOTHERS) == 9


async def test_without_a_database_nobody_knows(settings):
    settings.ENVIRONMENT = led_to("postgresql://a:b@127.0.0.1:1/none")
    async with parts(1) as (part,):
        assert await part.take() is Holding.UNKNOWN
        assert await part.take() is Holding.UNKNOWN


def _end_holders(connection: psycopg.Connection) -> None:
    ended = connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database() AND granted"
    ).fetchall()
    assert ended == [(True,)]
