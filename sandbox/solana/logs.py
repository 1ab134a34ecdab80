"""What a transaction logs: depth of invocations, and the limit of 10,000 bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sandbox.solana.known import LOG_BYTES_LIMIT
from sandbox.state import Json

_INVOKE = re.compile(r"^(Program [1-9A-HJ-NP-Za-km-z]+ invoke \[)(\d+)(\])$")
_ERROR_TEXTS = {
    "InvalidArgument": "invalid program argument",
    "InvalidAccountData": "invalid account data for instruction",
    "AccountDataTooSmall": "account data too small for instruction",
    "InsufficientFunds": "insufficient funds for instruction",
    "IncorrectProgramId": "incorrect program id for instruction",
    "MissingRequiredSignature": "missing required signature for instruction",
    "AccountAlreadyInitialized": "instruction requires an uninitialized account",
    "UninitializedAccount": "instruction requires an initialized account",
    "NotEnoughAccountKeys": "insufficient account keys for instruction",
    "MissingAccount": "An account required by the instruction is missing",
    "PrivilegeEscalation": "Cross-program invocation with unauthorized signer or writable account",
    "InvalidSeeds": "Provided seeds do not result in a valid address",
    "IllegalOwner": "Provided owner is not allowed",
    "ComputationalBudgetExceeded": "Computational budget exceeded",
    "ReadonlyDataModified": "instruction modified data of a read-only account",
    "ReadonlyLamportChange": "instruction changed the balance of a read-only account",
    "UnbalancedInstruction": ("sum of account balances before and after instruction do not match"),
}


def truncate(lines: Iterable[str]) -> list[str]:
    """Apply the chain's limit.

    A line that would make the total reach 10,000 bytes is dropped and the limit is noted once;
    a later, shorter line may still find room.
    """
    kept: list[str] = []
    written = 0
    noted = False
    for line in lines:
        size = len(line.encode())
        if written + size >= LOG_BYTES_LIMIT:
            if not noted:
                kept.append("Log truncated")
                noted = True
            continue
        written += size
        kept.append(line)
    return kept


def deepen(lines: Iterable[str], levels: int) -> list[str]:
    """The lines of a call made from inside another program, `levels` further down."""
    if levels == 0:
        return list(lines)
    return [
        f"{match[1]}{int(match[2]) + levels}{match[3]}" if (match := _INVOKE.match(line)) else line
        for line in lines
    ]


def failure_text(error: Json) -> str:
    """How a `Program … failed:` line names an instruction's error."""
    if isinstance(error, dict) and "Custom" in error:
        return f"custom program error: {error['Custom']:#x}"
    name = next(iter(error)) if isinstance(error, dict) else str(error)
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
    return _ERROR_TEXTS.get(name, words)
