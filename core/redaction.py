"""What no log line may hold: secrets by the name of their key, by their form, by their value.

Three nets, as each has holes: a key named `password`, a text that looks like a bot token, and the
very values of this process's own settings.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import unquote
from uuid import UUID

HIDDEN = "[hidden]"
_DEEPEST = 8
_LONGEST = 20_000
_LARGEST_NUMBER = 2**63  # JSON as it is written here knows no larger one

# Key names are compared in lower case without separators. An end suffices, so that `bot_token`
# is hidden and `token_symbol` is not.
_SECRET_ENDS = (
    "password", "passwd", "passphrase", "secret", "token", "authorization", "initdata", "apikey",
    "privatekey", "secretkey", "signingkey", "signerkey", "authorizationkey",
    "authorizationsignature", "keypair", "mnemonic", "seedphrase", "totp", "otp", "otpcode",
    "cookie", "sessionid", "sessionkey", "dsn", "databaseurl", "databaseownerurl", "redisurl",
    "brokerurl", "privyid", "privyuserid", "privywalletid", "privyappid", "rawtransaction",
)  # fmt: skip
# Columns of ours: which asset, and the half of an API key that everybody may see.
_NAMED_LIKE_SECRETS = frozenset({"token", "api_key"})
_NAME = re.compile(r"[\w.\- ]{1,60}")
_SEPARATORS = re.compile(r"[\W_]+")

_WORDS = (
    r"password|passwd|passphrase|secret|token|init_?data|api[_-]?key|private[_-]?key|secret[_-]?key"
    r"|signer[_-]?key|signing[_-]?key|authorization[_-]?key|authorization[_-]?signature|key[_-]?pair"
    r"|mnemonic|seed[_-]?phrase|totp|otp(?:[_-]?code)?|cookie|session[_-]?(?:id|key)"
    r"|privy[_-]?(?:app|user|wallet)?[_-]?id"
)
_QUOTE = r"b?[\"']"
# `"name": "value"`, `name=value`, `('name', 'value')`; after a comma only where the name is quoted.
_LINK = rf"(?:\\*[\"']?\s*[:=]\s*|\\*[\"']\s*,\s*)\\*{_QUOTE}?"
_LINK_OPEN = rf"(?:\\*[\"']?\s*[:=]\s*|\\*[\"']\s*,\s*)\\*(?:{_QUOTE})?"
# A secret of an authenticator: 20 bytes in base32, also in fours as its page shows it.
_BASE32 = re.compile(
    r"(?<![A-Z0-9])(?:[A-Z2-7]{32}|(?:[A-Z2-7]{4}[ +-]){7}[A-Z2-7]{4})(?![A-Z0-9])"
)
# A P-256 key in PKCS#8, as Privy's authorization keys are written.
_PKCS8 = re.compile(r"\bM[IE][GE][HTUCI][A-Za-z0-9+/=_-]{60,}")
_ONE_WORD = re.compile(r"[A-Za-z0-9_]+")
_FORMS_OF_WORDS, _SHORTEST_FORM = (_BASE32, _PKCS8), 32
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|\Z)", re.S),
        HIDDEN,
    ),
    (re.compile(r"otpauth://\S+"), HIDDEN),
    (_BASE32, HIDDEN),
    # What opens an API key, and a one-time link.
    (re.compile(r"(lmk_[0-9a-f]{6,40}\.)[A-Za-z0-9_-]{4,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(/desk/link/?\?t=)[^\s&\"'<>]+"), rf"\1{HIDDEN}"),
    # The custodian's addresses name whose wallet it is.
    (re.compile(r"(/v1/(?:wallets|users|key_quorums|policies)/)[\w:-]{12,}"), rf"\1{HIDDEN}"),
    # A password within an address: postgresql://name:password@host.
    (
        re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,30}://[^\s:/@\"']{0,100}:)[^\s@\"']{1,300}@"),
        rf"\1{HIDDEN}@",
    ),
    (re.compile(r"(?<!\d)(?:bot)?\d{6,12}:[A-Za-z0-9_-]{20,}"), HIDDEN),
    (re.compile(r"did:privy:[A-Za-z0-9_-]+"), HIDDEN),
    (re.compile(r"wallet-(?:auth|api):[A-Za-z0-9+/=_-]+"), HIDDEN),
    (_PKCS8, HIDDEN),
    # A web token.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"), HIDDEN),
    # A key pair as Solana's tools write it: 64 numbers.
    (re.compile(r"\[\s*(?:\d{1,3}\s*,\s*){31,}\d{1,3}\s*\]"), HIDDEN),
    (
        re.compile(
            rf"(?i)((?:proxy-)?authorization{_LINK_OPEN})(?:(?:basic|bearer|tma|token)\s+)?"
            r"[^\s\"',;}\])]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic|tma)\s+[A-Za-z0-9+/=._~%&:-]{8,}"), rf"\1 {HIDDEN}"),
    (
        # A quoted value, spaces and all.
        re.compile(rf"(?i)((?:{_WORDS})[\"']?\s*[:=,]\s*b?)([\"'])(?!\[hidden\])(?:(?!\2).){{1,2000}}\2"),
        rf"\1\2{HIDDEN}\2",
    ),
    (
        # No ahead-of-name boundary: `PRIVY_APP_SECRET=` and `xToken:` are names too.
        re.compile(rf"(?i)((?:{_WORDS}){_LINK})(?!\[hidden\])([^\s\"',;&}}\])]+)"),
        rf"\1{HIDDEN}",
    ),
)  # fmt: skip

# Telegram's initData: one long query string, all of which goes.
_INIT_DATA = re.compile(r"hash(?:=|%3D)[0-9a-fA-F]{64}")
_WORD_ENDS = re.compile(r"([\s\"']+)")

# Of a value that was cut, so much of its beginning or its end still tells that it is one.
_END = 16
# Nothing of these forms is a secret, and most texts are of them.
_INNOCENT = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\d{4}-\d\d-\d\dT[\d:.+Z-]{8,24}|-?\d{0,40}\.?\d{1,30}"
    r"|[^\n]{0,6}"
)

_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")

_known: tuple[str, ...] = ()
_cut: re.Pattern[str] | None = None


def hide_values(values: Iterable[str]) -> None:
    """From now on also hide these very texts, wherever they occur, also encoded or cut.

    Texts of fewer than 8 characters are left out: they would also be found by chance.
    """
    global _known, _cut
    known = {value for value in values if len(value) >= 8}
    long = {value for value in known if len(value) >= 2 * _END and "://" not in value}
    known |= {repr(value)[1:-1] for value in known}
    known |= {value[-_END:] for value in long}
    _known = tuple(sorted(known, key=len, reverse=True))
    heads = "|".join(sorted(re.escape(value[:_END]) for value in long))
    _cut = re.compile(rf"(?:{heads})[^\s\"'<>,;]*") if heads else None


def clean_text(text: str) -> str:
    """`text` without secrets, cut where it is longer than any line should be.

    Takes time in proportion to the text, whatever it is: others write what is logged.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no text
    whole = len(text)
    if whole > _LONGEST:
        for value in _known:
            text = text.replace(value, HIDDEN)
        # At a space: half a secret would no longer be known as one.
        text = text[:_LONGEST].rpartition(" ")[0]
    text = _hidden(text)
    # Addresses within addresses are encoded, also twice; what is found there is shown decoded.
    decoded = text
    for _ in range(2):
        if not _ENCODED.search(decoded):
            break
        decoded = unquote(decoded)
        cleaned = _hidden(decoded)
        if cleaned != decoded:
            text = decoded = cleaned
    return text if whole <= _LONGEST else f"{text}… ({whole} characters)"


