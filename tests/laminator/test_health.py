"""`/health`, `/ready` and the landing page, against servers that answer, fail or keep silent."""

import json
import os
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import redis
from django.test import Client
from django.utils import timezone

from core import heartbeat
from core.models import Job
from core.redis import redis as redis_client
from core.roles import as_sync
from laminator import probes, readiness
from laminator.health import DatabaseProbe
from laminator.settings.environment import parse_environment
from tests import factories
from tests.broken_servers import database_at, free_port, silent_server

TOKEN = "123456789:planted-token-planted-token-1"
GENESIS = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"


@pytest.fixture
def browser():
    return Client(HTTP_HOST="localhost")


@pytest.fixture(autouse=True)
def _asked_anew(db):
    readiness.forget()
    probes._heights.clear()
    yield
    readiness.forget()
    redis_client.cache_clear()  # the next test may have another server


class _Outside(BaseHTTPRequestHandler):
    """A node, a custodian and a messenger in one; `answers` of the server say what each says."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._say(200, {"jsonrpc": "2.0", "id": 1, "result": self.server.answers[asked["method"]]})

    def do_GET(self):
        name = "telegram" if self.path.endswith("/getMe") else "privy"
        self._say(self.server.answers[name], {})

    def _say(self, status, body):
        told = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        pass


@pytest.fixture
def outside(settings):
    """The outside world on this machine, all well; the settings lead to it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Outside)
    server.answers = {
        "getBlockHeight": 1000, "getGenesisHash": GENESIS, "privy": 200, "telegram": 200,
    }  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    settings.ENVIRONMENT = parse_environment(
        {
            "SOLANA_RPC_URLS": url, "SOLANA_GENESIS_HASH": GENESIS, "PRIVY_BASE_URL": url,
            "PRIVY_APP_ID": "app", "PRIVY_APP_SECRET": "secret-planted", "TELEGRAM_API_URL": url,
            "TELEGRAM_BOT_TOKEN": TOKEN,
        }
    )  # fmt: skip
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def all_is_well(outside, redis_server, settings):
    now = timezone.now()
    with as_sync():
        for name in settings.JOBS:
            Job.objects.create(name=name, finished_at=now, lag_seconds=0)
    redis_server.set(
        "price:velocity:SOL",
        json.dumps({"price": "100", "source": "oracles", "observed_at": now.isoformat()}),
    )
    heartbeat.beat("bot", updates=3)
    heartbeat.beat("feed")
    return outside


def _checks(browser):
    readiness.forget()
    answer = browser.get("/ready")
    return answer.status_code, answer.json()["checks"]


def test_health_says_that_process_and_database_live(browser):
    answer = browser.get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "healthy"
    assert answer.json()["database"] == "connected"
    assert set(answer.json()) == {"status", "database", "timestamp"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_health_says_that_the_database_is_gone_and_when_it_is_back(browser):
    assert browser.get("/health").status_code == 200

    with database_at(free_port()):
        gone = browser.get("/health")
    back = browser.get("/health")

    assert gone.status_code == 503
    assert gone.json()["status"] == "unhealthy"
    assert gone.json()["database"] == "disconnected"
    assert back.status_code == 200


def test_health_does_not_wait_for_a_database_that_keeps_silent():
    probe = DatabaseProbe()
    with silent_server() as port, database_at(port):
        failures = [probe.failure(patience_seconds=0.1) for _ in range(3)]

    assert failures == ["no answer within 0.1 s"] * 3


def test_health_never_tells_the_password_of_the_database(browser):
    with database_at(free_port()):
        readiness.forget()
        answer = browser.get("/ready")

    assert os.environ["DATABASE_URL"].split(":")[2].split("@")[0] not in answer.content.decode()
    assert not answer.json()["checks"]["database"]["ok"]


def test_the_desk_is_ready_when_everything_is_well(browser, all_is_well):
    status, checks = _checks(browser)

    assert [name for name, check in checks.items() if not check["ok"]] == []
    assert status == 200
    assert checks["rpc"]["block_height"] == 1000
    assert checks["prices"]["markets"] == 1
    assert 0 <= checks["bot"]["age_seconds"] < 30


@pytest.mark.parametrize(
    ("name", "answer", "check", "told"),
    [
        ("getGenesisHash", "another", "rpc", "another chain"),
        ("privy", 401, "privy", "credentials are refused"),
        ("privy", 500, "privy", "answered 500"),
        ("telegram", 401, "telegram", "credentials are refused"),
    ],
)
def test_one_thing_that_is_not_well_makes_the_desk_unready(
    browser, all_is_well, name, answer, check, told
):
    all_is_well.answers[name] = answer

    status, checks = _checks(browser)

    assert status == 503
    assert [each for each, told in checks.items() if not told["ok"]] == [check]
    assert told in checks[check]["error"]


def test_a_chain_that_stands_still_is_not_well(browser, all_is_well):
    _checks(browser)
    url = next(iter(probes._heights))
    probes._heights[url] = (1000, timezone.now() - timedelta(minutes=2))

    stands = _checks(browser)[1]["rpc"]
    all_is_well.answers["getBlockHeight"] = 1001
    moves = _checks(browser)[1]["rpc"]

    assert not stands["ok"]
    assert stands["error"] == "the block height stands at 1000"
    assert moves["ok"]


def test_what_is_unreachable_is_told_without_its_secrets(browser, all_is_well, settings):
    nowhere = f"http://127.0.0.1:{free_port()}"
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"telegram_api_url": nowhere, "privy_base_url": nowhere}
    )

    status, checks = _checks(browser)

    assert status == 503
    assert not checks["telegram"]["ok"]
    assert not checks["privy"]["ok"]
    assert "planted" not in json.dumps(checks)


