"""The venue's events in a transaction's log, believed only where the venue itself wrote them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drift.codec import Codec, LayoutMismatch, codec_for
from drift.layouts.deployments import Deployment

_INVOKED = re.compile(r"Program (\w+) invoke \[(\d+)\]")
_RETURNED = re.compile(r"Program (\w+) (?:success|failed: .*)", re.DOTALL)
# The program writes most order events by its own logger and the others as Anchor does.
_PREFIXES = ("Program log: ", "Program data: ")
_TRUNCATED = "Log truncated"
_INSTRUCTION = "Program log: Instruction: "


@dataclass(frozen=True, slots=True)
class VenueEvent:
    """`index` counts the venue's events of the transaction; `line` is its place in the log.

    `instruction` is the name of the venue's instruction that wrote it, as the log gives it.
    """

    name: str
    fields: dict[str, Any]
    index: int
    line: int
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class TransactionEvents:
    """What a log tells. Where it is truncated, or lines are unreadable, it does not tell all:
    the accounts' state is the truth then."""

    events: tuple[VenueEvent, ...]
    truncated: bool
    unreadable_lines: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return not self.truncated and not self.unreadable_lines


def parse_events(
    *, deployment: Deployment, logs: Iterable[str], error: object | None
) -> TransactionEvents:
    """Read the events of a finished transaction.

    `error` is the transaction's own: a failed one moved nothing, whatever its log says. Lines
    count only while the venue's program is on top of the invoke stack, since any program can log
    the same bytes. Events of kinds the layout does not declare are passed over.
    """
    if error is not None:
        return TransactionEvents((), truncated=False, unreadable_lines=())
    codec = codec_for(deployment.layout)
    stack: list[str] = []
    events: list[VenueEvent] = []
    unreadable: list[int] = []
    truncated = False
    instruction = ""
    for number, line in enumerate(logs):
        if line == _TRUNCATED:
            truncated = True
        elif _follow_stack(stack, line) or not stack or stack[-1] != deployment.program_id:
            continue
        elif line.startswith(_INSTRUCTION):
            instruction = line.removeprefix(_INSTRUCTION)
        elif line.startswith(_PREFIXES):
            try:
                found = _decode(codec, line)
            except LayoutMismatch:
                unreadable.append(number)
                continue
            if found is not None:
                events.append(VenueEvent(*found, len(events), number, instruction))
    return TransactionEvents(tuple(events), truncated, tuple(unreadable))


def _follow_stack(stack: list[str], line: str) -> bool:
    """Keep the invoke stack; whether the line was about it. A truncated log may miss returns."""
    if match := _INVOKED.fullmatch(line):
        del stack[int(match[2]) - 1 :]
        stack.append(match[1])
        return True
    if match := _RETURNED.fullmatch(line):
        while stack and stack.pop() != match[1]:
            pass
        return True
    return False


def _decode(codec: Codec, line: str) -> tuple[str, dict[str, Any]] | None:
    _, _, text = line.partition(": ")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return codec.decode_event(data)
