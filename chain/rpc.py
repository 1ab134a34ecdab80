"""Solana's JSON-RPC, by several nodes of which any may be down, behind or wrong."""

import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import httpx
from django.conf import settings

from chain.errors import RpcError
from core.errors import Misconfigured, Unavailable
from core.metrics import count_rpc_call

_SET_ASIDE_SECONDS = 5.0
# getSignatureStatuses and getMultipleAccounts take no more than this.
STATUS_BATCH = 256
ACCOUNT_BATCH = 100


@dataclass(frozen=True, slots=True)
class AccountData:
    """An account's bytes as one node showed them at `slot`."""

    address: str
    owner: str
    data: bytes
    lamports: int
    slot: int


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What a node knows of a signature; `commitment` is processed, confirmed or finalized."""

    slot: int
    commitment: str
    error: Any


@dataclass(frozen=True, slots=True)
class Blockhash:
    value: str
    last_valid_block_height: int
    slot: int


class Node:
    """One RPC endpoint. Its calls raise RpcError, or Unavailable where nothing was answered.

    With `genesis_hash`, a node of another chain is as good as none: its "never heard of it" would
    pass for the proof that a message is dead.
    """

    def __init__(self, url: str, *, genesis_hash: str | None = None) -> None:
        # Not as base_url: that would put a slash behind a key in the query.
        self._url = url
        self._http = httpx.Client(timeout=httpx.Timeout(8.0, connect=2.0))
        self._ids = count(1)
        self.name = httpx.URL(url).host
        self.usable_at = 0.0
        self._awaited_genesis = genesis_hash

    def call(self, method: str, *params: Any) -> Any:
        if self._awaited_genesis is not None:
            self._check_chain(self._awaited_genesis)
        return self._ask(method, *params)

    def _check_chain(self, expected: str) -> None:
        """Once, before the first call that this node answers."""
        if self._ask("getGenesisHash") != expected:
            self._set_aside()
            raise Unavailable("chain.wrong_chain", node=self.name)
        self._awaited_genesis = None

    def _ask(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        started = time.monotonic()
        outcome = "unavailable"
        try:
            answer = self._answer(body)
            outcome = "error" if "error" in answer else "ok"
        finally:
            count_rpc_call(method=method, outcome=outcome, seconds=time.monotonic() - started)
        if "error" in answer:
            error = answer["error"]
            raise RpcError(error.get("code", 0), error.get("message", ""), error.get("data"))
        return answer.get("result")

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._http.post(self._url, json=body)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            # A time-out, a refused connection, an HTML page in place of JSON.
            self._set_aside()
            raise Unavailable("chain.unavailable", node=self.name) from error
        if response.status_code >= 400 and not (isinstance(answer, dict) and "error" in answer):
            self._set_aside()
            raise Unavailable("chain.unavailable", node=self.name)
        if response.status_code == 429:
            self._set_aside()
            raise Unavailable("chain.busy", node=self.name)
        if not isinstance(answer, dict) or answer.get("id") != body["id"]:
            self._set_aside()
            raise Unavailable("chain.unavailable", node=self.name)
        return answer

    def _set_aside(self) -> None:
        self.usable_at = time.monotonic() + _SET_ASIDE_SECONDS

    def block_height(self, commitment: str) -> int:
        return int(self.call("getBlockHeight", {"commitment": commitment}))

    def slot(self, commitment: str) -> int:
        return int(self.call("getSlot", {"commitment": commitment}))

    def first_available_block(self) -> int:
        return int(self.call("getFirstAvailableBlock"))

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

    def send(self, raw: bytes) -> None:
        """Hand over signed bytes; that they were taken promises nothing."""
        options = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}
        self.call("sendTransaction", b64encode(raw).decode(), options)


class Rpc:
    """All configured nodes: a read asks the first usable one, then the next."""

    def __init__(self, urls: Sequence[str], *, genesis_hash: str | None = None) -> None:
        self.nodes = [Node(url, genesis_hash=genesis_hash) for url in urls]

    def call(self, method: str, *params: Any) -> Any:
        now = time.monotonic()
        refusal: Exception = Unavailable("chain.unavailable")
        for node in sorted(self.nodes, key=lambda node: node.usable_at > now):
            try:
                return node.call(method, *params)
            except RpcError as error:
                # -32016: this node is behind the slot asked for; -32005: it is unhealthy.
                if error.rpc_code not in (-32016, -32005):
                    raise
                refusal = Unavailable("chain.behind", node=node.name)
            except Unavailable as error:
                refusal = error
        raise refusal

    def latest_blockhash(self) -> Blockhash:
        """At confirmed: finalized would spend 32 blocks of its life before it is used."""
        answer = self.call("getLatestBlockhash", {"commitment": "confirmed"})
        value = answer["value"]
        return Blockhash(
            value=value["blockhash"],
            last_valid_block_height=int(value["lastValidBlockHeight"]),
            slot=int(answer["context"]["slot"]),
        )

    def accounts(
        self,
        addresses: Sequence[str],
        *,
        commitment: str = "confirmed",
        min_slot: int | None = None,
    ) -> tuple[int, list[AccountData | None]]:
        """The accounts in the order asked for, None where there is none, and the oldest slot."""
        found: list[AccountData | None] = []
        slots: list[int] = []
        for start in range(0, len(addresses), ACCOUNT_BATCH):
            options: dict[str, Any] = {"encoding": "base64", "commitment": commitment}
            if min_slot is not None:
                options["minContextSlot"] = min_slot
            part = list(addresses[start : start + ACCOUNT_BATCH])
            answer = self.call("getMultipleAccounts", part, options)
            slot = int(answer["context"]["slot"])
            slots.append(slot)
            for address, value in zip(part, answer["value"], strict=True):
                found.append(_account(address, value, slot) if value else None)
        return min(slots, default=0), found

    def signatures_for(
        self,
        address: str,
        *,
        until: str | None,
        limit: int = 1000,
        before: str | None = None,
        min_slot: int | None = None,
    ) -> list[dict[str, Any]]:
        """Signatures that mention an address, newest first, back to `until`, at confirmed."""
        options: dict[str, Any] = {"commitment": "confirmed", "limit": limit}
        if until:
            options["until"] = until
        if before:
            options["before"] = before
        if min_slot is not None:
            options["minContextSlot"] = min_slot
        return list(self.call("getSignaturesForAddress", address, options))

    def transaction(self, signature: str) -> dict[str, Any] | None:
        """A transaction with its logs, at confirmed; None if the node does not have it."""
        options = {
            "encoding": "json",
            "commitment": "confirmed",
            "maxSupportedTransactionVersion": 1,
        }
        found: dict[str, Any] | None = self.call("getTransaction", signature, options)
        return found

    def simulate(self, raw: bytes) -> dict[str, Any]:
        """Run a message without signatures on the node's present state."""
        options = {
            "encoding": "base64",
            "commitment": "confirmed",
            "sigVerify": False,
            "replaceRecentBlockhash": True,
        }
        answer = self.call("simulateTransaction", b64encode(raw).decode(), options)
        value: dict[str, Any] = answer["value"]
        return value

    def rent(self, size: int) -> int:
        """Lamports that an account of `size` bytes must hold; it falls in steps, so ask."""
        return int(self.call("getMinimumBalanceForRentExemption", size))

    def recent_priority_fees(self, addresses: Sequence[str]) -> list[int]:
        """Micro-lamports per compute unit of the last blocks that wrote to these accounts."""
        answer = self.call("getRecentPrioritizationFees", list(addresses[:128]))
        return [int(entry["prioritizationFee"]) for entry in answer]

    def balance(self, address: str) -> int:
        answer = self.call("getBalance", address, {"commitment": "confirmed"})
        return int(answer["value"])


_lock = threading.Lock()


@cache
def _rpc(urls: tuple[str, ...], genesis_hash: str | None) -> Rpc:
    return Rpc(urls, genesis_hash=genesis_hash)


def rpc() -> Rpc:
    """The nodes of SOLANA_RPC_URLS. Raises Misconfigured if none is given."""
    urls = settings.ENVIRONMENT.solana_rpc_urls
    if not urls:
        raise Misconfigured("chain.no_rpc", setting="SOLANA_RPC_URLS")
    with _lock:
        addresses = tuple(url.get_secret_value() for url in urls)
        return _rpc(addresses, settings.ENVIRONMENT.solana_genesis_hash)


def genesis_of(url: str) -> str:
    """The genesis hash of the chain that this node is of. Raises Unavailable, RpcError."""
    return str(Node(url).call("getGenesisHash"))


def _account(address: str, value: dict[str, Any], slot: int) -> AccountData:
    return AccountData(
        address=address,
        owner=value["owner"],
        data=b64decode(value["data"][0]),
        lamports=int(value["lamports"]),
        slot=slot,
    )
