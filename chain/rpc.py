"""Solana's JSON-RPC, by several nodes of which any may be down, behind or wrong."""

import os
import threading
from base64 import b64decode, b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from chain.errors import RpcError
from chain.health import LAG_SLOTS, HealthFacts, tell_health
from chain.node import Node, SignatureStatus
from core.errors import Misconfigured, Unavailable

_SENDERS = 8
__all__ = ["AccountData", "Blockhash", "Node", "Rpc", "SignatureStatus", "genesis_of", "rpc"]
# getSignatureStatuses and getMultipleAccounts take no more than this.
STATUS_BATCH = 256
ACCOUNT_BATCH = 100
# A node's error for a transaction of a later version than the caller has said to know.
UNSUPPORTED_VERSION = -32015
_KNOWN_VERSION = 1
_ANY_VERSION = 255


@dataclass(frozen=True, slots=True)
class AccountData:
    """An account's bytes as one node showed them at `slot`."""

    address: str
    owner: str
    data: bytes
    lamports: int
    slot: int


@dataclass(frozen=True, slots=True)
class Blockhash:
    value: str
    last_valid_block_height: int
    slot: int


class Rpc:
    """All configured nodes: a read asks the fittest one first, then the others."""

    def __init__(self, urls: Sequence[str], *, genesis_hash: str | None = None) -> None:
        self.nodes = [Node(url, genesis_hash=genesis_hash) for url in urls]
        for number, node in enumerate(self.nodes, start=1):
            if [other.name for other in self.nodes].count(node.name) > 1:
                node.name = f"{node.name}#{number}"
        self._threads: ThreadPoolExecutor | None = None

    @property
    def is_single(self) -> bool:
        """Whether there is no second provider that could agree."""
        return len(self.nodes) == 1

    def usable_nodes(self) -> list[Node]:
        """All nodes: those that answer and keep up first, those set aside last."""
        newest = self._newest_slot()

        def fitness(node: Node) -> tuple[bool, bool]:
            behind = node.health.slot and newest - node.health.slot > LAG_SLOTS
            return node.health.is_set_aside, bool(behind)

        tell_health(self.health())
        return sorted(self.nodes, key=fitness)

    def nodes_but(self, first: Node) -> list[Node]:
        """The other providers, the fittest first."""
        return [node for node in self.usable_nodes() if node is not first]

    def health(self) -> tuple[HealthFacts, ...]:
        newest = self._newest_slot()
        return tuple(node.health.facts(node.name, newest_slot=newest) for node in self.nodes)

    def _newest_slot(self) -> int:
        return max(node.health.slot for node in self.nodes)

    def call(self, method: str, *params: Any) -> Any:
        refusal: Exception = Unavailable("chain.unavailable")
        for node in self.usable_nodes():
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

    def send_everywhere(self, raws: Sequence[bytes]) -> list[bool]:
        """Hand signed bytes to every node at the same time; which were taken by one at least.

        A node that hangs keeps no other waiting for longer than its own time-out.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_SENDERS, thread_name_prefix="send")

        def send(node: Node, raw: bytes) -> bool:
            try:
                node.send(raw)
            except Unavailable:
                return False
            return True

        asked = [
            [self._threads.submit(copy_context().run, send, node, raw) for node in self.nodes]
            for raw in raws
        ]
        answers = [[each.result() for each in of_one] for of_one in asked]
        return [any(of_one) for of_one in answers]

    def latest_blockhash(self) -> Blockhash:
        """At confirmed: finalized would spend 32 blocks of its life before it is used."""
        answer = self.call("getLatestBlockhash", {"commitment": "confirmed"})
        value = answer["value"]
        return Blockhash(
            value=value["blockhash"],
            last_valid_block_height=int(value["lastValidBlockHeight"]),
            slot=int(answer["context"]["slot"]),
        )

    def slot(self, commitment: str) -> int:
        return int(self.call("getSlot", {"commitment": commitment}))

    def block_height(self, commitment: str) -> int:
        return int(self.call("getBlockHeight", {"commitment": commitment}))

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

    def token_accounts(self, owner: str, *, program: str, commitment: str) -> list[AccountData]:
        """All accounts of a token program that are this owner's, of whatever mint."""
        options = {"encoding": "base64", "commitment": commitment}
        answer = self.call("getTokenAccountsByOwner", owner, {"programId": program}, options)
        slot = int(answer["context"]["slot"])
        return [_account(each["pubkey"], each["account"], slot) for each in answer["value"]]

    def signatures_for(
        self,
        address: str,
        *,
        until: str | None,
        limit: int = 1000,
        before: str | None = None,
        min_slot: int | None = None,
        commitment: str = "confirmed",
    ) -> list[dict[str, Any]]:
        """Signatures that mention an address, newest first, back to `until`."""
        options: dict[str, Any] = {"commitment": commitment, "limit": limit}
        if until:
            options["until"] = until
        if before:
            options["before"] = before
        if min_slot is not None:
            options["minContextSlot"] = min_slot
        return list(self.call("getSignaturesForAddress", address, options))

    def transaction(
        self, signature: str, *, commitment: str = "confirmed"
    ) -> dict[str, Any] | None:
        """A transaction of any version, with its logs; None if the node does not have it."""
        return self._transaction(signature, encoding="json", commitment=commitment)

    def transaction_bytes(self, signature: str) -> dict[str, Any] | None:
        """A transaction with its own bytes (base64) in place of their reading, at confirmed."""
        return self._transaction(signature, encoding="base64", commitment="confirmed")

    def _transaction(
        self, signature: str, *, encoding: str, commitment: str
    ) -> dict[str, Any] | None:
        options = {"encoding": encoding, "commitment": commitment}

        def ask(version: int) -> dict[str, Any] | None:
            asked = options | {"maxSupportedTransactionVersion": version}
            found: dict[str, Any] | None = self.call("getTransaction", signature, asked)
            return found

        try:
            return ask(_KNOWN_VERSION)
        except RpcError as error:
            if error.rpc_code != UNSUPPORTED_VERSION:
                raise
            # What is read of it (its slot, its logs, balances before and after) is of no version,
            # and anybody can name an account of ours in a message of the newest one.
            return ask(_ANY_VERSION)

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
def _rpc(urls: tuple[str, ...], genesis_hash: str | None, _process: int) -> Rpc:
    return Rpc(urls, genesis_hash=genesis_hash)


def rpc() -> Rpc:
    """This process's nodes, of SOLANA_RPC_URLS. Raises Misconfigured if none is given."""
    urls = settings.ENVIRONMENT.solana_rpc_urls
    if not urls:
        raise Misconfigured("chain.no_rpc", setting="SOLANA_RPC_URLS")
    with _lock:
        addresses = tuple(url.get_secret_value() for url in urls)
        return _rpc(addresses, settings.ENVIRONMENT.solana_genesis_hash, os.getpid())


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
