"""Messages: built, and checked again from the very bytes that are to be signed. Pure."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from core.errors import Refused

MEMO_PROGRAM = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
COMPUTE_BUDGET_PROGRAM = "ComputeBudget111111111111111111111111111111"
MAX_TRANSACTION_BYTES = 1232
# A memo is the id of its message, and all of them are of one length.
_ANY_ID = uuid.UUID(int=0)
BASE_FEE_LAMPORTS = 5_000  # for each signature


@dataclass(frozen=True, slots=True)
class AllowedInstruction:
    """What one instruction of an act must be: program, first bytes, and fixed accounts by place.

    `data` is a prefix, or with `whole` all of it. Accounts that are not named may be anything,
    so every place through which money or rights could leave is to be named.
    """

    program: str
    data: bytes
    accounts: tuple[tuple[int, str], ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: an address, the custodian that holds its key, and its name for the wallet.

    `role` is the desk's signer who asks the custodian for it: trading or withdrawal.
    """

    address: str
    custodian: str
    custody_id: str
    role: str = "trading"


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """All that a message is made of, but for its blockhash."""

    fee_payer: str
    signers: tuple[Signer, ...]
    instructions: tuple[Instruction, ...]
    allowed: tuple[AllowedInstruction, ...]
    # The venue account's counters, read before signing.
    counters: dict[str, Any]
    priority_fee_cap_lamports: int
    # Past it what the plan was judged on is too old: it is made anew, not signed.
    good_until: datetime | None = None


def build_transaction(
    *,
    plan: MessagePlan,
    memo: str,
    blockhash: str,
    unit_limit: int,
    unit_price: int,
) -> bytes:
    """The transaction with empty signatures. Raises Refused if it is too large for the chain."""
    budget = set_compute_unit_limit(unit_limit), set_compute_unit_price(unit_price)
    raw = _compile(plan.fee_payer, plan.instructions, memo, Hash.from_string(blockhash), budget)
    if len(raw) > MAX_TRANSACTION_BYTES:
        raise Refused("message.too_large", size=len(raw), limit=MAX_TRANSACTION_BYTES)
    return raw


def fits_in_a_message(*, fee_payer: str, instructions: Sequence[Instruction]) -> bool:
    """Whether they are small enough for the chain, beside compute budget and memo."""
    budget = set_compute_unit_limit(1), set_compute_unit_price(1)
    raw = _compile(fee_payer, instructions, str(_ANY_ID), Hash.default(), budget)
    return len(raw) <= MAX_TRANSACTION_BYTES


def _compile(
    fee_payer: str,
    acts: Sequence[Instruction],
    memo: str,
    blockhash: Hash,
    budget: Sequence[Instruction],
) -> bytes:
    payer = Pubkey.from_string(fee_payer)
    signed = [AccountMeta(payer, is_signer=True, is_writable=True)]
    said = Instruction(Pubkey.from_string(MEMO_PROGRAM), memo.encode(), signed)
    message = MessageV0.try_compile(payer, [*budget, *acts, said], [], blockhash)
    blank = [Signature.default()] * message.header.num_required_signatures
    return bytes(VersionedTransaction.populate(message, blank))


def check_transaction(*, raw: bytes, plan: MessagePlan, memo: str) -> None:
    """Refuse bytes that could do anything but the act, whoever built them.

    Every instruction must be one that the act allows, in the act's order, between the compute
    budget and the memo; no signer, no lookup table and no priority fee beyond the plan's.
    """
    try:
        message = VersionedTransaction.from_bytes(raw).message
    except ValueError as error:
        raise Refused("message.unreadable") from error
    keys = [str(key) for key in message.account_keys]
    if getattr(message, "address_table_lookups", None):
        raise Refused("message.lookup_table")
    _check_places(message, len(keys))
    signers = keys[: message.header.num_required_signatures]
    if keys[0] != plan.fee_payer or set(signers) != {signer.address for signer in plan.signers}:
        raise Refused("message.foreign_signer", signers=signers)
    compute, body = _split(list(message.instructions), keys)
    _check_compute_budget(compute, plan.priority_fee_cap_lamports)
    *acts, last = body or [None]
    if last is None or keys[last.program_id_index] != MEMO_PROGRAM:
        raise Refused("message.memo_missing")
    if bytes(last.data) != memo.encode():
        raise Refused("message.memo_missing")
    if len(acts) != len(plan.allowed):
        raise Refused("message.instruction_count", count=len(acts), allowed=len(plan.allowed))
    for index, (instruction, allowed) in enumerate(zip(acts, plan.allowed, strict=True)):
        if not _is_allowed(instruction, allowed, keys):
            program = keys[instruction.program_id_index]
            raise Refused("message.instruction_not_allowed", index=index, program=program)


