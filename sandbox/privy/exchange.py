"""One authenticated request to the stand-in, and the services that handlers need of it."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.privy.authorization import require_quorum, signatures_in, signed_payload
from sandbox.privy.canonical import NotCanonical, canonical_json
from sandbox.privy.errors import PrivyError, invalid_data
from sandbox.privy.store import PrivyStore, Record
from sandbox.state import Json, SandboxState

LONGEST_IDEMPOTENCY_KEY = 256
Answer = tuple[int, Json]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that has passed the app's authentication; `body` is None where it has none."""

    request: web.Request
    body: Json
    state: SandboxState
    store: PrivyStore

    @property
    def fields(self) -> dict[str, Any]:
        """The body as an object."""
        if not isinstance(self.body, dict):
            raise invalid_data("The body must be a JSON object")
        return self.body

    def only(self, *allowed: str) -> dict[str, Any]:
        """The body, which must hold no other fields than these."""
        unknown = sorted(set(self.fields) - set(allowed))
        if unknown:
            raise invalid_data(f"Unrecognized keys in body: {', '.join(unknown)}")
        return self.fields

    def require_signature_of(self, quorums: Iterable[Record]) -> Record:
        """The quorum among these that signed this request."""
        payload = signed_payload(
            method=self.request.method,
            url=f"{self.request.scheme}://{self.request.host}{self.request.raw_path}",
            body=self.body,
            headers=self.request.headers,
        )
        signatures = signatures_in(self.request.headers.get("privy-authorization-signature"))
        return require_quorum(quorums, payload=payload, signatures=signatures)

    def require_owner(self, resource: Record) -> None:
        """Let pass a resource without an owner, or what its owner signed."""
        if resource["owner_id"] is not None:
            self.require_signature_of([self.store.quorums[resource["owner_id"]]])

    def require_not_expired(self) -> None:
        """Refuse a request whose expiry has passed, or is no time in milliseconds."""
        expiry = self.request.headers.get("privy-request-expiry")
        if expiry is None:
            return
        if not expiry.isdecimal():
            raise invalid_data("`privy-request-expiry` must be a Unix timestamp in milliseconds")
        if int(expiry) <= self.store.now_ms():
            raise PrivyError(400, "request_expired", "The request has expired")

    def once(self, perform: Callable[[], Answer]) -> Answer:
        """Perform, or give the stored answer of the same request under its idempotency key."""
        key = self.request.headers.get("privy-idempotency-key")
        if key is None:
            return perform()
        if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY:
            raise invalid_data(
                f"`privy-idempotency-key` has 1 to {LONGEST_IDEMPOTENCY_KEY} characters"
            )
        fingerprint = self._fingerprint()
        earlier = self.store.answer(key)
        if earlier is not None:
            if earlier["request"] != fingerprint:
                raise invalid_data(
                    "Idempotency key was reused for a request with a new body. "
                    "Please create a new idempotency key for the request."
                )
            return earlier["status"], earlier["body"]
        status, body = perform()
        self.store.remember(key, request=fingerprint, status=status, body=body)
        return status, body

    def _fingerprint(self) -> str:
        try:
            body = b"" if self.body is None else canonical_json(self.body)
        except NotCanonical as error:
            raise invalid_data(str(error)) from error
        target = f"{self.request.method} {self.request.raw_path}\n".encode()
        return hashlib.sha256(target + body).hexdigest()
