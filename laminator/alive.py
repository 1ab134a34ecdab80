"""`python -m laminator.alive PROCESS`: whether that process of this machine works; for containers.

Exit code 0 when it does, 1 with one line when it does not. Without Django, as it is asked often.
"""

import http.client
import json
import socket
import sys
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError

from laminator.settings.environment import read_environment

PATIENCE_SECONDS = 5
_LONGEST_SILENCE = timedelta(seconds=30)
# The names under which workers answer, each with its machine's name behind it.
_WORKERS = {"worker": "celery", "withdrawals": "withdrawals"}


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m laminator.alive web|worker|withdrawals|beat|bot|feed|…")
    try:
        reason = why_not(sys.argv[1])
    except (OSError, RedisError, http.client.HTTPException) as error:
        reason = f"{type(error).__name__}: {error}"
    if reason:
        sys.stderr.write(f"{sys.argv[1]}: {reason}\n")
    return 1 if reason else 0


def why_not(process: str) -> str:
    """Why it does not work; "" when it does. Raises OSError, RedisError, HTTPException."""
    if process == "web":
        return _page()
    environment = read_environment()
    environment.require("REDIS_URL")
    assert environment.redis_url is not None
    url = environment.redis_url.get_secret_value()
    if process in _WORKERS:
        return _worker(url, f"{_WORKERS[process]}@{socket.gethostname()}")
    return _beats(url, process)


def _page() -> str:
    environment = read_environment()
    connection = http.client.HTTPConnection(
        "127.0.0.1", environment.laminator_port, timeout=PATIENCE_SECONDS
    )
    try:
        # By a name that it answers to; a pattern is none.
        host = next((name for name in environment.allowed_hosts if "*" not in name), "localhost")
        connection.request("GET", "/health", headers={"Host": host.lstrip(".")})
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if status == http.HTTPStatus.OK else f"/health answers {status}"


def _worker(broker: str, name: str) -> str:
    from celery import Celery
    from kombu.exceptions import OperationalError

    with Celery(broker=broker, set_as_current=False) as app:
        try:
            answers = app.control.ping(destination=[name], timeout=PATIENCE_SECONDS)
        except OperationalError as error:
            return f"the queue does not answer: {error}"
    return "" if answers else f"{name} does not answer"


def _beats(url: str, process: str) -> str:
    with Redis.from_url(url, protocol=2, socket_timeout=PATIENCE_SECONDS) as server:
        stored = server.get(f"heartbeat:{process}")
    if not isinstance(stored, bytes):
        return "has shown no sign of life"
    age = datetime.now(UTC) - datetime.fromisoformat(json.loads(stored)["at"])
    return f"last sign of life {age.total_seconds():.0f} s ago" if age > _LONGEST_SILENCE else ""


if __name__ == "__main__":
    raise SystemExit(main())
