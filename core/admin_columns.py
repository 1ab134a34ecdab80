"""How a value is shown to staff: amounts plain, gains signed and coloured, addresses short."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.admin.utils import quote
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.money import plain, signed
from core.redaction import is_secret_name

NOTHING = "\N{EN DASH}"
_SIGNED = frozenset({"unrealized_pnl", "realized_pnl", "funding", "quote_asset_amount"})
_HASHES = frozenset({"tx_hash", "signature", "scanned_signature"})
_ADDRESSES = frozenset(
    {
        "wallet_address", "address", "account", "account_address", "from_address", "to_address",
        "fee_payer", "token_address", "oracle_address",
    }
)  # fmt: skip
_STATES = frozenset({"status", "state", "pgh_label"})
_CUSTODIAN_IDS = frozenset({"privy_user_id", "privy_wallet_id"})
_HEADINGS = {"pgh id": "number", "pgh created at": "changed at", "pgh label": "change"}
_WORDS = {"id": "ID", "ip": "IP", "pnl": "PnL", "usd": "USD"}
_GOOD = frozenset(
    {"active", "filled", "executed", "finalized", "completed", "delivered", "handled", "ok"}
)
_UNDER_WAY = frozenset(
    {
        "pending", "open", "queued", "claimed", "signed", "sent", "confirmed", "waiting",
        "received", "partially_filled", "pending_verification", "triggered",
    }
)  # fmt: skip
_CARE = frozenset(
    {
        "reduce_only", "suspended", "maintenance", "expired", "no_effect", "not_executed",
        "abandoned", "external", "derived",
    }
)  # fmt: skip
_BAD = frozenset(
    {"failed", "banned", "halted", "liquidated", "being_liquidated", "bankrupt", "undeliverable"}
)
Show = Callable[[Any], Any]


def show_field(field: "models.Field[Any, Any]", *, whole: bool) -> Show:
    """A function that shows this field of a row: short for lists, or `whole` for its own page."""
    name = field.name

    def show(row: Any) -> Any:
        if isinstance(field, models.ForeignKey):
            return related(row, field, whole=whole)
        return show_value(name, getattr(row, field.attname), field=field, whole=whole)

    show.__name__ = f"show_{name}"
    show.short_description = heading(str(field.verbose_name))  # type: ignore[attr-defined]
    return show


def heading(words: str) -> str:
    """A column's name as people write it."""
    whole = _HEADINGS.get(words, words)
    return " ".join(_WORDS.get(word, word) for word in whole.split(" "))


def show_value(
    name: str, value: Any, *, field: "models.Field[Any, Any] | None" = None, whole: bool
) -> Any:
    """One value by its column's name and type."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return badge("yes" if value else "no")
    if is_secret_name(name) and name not in _CUSTODIAN_IDS:
        return "hidden"
    if name in _STATES or (field is not None and field.choices):
        return badge(str(value))
    if isinstance(value, Decimal):
        return gain(value) if name in _SIGNED else number(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, dict | list):
        return structure(value) if whole else str(value)[:60]
    if name in _HASHES:
        return on_explorer("tx", str(value), whole=whole)
    if name in _ADDRESSES:
        return on_explorer("address", str(value), whole=whole)
    if isinstance(field, models.UUIDField) or name == "id":
        return key(value, whole=whole)
    if name in _CUSTODIAN_IDS:
        return format_html('<span class="desk-mono">{}</span>', shortened(str(value)))
    text = str(value)
    return text if whole or len(text) <= 60 else f"{text[:59]}…"


def badge(value: str) -> SafeString:
    """A state as a coloured label; the word says it too."""
    kind = (
        "good" if value in _GOOD
        else "bad" if value in _BAD
        else "care" if value in _CARE
        else "way" if value in _UNDER_WAY
        else "long" if value in ("long", "buy")
        else "short" if value in ("short", "sell")
        else "plain"
    )  # fmt: skip
    return format_html('<span class="desk-badge desk-{}">{}</span>', kind, value.replace("_", " "))


def gain(value: Decimal, places: int = 2) -> SafeString:
    """A gain or loss, its sign always shown."""
    text = signed(value, places) if abs(value) >= Decimal("0.01") or not value else _tiny(value)
    kind = "gain" if value > 0 else "loss" if value < 0 else "none"
    return format_html(
        '<span class="desk-number desk-{}" title="{}">{}</span>', kind, plain(value), text
    )


def _tiny(value: Decimal) -> str:
    return f"+{plain(value)}" if value > 0 else plain(value)


def number(value: Decimal) -> SafeString:
    """An amount without trailing zeros, thousands apart."""
    text = plain(value)
    head, dot, tail = text.partition(".")
    sign, digits = ("-", head[1:]) if head.startswith("-") else ("", head)
    return format_html(
        '<span class="desk-number">{}{}{}</span>', sign, f"{int(digits):,}", f"{dot}{tail}"
    )


def moment(value: datetime) -> SafeString:
    """A moment in UTC, to the second."""
    utc = value.astimezone(UTC)
    return format_html(
        '<time class="desk-time" datetime="{}" title="{} UTC">{}</time>',
        utc.isoformat(), utc.isoformat(sep=" ", timespec="milliseconds")[:23],
        utc.strftime("%Y-%m-%d %H:%M:%S"),
    )  # fmt: skip


def key(value: Any, *, whole: bool) -> SafeString:
    """A key: in lists its end, as its head is the time and the same for all of an hour."""
    text = str(value)
    shown = text if whole or len(text) < 20 else f"…{text[-8:]}"
    return format_html('<span class="desk-mono" title="{}">{}</span>', text, shown)


def shortened(text: str) -> str:
    """The first and last four characters."""
    return text if len(text) <= 12 else f"{text[:4]}…{text[-4:]}"


def on_explorer(kind: str, text: str, *, whole: bool) -> SafeString:
    """A transaction's (`tx`) or account's (`address`) name, with a link to the explorer."""
    return format_html(
        '<span class="desk-mono" title="{0}">{1}</span>'
        '<a class="desk-explorer" href="{2}/{3}/{0}" target="_blank" rel="noopener noreferrer" '
        'title="Open in the explorer" aria-label="Open in the explorer">↗</a>',
        text, text if whole else shortened(text), settings.ENVIRONMENT.explorer_url, kind,
    )  # fmt: skip


def structure(value: Any) -> SafeString:
    """JSON data, indented; what is named like a secret is hidden."""
    text = json.dumps(_without_secrets(value), indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
    return format_html('<pre class="desk-json">{}</pre>', text) if value else SafeString(NOTHING)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "hidden" if is_secret_name(str(name)) else _without_secrets(each)
            for name, each in value.items()
        }
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value


def related(row: Any, field: "models.ForeignKey[Any, Any]", *, whole: bool) -> Any:
    """The row that a foreign key leads to, as a link to its page."""
    target = getattr(row, field.name)
    if target is None:
        return NOTHING
    text = str(target)
    shown = text if whole or " " in text or text.startswith("@") else shortened_long(text)
    link = page_of(target)
    if link is None:
        return shown
    mono = "desk-mono" if shown != text else ""
    return format_html(
        '<a class="desk-link {}" href="{}" title="{}">{}</a>', mono, link, text, shown
    )


def shortened_long(text: str) -> str:
    """Addresses short, words as they are."""
    return shortened(text) if len(text) >= 32 else text


def page_of(row: models.Model) -> str | None:
    """The address of a row's page in the back office."""
    meta = row._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])
    except NoReverseMatch:
        return None
