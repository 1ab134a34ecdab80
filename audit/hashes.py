"""What is hashed and signed of the log, byte for byte; pure."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# What stands before the first seal and the first root.
BEGINNING = "0" * 64
# In place of the hash of a row that was gone before it could be sealed.
MISSING = "missing"


def seal_hash(*, seq: int, audit_id: Any, content: str, noted_at: datetime, previous: str) -> str:
    """The hash of one seal: of its place, its row, and all seals before it."""
    noted = noted_at.isoformat(timespec="microseconds")
    return _sha256(f"seal|{seq}|{audit_id}|{content}|{noted}|{previous}")


def merkle_root(leaves: Sequence[str]) -> str:
    """The root over these hashes; an odd one goes up as it is."""
    level = [_sha256(f"leaf|{leaf}") for leaf in leaves]
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        above = [_sha256(f"node|{level[at]}|{level[at + 1]}") for at in pairs]
        level = above + level[len(above) * 2 :]
    return level[0]


def root_hash(*, batch: int, first: int, last: int, previous: str, leaves: Sequence[str]) -> str:
    """The root that is signed: over this batch and the root before it."""
    return _sha256(f"root|{batch}|{first}|{last}|{previous}|{merkle_root(leaves)}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who signed: the key and its short name."""

    raw: bytes

    @property
    def id(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def text(self) -> str:
        return base64.b64encode(self.raw).decode()

    def has_signed(self, *, root: str, signature: str) -> bool:
        """Whether `signature` is this key's under `root`."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.raw)
            key.verify(base64.b64decode(signature), _signed_text(root))
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """The sealer's Ed25519 key, from 32 bytes written in base64."""

    def __init__(self, text: str) -> None:
        padded = text + "=" * (-len(text) % 4)
        self._key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(padded))
        self.public = PublicKey(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, root: str) -> str:
        return base64.b64encode(self._key.sign(_signed_text(root))).decode()


def _signed_text(root: str) -> bytes:
    return f"laminator audit root {root}".encode()
