"""Replays transactions recorded from the compiled program on the sandbox's chain."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from solders.account import Account
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from drift.layouts.schema import DISCRIMINATOR_SIZE, FieldType, Layout
from sandbox.perps.deployment import DRIFT_2024_10, Deployment
from sandbox.perps.oracles import PYTH_PROGRAMS, pyth_account_data
from sandbox.perps.program import PerpsProgram
from sandbox.solana.chain import Chain
from sandbox.solana.programs import InstructionContext
from sandbox.state import SandboxOptions, SandboxState

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
LAYOUT = DRIFT_2024_10.layout
PYTH = min(PYTH_PROGRAMS, key=str)


class Echo:
    """The foreign programs of the recordings: each logs what it is given."""

    def __init__(self, address: str, *, as_data: bool) -> None:
        self.program_id = Pubkey.from_string(address)
        self._as_data = as_data

    def execute(self, ctx: InstructionContext) -> None:
        if self._as_data:
            ctx.log_data(ctx.data)
        else:
            ctx.log(ctx.data.decode())


class RecordedExchange:
    """Nothing but the programs: no prices that move, no keepers."""

    def __init__(self) -> None:
        self.programs = [
            PerpsProgram(DRIFT_2024_10),
            Echo("58TouhaHLWCXVNhX5xf58SCyUT6VtBMRRe622ACVMAUa", as_data=False),
            Echo("DDAhpbz8uRuQBxxdD2SzXW7SPXVn72o4Ae5834LvYyQt", as_data=True),
        ]


@cache
def recording(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text())


def recorded_bytes(entry: dict[str, Any]) -> bytes:
    return zlib.decompress(base64.b64decode(entry["data_zb64"]))


def recorded_account(entry: dict[str, Any]) -> Account:
    return Account(
        int(entry["lamports"]), recorded_bytes(entry), Pubkey.from_string(entry["owner"])
    )


class Replay:
    """One scenario on a chain of its own."""

    def __init__(self, name: str) -> None:
        self.recording = recording(name)
        self.chain = Chain(SandboxState(SandboxOptions(slot_ms=0, walk=False)))
        self.chain.install(RecordedExchange())  # type: ignore[arg-type]
        genesis = self.recording["genesis"]
        self.oracle = Pubkey.from_string(genesis["oracle"]["address"])
        for address, entry in genesis["accounts"].items():
            self.chain.set_account(Pubkey.from_string(address), recorded_account(entry))
        for address, lamports in genesis["wallet_lamports"].items():
            account = Account(int(lamports), b"", Pubkey.default())
            self.chain.set_account(Pubkey.from_string(address), account)
        self._set_surroundings(genesis)

    def _set_surroundings(self, step: dict[str, Any]) -> None:
        clock, oracle = step["clock"], step["oracle"]
        self.chain.set_clock(slot=clock["slot"], unix_timestamp=clock["unix_timestamp"])
        data = pyth_account_data(
            price=int(oracle["raw_1e8"]),
            confidence=int(oracle["conf_1e8"]),
            slot=int(oracle["publish_slot"]),
            timestamp=int(oracle["publish_ts"]),
        )
        self.chain.set_account(self.oracle, Account(10**9, data, PYTH))

    def steps(self) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Every recorded step with what the emulation did differently."""
        for step in self.recording["steps"]:
            self._set_surroundings(step)
            yield step, (self._load(step) if is_loaded(step) else self._run(step))

    def _load(self, step: dict[str, Any]) -> list[str]:
        for address, (_, after) in step["lamports"].items():
            self._set_lamports(Pubkey.from_string(address), int(after))
        for address, entry in step["accounts_after"].items():
            if not entry.get("closed") and "data_zb64" in entry:
                self.chain.set_account(Pubkey.from_string(address), recorded_account(entry))
        return []

    def _set_lamports(self, key: Pubkey, lamports: int) -> None:
        account = self.chain.account(key)
        data, owner = (account.data, account.owner) if account else (b"", Pubkey.default())
        self.chain.set_account(key, Account(lamports, data, owner))

    def _run(self, step: dict[str, Any]) -> list[str]:
        watched = self._watched(step)
        before = {key: self.chain.account(key) for key in watched}
        record = self.chain.process(
            transaction_of(step), internal=True, check_signatures=False, check_blockhash=False
        )
        differences = []
        if record.error != step["error"]:
            differences.append(f"error {record.error} != {step['error']}")
        differences += self._lamport_differences(step, before)
        differences += self._account_differences(step, before)
        differences += event_differences(step, record.logs)
        if structure(record.logs) != structure(step["logs"]):
            differences.append(f"calls {structure(record.logs)} != {structure(step['logs'])}")
        return differences

    def _watched(self, step: dict[str, Any]) -> list[Pubkey]:
        named = {key for item in step["instructions"] for key, _ in item["accounts"]}
        named |= set(step["lamports"]) | set(step["accounts_after"])
        return [Pubkey.from_string(address) for address in sorted(named)]

    def _lamport_differences(
        self, step: dict[str, Any], before: dict[Pubkey, Account | None]
    ) -> Iterator[str]:
        for key, account in before.items():
            now = self.chain.account(key)
            held, holds = (account.lamports if account else 0), (now.lamports if now else 0)
            expected = int(step["lamports"].get(str(key), (0, held))[1])
            if holds != expected:
                yield f"{self._name(key)}: lamports {holds} != {expected}"

    def _account_differences(
        self, step: dict[str, Any], before: dict[Pubkey, Account | None]
    ) -> Iterator[str]:
        for key, account in before.items():
            entry = step["accounts_after"].get(str(key))
            now = self.chain.account(key)
            if entry is not None and entry.get("closed"):
                if now is not None:
                    yield f"{self._name(key)}: not closed"
            elif entry is None or "data_zb64" not in entry:
                if (account.data if account else b"") != (now.data if now else b""):
                    yield f"{self._name(key)}: changed, was not to"
            else:
                wanted = recorded_bytes(entry)
                yield from self._data_differences(key, entry["kind"], now, wanted)

    def _data_differences(
        self, key: Pubkey, kind: str, account: Account | None, wanted: bytes
    ) -> Iterator[str]:
        data = account.data if account else b""
        if len(data) != len(wanted):
            yield f"{self._name(key)}: {len(data)} bytes, not {len(wanted)}"
        elif kind not in LAYOUT.accounts:
            if data != wanted:
                yield f"{self._name(key)}: {kind} differs"
        else:
            got, want = flat_fields(kind, data), flat_fields(kind, wanted)
            for path, value in want.items():
                if got[path] != value:
                    yield f"{self._name(key)}: {path} {got[path]} != {value}"

    def _name(self, key: Pubkey) -> str:
        return str(self.recording["labels"].get(str(key), key))


