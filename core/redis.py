"""The one client of the Redis-protocol server."""

from functools import cache

from django.conf import settings
from redis import Redis

from core.errors import Misconfigured


@cache
def redis() -> "Redis":
    """A thread-safe client with short time-outs. Raises Misconfigured without REDIS_URL."""
    if not settings.REDIS_URL:
        raise Misconfigured("redis.not_set", setting="REDIS_URL")
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)
