"""How each thing that the desk needs is asked whether it is well."""

import json
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from audit.sealing import LONGEST_UNSEALED, unsealed_age
from chain.health import read_health
from chain.models import Submission
from chain.services import read_epoch
from core import heartbeat
from core.models import Job
from core.redis import redis
from core.roles import as_sync
from laminator.readiness import Check, Probe
from laminator.settings.environment import Environment
from trading.models import VenueAccount
from trading.services import list_venue_gates

_TIMEOUT = httpx.Timeout(2.0, connect=1.0)
_PRICE_AGE = timedelta(seconds=30)
_HEARTBEAT_AGE = timedelta(seconds=30)
_HEIGHT_STANDS = timedelta(seconds=30)
# Every job may be late by a few of its own intervals, the quick ones by a few seconds at least.
_JOB_INTERVALS = 3
_JOB_GRACE = timedelta(seconds=30)
_SYNC_LAG = timedelta(seconds=60)

# Per node: the last height seen, and since when it stands.
_heights: dict[str, tuple[int, datetime]] = {}
_heights_lock = threading.Lock()


def all_probes() -> list[tuple[str, Probe]]:
    """Every probe by its name; what the desk is not configured for is told as such."""
    environment: Environment = settings.ENVIRONMENT
    urls = environment.solana_rpc_urls or ()
    nodes: list[tuple[str, Probe]] = [
        (f"rpc_{number}" if len(urls) > 1 else "rpc", partial(rpc, url.get_secret_value()))
        for number, url in enumerate(urls, start=1)
    ]
    return [
        ("database", database),
        ("redis", redis_server),
        *(nodes or [("rpc", partial(_not_configured, "SOLANA_RPC_URLS"))]),
        ("privy", privy),
        ("telegram", telegram),
        ("rpc_calls", rpc_calls),
        ("jobs", jobs),
        ("sync", sync),
        ("audit", audit),
        ("venues", venues),
        ("epoch", epoch),
        ("prices", prices),
        ("subscriptions", subscriptions),
        *((process, partial(process_beats, process)) for process in heartbeat.PROCESSES),
    ]


def database() -> Check:
    """The database answers."""
    from laminator.health import database_probe

    failure = database_probe.failure()
    return Check("database", ok=failure is None, error=failure or "")


def redis_server() -> Check:
    """The Redis server answers."""
    redis().ping()
    return Check("redis", ok=True)


def rpc(url: str) -> Check:
    """A node is of the expected chain, and its block height moves; `age` is since it last did."""
    expected = settings.ENVIRONMENT.solana_genesis_hash
    with httpx.Client(timeout=_TIMEOUT) as client:
        height = int(_call(client, url, "getBlockHeight"))
        genesis = str(_call(client, url, "getGenesisHash")) if expected else ""
    now = timezone.now()
    with _heights_lock:
        seen, since = _heights.get(url, (-1, now))
        if height != seen:
            since = now
        _heights[url] = (height, since)
    stands = now - since
    error = ""
    if expected and genesis != expected:
        error = "the node is of another chain than SOLANA_GENESIS_HASH says"
    elif stands > _HEIGHT_STANDS:
        error = f"the block height stands at {height}"
    facts = {"block_height": height}
    return Check("rpc", ok=not error, error=error, age_seconds=stands.total_seconds(), facts=facts)


def rpc_calls() -> Check:
    """How the nodes fare in the calls of the desk's own processes; well while one is usable."""
    told = read_health()
    aside = sorted(name for name, health in told.items() if health["set_aside_seconds"])
    error = f"set aside: {', '.join(aside)}" if aside else ""
    all_aside = bool(told) and len(aside) == len(told)
    return Check("rpc_calls", ok=not all_aside, error=error, facts={"nodes": dict(told)})


