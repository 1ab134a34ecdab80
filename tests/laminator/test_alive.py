"""What a container is asked: whether its process works."""

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.conf import settings

from core import heartbeat
from core.redis import redis
from laminator import alive
from tests.broken_servers import free_port


@pytest.fixture(autouse=True)
def settings_of_the_process(redis_server, monkeypatch):
    monkeypatch.setenv("LAMINATOR_ENV_FILE", "/dev/null")
    monkeypatch.setenv("REDIS_URL", settings.REDIS_URL)


def test_a_process_works_while_it_shows_signs_of_life():
    assert "no sign of life" in alive.why_not("beat")

    heartbeat.beat("beat")
    assert alive.why_not("beat") == ""

    long_ago = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    redis().set("heartbeat:beat", json.dumps({"at": long_ago, "pid": 1, "facts": {}}))
    assert "120 s ago" in alive.why_not("beat")


def test_a_worker_that_nobody_started_does_not_answer(monkeypatch):
    monkeypatch.setattr(alive, "PATIENCE_SECONDS", 0.1)
    assert "does not answer" in alive.why_not("worker")


def test_a_page_is_asked_by_a_name_that_it_answers_to(monkeypatch):
    asked = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(200 if len(asked) == 1 else 503)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", free_port()), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("LAMINATOR_PORT", str(server.server_port))
        monkeypatch.setenv("ALLOWED_HOSTS", "desk.example")
        assert alive.why_not("web") == ""
        assert alive.why_not("web") == "/health answers 503"
        server.shutdown()
    assert asked[0] == ("/health", "desk.example")


def test_what_does_not_answer_is_said_in_a_line_and_by_the_exit_code(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["alive", "feed"])
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert alive.main() == 1
    assert capsys.readouterr().err.count("\n") == 1
