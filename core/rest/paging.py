"""Keyset pages: a cursor says where a list goes on, and is signed so that nobody writes one."""

import base64
import binascii
import hmac
import uuid
from hashlib import sha256
from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.errors import Refused

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_SIGNATURE_BYTES = 8
_LONGEST = 80


def write_cursor(*, of_list: str, after: uuid.UUID) -> str:
    """Where the list goes on after the row with this key."""
    raw = after.bytes + _sign(of_list, after.bytes)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_cursor(text: str | None, *, of_list: str) -> uuid.UUID | None:
    """The key that a cursor of this list carries. Raises Refused for any other text."""
    if not text:
        return None
    try:
        padded = text[:_LONGEST].encode("ascii") + b"=" * (-len(text[:_LONGEST]) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Refused("request.cursor_invalid") from error
    key, signature = raw[:16], raw[16:]
    if not hmac.compare_digest(signature, _sign(of_list, key)):
        raise Refused("request.cursor_invalid")
    return uuid.UUID(bytes=key)


def _sign(of_list: str, key: bytes) -> bytes:
    secret = f"rest.cursor:{settings.SECRET_KEY}".encode()
    return hmac.digest(secret, of_list.encode() + b"\0" + key, sha256)[:_SIGNATURE_BYTES]


class PageQuery(serializers.Serializer[Any]):
    """How much of a list, and from where on."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT, help_text="Rows on a page."
    )
    cursor = serializers.CharField(
        required=False,
        max_length=_LONGEST,
        help_text="The `nextCursor` of the page before; without it, the newest rows.",
    )
