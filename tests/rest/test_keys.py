"""Keys: who gets in, from where, until when, and how often one may guess."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import UserApiKey
from accounts.services import create_api_key, list_api_keys, revoke_api_key
from core.errors import NotFound, Refused
from core.roles import as_sync
from tests import factories
from tests.rest.programs import Program, make_key, problem, program, told

pytestmark = pytest.mark.django_db


def create(user, code_calls=None, **changes):
    def check(*, user_id, code, now):
        if code_calls is not None:
            code_calls.append(code)

    named = {
        "name": "bot", "scopes": ["trade"], "allowed_ips": [], "expires_at": None,
        "code": "123456", "check_code": check, "now": timezone.now(),
    }  # fmt: skip
    return create_api_key(user_id=user.pk, **named | changes)


def test_a_key_opens_and_only_a_hash_of_its_secret_is_kept():
    user = factories.user()
    facts, presented = make_key(user, "read:account")
    key, _, secret = presented.partition(".")

    answer = Program(presented).get("me")

    assert answer.status_code == 200
    assert told(answer)["id"] == str(user.pk)
    assert told(answer)["scopes"] == ["read:account"]
    with as_sync():
        row = UserApiKey.objects.get(pk=facts.id)
    assert row.api_key == key
    assert secret not in str(row.__dict__)
    assert len(secret) >= 43


def test_a_key_needs_a_code_and_none_is_spent_on_what_cannot_succeed():
    user, calls = factories.user(), []

    for changes in (
        {"name": ""}, {"name": "x" * 61}, {"name": "a\x00b"}, {"scopes": []},
        {"scopes": ["root"]}, {"allowed_ips": ["anywhere"]},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ):  # fmt: skip
        with pytest.raises(Refused):
            create(user, calls, **changes)
    assert calls == []

    def deny(**_):
        raise Refused("security.totp_wrong")

    with pytest.raises(Refused, match="totp_wrong"):
        create(user, check_code=deny)
    assert list_api_keys(user_id=user.pk, now=timezone.now()) == ()

    create(user, calls)
    assert calls == ["123456"]


def test_nobody_has_more_than_twenty_live_keys():
    user = factories.user()
    keys = [create(user)[0] for _ in range(20)]

    with pytest.raises(Refused, match="too_many_keys"):
        create(user)
    revoke_api_key(user_id=user.pk, key_id=keys[0].id, now=timezone.now())

    create(user)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic abc", "Token x.y"],
)
def test_without_a_key_nothing_opens(header):
    headers = {} if header is None else {"Authorization": header}

    assert problem(Program(None).get("me", **headers)) == (401, "api.key_missing")


@pytest.mark.parametrize("spoil", [
    lambda p: p[:-1], lambda p: p + "x", lambda p: p.replace(".", ""), lambda p: p.split(".")[0],
    lambda p: "." + p.split(".")[1], lambda p: p.upper(), lambda _: "lmk_" + "é" * 10 + ".x",
    lambda _: "lmk_x." + "y" * 5000, lambda p: p.split(".")[0] + ".",
])  # fmt: skip
def test_a_key_that_is_not_exactly_right_opens_nothing(spoil):
    _, presented = make_key(factories.user())

    answer = Program(spoil(presented)).get("me")

    assert problem(answer) == (401, "api.key_unknown")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_revoked_and_expired_keys_open_nothing():
    user, now = factories.user(), timezone.now()
    revoked, revoked_secret = make_key(user)
    revoke_api_key(user_id=user.pk, key_id=revoked.id, now=now)
    _, expired_secret = make_key(
        user, expires_at=now - timedelta(minutes=1), now=now - timedelta(hours=1)
    )

    assert problem(Program(revoked_secret).get("me")) == (401, "api.key_revoked")
    assert problem(Program(expired_secret).get("me")) == (401, "api.key_expired")
    shown = {key.status for key in list_api_keys(user_id=user.pk, now=now)}
    assert shown == {"revoked", "expired"}


def test_anothers_key_is_not_found():
    mine, _ = make_key(factories.user())

    with pytest.raises(NotFound):
        revoke_api_key(user_id=factories.user().pk, key_id=mine.id, now=timezone.now())
    assert problem(program(factories.user()).delete(f"keys/{mine.id}"))[0] == 404


def test_a_key_revokes_keys_of_its_person_at_once():
    user = factories.user()
    other, other_secret = make_key(user)

    assert told(program(user).delete(f"keys/{other.id}"))["status"] == "revoked"
    assert problem(Program(other_secret).get("me")) == (401, "api.key_revoked")


@pytest.mark.parametrize(
    ("allowed", "address", "opens"),
    [
        (["203.0.113.7"], "203.0.113.7", True), (["203.0.113.7"], "203.0.113.8", False),
        (["203.0.113.0/24"], "203.0.113.99", True), (["203.0.113.0/24"], "203.0.114.1", False),
        (["2001:db8::/32"], "2001:db8::1", True), (["2001:db8::/32"], "203.0.113.1", False),
        (["203.0.113.7", "198.51.100.0/24"], "198.51.100.4", True),
        (["203.0.113.7"], "::ffff:203.0.113.7", True),
    ],
)  # fmt: skip
def test_a_key_with_an_address_list_opens_from_there_alone(allowed, address, opens):
    caller = program(factories.user(), allowed_ips=allowed)

    answer = caller.client.get("/api/v1/me", headers=caller.headers({}), REMOTE_ADDR=address)

    assert answer.status_code == (200 if opens else 403)
    assert opens or problem(answer) == (403, "api.address_not_allowed")


def test_a_forwarded_address_counts_only_where_a_proxy_is_trusted(settings):
    caller = program(factories.user(), allowed_ips=["203.0.113.7"])

    invented = caller.get("me", **{"X-Forwarded-For": "203.0.113.7"})
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"client_ip_header": "X-Forwarded-For"}
    )
    from_proxy = caller.get("me", **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    prepended = caller.get("me", **{"X-Forwarded-For": "203.0.113.7, 198.51.100.1"})

    assert [each.status_code for each in (invented, from_proxy, prepended)] == [403, 200, 403]


@pytest.mark.parametrize("status", ["suspended", "banned"])
def test_a_suspended_person_is_kept_out(status):
    caller = program(factories.user(status=status))

    assert problem(caller.get("me")) == (403, "user.not_active")


def test_a_key_is_marked_as_used_at_most_once_a_minute():
    user = factories.user()
    facts, presented = make_key(user)
    moments = []
    for _ in range(3):
        Program(presented).get("me")
        with as_sync():
            moments.append(UserApiKey.objects.get(pk=facts.id).last_used_at)

    assert moments[0] is not None
    assert len(set(moments)) == 1


def drain(redis_server, bucket, owner):
    """Empty for a minute, however slowly the test itself runs."""
    seconds, micros = redis_server.time()
    now = seconds * 1000 + micros // 1000
    redis_server.hset(f"bucket:{bucket}:{owner}", mapping={"left": -300_000, "at": now})


def test_each_wrong_key_counts_for_its_address_and_its_key(redis_server):
    _, presented = make_key(factories.user())

    Program(presented[:-2] + "xx").get("me")

    key = presented.partition(".")[0]
    assert redis_server.exists("bucket:auth-address:127.0.0.1", f"bucket:auth-key:{key}") == 2


def test_an_address_that_guessed_too_often_is_not_even_looked_up(redis_server):
    _, presented = make_key(factories.user())
    drain(redis_server, "auth-address", "127.0.0.1")

    assert problem(Program(presented).get("me")) == (429, "api.too_many_requests")


def test_whoever_guesses_a_key_from_many_addresses_never_locks_its_owner_out(redis_server):
    _, presented = make_key(factories.user())
    drain(redis_server, "auth-key", presented.partition(".")[0])

    guessing = Program(presented[:-2] + "xx").get("me")

    assert problem(guessing) == (429, "api.too_many_requests")
    assert Program(presented).get("me").status_code == 200


def test_a_key_that_asks_too_often_is_told_how_long_to_wait(redis_server):
    facts, presented = make_key(factories.user())
    caller = Program(presented)
    before = caller.get("me")
    drain(redis_server, "read", facts.id)

    after = caller.get("me")

    assert before["RateLimit-Limit"] == "120"
    assert problem(after) == (429, "api.too_many_requests")
    assert int(after["Retry-After"]) >= 1
    assert after["RateLimit-Remaining"] == "0"


def test_each_answer_carries_the_trace_of_its_request():
    trace = "0" * 31 + "a"

    answer = program(factories.user()).get("me", **{"X-Request-Id": trace})

    assert answer["X-Request-Id"] == trace
    assert re.fullmatch(r"[0-9a-f]{32}", problem_trace(Program(None).get("me")))


def problem_trace(answer):
    return told(answer)["traceId"]
