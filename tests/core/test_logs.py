"""Log lines: JSON, one trace, and never a secret, wherever it was planted."""

import io
import json
import logging
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.test import Client

from core import logs, redaction, tracing
from core.context import acting_in, current
from core.logs import get_logger
from laminator.settings.environment import parse_environment

ROOT = Path(__file__).resolve().parents[2]
BOT_TOKEN = "7654321098:AAHplantedPlantedPlantedPlanted-1"
INIT_DATA = (
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%7D&auth_date=1662771648"
    "&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2"
)
DSN = "postgresql://desk_login:planted-pass-77@db.example:5432/laminator"
P256 = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgplantedplantedplantedplantedplantedplanted00"
)
PEM = "-----BEGIN PRIVATE KEY-----\nMIGplantedplantedplanted\n-----END PRIVATE KEY-----"
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlcGxhbnRlZA"
KEYPAIR = json.dumps([(number * 7) % 256 for number in range(64)])
OTPAUTH = "otpauth://totp/Desk:a@b.c?secret=JBSWY3DPEHPK3PXP&issuer=Desk"
BASIC = "cGxhbnRlZC1hcHA6cGxhbnRlZC1zZWNyZXQ="

# (the text that is logged, the part of it that must not come out)
PLANTED = [
    (f"POST https://api.telegram.org/bot{BOT_TOKEN}/sendMessage", BOT_TOKEN[11:]),
    (f"initData={INIT_DATA}", "c501b71e775f74ce"),
    (f"validating {INIT_DATA} now", "279058397"),
    (f"cannot connect to {DSN}", "planted-pass-77"),
    ("redis://:planted-pass-78@cache:6379/0 refused", "planted-pass-78"),
    ("Authorization: Bearer planted-bearer-0001", "planted-bearer-0001"),
    ("Authorization: Bearer key_1.planted-secret-part", "planted-secret-part"),
    (f"headers {{'Authorization': 'Basic {BASIC}'}}", BASIC),
    (f"[(b'authorization', b'Basic {BASIC}')]", BASIC),
    ("privy-authorization-signature: MEUCIQplantedplanted==", "MEUCIQplanted"),
    (f"signing with wallet-auth:{P256}", "plantedplanted"),
    (f"key {P256}", "plantedplanted"),
    (f"loaded {PEM}", "plantedplanted"),
    (f"cookie jwt {JWT}", "c2lnbmF0dXJlcGxhbnRlZA"),
    ("user did:privy:clplanted123 signed in", "clplanted123"),
    (f"keypair file: {KEYPAIR}", "7, 14, 21, 28"),
    ("private_key=5Kplantedplantedplanted", "5Kplanted"),
    ('{"privateKey": "5Kplantedplantedplanted"}', "5Kplanted"),
    ("password='planted hunter2'", "hunter2"),
    ("login with password=planted-hunter3&next=/", "planted-hunter3"),
    ("PRIVY_APP_SECRET=planted-app-secret", "planted-app-secret"),
    (OTPAUTH, "JBSWY3DPEHPK3PXP"),
    ("totp: 492871 accepted", "492871"),
    ("otp_code=492871", "492871"),
    ("sessionid=plantedsession123; path=/", "plantedsession123"),
    ("https://rpc.example/?api-key=planted-rpc-key-1", "planted-rpc-key-1"),
    ("csrfmiddlewaretoken=plantedcsrf", "plantedcsrf"),
]  # fmt: skip


@pytest.fixture
def written():
    """What the process's log handler writes, as text; the handler is set up as at start."""
    logs.configure({"level": "DEBUG", "process": "test"})
    (handler,) = [
        each for each in logging.getLogger().handlers if type(each).__module__ == "core.logs"
    ]
    before, handler.stream = handler.stream, io.StringIO()
    yield handler.stream
    handler.stream = before
    redaction.hide_values(())


def _lines(written):
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.mark.parametrize(("text", "secret"), PLANTED)
def test_a_planted_secret_comes_out_by_no_way(written, text, secret):
    log, plain = get_logger("desk"), logging.getLogger("some.library")

    log.info(text)
    log.info("as a field", detail=text, deep={"a": [{"b": (text, {text})}]}, raw=text.encode())
    plain.warning("as an argument: %s", text)
    plain.info("as an extra", extra={"detail": {"inner": text}})
    plain.info("as an object %s", SimpleNamespace(value=text))
    try:
        try:
            raise ValueError(text)
        except ValueError as error:
            raise RuntimeError("outer") from error
    except RuntimeError:
        log.exception("with a traceback")
        plain.exception("with a traceback of the library's")

    assert secret not in written.getvalue()
    assert len(_lines(written)) == 7