def privy() -> Check:
    """Privy answers and takes our credentials."""
    environment: Environment = settings.ENVIRONMENT
    if not environment.privy_app_id or not environment.privy_app_secret:
        return _not_configured("PRIVY_APP_ID and PRIVY_APP_SECRET")
    answer = httpx.get(
        f"{environment.privy_base_url}/v1/wallets",
        params={"limit": 1},
        auth=(environment.privy_app_id, environment.privy_app_secret.get_secret_value()),
        headers={"privy-app-id": environment.privy_app_id},
        timeout=_TIMEOUT,
    )
    return _by_status("privy", answer)


def telegram() -> Check:
    """The Bot API answers and knows our bot."""
    environment: Environment = settings.ENVIRONMENT
    if not environment.telegram_bot_token:
        return _not_configured("TELEGRAM_BOT_TOKEN")
    token = environment.telegram_bot_token.get_secret_value()
    answer = httpx.get(f"{environment.telegram_api_url}/bot{token}/getMe", timeout=_TIMEOUT)
    return _by_status("telegram", answer)


def jobs() -> Check:
    """Beat asks for the jobs and a worker ends them; `age` is that of the newest end."""
    now = timezone.now()
    try:
        with as_sync():
            rows = {job.name: job for job in Job.objects.all()}
    finally:
        connection.close()  # this thread ends; its connection goes back to the pool
    ended = [job.finished_at for job in rows.values() if job.finished_at]
    if not ended:
        return Check("jobs", ok=False, error="no job has ever run: is a worker and Beat running?")
    late = sorted(
        name
        for name, (_, seconds) in settings.JOBS.items()
        if (last := getattr(rows.get(name), "finished_at", None)) is not None
        and now - last > timedelta(seconds=seconds * _JOB_INTERVALS) + _JOB_GRACE
    )
    never = sorted(
        name for name in settings.JOBS if not getattr(rows.get(name), "finished_at", None)
    )
    problems = [
        *([f"late: {', '.join(late)}"] if late else []),
        *([f"never run: {', '.join(never)}"] if never else []),
    ]
    # A job that runs hourly may well not have run yet; that alone makes nobody unready.
    quick = [name for name in never if settings.JOBS[name][1] <= 60]
    age = (now - max(ended)).total_seconds()
    return Check("jobs", ok=not late and not quick, error="; ".join(problems), age_seconds=age)


def audit() -> Check:
    """Rows of the log get their seals; `age` is that of the oldest that has none."""
    try:
        age = unsealed_age(now=timezone.now())
    finally:
        connection.close()
    error = "audit rows wait for their seal" if age > LONGEST_UNSEALED else ""
    return Check("audit", ok=not error, error=error, age_seconds=age.total_seconds())


def epoch() -> Check:
    """The database is not older than the world: nothing waits for a reconciliation."""
    try:
        with as_sync():
            found = read_epoch()
    finally:
        connection.close()
    error = f"halted until it is reconciled: {found.halted_reason}" if found.is_halted else ""
    return Check("epoch", ok=not found.is_halted, error=error, facts={"number": found.number})


def venues() -> Check:
    """Every open deployment is what this release knows; `age` is that of the oldest look."""
    now = timezone.now()
    try:
        gates = list_venue_gates(now=now)
    finally:
        connection.close()
    closed = [
        f"{gate.deployment} is read-only: {gate.reason}" for gate in gates if not gate.is_open
    ]
    ages = [(now - gate.checked_at).total_seconds() for gate in gates if gate.checked_at]
    facts = {"open": [gate.deployment for gate in gates if gate.is_open]}
    return Check(
        "venues",
        ok=not closed,
        error=" ".join(closed),
        age_seconds=max(ages, default=None),
        facts=facts,
    )


