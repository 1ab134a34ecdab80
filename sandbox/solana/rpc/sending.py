"""How a sent transaction lands: at once, late, never, or on a fork first."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import base58
from solders.transaction import SanitizeError, VersionedTransaction

from sandbox.solana.chain import Chain
from sandbox.solana.known import PACKET_BYTES
from sandbox.solana.processing import Simulation
from sandbox.solana.recording import inner_json, return_data_json
from sandbox.solana.rpc.errors import (
    SEND_PREFLIGHT_FAILURE,
    SIGNATURE_FAILURE,
    RpcError,
    invalid_params,
    transaction_error_text,
)
from sandbox.solana.transactions import TransactionRejected, is_signed
from sandbox.state import Json

ENCODED_LIMIT = {"base64": 1_644, "base58": 1_683}
FORK_ERROR: Json = {"InstructionError": [0, {"Custom": 1}]}


@dataclass(frozen=True, slots=True)
class Story:
    """What a fork tells of a transaction until it is decided."""

    transaction: VersionedTransaction
    slot: int
    error: Json
    commitment: str
    """The highest commitment at which the fork's story is seen."""
    ends_at_slot: int
    becomes: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A transaction that has landed in blocks which another branch will take back."""

    transaction: VersionedTransaction
    ends_at_slot: int
    becomes: str


class Sender:
    """Takes transactions in and lets them land."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._faults = chain.state.faults
        self._late: list[tuple[int, VersionedTransaction]] = []
        self.stories: dict[str, Story] = {}
        self._branches: dict[str, Branch] = {}
        declare = self._faults.declare
        declare("solana.drop_sends", "a send is answered with its signature and never lands")
        declare("solana.land_late", "slots (default 5): a send lands that many slots later")
        declare(
            "solana.fork",
            "shows: error|success, at commitment: processed|confirmed, for slots (default 10); "
            "then it becomes: success|error|dropped (default: the opposite of what it shows); "
            "error: the error shown. A confirmed success is there with all that it did, and is "
            "taken back with all that it did; a success that becomes one is in a later slot then",
        )
        declare("solana.stale_blockhash", "getLatestBlockhash answers one blocks (default 140) old")
        declare("solana.hide_statuses", "getSignatureStatuses knows nothing")
        declare(
            "solana.busy", "micro_lamports (default 10000): the lowest priority fee of each slot"
        )
        chain.after_slot.append(self._land_due)

    def submit(self, transaction: VersionedTransaction, *, node: str) -> str:
        """Let a checked transaction on its way; its signature is the answer."""
        signature = str(transaction.signatures[0])
        if self._chain.ledger.find(signature) is not None or signature in self.stories:
            return signature
        facts = {"node": node, "method": "sendTransaction"}
        if self._faults.consume("solana.drop_sends", **facts) is not None:
            return signature
        if (fault := self._faults.consume("solana.land_late", **facts)) is not None:
            due = self._chain.slots.slot + int(fault.get("slots", 5))
            self._late.append((due, transaction))
            return signature
        if (fault := self._faults.consume("solana.fork", **facts)) is not None:
            self._begin_fork(signature, transaction, fault)
            return signature
        self._land(transaction)
        return signature

    def _begin_fork(
        self, signature: str, transaction: VersionedTransaction, fault: dict[str, Json]
    ) -> None:
        story = self._story(transaction, fault)
        if story.error is None and story.commitment == "confirmed":
            self._land(transaction)
            self._branches[signature] = Branch(transaction, story.ends_at_slot, story.becomes)
        else:
            self.stories[signature] = story

    def _story(self, transaction: VersionedTransaction, fault: dict[str, Json]) -> Story:
        shows = fault.get("shows", "error")
        slot = self._chain.slots.slot
        return Story(
            transaction=transaction,
            slot=slot,
            error=fault.get("error", FORK_ERROR) if shows == "error" else None,
            commitment=fault.get("commitment", "processed"),
            ends_at_slot=slot + int(fault.get("slots", 10)),
            becomes=fault.get("becomes", "success" if shows == "error" else "error"),
        )

    def _land_due(self) -> None:
        now = self._chain.slots.slot
        due = [item for item in self._late if item[0] <= now]
        self._late = [item for item in self._late if item[0] > now]
        for _, transaction in due:
            self._land(transaction)
        for signature, story in list(self.stories.items()):
            if story.ends_at_slot > now:
                continue
            del self.stories[signature]
            if story.becomes == "success":
                self._land(story.transaction)
            elif story.becomes == "error":
                self._land(story.transaction, forced_error=FORK_ERROR)

        for signature, branch in list(self._branches.items()):
            if branch.ends_at_slot <= now:
                del self._branches[signature]
                self._end_branch(signature, branch)

    def _end_branch(self, signature: str, branch: Branch) -> None:
        record = self._chain.ledger.find(signature)
        if record is None or self._chain.is_final(record.slot - 1):
            return  # another branch has taken it back, or none can any more
        gone = () if branch.becomes == "success" else (signature,)
        self._chain.fork(record.slot - 1, without=gone)
        if branch.becomes == "error":
            self._land(branch.transaction, forced_error=FORK_ERROR)

    def _land(self, transaction: VersionedTransaction, *, forced_error: Json = None) -> None:
        # Signatures were checked on the way in; what the bank refuses now is dropped silently,
        # as a leader drops it.
        try:
            self._chain.process(transaction, forced_error=forced_error)
        except TransactionRejected:
            return


