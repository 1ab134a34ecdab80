"""No secret is shown by a log line, an error or the audit log, in whatever form it comes."""

import base64
import io
import json
import logging
import secrets
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote, quote_plus

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.services import readable
from bot.texts.errors import error_text, plain_sentence
from core import logs, redaction
from core.errors import Unavailable
from core.redaction import clean, clean_text
from core.rest.problems import problem_of
from core.uuid7 import uuid7
from laminator.settings.environment import parse_environment

_WEB = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LETTERS = st.text(alphabet=_WEB, min_size=32, max_size=43)
_SMALL = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=24, max_size=25)
# Figures alone would be a number to any reader.
_BASE32 = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=32, max_size=32).filter(
    lambda text: not text.isdigit()
)
_P256 = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"
# Of this process: what its settings hold is hidden by its very value.
OURS = {
    "TELEGRAM_BOT_TOKEN": "7654321098:AAE" + secrets.token_urlsafe(24),
    "PRIVY_APP_SECRET": "sec " + secrets.token_urlsafe(36),
    "PRIVY_APP_ID": secrets.token_hex(12),
    "PRIVY_TRADING_SIGNER_KEY": _P256 + secrets.token_urlsafe(60),
    "SECRET_KEY": secrets.token_urlsafe(40),
    "ENCRYPTION_KEYS": f"{secrets.token_urlsafe(32)},{secrets.token_urlsafe(32)}",
    "AUDIT_SIGNING_KEY": secrets.token_urlsafe(32),
    "SOLANA_RPC_URLS": f"https://node.example/v2/{secrets.token_hex(16)},"
    f"https://rpc.example/?api-key={secrets.token_hex(16)}",
    "DATABASE_URL": f"postgresql://desk:{secrets.token_urlsafe(20)}@db.example:5432/desk",
}
PARTS_OF_OURS = [
    OURS["SOLANA_RPC_URLS"].split(",")[0].rsplit("/", 1)[1],
    OURS["SOLANA_RPC_URLS"].rsplit("=", 1)[1],
    OURS["DATABASE_URL"].split(":")[2].split("@")[0],
    *OURS["ENCRYPTION_KEYS"].split(","),
    *(OURS[name] for name in (
        "TELEGRAM_BOT_TOKEN", "PRIVY_APP_SECRET", "PRIVY_APP_ID", "PRIVY_TRADING_SIGNER_KEY",
        "SECRET_KEY", "AUDIT_SIGNING_KEY",
    )),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _of_this_process():
    redaction.hide_values(logs.secret_texts(parse_environment(OURS)))
    yield
    redaction.hide_values(())


def init_data(secret):
    return (
        f"query_id=AAH{secret}&user=%7B%22id%22%3A279058397%7D&auth_date=1662771648"
        f"&hash={secret.encode().hex()[:64]:0<64}"
    )


# What others' secrets look like where they occur: (how it is written, the part to look for).
KINDS = {
    "another bot's token": _LETTERS.map(lambda s: (f"123456789:{s}", s)),
    "a telegram address": _LETTERS.map(
        lambda s: (f"https://api.telegram.org/bot123456789:{s}/getMe", s)
    ),
    "a privy user": _SMALL.map(lambda s: (f"did:privy:{s}", s)),
    "a privy wallet": _SMALL.map(lambda s: (f"https://api.privy.io/v1/wallets/{s}/rpc", s)),
    "an authorization key": _LETTERS.map(lambda s: (f"wallet-auth:{_P256}{s}{s}", s)),
    "a bare P-256 key": _LETTERS.map(lambda s: (f"{_P256}{s}{s}", s)),
    "an api key": _LETTERS.map(lambda s: (f"lmk_{'0a' * 12}.{s}", s)),
    "a bearer": _LETTERS.map(lambda s: (f"Authorization: Bearer lmk_{'0a' * 12}.{s}", s)),
    "basic": _LETTERS.map(
        lambda s: (f"authorization: Basic {base64.b64encode(s.encode()).decode()}",
                   base64.b64encode(s.encode()).decode()[:20])
    ),
    "init data": _LETTERS.map(lambda s: (init_data(s), s)),
    "init data of a mini app": _LETTERS.map(lambda s: (f"Authorization: tma {init_data(s)}", s)),
    "a link": _LETTERS.map(lambda s: (f"https://desk.example/desk/link?t={s}", s)),
    "a secret of an authenticator": _BASE32.map(lambda s: (s, s)),
    "the same as it is shown": _BASE32.map(
        lambda s: (" ".join(s[at : at + 4] for at in range(0, 32, 4)), s[8:12] + " " + s[12:16])
    ),
    "what is scanned": _BASE32.map(lambda s: (f"otpauth://totp/Desk:a?secret={s}&issuer=D", s)),
    "a node's address": _LETTERS.map(lambda s: (f"https://rpc.example/?api-key={s}", s)),
    "a node's password": _SMALL.map(lambda s: (f"https://me:{s}@rpc.example/", s)),
    "a mail server's": _SMALL.map(lambda s: (f"smtps://desk%40x.org:{s}@mail.example:465", s)),
    "ours": st.sampled_from(PARTS_OF_OURS).map(lambda s: (s, s)),
}  # fmt: skip
FORMS = [
    str, lambda text: quote(text, safe=""), quote_plus, json.dumps, repr,
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: json.dumps({"body": json.dumps({"detail": text})}),
    lambda text: f"GET /?next={quote(text, safe='')}&x=1",
    lambda text: f"\"{text}\"", lambda text: f"({text})", lambda text: f"<{text}>",
    lambda text: str(ValueError(text)), lambda text: repr(RuntimeError(text)),
    lambda text: f"line\n{text}\nline", lambda text: f"{text}, and then",
    lambda text: text.encode(), lambda text: f"{text.encode()}",
]  # fmt: skip
secrets_somewhere = st.one_of(*KINDS.values())
many = hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@many
@given(secrets_somewhere, st.sampled_from(FORMS), st.text(max_size=9), st.text(max_size=9))
def test_no_secret_is_left_in_a_text(written_secret, form, before, after):
    written, secret = written_secret
    formed = form(written)
    formed = formed.decode() if isinstance(formed, bytes) else formed

    assert secret not in clean_text(f"{before} {formed} {after}")


@many
@given(secrets_somewhere, st.sampled_from(FORMS))
def test_no_secret_is_logged_as_argument_field_or_cause(written_secret, form):
    written, secret = written_secret
    stream = io.StringIO()
    logs.configure({"level": "DEBUG", "process": "test"})
    redaction.hide_values(logs.secret_texts(parse_environment(OURS)))
    (handler,) = [
        each for each in logging.getLogger().handlers if type(each).__module__ == "core.logs"
    ]
    before, handler.stream = handler.stream, stream
    try:
        formed = form(written)
        logs.get_logger("desk").info("x", detail=formed, deep=[{"a": (formed, {formed: formed})}])
        try:
            try:
                raise ValueError(formed)
            except ValueError as error:
                raise RuntimeError("outer", {"said": formed}) from error
        except RuntimeError:
            logging.getLogger("a.library").exception("failed: %s", formed)
    finally:
        handler.stream = before

    assert secret not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 2


@many
@given(secrets_somewhere, st.sampled_from(FORMS))
def test_no_secret_is_told_by_an_error(written_secret, form):
    written, secret = written_secret
    error = Unavailable("chain.rpc_down", reason=form(written), node=ValueError(form(written)))

    assert secret not in orjson.dumps(problem_of(error)).decode()
    assert secret not in error_text(error, trace_id="a" * 32)
    assert secret not in plain_sentence(error)


@many
@given(secrets_somewhere, st.sampled_from(FORMS))
def test_no_secret_is_kept_in_the_audit_log(written_secret, form):
    written, secret = written_secret
    formed = form(written)
    formed = formed.decode() if isinstance(formed, bytes) else formed
    kept = readable({"reason": formed, "params": {"deep": [formed, {"said": formed}]}})

    assert secret not in json.dumps(kept)


@pytest.mark.parametrize("name", ["PRIVY_TRADING_SIGNER_KEY", "SECRET_KEY", "PRIVY_APP_SECRET"])
def test_a_secret_of_ours_is_known_by_its_beginning_and_by_its_end(name):
    value = OURS[name]
    """As libraries show values that are too long for them."""
    said = clean_text(f"input_value='{value[:25]}...{value[-24:]}', input_type=str")

    assert value[:16] not in said
    assert value[-16:] not in said
    assert "input_type=str" in said


def test_what_an_act_says_of_itself_is_kept_in_the_audit_log_as_it_is():
    told = {
        "status": "open", "token": "USDC", "api_key": "lmk_" + "0a" * 12, "amount": Decimal("0.5"),
        "order": uuid7(), "at": datetime.now(tz=UTC), "signature": "5" * 88, "count": 2**63,
        "reason": "100% of it was filled at 12:30; see https://explorer.example/tx/abc",
        "numbers": list(range(64)), "market": "velocity:SOL-PERP", "address": "So1" + "1" * 40,
        "password": "", "nothing": None, "flag": True,
    }  # fmt: skip

    kept = readable(told)

    assert "[hidden]" not in json.dumps(kept)
    assert kept["numbers"] == told["numbers"]
    assert kept["count"] == 2**63


def test_what_is_named_like_a_secret_is_hidden_in_the_audit_log():
    kept = readable({"privy_user_id": "did:x", "bot_token": "abc", "privy_wallet_id": "w1"})

    assert set(kept.values()) == {"[hidden]"}


@given(st.text(alphabet="abcdefghij 0123456789.,%-", max_size=80))
def test_plain_words_and_figures_stay_as_they_are(text):
    assert clean_text(text) == text


def test_a_hostile_text_takes_no_more_time_than_a_plain_one():
    for piece in ("%25", "%253A", "lmk_0a0a0a.", "A2B3 ", "bot1234567:", "/v1/wallets/", "'\\\""):
        text = piece * (19_000 // len(piece))
        assert isinstance(clean(text), str)


@hypothesis_settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["password", "token", "otp", "hash", "bearer", "eyJ", "MIGH", "lmk_"])
        | st.text(alphabet=_WEB.replace("-", ""), max_size=70)
        | _BASE32,
        max_size=4,
    )
)
def test_one_word_is_cleaned_by_fewer_forms_with_the_same_outcome(parts):
    word = "".join(parts)
    by_all = word
    for form, instead in redaction._FORMS:
        by_all = form.sub(instead, by_all)

    assert clean_text(word) == by_all