def test_what_is_named_like_a_secret_is_hidden_whatever_its_form(written):
    secrets = {
        "bot_token": "plain-1", "initData": "plain-2", "Authorization": "plain-3",
        "privy_app_secret": "plain-4", "password": "plain-5", "X-Api-Key": "plain-6",
        "privy_user_id": "plain-7", "privateKey": "plain-8", "totp": 123456, "Cookie": "plain-9",
        "database_url": "plain-10", "privy_wallet_id": "plain-11", "signer_key": "plain-12",
    }  # fmt: skip

    get_logger("desk").info("x", **secrets, nested={"list": [secrets]})
    get_logger("desk").info("y", headers=list(secrets.items()))

    assert "plain-" not in written.getvalue()
    assert "123456" not in written.getvalue()
    first, second = _lines(written)
    assert first["nested"]["list"][0]["password"] == "[hidden]"
    assert second["headers"][0] == ["bot_token", "[hidden]"]


def test_the_very_values_of_the_settings_are_hidden_anywhere(written):
    environment = parse_environment(
        {
            "SOLANA_RPC_URLS": "https://node.example/v2/planted-path-key-1,http://127.0.0.1:8899",
            "PRIVY_APP_SECRET": "planted plain words",
            "SECRET_KEY": "planted-django-key-planted-django-key",
        }
    )
    redaction.hide_values(logs.secret_texts(environment))

    get_logger("desk").info(
        "asking https://node.example/v2/planted-path-key-1 and http://127.0.0.1:8899",
        said="planted plain words", key=["planted-django-key-planted-django-key"],
    )  # fmt: skip

    assert "planted" not in written.getvalue()
    assert "http://127.0.0.1:8899" in written.getvalue()


def test_what_is_no_secret_is_kept_as_it_is(written):
    signature = "5" * 88
    get_logger("desk").info(
        "order placed", token_symbol="USDC", size=Decimal("0.5"), signature=signature,
        order=UUID("01a1f8be-46dd-7586-a814-99309dc4cb16"), idempotency_key="confirm-1",
        path="/admin/accounts/user/", at_price="152.37", token_account="8xyz",
    )  # fmt: skip

    (line,) = _lines(written)
    assert line["token_symbol"] == "USDC"
    assert line["size"] == "0.5"
    assert line["signature"] == signature
    assert line["order"] == "01a1f8be-46dd-7586-a814-99309dc4cb16"
    assert line["idempotency_key"] == "confirm-1"
    assert line["path"] == "/admin/accounts/user/"
    assert line["token_account"] == "8xyz"
    assert "[hidden]" not in written.getvalue()


def test_a_line_says_when_where_who_and_under_which_trace(written):
    actor = UUID("01a1f8be-46dd-7586-a814-99309dc4cb16")

    with acting_in(trace_id="a" * 32, channel="telegram", actor_id=actor):
        get_logger("desk.orders").info("placed")
        logging.getLogger("library").info("too")

    for line in _lines(written):
        assert line["trace"] == "a" * 32
        assert line["channel"] == "telegram"
        assert line["actor"] == str(actor)
        assert line["process"] == "test"
        assert line["level"] == "info"
        assert line["at"].endswith("Z")


def test_odd_things_make_a_line_all_the_same(written):
    class Rude:
        def __str__(self):
            raise RuntimeError("no")

    circle = {}
    circle["self"] = circle

    get_logger("desk").info(
        "odd", rude=Rude(), circle=circle, number=10**30, text="\ud800", none=None
    )

    (line,) = _lines(written)
    assert line["event"] == "odd"
    assert line["rude"] == "<Rude>"