def _check_places(message: Any, count: int) -> None:
    """Every index points at an address that is written in the message itself."""
    for instruction in message.instructions:
        if max([instruction.program_id_index, *bytes(instruction.accounts)]) >= count:
            raise Refused("message.unreadable")
    if not 1 <= message.header.num_required_signatures <= count:
        raise Refused("message.unreadable")


def message_bytes(raw: bytes) -> bytes:
    """What the signatures of a transaction sign."""
    return bytes(to_bytes_versioned(VersionedTransaction.from_bytes(raw).message))


def message_hash(raw: bytes) -> str:
    return hashlib.sha256(message_bytes(raw)).hexdigest()


def join_signatures(parts: Sequence[bytes]) -> tuple[bytes, str]:
    """One transaction of several copies that each carry some of its signatures.

    Returns its bytes and its id. Raises Refused unless every signature is there and verifies
    over these very bytes.
    """
    copies = [VersionedTransaction.from_bytes(part) for part in parts]
    message = copies[0].message
    if len({bytes(to_bytes_versioned(copy.message)) for copy in copies}) != 1:
        raise Refused("message.other_bytes_signed")
    empty = Signature.default()
    signatures = [
        next((given for given in place if given != empty), empty)
        for place in zip(*(copy.signatures for copy in copies), strict=True)
    ]
    joined = VersionedTransaction.populate(message, signatures)
    if not all(joined.verify_with_results()):
        raise Refused("message.signature_invalid")
    return bytes(joined), str(signatures[0])


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """What a transaction's bytes say of it."""

    fee_payer: str
    signers: tuple[str, ...]
    accounts: tuple[str, ...]
    blockhash: str


def read_message(raw: bytes) -> ReadMessage:
    """Read a legacy or version 0 transaction. Raises Refused for any other bytes."""
    try:
        message = VersionedTransaction.from_bytes(raw).message
    except ValueError as error:
        raise Refused("message.unreadable") from error
    keys = tuple(str(key) for key in message.account_keys)
    return ReadMessage(
        fee_payer=keys[0],
        signers=keys[: message.header.num_required_signatures],
        accounts=keys,
        blockhash=str(message.recent_blockhash),
    )


def transaction_fee(raw: bytes) -> int:
    """Lamports that the chain takes for a message of ours, whether it succeeds or fails."""
    message = VersionedTransaction.from_bytes(raw).message
    keys = [str(key) for key in message.account_keys]
    compute, _ = _split(list(message.instructions), keys)
    limit, price = _asked_of_compute(compute)
    # Micro-lamports per unit; rounded up, as the chain charges it.
    signatures: int = message.header.num_required_signatures
    return signatures * BASE_FEE_LAMPORTS + -(-limit * price // 1_000_000)


def writable_accounts(plan: MessagePlan) -> list[str]:
    """The accounts that the act writes: whose recent fees tell what a place costs."""
    metas = (meta for instruction in plan.instructions for meta in instruction.accounts)
    return sorted({str(meta.pubkey) for meta in metas if meta.is_writable})


def _split(instructions: list[Any], keys: list[str]) -> tuple[list[Any], list[Any]]:
    def is_compute(instruction: Any) -> bool:
        return bool(keys[instruction.program_id_index] == COMPUTE_BUDGET_PROGRAM)

    compute = [instruction for instruction in instructions if is_compute(instruction)]
    return compute, [instruction for instruction in instructions if not is_compute(instruction)]


def _check_compute_budget(instructions: Iterable[Any], cap_lamports: int) -> None:
    limit, price = _asked_of_compute(instructions)
    # Micro-lamports per unit; rounded up, as the chain charges it.
    cost = -(-limit * price // 1_000_000)
    if cost > cap_lamports:
        raise Refused("message.priority_fee_above_cap", lamports=cost, cap=cap_lamports)


def _asked_of_compute(instructions: Iterable[Any]) -> tuple[int, int]:
    limit = price = 0
    for instruction in instructions:
        data = bytes(instruction.data)
        if data[:1] == b"\x02":
            limit = int.from_bytes(data[1:5], "little")
        elif data[:1] == b"\x03":
            price = int.from_bytes(data[1:9], "little")
        else:
            raise Refused("message.instruction_not_allowed", program=COMPUTE_BUDGET_PROGRAM)
    return limit, price


def _is_allowed(instruction: Any, allowed: AllowedInstruction, keys: list[str]) -> bool:
    data = bytes(instruction.data)
    places = bytes(instruction.accounts)
    return (
        keys[instruction.program_id_index] == allowed.program
        and (data == allowed.data if allowed.whole else data.startswith(allowed.data))
        and all(
            place < len(places) and keys[places[place]] == address
            for place, address in allowed.accounts
        )
    )
