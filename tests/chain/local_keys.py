"""A custodian of keys in this process, and a subject that pays lamports: the chain room alone."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from chain.messages import AllowedInstruction, MessagePlan, Signer, message_bytes
from core.errors import Refused


class LocalKeys:
    """Signs with keys that the test made; counts how often it was asked."""

    keys: ClassVar[dict[str, Keypair]] = {}
    asked: ClassVar[list[str]] = []

    @classmethod
    def from_settings(cls, key: str) -> "LocalKeys":
        return cls()

    def sign(self, *, wallet_id, address, raw_transaction, message_hash, role="trading"):
        self.asked.append(message_hash)
        transaction = VersionedTransaction.from_bytes(raw_transaction)
        place = [str(key) for key in transaction.message.account_keys].index(address)
        signatures = list(transaction.signatures)
        signatures[place] = self.keys[address].sign_message(message_bytes(raw_transaction))
        return bytes(VersionedTransaction.populate(transaction.message, signatures))


class Payment:
    """Pays `lamports` from one key to another address; knows what was booked of it."""

    payments: ClassVar[dict[uuid.UUID, tuple[str, str, int]]] = {}
    fates: ClassVar[dict[uuid.UUID, list[str]]] = {}
    told: ClassVar[dict[uuid.UUID, list[Any]]] = {}
    refuse_guard: ClassVar[bool] = False
    good_until: ClassVar[datetime | None] = None
    counters_stand: ClassVar[bool] = True
    # How the database commits what has just been signed.
    commits: ClassVar[list[str]] = []

    @classmethod
    def from_settings(cls, key: str) -> "Payment":
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:
        payer, to, lamports = self.payments[subject_id]
        instruction: Instruction = transfer(
            TransferParams(
                from_pubkey=Pubkey.from_string(payer),
                to_pubkey=Pubkey.from_string(to),
                lamports=lamports,
            )
        )
        allowed = AllowedInstruction(
            program=str(SYSTEM_PROGRAM),
            data=bytes(instruction.data),
            accounts=((0, payer), (1, to)),
            whole=True,
        )
        return MessagePlan(
            fee_payer=payer,
            signers=(Signer(payer, "local", payer),),
            instructions=(instruction,),
            allowed=(allowed,),
            counters={},
            priority_fee_cap_lamports=100_000,
            good_until=self.good_until,
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:
        if self.refuse_guard:
            raise Refused("test.guard")

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Any) -> None:
        if fate.state == "signed":
            with connection.cursor() as cursor:
                cursor.execute("SHOW synchronous_commit")
                self.commits.append(cursor.fetchone()[0])
        self.fates.setdefault(subject_id, []).append(fate.state)
        self.told.setdefault(subject_id, []).append(fate)

    def explain_counters(
        self, *, subject_id: uuid.UUID, counters: dict, signature: str, min_slot: int
    ) -> bool:
        return self.counters_stand