def decode_transaction(encoded: Json, encoding: str) -> VersionedTransaction:
    """The transaction that a call carries; raises RpcError for anything but one."""
    if not isinstance(encoded, str):
        raise invalid_params("invalid type: expected a string")
    if encoding not in ENCODED_LIMIT:
        raise invalid_params(
            f"unsupported encoding: {encoding}. Supported encodings: base58, base64"
        )
    if len(encoded) > ENCODED_LIMIT[encoding]:
        raise invalid_params(
            f"{encoding} encoded solana_transaction::versioned::VersionedTransaction too large: "
            f"{len(encoded)} bytes (max: encoded/raw {ENCODED_LIMIT[encoding]}/{PACKET_BYTES})"
        )
    try:
        if encoding == "base64":
            raw = base64.b64decode(encoded, validate=True)
        else:
            raw = base58.b58decode(encoded)
    except (binascii.Error, ValueError) as error:
        raise invalid_params(f"invalid {encoding} encoding: {error}") from error
    if len(raw) > PACKET_BYTES:
        raise invalid_params(
            "decoded solana_transaction::versioned::VersionedTransaction too large: "
            f"{len(raw)} bytes (max: {PACKET_BYTES} bytes)"
        )
    return _parse(raw)


def _parse(raw: bytes) -> VersionedTransaction:
    try:
        transaction = VersionedTransaction.from_bytes(raw)
        transaction.sanitize()
    except (ValueError, SanitizeError) as error:
        raise invalid_params(
            f"failed to deserialize solana_transaction::versioned::VersionedTransaction: {error}"
        ) from error
    if bytes(transaction) != raw:
        raise invalid_params(
            "failed to deserialize solana_transaction::versioned::VersionedTransaction: "
            "trailing bytes"
        )
    return transaction


def check_signatures(transaction: VersionedTransaction) -> None:
    """Refuse a transaction whose signatures are missing or false."""
    if not is_signed(transaction):
        raise RpcError(SIGNATURE_FAILURE, "Transaction signature verification failure")


def preflight(chain: Chain, transaction: VersionedTransaction, *, at_slot: int) -> None:
    """Simulate before sending; raises the error a node answers with."""
    try:
        if not chain.slots.is_valid(transaction.message.recent_blockhash, at_slot=at_slot):
            raise TransactionRejected("BlockhashNotFound")
        simulation = chain.simulate(transaction, check_signatures=False, check_blockhash=False)
        value = simulation_json(simulation)
    except TransactionRejected as rejected:
        value = rejection_json(rejected.error)
    if value["err"] is not None:
        raise RpcError(
            SEND_PREFLIGHT_FAILURE,
            f"Transaction simulation failed: {transaction_error_text(value['err'])}",
            value,
        )


def rejection_json(error: Json) -> dict[str, Json]:
    """A simulation that could not start."""
    return {
        "accounts": None,
        "err": error,
        "innerInstructions": None,
        "loadedAccountsDataSize": 0,
        "logs": [],
        "replacementBlockhash": None,
        "returnData": None,
        "unitsConsumed": 0,
    }


def simulation_json(simulation: Simulation) -> dict[str, Json]:
    """What a simulation found."""
    run = simulation.run
    keys = tuple(simulation.accounts)
    return {
        "accounts": None,
        "err": run.error,
        "innerInstructions": list(inner_json(keys, run)),
        "loadedAccountsDataSize": sum(
            len(account.data) for account in simulation.accounts.values() if account
        ),
        "logs": run.logs,
        "replacementBlockhash": None,
        "returnData": return_data_json(run),
        "unitsConsumed": run.units,
    }