def test_a_line_that_cannot_be_made_shows_none_of_its_arguments(written, capsys):
    handler = next(
        each for each in logging.getLogger().handlers if getattr(each, "stream", None) is written
    )
    wrong = logging.LogRecord("library", 20, "here.py", 1, "%d", ("planted-secret-value",), None)

    handler.handle(wrong)

    said = capsys.readouterr().err
    assert json.loads(said)["event"] == "log line lost"
    assert "planted-secret-value" not in said + written.getvalue()


def test_a_request_makes_one_line_without_its_query_string(written, db):
    answer = Client(HTTP_HOST="localhost").get("/?initData=planted-init-data&x=planted-x")

    (line,) = [each for each in _lines(written) if each["event"] == "request"]
    assert line["path"] == "/"
    assert line["status"] == 200
    assert line["trace"] == answer.headers["X-Request-Id"]
    assert "planted" not in written.getvalue()


def test_a_callers_trace_is_taken_if_it_has_our_form(written, db):
    browser = Client(HTTP_HOST="localhost")

    taken = browser.get("/", HTTP_X_REQUEST_ID="b" * 32)
    refused = browser.get("/", HTTP_X_REQUEST_ID="b\n{}")

    assert taken.headers["X-Request-Id"] == "b" * 32
    assert len(refused.headers["X-Request-Id"]) == 32


def test_a_trace_goes_with_a_task_into_the_worker_and_no_further():
    headers = {}
    actor = UUID("01a1f8be-46dd-7586-a814-99309dc4cb16")
    with acting_in(trace_id="c" * 32, channel="telegram", actor_id=actor):
        tracing._send_along(headers=headers)
    seen = []

    def worker():
        task = SimpleNamespace(name="a.task", request=SimpleNamespace(**headers))
        tracing._begin(task_id="1", task=task)
        seen.append(current())
        tracing._end(task_id="1", task=task, state="SUCCESS")
        seen.append(current())

    thread = threading.Thread(target=worker)
    thread.start()
    thread.join()

    assert json.loads(json.dumps(headers)) == headers
    assert (seen[0].trace_id, seen[0].channel, seen[0].actor_id) == ("c" * 32, "telegram", actor)
    assert seen[1].trace_id == ""


def test_a_real_task_message_carries_the_trace(redis_server):
    from laminator.celery import app

    with acting_in(trace_id="d" * 32, channel="web"):
        app.send_task("no.such.task", queue="traced")

    message = json.loads(redis_server.lpop("traced"))
    assert message["headers"]["desk_trace"] == "d" * 32
    assert message["headers"]["desk_channel"] == "web"


_ENDS_BADLY = """
import sys, threading
sys.argv = ["manage.py", "run_bot"]
import django; django.setup()
def fail(): raise ValueError("password=planted-in-thread")
thread = threading.Thread(target=fail); thread.start(); thread.join()
raise RuntimeError("token=planted-at-the-end")
"""


def test_a_process_that_ends_by_an_error_says_so_in_json_and_without_secrets():
    done = subprocess.run(
        [sys.executable, "-c", _ENDS_BADLY], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**__import__("os").environ, "DJANGO_SETTINGS_MODULE": "laminator.settings"},
    )  # fmt: skip

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "thread ended by an error", "process ended by an error",
    ]  # fmt: skip
    assert {line["process"] for line in lines} == {"bot"}
    assert "planted" not in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["/x/.venv/bin/granian", "laminator.wsgi"], "web"),
        (["/x/site-packages/granian/__main__.py", "--interface"], "web"),
        (["manage.py", "run_worker"], "worker"),
        (["manage.py", "run_worker", "--withdrawals"], "withdrawals"),
        (["manage.py", "run_beat"], "beat"),
        (["manage.py", "run_bot"], "bot"),
        (["manage.py", "run_feed"], "feed"),
        (["manage.py", "run_subscriptions"], "subscriptions"),
        (["manage.py", "migrate"], "migrate"),
    ],
)
def test_a_process_knows_its_name(monkeypatch, argv, name):
    monkeypatch.setattr(sys, "argv", argv)

    assert logs.process_name() == name


def test_a_secret_is_not_shown_by_half_where_a_long_text_is_cut():
    text = "x" * 19_980 + f" token={'planted' * 20} and more " + "y" * 5000

    cleaned = redaction.clean_text(text)

    assert "planted" not in cleaned
    assert cleaned.endswith(f"({len(text)} characters)")
    assert len(redaction.clean_text("z" * 100_000)) < 100