def test_old_news_are_bad_news(browser, all_is_well, redis_server):
    past = timezone.now() - timedelta(minutes=5)
    redis_server.set(
        "price:velocity:SOL",
        json.dumps({"price": "1", "source": "oracles", "observed_at": past.isoformat()}),
    )
    redis_server.set("heartbeat:bot", json.dumps({"at": past.isoformat(), "pid": 1, "facts": {}}))
    redis_server.delete("heartbeat:feed")
    with as_sync():
        Job.objects.filter(name="submissions_sweep").update(finished_at=past)
        factories.venue_account(wanted_at=past)

    status, checks = _checks(browser)

    assert status == 503
    bad = {name: check["error"] for name, check in checks.items() if not check["ok"]}
    assert bad == {
        "prices": "stale: velocity SOL",
        "bot": "shows no sign of life any more",
        "feed": "has shown no sign of life",
        "jobs": "late: submissions_sweep",
        "sync": "accounts or submissions wait to be looked at",
    }


def test_without_redis_the_desk_is_not_ready_and_says_which(browser, all_is_well, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    redis_client.cache_clear()

    status, checks = _checks(browser)

    assert status == 503
    assert {name for name, check in checks.items() if not check["ok"]} == {
        "redis", "prices", "bot", "feed",
    }  # fmt: skip


def test_readiness_asks_outsiders_no_oftener_than_it_says(browser, all_is_well):
    first = browser.get("/ready").json()["timestamp"]
    second = browser.get("/ready").json()["timestamp"]
    readiness.forget()
    third = browser.get("/ready").json()["timestamp"]

    assert first == second
    assert third > second


def test_a_probe_that_hangs_holds_nobody(monkeypatch):
    monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 0.1)
    release = threading.Event()

    def hangs():
        release.wait(5)
        return readiness.Check("", ok=True)

    report = readiness.ask([("slow", hangs), ("quick", lambda: readiness.Check("", ok=True))])
    release.set()

    assert {check.name: check.ok for check in report.checks} == {"slow": False, "quick": True}


def test_the_landing_page_needs_no_database(browser):
    with database_at(free_port()):
        answer = browser.get("/")

    assert answer.status_code == 200
    assert 'href="/admin/"' in answer.content.decode()


def test_the_look_of_the_back_office_is_served(browser):
    found = browser.get("/static/unfold/css/styles.css")
    missing = browser.get("/static/../laminator/settings/environment.py")

    assert found.status_code == 200
    assert b"tailwind" in b"".join(found.streaming_content)[:200]
    assert missing.status_code in (400, 404)


def test_a_heartbeat_is_kept_with_what_was_said(redis_server):
    heartbeat.beat("bot", updates=5)

    last = heartbeat.read("bot")

    assert last.pid == os.getpid()
    assert last.facts == {"updates": 5}
    assert last.age(now=timezone.now()) < timedelta(seconds=30)
    assert heartbeat.read("nobody") is None


def test_a_heartbeat_without_redis_fails_at_once(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    redis_client.cache_clear()

    with pytest.raises(redis.RedisError):
        heartbeat.beat("bot")
