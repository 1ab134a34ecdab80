"""Signed requests to Privy's API, made by hand: neither its client nor the desk's code."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.privy.credentials import APP_ID, APP_SECRET


def sign_payload(private_key: str, payload: dict) -> str:
    """One authorization signature over a payload of ASCII texts and whole numbers."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = serialization.load_der_private_key(base64.b64decode(private_key), password=None)
    return base64.b64encode(key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))).decode()


@dataclass
class PrivyCaller:
    """A caller of the stand-in's app; every part of a request can be bent by a test."""

    url: str
    app_id: str = APP_ID
    app_secret: str = APP_SECRET

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        signed_by: tuple[str, ...] = (),
        signed_changes: dict | None = None,
        idempotency_key: str | None = None,
        expires_in_ms: int | None = 30_000,
        headers: dict | None = None,
    ) -> httpx.Response:
        sent = {"privy-app-id": self.app_id}
        if idempotency_key is not None:
            sent["privy-idempotency-key"] = idempotency_key
        if signed_by and expires_in_ms is not None:
            sent["privy-request-expiry"] = str(int(time.time() * 1000) + expires_in_ms)
        payload = {
            "version": 1,
            "method": method,
            "url": self.url + path,
            "body": "" if body is None else body,
            "headers": dict(sent),
            **(signed_changes or {}),
        }
        if signed_by:
            sent["privy-authorization-signature"] = ",".join(
                sign_payload(key, payload) for key in signed_by
            )
        return self.send(method, path, json=body, headers={**sent, **(headers or {})})

    def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """Any request with the app's password, on a connection of its own."""
        # Loading the system's certificates would take longer than the request itself.
        with httpx.Client(timeout=10, verify=False) as http:
            auth = (self.app_id, self.app_secret)
            return http.request(method, self.url + path, auth=auth, **parts)

    def created(self, path: str, body: Any, **how: Any) -> dict:
        """What a POST made; it must have succeeded."""
        response = self.call("POST", path, body, **how)
        assert response.status_code == 200, response.text
        return response.json()
