"""What one node sees: its slot at each commitment, and how far back its history goes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.solana.chain import Chain
from sandbox.solana.known import CLOCK_SYSVAR, SLOTS_PER_EPOCH, SYSVAR_OWNER
from sandbox.solana.ledger import TransactionRecord
from sandbox.solana.rpc.errors import MIN_CONTEXT_SLOT, RpcError, invalid_params
from sandbox.solana.slots import COMMITMENT_LAG, DEPRECATED_COMMITMENTS
from sandbox.state import FaultRegistry, Json

API_VERSION = "2.2.1"
# slot, start of the epoch, epoch, epoch of the leader schedule, unix time
_CLOCK = struct.Struct("<QqQQq")


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node at the moment of a call."""

    chain: Chain
    lag: int = 0
    first_slot: int = 0
    """Blocks and transactions before this slot are unknown to the node."""
    stalled_at: int | None = None
    """Confirmed and finalized do not move past this slot."""

    def slot(self, commitment: str = "finalized") -> int:
        """The slot that answers at this commitment come from."""
        lag = COMMITMENT_LAG[commitment] + self.lag
        slot = self.chain.slots.slot - lag
        if self.stalled_at is not None and commitment != "processed":
            slot = min(slot, self.stalled_at)
        return slot

    def height(self, commitment: str) -> int:
        return self.chain.slots.height(self.slot(commitment))

    def account(self, pubkey: Pubkey, commitment: str) -> Account | None:
        slot = self.slot(commitment)
        if pubkey == CLOCK_SYSVAR:
            return self._clock(slot)
        return self.chain.account_at(pubkey, slot=slot)

    def _clock(self, slot: int) -> Account:
        """The clock as of that slot, so that a node that is behind shows it."""
        epoch = slot // SLOTS_PER_EPOCH
        began = self.chain.block_time(epoch * SLOTS_PER_EPOCH)
        data = _CLOCK.pack(slot, began, epoch, epoch + 1, self.chain.block_time(slot))
        return Account(self.chain.rent(len(data)), data, SYSVAR_OWNER)

    def accounts_of_program(
        self, program_id: Pubkey, commitment: str
    ) -> Iterator[tuple[Pubkey, Account]]:
        return self.chain.accounts.owned_by(program_id, slot=self.slot(commitment))

    def record(self, signature: str) -> TransactionRecord | None:
        """The record of a transaction, if this node has its block."""
        record = self.chain.ledger.find(signature)
        return record if record is not None and self.has(record) else None

    def has(self, record: TransactionRecord) -> bool:
        """Whether this node has the record's block."""
        return self.first_slot <= record.slot <= self.slot("processed")

    def commitment_of(self, slot: int) -> str:
        """The highest commitment that a slot has reached here."""
        for commitment in ("finalized", "confirmed"):
            if slot <= self.slot(commitment):
                return commitment
        return "processed"

    def with_context(self, value: Json, commitment: str) -> dict[str, Json]:
        """An answer with the slot it comes from."""
        return {
            "context": {"apiVersion": API_VERSION, "slot": self.slot(commitment)},
            "value": value,
        }


class Nodes:
    """The nodes behind an address, as the faults that are set make them."""

    def __init__(self, chain: Chain, faults: FaultRegistry) -> None:
        self._chain = chain
        self._faults = faults
        self._turn = 0
        faults.declare("solana.node_lag", "slots: the node is that many slots behind")
        faults.declare(
            "solana.no_history",
            "before_slot (default: the slot when it was set): the node knows no transaction "
            "and no block before it",
        )
        faults.declare(
            "solana.stalled_commitment",
            "confirmed and finalized stop at at_slot (default: the slot when it was set)",
        )
        faults.declare("solana.standstill", "no slot passes but by sandbox_advanceSlots")
        faults.declare(
            "solana.nodes",
            "nodes: list of {lag, before_slot}; calls to the one address go to them in turn",
        )

    def view(self, *, node: str, method: str) -> NodeView:
        """The node that answers this call."""
        now = self._chain.slots.slot
        facts = {"node": node, "method": method}
        lag = first_slot = 0
        if (fault := self._faults.peek("solana.node_lag", **facts)) is not None:
            lag = int(fault.get("slots", 100))
        if (fault := self._faults.peek("solana.no_history", **facts)) is not None:
            first_slot = int(fault.get("before_slot") or fault.get("at_slot") or now)
        stalled = None
        if (fault := self._faults.peek("solana.stalled_commitment", **facts)) is not None:
            stalled = int(fault.get("at_slot", now))
        if (fault := self._faults.peek("solana.nodes", **facts)) is not None:
            nodes = fault["nodes"]
            one = nodes[self._turn % len(nodes)]
            self._turn += 1
            lag = int(one.get("lag", lag))
            first_slot = int(one.get("before_slot", first_slot))
        return NodeView(self._chain, lag, first_slot, stalled)


def commitment_in(config: Json, default: str = "finalized") -> str:
    """The commitment a call asks for."""
    asked = (config or {}).get("commitment") or default
    commitment = DEPRECATED_COMMITMENTS.get(asked, asked)
    if commitment not in COMMITMENT_LAG:
        raise invalid_params(f"Invalid params: unknown variant `{asked}`")
    return str(commitment)


def check_min_context_slot(config: Json, view: NodeView, commitment: str) -> None:
    """Refuse if the node has not reached the slot that the caller needs."""
    needed = (config or {}).get("minContextSlot")
    if needed is not None and view.slot(commitment) < needed:
        raise RpcError(
            MIN_CONTEXT_SLOT,
            "Minimum context slot has not been reached",
            {"contextSlot": view.slot(commitment)},
        )
