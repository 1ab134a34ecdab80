"""Where people stand in flows: kept in Redis, left completely, and left at no cost by others."""

import asyncio

from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from django.conf import settings
from redis.asyncio import Redis

from bot.storage import FlowStorage


def _in_a_flow(redis_server, steps):
    async def run():
        async with Redis.from_url(settings.REDIS_URL) as redis:
            await steps(FSMContext(FlowStorage(redis), StorageKey(bot_id=1, chat_id=7, user_id=7)))

    asyncio.run(run())


def test_data_without_a_state_is_left_too(redis_server):
    async def steps(flow):
        await flow.set_data({"deposit": "5"})
        assert await flow.get_state() is None
        await flow.clear()
        assert await flow.get_data() == {}

    _in_a_flow(redis_server, steps)


def test_a_flow_entered_after_nothing_was_seen_is_left_completely(redis_server):
    async def steps(flow):
        assert await flow.get_state() is None
        await flow.set_state("order:size")
        await flow.set_data({"side": "long"})
        await flow.clear()
        assert (await flow.get_state(), await flow.get_data()) == (None, {})

    _in_a_flow(redis_server, steps)


def test_leaving_where_there_is_no_flow_asks_redis_nothing_more(redis_server):
    async def steps(flow):
        assert await flow.get_state() is None
        before = redis_server.info("commandstats").get("cmdstat_del", {"calls": 0})["calls"]
        await flow.clear()
        after = redis_server.info("commandstats").get("cmdstat_del", {"calls": 0})["calls"]
        assert after == before

    _in_a_flow(redis_server, steps)
