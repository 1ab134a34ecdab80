"""The sandbox's own Privy app, signers and owner: the same in every run, worth nothing anywhere."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

APP_ID = "sandbox-app"
APP_SECRET = "sandbox-app-secret-worth-nothing"  # noqa: S105

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class AuthorizationKey:
    """A P-256 key pair in the forms that Privy's dashboard gives out."""

    private_key: str
    """Base64 of the PKCS#8 DER."""
    public_key: str
    """Base64 of the SPKI DER."""


def authorization_key(label: str) -> AuthorizationKey:
    """The key pair that always belongs to this label."""
    digest = hashlib.sha256(f"sandbox privy {label}".encode()).digest()
    secret = int.from_bytes(digest) % (P256_ORDER - 1) + 1
    key = ec.derive_private_key(secret, ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return AuthorizationKey(base64.b64encode(private).decode(), base64.b64encode(public).decode())


@dataclass(frozen=True, slots=True)
class Quorum:
    """A key quorum that the sandbox's app has from its first start."""

    id: str
    display_name: str
    keys: tuple[AuthorizationKey, ...]
    threshold: int


TRADING_SIGNER = Quorum(
    "sandboxtradingsigner0001", "Desk trading signer", (authorization_key("trading signer"),), 1
)
WITHDRAW_SIGNER = Quorum(
    "sandboxwithdrawsigner001", "Desk withdraw signer", (authorization_key("withdraw signer"),), 1
)
OWNER = Quorum(
    "sandboxdeskownerquorum01",
    "Desk owner, kept offline",
    (authorization_key("owner, first key"), authorization_key("owner, second key")),
    2,
)
QUORUMS = (TRADING_SIGNER, WITHDRAW_SIGNER, OWNER)
