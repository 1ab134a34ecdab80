"""One RPC node: its calls, its answers in our words, and how it fares."""

import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from chain.budget import take_request
from chain.errors import RpcError
from chain.health import Health
from core.errors import Unavailable
from core.metrics import count_rpc_call
from core.tls import trusted

_DEFAULT_RETRY_SECONDS = 1.0
# A transaction of whatever version: what is asked is whether it is there.
_ANY_VERSION = 255


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What a node knows of a signature; `commitment` is processed, confirmed or finalized."""

    slot: int
    commitment: str
    error: Any


class Node:
    """One RPC endpoint. Its calls raise RpcError, or Unavailable where nothing was answered.

    With `genesis_hash`, a node of another chain is as good as none: its "never heard of it" would
    pass for the proof that a message is dead.
    """

    def __init__(self, url: str, *, genesis_hash: str | None = None, name: str = "") -> None:
        # Not as base_url: that would put a slash behind a key in the query.
        self._url = url
        self._http = httpx.Client(timeout=httpx.Timeout(8.0, connect=2.0), verify=trusted())
        self._ids = count(1)
        # Never the path or the query: keys are in there.
        self.name = name or httpx.URL(url).netloc.decode().rpartition("@")[2]
        self.health = Health()
        self._awaited_genesis = genesis_hash

    def call(self, method: str, *params: Any) -> Any:
        if self._awaited_genesis is not None:
            self._check_chain(self._awaited_genesis)
        return self._ask(method, *params)

    def _check_chain(self, expected: str) -> None:
        """Once, before the first call that this node answers."""
        if self._ask("getGenesisHash") != expected:
            self.health.note_failure(0)
            raise Unavailable("chain.wrong_chain", node=self.name)
        self._awaited_genesis = None

    def _ask(self, method: str, *params: Any) -> Any:
        if self.health.is_forbidden:
            # It said when to come back; asking earlier is what gets a key blocked.
            raise Unavailable("chain.busy", node=self.name)
        take_request(method)
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        asked_at = time.monotonic()
        outcome = "unavailable"
        try:
            answer = self._answer(body, asked_at)
            outcome = "error" if "error" in answer else "ok"
        finally:
            count_rpc_call(method=method, outcome=outcome, seconds=time.monotonic() - asked_at)
        if "error" in answer:
            error = answer["error"]
            raise RpcError(error.get("code", 0), error.get("message", ""), error.get("data"))
        result = answer.get("result")
        self._note_slot(method, result, params)
        return result

    def _answer(self, body: dict[str, Any], asked_at: float) -> dict[str, Any]:
        try:
            response = self._http.post(self._url, json=body)
            if response.status_code == 429:
                wait = _retry_seconds(response.headers.get("Retry-After", ""))
                self.health.note_refusal(time.monotonic() - asked_at, wait)
                raise Unavailable("chain.busy", node=self.name)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            # A time-out, a refused connection, an HTML page or half a body in place of JSON.
            raise self._failed(asked_at) from error
        is_ours = isinstance(answer, dict) and answer.get("id") == body["id"]
        if not is_ours or (response.status_code >= 400 and "error" not in answer):
            # An answer to another question, or a page of the provider's own.
            raise self._failed(asked_at)
        self.health.note_answer(time.monotonic() - asked_at)
        return dict(answer)

    def _failed(self, asked_at: float) -> Unavailable:
        self.health.note_failure(time.monotonic() - asked_at)
        return Unavailable("chain.unavailable", node=self.name)

    def _note_slot(self, method: str, result: Any, params: Sequence[Any]) -> None:
        """Of answers at confirmed alone: those of other commitments lag by their nature."""
        options = params[-1] if params and isinstance(params[-1], dict) else {}
        if options.get("commitment") != "confirmed":
            return
        if method == "getSlot":
            self.health.note_slot(int(result))
        elif isinstance(result, dict) and isinstance(result.get("context"), dict):
            self.health.note_slot(int(result["context"].get("slot", 0)))

    def block_height(self, commitment: str) -> int:
        return int(self.call("getBlockHeight", {"commitment": commitment}))

    def slot(self, commitment: str) -> int:
        return int(self.call("getSlot", {"commitment": commitment}))

    def first_available_block(self) -> int:
        return int(self.call("getFirstAvailableBlock"))

    def blockhash_is_alive(self, blockhash: str) -> bool:
        """Whether a message with it could still land, as the node's newest slot says."""
        answer = self.call("isBlockhashValid", blockhash, {"commitment": "processed"})
        return bool(answer["value"])

    def signature_statuses(
        self, signatures: Sequence[str], *, search_history: bool
    ) -> tuple[int, list[SignatureStatus | None]]:
        """The node's slot and a status, or None, for each of up to 256 signatures."""
        answer = self.call(
            "getSignatureStatuses",
            list(signatures),
            {"searchTransactionHistory": search_history},
        )
        statuses = [
            SignatureStatus(
                slot=int(value["slot"]),
                commitment=value.get("confirmationStatus") or "processed",
                error=value.get("err"),
            )
            if value
            else None
            for value in answer["value"]
        ]
        return int(answer["context"]["slot"]), statuses

    def has_transaction(self, signature: str) -> bool:
        """Whether its blocks hold the transaction, at confirmed: another index than statuses."""
        options = {
            "encoding": "base64",
            "commitment": "confirmed",
            "maxSupportedTransactionVersion": _ANY_VERSION,
        }
        return self.call("getTransaction", signature, options) is not None

    def send(self, raw: bytes) -> None:
        """Hand over signed bytes; that they were taken promises nothing."""
        options = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}
        self.call("sendTransaction", b64encode(raw).decode(), options)


def _retry_seconds(header: str) -> float:
    try:
        seconds = float(header)
    except ValueError:
        # A date, or nothing: providers that mean it send seconds.
        return _DEFAULT_RETRY_SECONDS
    return seconds