def is_loaded(step: dict[str, Any]) -> bool:
    """Markets are not made by the emulation: such a step's outcome is taken as recorded."""
    made = any(item.get("name", "").startswith("initialize") for item in step["instructions"])
    return bool(step["setup"]) and made


def transaction_of(step: dict[str, Any]) -> VersionedTransaction:
    instructions = [
        Instruction(
            Pubkey.from_string(item["program_id"]),
            base64.b64decode(item["data_b64"]),
            [
                AccountMeta(Pubkey.from_string(key), "s" in flags, "w" in flags)
                for key, flags in item["accounts"]
            ],
        )
        for item in step["instructions"]
    ]
    payer = Pubkey.from_string(step["fee_payer"])
    message = MessageV0.try_compile(payer, instructions, [], Hash.default())
    signatures = [Signature.default()] * message.header.num_required_signatures
    return VersionedTransaction.populate(message, signatures)


def flat_fields(kind: str, data: bytes) -> dict[str, Any]:
    """An account's fields by dotted path."""
    fields: dict[str, Any] = {}
    at = DISCRIMINATOR_SIZE
    for field in LAYOUT.accounts[kind].fields:
        at = _flatten(LAYOUT, field.type, data, at, field.name, fields)
    return fields


def _flatten(
    layout: Layout, kind: FieldType, data: bytes, at: int, path: str, into: dict[str, Any]
) -> int:
    size = layout.fixed_size(kind)
    if isinstance(kind, tuple) and len(kind) == 3 and kind[1] != "u8":
        for index in range(kind[2]):
            at = _flatten(layout, kind[1], data, at, f"{path}.{index}", into)
        return at
    if isinstance(kind, tuple) and kind[0] == "defined" and kind[1] in layout.types:
        for field in layout.types[str(kind[1])]:
            at = _flatten(layout, field.type, data, at, f"{path}.{field.name}", into)
        return at
    raw = data[at : at + size]
    number = isinstance(kind, str) and kind != "pubkey"
    into[path] = int.from_bytes(raw, "little", signed=kind[0] == "i") if number else raw.hex()
    return at + size


def event_names(deployment: Deployment, logs: Sequence[str]) -> list[str]:
    """The events of a deployment's program in a log, in order."""
    names = {event.discriminator: name for name, event in deployment.layout.events.items()}
    return [names[data[:8]] for _, data in event_lines(logs, deployment)]


def event_lines(
    logs: Sequence[str], deployment: Deployment = DRIFT_2024_10
) -> list[tuple[str, bytes]]:
    """The lines that the program itself wrote and that begin like an event: prefix and bytes."""
    stack: list[str] = []
    found = []
    known = {event.discriminator for event in deployment.layout.events.values()}
    program = str(deployment.program_id)
    for line in logs:
        words = line.split(" ")
        if words[0] == "Program" and len(words) > 2 and words[2] == "invoke":
            stack.append(words[1])
        elif words[0] == "Program" and len(words) > 2 and words[2] in ("success", "failed:"):
            stack.pop()
        elif stack and stack[-1] == program:
            for prefix in ("Program log:", "Program data:"):
                if line.startswith(prefix + " "):
                    data = decoded(line[len(prefix) + 1 :])
                    if data[:8] in known:
                        found.append((prefix, data))
    return found


def structure(logs: list[str]) -> list[str]:
    """Who called whom with what success, and where the log was cut."""
    words = (line.split(" ") for line in logs)
    return [
        " ".join(line)
        for line in words
        if line[0] == "Log"
        or (line[0] == "Program" and len(line) > 2 and line[2] in ("invoke", "success", "failed:"))
    ]


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def event_differences(step: dict[str, Any], logs: list[str]) -> Iterator[str]:
    got, want = event_lines(list(logs)), event_lines(step["logs"])
    names = {event.discriminator: name for name, event in LAYOUT.events.items()}
    if [names[data[:8]] for _, data in got] != [names[data[:8]] for _, data in want]:
        yield (
            f"events {[names[data[:8]] for _, data in got]}"
            f" != {[names[data[:8]] for _, data in want]}"
        )
        return
    for (prefix, data), (wanted_prefix, wanted) in zip(got, want, strict=True):
        if prefix != wanted_prefix:
            yield f"{names[wanted[:8]]}: {prefix} instead of {wanted_prefix}"
        if data != wanted:
            yield f"{names[wanted[:8]]}: {data.hex()} != {wanted.hex()}"
