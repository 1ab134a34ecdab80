"""The key under which the application keeps its world."""

from aiohttp import web

from sandbox.telegram.world import World

WORLD = web.AppKey("telegram_world", World)
