"""Authorization signatures: who signed this very request, and whether that is enough."""

import base64
import binascii
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.privy.canonical import NotCanonical, canonical_json
from sandbox.privy.errors import PrivyError, invalid_data
from sandbox.privy.store import Record
from sandbox.state import Json

SIGNED_HEADERS = ("privy-app-id", "privy-idempotency-key", "privy-request-expiry")


def signed_payload(*, method: str, url: str, body: Json, headers: Mapping[str, str]) -> bytes:
    """The bytes that an authorization signature of this request is over.

    `body` is the parsed body, or None where the request has none.
    """
    payload = {
        "version": 1,
        "method": method,
        "url": url.rstrip("/"),
        "body": "" if body is None else body,
        "headers": {name: headers[name] for name in SIGNED_HEADERS if name in headers},
    }
    try:
        return canonical_json(payload)
    except NotCanonical as error:
        raise invalid_data(str(error)) from error


def parse_public_key(text: str) -> ec.EllipticCurvePublicKey:
    """A P-256 public key from base64 of its SPKI DER; PEM and other curves are refused."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise invalid_data("A public key must be the base64 of a P-256 SPKI in DER") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise invalid_data("A public key must be on the curve P-256")
    return key


def signatures_in(header: str | None) -> list[bytes]:
    """The signatures of a header; one that is not base64 is kept as one that fits nothing."""
    signatures = []
    for text in (header or "").split(","):
        if not text.strip():
            continue
        try:
            signatures.append(base64.b64decode(text.strip(), validate=True))
        except binascii.Error:
            signatures.append(b"")
    return signatures


def require_quorum(quorums: Iterable[Record], *, payload: bytes, signatures: list[bytes]) -> Record:
    """The first of the quorums that these signatures satisfy.

    Raises the documented 401 when none is.
    """
    if not signatures:
        raise PrivyError(
            401,
            "missing_or_empty_authorization_header",
            "Missing `privy-authorization-signature` header",
        )
    best = 0
    for quorum in quorums:
        correct = _correct_signatures(quorum, payload, signatures)
        best = max(best, correct)
        threshold = quorum["authorization_threshold"]
        if correct >= threshold:
            if len(signatures) != threshold:
                raise PrivyError(
                    401,
                    "incorrect_quantity_of_authorization_signatures",
                    "Number of signatures does not match the authorization threshold",
                )
            return quorum
    if best:
        raise PrivyError(
            401,
            "insufficient_correct_authorization_signatures",
            "Not enough valid authorization signatures were provided",
        )
    raise PrivyError(
        401,
        "zero_correct_authorization_signatures",
        "No valid authorization signatures were provided. "
        "The payload may be malformed or the signing keys incorrect or expired.",
    )


def _correct_signatures(quorum: Record, payload: bytes, signatures: list[bytes]) -> int:
    keys = [key["public_key"] for key in quorum["authorization_keys"]]
    return sum(any(_verifies(key, payload, signature) for signature in signatures) for key in keys)


def _verifies(public_key: str, payload: bytes, signature: bytes) -> bool:
    try:
        parse_public_key(public_key).verify(signature, payload, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
