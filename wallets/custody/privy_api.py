"""Privy's REST API: authorized requests, and answers sorted by what they mean for the money.

The official client is not used here: it signs neither the idempotency key nor the expiry of a
request (which Privy then rejects), does not know external ids, and does not validate answers.
"""

import base64
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import DeskError, Misconfigured, NotFound, Refused, Unavailable
from core.tls import trusted

log = logging.getLogger(__name__)

REQUEST_VALID_MS = 30_000
SIGNED_HEADERS = ("privy-app-id", "privy-idempotency-key", "privy-request-expiry")
Json = dict[str, Any]


class AuthorizationKey:
    """A P-256 key that authorizes requests; its text and its repr never show it."""

    def __init__(self, text: str, *, setting: str) -> None:
        """Read base64 PKCS#8, with or without the dashboard's prefix; `setting` is for errors."""
        try:
            der = base64.b64decode(text.strip().removeprefix("wallet-auth:"), validate=True)
            key = serialization.load_der_private_key(der, password=None)
        except (ValueError, TypeError) as error:
            raise Misconfigured("custody.key_malformed", setting=setting) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise Misconfigured("custody.key_malformed", setting=setting)
        self._key = key

    @property
    def public_key(self) -> str:
        """Base64 of the SPKI, as key quorums list it."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def sign(self, payload: bytes) -> str:
        return base64.b64encode(self._key.sign(payload, ec.ECDSA(hashes.SHA256()))).decode()


@dataclass(frozen=True, slots=True)
class PrivyAccess:
    """How to reach one Privy app."""

    base_url: str
    app_id: str
    app_secret: str = field(repr=False)
    timeout_seconds: float = 8


class PrivyApi:
    """One app at Privy; safe to share between threads, not between processes."""

    def __init__(self, access: PrivyAccess) -> None:
        self._access = access
        self._http = httpx.Client(
            base_url=access.base_url,
            auth=(access.app_id, access.app_secret),
            headers={"privy-app-id": access.app_id},
            timeout=access.timeout_seconds,
            verify=trusted(),
        )

    def get(self, path: str, **query: str) -> Json:
        """Raises NotFound beside what `post` raises."""
        return self._call("GET", path, query=query)

    def post(
        self,
        path: str,
        body: Json,
        *,
        idempotency_key: str | None = None,
        authorized_by: Sequence[AuthorizationKey] = (),
    ) -> Json:
        """POST a body of texts, whole numbers, lists and objects.

        Raises Unavailable (no answer, an unreadable one, or one that says so: asking again is
        safe for requests with an idempotency key), Refused, NotFound, Misconfigured.
        """
        headers = {}
        if idempotency_key is not None:
            headers["privy-idempotency-key"] = idempotency_key
        return self._write("POST", path, body, headers, authorized_by)

    def patch(
        self, path: str, body: Json, *, authorized_by: Sequence[AuthorizationKey] = ()
    ) -> Json:
        """PATCH, which may be repeated; raises as `post` does."""
        return self._write("PATCH", path, body, {}, authorized_by)

    def close(self) -> None:
        self._http.close()

    def _write(
        self,
        method: str,
        path: str,
        body: Json,
        headers: dict[str, str],
        authorized_by: Sequence[AuthorizationKey],
    ) -> Json:
        if authorized_by:
            # Short, so that a request held up on its way cannot be carried out much later.
            headers["privy-request-expiry"] = str(int(time.time() * 1000) + REQUEST_VALID_MS)
            payload = self._signed_payload(method, path, body, headers)
            headers["privy-authorization-signature"] = ",".join(
                key.sign(payload) for key in authorized_by
            )
        return self._call(method, path, body=body, headers=headers)

    def _signed_payload(self, method: str, path: str, body: Json, headers: dict[str, str]) -> bytes:
        named = {"privy-app-id": self._access.app_id, **headers}
        return canonical_json(
            {
                "version": 1,
                "method": method,
                "url": self._access.base_url.rstrip("/") + path,
                "body": body,
                "headers": {name: named[name] for name in SIGNED_HEADERS if name in named},
            }
        )

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Json:
        try:
            response = self._http.request(method, path, json=body, params=query, headers=headers)
        except httpx.RequestError as error:
            raise Unavailable("custody.no_answer", reason=type(error).__name__) from error
        answer = _json_object(response)
        if response.is_success and answer is not None:
            return answer
        raise _error_of(response, answer or {})


def canonical_json(value: Json) -> bytes:
    """RFC 8785 for what the desk signs: ASCII names and no fractions, so sorting is enough."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def text_of(answer: Json, name: str) -> str:
    """A text that an answer must have; raises Unavailable where it has none."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Unavailable("custody.unreadable_answer", field=name)
    return value


def _json_object(response: httpx.Response) -> Json | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _error_of(response: httpx.Response, answer: Json) -> DeskError:
    status, code = response.status_code, str(answer.get("code", ""))
    if status != 404:
        log.warning("privy answered with an error", extra={"status": status, "privy_code": code})
    if code == "policy_violation":
        return Refused("custody.policy_violation")
    if code == "request_expired":
        # Ours is valid for 30 s: either the way was long or a clock is wrong.
        return Unavailable("custody.request_expired")
    if status in (401, 403) and answer:
        return Misconfigured("custody.not_authorized", reason=code or str(status))
    if status == 429:
        retry_after = response.headers.get("retry-after", "")
        return Unavailable(
            "custody.rate_limited", retry_after=int(retry_after) if retry_after.isdecimal() else 1
        )
    if status == 404 and answer:
        return NotFound("custody.not_found")
    if status in (400, 422) and answer:
        return Refused("custody.refused", reason=code)
    return Unavailable("custody.unavailable", status=status)
