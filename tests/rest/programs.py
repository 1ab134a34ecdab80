"""A program that calls the desk: a person's key, and requests with it."""

from dataclasses import dataclass, field
from itertools import count

import orjson
from django.test import Client
from django.utils import timezone

from accounts.services import create_api_key
from tests.desk import sweep_until

ALL_SCOPES = ("read:account", "read:market", "trade", "withdraw")
_keys = count(1)


def accept_code(*, user_id, code, now):
    """Stands for a code that the person's authenticator has shown."""


def make_key(user, *scopes, name="program", allowed_ips=(), expires_at=None, now=None):
    """(facts, `key.secret`) of a new key."""
    return create_api_key(
        user_id=user.pk, name=name, scopes=scopes or ALL_SCOPES, allowed_ips=allowed_ips,
        expires_at=expires_at, code="123456", check_code=accept_code, now=now or timezone.now(),
    )  # fmt: skip


@dataclass
class Program:
    """Requests of one key through the whole of Django; each answer with its body read."""

    presented: str | None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def headers(self, more):
        given = {} if self.presented is None else {"Authorization": f"Bearer {self.presented}"}
        return given | more

    def get(self, path, query=None, **headers):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers(headers))

    def delete(self, path, *, key=None, **headers):
        named = {"Idempotency-Key": key} if key is not None else {}
        return self.client.delete(f"/api/v1/{path}", headers=self.headers(named | headers))

    def post(self, path, body=None, *, key=None, raw=None, method="post", **headers):
        named = {"Idempotency-Key": key} if key is not None else {}
        return getattr(self.client, method)(
            f"/api/v1/{path}",
            orjson.dumps(body if body is not None else {}) if raw is None else raw,
            content_type="application/json",
            headers=self.headers(named | headers),
        )


def program(user, *scopes, **options):
    return Program(make_key(user, *scopes, **options)[1])


def told(answer):
    return orjson.loads(answer.content)


def problem(answer):
    """(status, code) of a problem, which has to be one in form."""
    body = told(answer)
    assert answer["Content-Type"] == "application/problem+json", answer.content
    assert body["status"] == answer.status_code
    assert body["traceId"] == answer["X-Request-Id"]
    assert {"type", "title", "detail", "code", "params", "retryable"} <= body.keys()
    return answer.status_code, body["code"]


def fresh_key():
    return f"key-{next(_keys)}"


def followed(caller, answer, *, until):
    """What stands at the Location of an act once it has come so far."""
    assert answer.status_code == 202, answer.content
    place = answer["Location"].removeprefix("/api/v1/")
    sweep_until(lambda: told(caller.get(place))["status"] in until)
    return told(caller.get(place))


def fund(caller, amount="500"):
    """(the first answer, the deposit at its end) of a deposit that the venue has booked."""
    answer = caller.post("deposits", {"venue": "velocity", "amount": amount}, key="deposit")
    return answer, followed(caller, answer, until={"completed"})
