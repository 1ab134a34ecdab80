"""Errors of the programs and of the chain as stable codes and plain sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.failure_words import PROGRAM_FAILURES
from drift.layouts.deployments import Deployment
from drift.order_words import snake

_CHAIN: Mapping[str, tuple[str, str]] = {
    "BlockhashNotFound": ("chain.expired", "The message was too old for the chain."),
    "AccountNotFound": ("chain.no_sol", "The wallet that pays the fee holds no SOL."),
    "InsufficientFundsForFee": ("chain.no_sol", "There is not enough SOL for the chain's fee."),
    "InsufficientFundsForRent": ("chain.no_sol", "There is not enough SOL for the rent."),
    "AlreadyProcessed": ("chain.already_processed", "The message has been carried out already."),
    "ComputationalBudgetExceeded": (
        "chain.too_much_work",
        "The message took more computing than it had paid for.",
    ),
    "ProgramFailedToComplete": (
        "chain.too_much_work",
        "The message took more computing than it had paid for.",
    ),
    "WouldExceedMaxBlockCostLimit": ("chain.busy", "The chain was too busy for the message."),
    "WouldExceedMaxAccountCostLimit": ("chain.busy", "The chain was too busy for the message."),
}
# What the token and system programs both call 1.
_INSUFFICIENT_FUNDS = ("chain.insufficient_funds", "The wallet does not hold that much.")
_LOGGED = re.compile(r"Program (\w+) failed: custom program error: 0x([0-9a-f]+)")
_OWN_ERRORS_FROM = 100


def explain(deployment: Deployment, error: Any, logs: Sequence[str] = ()) -> tuple[str, str]:
    """The stable code and plain sentence of a transaction's error as the node gave it."""
    number = _custom(error)
    if number is None:
        return _explain_chain(error)
    program = _failing_program(logs, number)
    ours = program in (None, deployment.program_id)
    if number < _OWN_ERRORS_FROM or not ours:
        if number == 1:
            return _INSUFFICIENT_FUNDS
        return "chain.program_error", f"A program refused the message with error {number}."
    name = deployment.layout.errors.get(number)
    if name is None:
        return "venue.program_error", f"The venue refused the message with error {number}."
    if name in PROGRAM_FAILURES:
        return PROGRAM_FAILURES[name]
    return f"venue.{snake(name)}", f"The venue refused the message: {snake(name)} ({number})."


def _custom(error: Any) -> int | None:
    inner = error.get("InstructionError") if isinstance(error, dict) else None
    if isinstance(inner, list | tuple) and len(inner) == 2 and isinstance(inner[1], dict):
        number = inner[1].get("Custom")
        return number if isinstance(number, int) else None
    if isinstance(error, str) and (match := re.search(r"custom program error: 0x(\w+)", error)):
        return int(match[1], 16)
    return None


def _explain_chain(error: Any) -> tuple[str, str]:
    name = error
    if isinstance(error, dict) and error:
        name, value = next(iter(error.items()))
        if name == "InstructionError" and isinstance(value, list | tuple):
            name = value[-1]
    if isinstance(name, dict) and name:
        name = next(iter(name))
    text = str(name)
    if text in _CHAIN:
        return _CHAIN[text]
    return "chain.failed", f"The chain refused the message: {text[:120]}."


def _failing_program(logs: Sequence[str], number: int) -> str | None:
    """The innermost program that failed with that number, which its callers then repeat."""
    for line in logs:
        match = _LOGGED.search(line)
        if match and int(match[2], 16) == number:
            return match[1]
    return None
