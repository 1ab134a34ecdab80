"""Secrets at rest: authenticated encryption under a ring of keys, each text bound to its place.

A text reads `v1.<key>.<base64>`: which key of ENCRYPTION_KEYS made it, then nonce, ciphertext and
tag of AES-256-GCM. What it is bound to (table, column, row) is authenticated with it, so that a
text that was copied to another row or altered is refused and never decrypted to something else.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from core.errors import Misconfigured

_VERSION = "v1"
_NONCE_BYTES = 12
_FORM = re.compile(rf"{_VERSION}\.([0-9a-f]{{8}})\.([A-Za-z0-9_-]+)")


class Place(NamedTuple):
    """Where a secret is kept; it can be read nowhere else."""

    table: str
    column: str
    row: object


class KeyRing:
    """Keys of 32 bytes in base64: the first one encrypts, all of them decrypt."""

    def __init__(self, texts: Iterable[str]) -> None:
        raw = [base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in texts]
        if not raw:
            raise Misconfigured("encryption.no_keys")
        # The name of a key tells nothing of it that helps to guess 32 random bytes.
        named = {hashlib.sha256(b"laminator key " + each).hexdigest()[:8]: each for each in raw}
        self.newest = next(iter(named))
        self._keys = {name: AESGCM(each) for name, each in named.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The short names of all keys, the encrypting one first."""
        return tuple(self._keys)

    @property
    def prefix(self) -> str:
        """How every text of the newest key begins."""
        return prefix_of(self.newest)

    def seal(self, secret: bytes, *, place: Place) -> str:
        """`secret` as it may be stored at `place`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._keys[self.newest].encrypt(nonce, secret, _bound_to(self.newest, place))
        return self.prefix + _written(nonce + sealed)

    def unseal(self, text: str, *, place: Place) -> bytes:
        """What was sealed at `place`.

        Raises Misconfigured: its key is not in the ring, or it was altered, or is of elsewhere.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise Misconfigured("encryption.unreadable", table=place.table, row=str(place.row))
        name, body = found.groups()
        key = self._keys.get(name)
        if key is None:
            raise Misconfigured("encryption.key_unknown", key=name)
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            if _written(raw) != body:
                raise ValueError("bits beyond the last byte")
            return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(name, place))
        except (InvalidTag, ValueError) as error:
            raise Misconfigured(
                "encryption.unreadable", table=place.table, row=str(place.row)
            ) from error


def key_ring() -> KeyRing:
    """The ring of ENCRYPTION_KEYS. Raises Misconfigured where there is none."""
    given = settings.ENVIRONMENT.encryption_keys or ()
    return _ring_of(tuple(each.get_secret_value() for each in given))


def seal(secret: bytes, *, place: Place) -> str:
    """`secret` under the newest key, readable at `place` alone. Raises Misconfigured."""
    return key_ring().seal(secret, place=place)


def unseal(text: str, *, place: Place) -> bytes:
    """What was sealed at `place`. Raises Misconfigured."""
    return key_ring().unseal(text, place=place)


def place_of(row: models.Model, field: str) -> Place:
    """The place of a column of this row, which has its key already."""
    meta: Any = row._meta
    return Place(meta.db_table, meta.get_field(field).column, row.pk)


def prefix_of(name: str) -> str:
    """How every text of the key with this name begins."""
    return f"{_VERSION}.{name}."


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bound_to(name: str, place: Place) -> bytes:
    return "\0".join(("laminator", _VERSION, name, *map(str, place))).encode()


@lru_cache(maxsize=4)
def _ring_of(texts: tuple[str, ...]) -> KeyRing:
    return KeyRing(texts)
