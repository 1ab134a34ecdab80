"""Telegram's limits hold for all senders together, and its pauses stop who has to wait."""

import asyncio

import pytest
from django.conf import settings
from redis.asyncio import Redis

from bot.budget import Budget

pytestmark = pytest.mark.usefixtures("redis_server")
# Refilling while a slow machine runs the test must not matter.
SLOW = {"per_second": 0.001, "chat_per_second": 0.001}


def run(play, *, senders=1, url=None, **limits):
    """Play with so many senders' budgets, each with a connection of its own."""

    async def go():
        servers = [Redis.from_url(url or settings.REDIS_URL) for _ in range(senders)]
        try:
            return await play(*(Budget(each, bot_id=7, **SLOW | limits) for each in servers))
        finally:
            for each in servers:
                await each.aclose()

    return asyncio.run(go())


async def count(budget, chats, *, patience=0.0):
    return sum([(await budget.reserve(chat, patience=patience))[0] for chat in chats])


def test_two_senders_share_what_goes_to_all():
    async def play(one, other):
        return await count(one, range(20)), await count(other, range(100, 120))

    assert run(play, senders=2, burst=30) == (20, 10)


def test_two_senders_share_what_goes_to_a_chat():
    async def play(one, other):
        told = await count(one, [5] * 4), await count(other, [5] * 4)
        return told, await count(other, [6])

    assert run(play, senders=2, chat_burst=6) == ((4, 2), 1)


def test_a_group_has_four_at_once_and_sixteen_in_the_minute():
    async def play(budget):
        at_once = await count(budget, [-100] * 5)
        _, wait = await budget.reserve(-100, patience=0.0)
        return at_once, 0 < wait <= 60 / 16

    assert run(play) == (4, True)


def test_what_may_wait_takes_turns_one_after_the_other():
    async def play(budget):
        return [(await budget.reserve(5, patience=10.0)) for _ in range(4)]

    turns = run(play, chat_per_second=1, chat_burst=1)

    assert [may_go for may_go, _ in turns] == [True] * 4
    waits = [wait for _, wait in turns]
    assert waits == sorted(waits)
    assert waits[-1] <= 3


def test_who_has_no_patience_takes_nothing_of_the_others():
    async def play(budget):
        refused = await count(budget, [5] * 50)
        return refused, await count(budget, [6])

    assert run(play, chat_burst=1, burst=2) == (1, 1)


def test_a_pause_stops_its_chat_and_after_a_second_chats_everybody():
    async def play(one, other):
        await one.pause(5, seconds=30)
        alone = await count(other, [5, 6])
        await other.pause(6, seconds=30)
        return alone, await count(one, [5, 6, 7]), (await one.reserve(7, patience=0))[1] > 20

    assert run(play, senders=2) == (1, 0, True)


def test_an_emptied_redis_is_a_fresh_budget(redis_server):
    async def play(budget):
        before = await count(budget, range(40))
        redis_server.flushdb()
        return before, await count(budget, range(40))

    assert run(play, burst=30) == (30, 30)


def test_without_redis_each_sender_keeps_to_the_limits_by_itself():
    async def play(budget):
        return [(await budget.reserve(5, patience=0.0)) for _ in range(3)]

    turns = run(play, url="redis://127.0.0.1:1/0", chat_per_second=1, chat_burst=1)

    assert [may_go for may_go, _ in turns] == [True] * 3
    assert turns[2][1] > 1