def sync() -> Check:
    """Accounts that are to be looked at are looked at, and open submissions are followed."""
    now = timezone.now()
    try:
        with as_sync():
            wanted = (
                VenueAccount.objects.filter(wanted_at__isnull=False)
                .order_by("wanted_at")
                .values_list("wanted_at", flat=True)
                .first()
            )
            unchecked = (
                Submission.objects.exclude(
                    state__in=["finalized", "failed", "expired", "abandoned"]
                )
                .order_by("checked_at")
                .values_list("checked_at", flat=True)
                .first()
            )
    finally:
        connection.close()
    lags = [now - moment for moment in (wanted, unchecked) if moment is not None]
    lag = max(lags, default=timedelta(0))
    error = "accounts or submissions wait to be looked at" if lag > _SYNC_LAG else ""
    return Check("sync", ok=not error, error=error, age_seconds=max(0.0, lag.total_seconds()))


def prices() -> Check:
    """Prices come in; `age` is that of the newest."""
    now = timezone.now()
    ages = {symbol: now - price["observed_at"] for symbol, price in last_prices().items()}
    if not ages:
        return Check("prices", ok=False, error="no price has come in")
    stale = sorted(symbol for symbol, age in ages.items() if age > _PRICE_AGE)
    youngest = min(ages.values())
    return Check(
        "prices",
        # One market whose source sleeps must not take the desk out of service.
        ok=youngest <= _PRICE_AGE,
        error=f"stale: {', '.join(stale[:10])}" if stale else "",
        age_seconds=max(0.0, youngest.total_seconds()),
        facts={"markets": len(ages)},
    )


def process_beats(process: str) -> Check:
    """A process that answers nobody has shown a sign of life."""
    last = heartbeat.read(process)
    if last is None:
        return Check(process, ok=False, error="has shown no sign of life")
    age = last.age(now=timezone.now())
    error = "shows no sign of life any more" if age > _HEARTBEAT_AGE else ""
    return Check(process, ok=not error, error=error, age_seconds=max(0.0, age.total_seconds()))


def subscriptions() -> Check:
    """Whether a node hints at what moves. Never unwell: all is seen without it, only later."""
    try:
        last = heartbeat.read("subscriptions")
    except RedisError:
        return Check("subscriptions", ok=True, error="cannot tell")
    if last is None:
        return Check("subscriptions", ok=True, error="has shown no sign of life")
    age = last.age(now=timezone.now())
    error = "" if last.facts["connected"] else "no node is connected"
    if age > _HEARTBEAT_AGE:
        error = "shows no sign of life any more"
    return Check(
        "subscriptions", ok=True, error=error,
        age_seconds=max(0.0, age.total_seconds()), facts=dict(last.facts),
    )  # fmt: skip


def last_prices() -> dict[str, dict[str, Any]]:
    """The last price of each `source token`: `price`, `source`, `observed_at` (aware).

    Raises redis.RedisError.
    """
    server: Any = redis()
    keys = sorted(server.scan_iter(match="price:*", count=500))[:500]
    # Each price is kept by its source, and once more by its token alone.
    keys = [key for key in keys if key.count(b":") == 2] or keys
    values = server.mget(keys) if keys else []
    found: dict[str, dict[str, Any]] = {}
    for key, value in zip(keys, values, strict=True):
        if value is None:
            continue
        price = json.loads(value)
        price["observed_at"] = _moment(price["observed_at"])
        found[key.decode().removeprefix("price:").replace(":", " ")] = price
    return found


def _moment(told: Any) -> datetime:
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, tz=UTC)
    return datetime.fromisoformat(told)


def _call(client: httpx.Client, url: str, method: str) -> Any:
    answer = client.post(url, json={"jsonrpc": "2.0", "id": 1, "method": method})
    answer.raise_for_status()
    body = answer.json()
    if "result" not in body:
        raise ValueError(f"{method}: the node answered with an error")
    return body["result"]


def _by_status(name: str, answer: httpx.Response) -> Check:
    if answer.status_code in (401, 403):
        return Check(name, ok=False, error="our credentials are refused")
    # Too many requests is an answer too: it lives.
    ok = answer.is_success or answer.status_code == 429
    return Check(name, ok=ok, error="" if ok else f"answered {answer.status_code}")


def _not_configured(names: str) -> Check:
    return Check("", ok=False, error=f"not configured: {names}")