def _hidden(text: str) -> str:
    for value in _known:
        if value in text:
            text = text.replace(value, HIDDEN)
    if _cut is not None:
        text = _cut.sub(HIDDEN, text)
    if _ONE_WORD.fullmatch(text):
        # A state, an address, a hash: all other forms need a separator of some kind.
        for form in _FORMS_OF_WORDS if len(text) >= _SHORTEST_FORM else ():
            text = form.sub(HIDDEN, text)
        return text
    if _INNOCENT.fullmatch(text):
        return text
    if "hash" in text:
        text = "".join(
            HIDDEN if _INIT_DATA.search(word) else word for word in _WORD_ENDS.split(text)
        )
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether what is kept under this name is never shown."""
    return _SEPARATORS.sub("", name.lower()).endswith(_SECRET_ENDS)


def is_hidden(name: str, value: Any) -> bool:
    """Whether this value of plain JSON data is hidden for the sake of its name."""
    return bool(value) and name not in _NAMED_LIKE_SECRETS and is_secret_name(name)


def without_secrets(value: Any) -> Any:
    """Plain JSON data as it is, but for secrets: what is kept for people to look at later."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if isinstance(value, dict):
        return {
            name: HIDDEN if is_hidden(name, inner) else without_secrets(inner)
            for name, inner in value.items()
        }
    return value


def clean(value: Any, *, depth: int = 0) -> Any:
    """`value` as plain JSON data without secrets, however deep they lie."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_NUMBER else str(value)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {
            clean_text(str(name)): HIDDEN
            if is_secret_name(str(name)) and inner not in (None, "")
            else clean(inner, depth=depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return _clean_items(list(value), depth)
    if isinstance(value, bytes | bytearray | memoryview):
        return clean_text(bytes(value).decode("utf-8", "backslashreplace"))
    return clean_text(_text_of(value))


def _clean_items(items: list[Any], depth: int) -> Any:
    # A header as a pair: ("Authorization", "Basic …").
    if len(items) == 2 and isinstance(items[0], str | bytes):
        name = items[0].decode("latin-1") if isinstance(items[0], bytes) else items[0]
        if _NAME.fullmatch(name) and is_secret_name(name):
            return [name, HIDDEN]
    if len(items) >= 32 and all(isinstance(each, int) and 0 <= each < 256 for each in items):
        return f"{len(items)} bytes"  # a key pair as numbers
    return [clean(each, depth=depth + 1) for each in items]


def _text_of(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001  # whatever a foreign object's __str__ may raise
        return f"<{type(value).__name__}>"
