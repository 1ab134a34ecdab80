"""Token buckets in Redis: so many requests at once, so many a second."""

import math
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from core.logs import get_logger
from core.redis import redis

log = get_logger("desk.rest")
# One round trip, on the server's own clock. Fractions of a token are kept in thousandths.
_TAKE = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local capacity, per_second, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(kept[1]) or capacity * 1000
left = math.min(capacity * 1000, left + (ms - (tonumber(kept[2]) or ms)) * per_second)
local taken = 0
if left >= math.max(cost, 1) * 1000 then
  taken = 1
  left = left - cost * 1000
end
redis.call('HSET', KEYS[1], 'left', math.floor(left), 'at', ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity * 1000 / per_second) + 1000)
return {taken, math.floor(left)}
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """`capacity` tokens, `per_second` of them come back each second."""

    name: str
    capacity: int
    per_second: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What is left of a bucket; `retry_after` is in whole seconds, 0 where the token was had."""

    ok: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int


def take(bucket: Bucket, owner: str, *, cost: int = 1) -> Taken:
    """Take `cost` tokens of this owner's bucket; cost 0 looks whether there is one.

    Without Redis every bucket is full: limits guard against floods, never against the owner.
    """
    try:
        answer: Any = redis().eval(
            _TAKE, 1, f"bucket:{bucket.name}:{owner}",
            str(bucket.capacity), str(bucket.per_second), str(cost),
        )  # fmt: skip
        ok, left = bool(answer[0]), int(answer[1])
    except RedisError as error:
        log.warning("no rate limits without redis", error=type(error).__name__)
        ok, left = True, bucket.capacity * 1000
    missing = bucket.capacity * 1000 - left
    wait = 0 if ok else max(1, math.ceil((cost * 1000 - left) / (bucket.per_second * 1000)))
    return Taken(
        ok=ok,
        limit=bucket.capacity,
        remaining=max(0, left // 1000),
        reset=math.ceil(missing / (bucket.per_second * 1000)),
        retry_after=wait,
    )
