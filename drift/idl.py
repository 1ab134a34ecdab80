"""Compares the interface that a program publishes on chain with the layout the desk holds of it.

At start and after every upgrade: where they differ in anything the desk uses, that deployment is
read-only until the layout is brought up to date. Anchor publishes this form since its 0.30.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from drift.layouts.schema import PRIMITIVE_SIZES, AccountSlot, Field, FieldType, Layout

# Alignment of a Rust struct in C order on Solana; the rest align as their size.
_ALIGNMENTS = {"pubkey": 1, "u128": 8, "i128": 8, "bool": 1}
_RENAMED_TYPES = {"publicKey": "pubkey"}


class UnreadableIdl(Exception):
    """The published document is no Anchor interface description of the kind since 0.30."""


def incompatibilities(
    idl: Mapping[str, Any], layout: Layout, *, program_id: str, instructions: Collection[str]
) -> list[str]:
    """Name everything in which the published interface differs from the layout; empty is good.

    Compared are the address, the arguments and accounts of the given instructions, the offsets of
    every account's fields, the events (which may have gained fields at their end), the types
    and enums all these refer to, and discriminators. Names count without their underscores.
    Raises UnreadableIdl.
    """
    try:
        published = _Published(idl)
        found = [] if published.address == program_id else [f"address is {published.address}"]
        found += _compare_instructions(published, layout, instructions)
        found += _compare_accounts(published, layout)
        found += _compare_events(published, layout)
        found += _compare_referred_types(published, layout, instructions)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableIdl(f"{type(error).__name__}: {error}") from error
    return found


class _Published:
    """The published document, looked up by name."""

    def __init__(self, idl: Mapping[str, Any]) -> None:
        self.address: str = idl["address"]
        self.instructions = {entry["name"]: entry for entry in idl["instructions"]}
        self.accounts = {entry["name"]: entry for entry in idl["accounts"]}
        self.events = {entry["name"]: entry for entry in idl["events"]}
        self.types = {entry["name"]: entry for entry in idl["types"]}

    def fields(self, name: str) -> tuple[Field, ...]:
        return _fields(self.types[name]["type"]["fields"])

    def variants(self, name: str) -> tuple[str, ...]:
        return tuple(variant["name"] for variant in self.types[name]["type"]["variants"])

    def is_enum(self, name: str) -> bool:
        return bool(self.types[name]["type"]["kind"] == "enum")

    def placed(self, name: str, start: int) -> list[tuple[int, Field]]:
        """Fields with their offsets: in C order where the type says so, else end to end."""
        in_c_order = self.types[name].get("repr", {}).get("kind") == "c"
        offset, placed = start, []
        for field in self.fields(name):
            if in_c_order:
                offset += -(offset - start) % self._alignment(field.type)
            placed.append((offset, field))
            offset += self._size(field.type)
        return placed

    def _size(self, kind: FieldType) -> int:
        if isinstance(kind, str):
            return PRIMITIVE_SIZES[kind]
        if len(kind) == 3:
            return self._size(kind[1]) * kind[2]
        name = _defined(kind)
        if self.is_enum(name):
            return 1
        placed = self.placed(name, 0)
        if not placed:
            return 0
        offset, last = placed[-1]
        end = offset + self._size(last.type)
        if self.types[name].get("repr", {}).get("kind") == "c":
            end += -end % self._alignment(kind)
        return end

    def _alignment(self, kind: FieldType) -> int:
        if isinstance(kind, str):
            return _ALIGNMENTS.get(kind) or PRIMITIVE_SIZES[kind]
        if len(kind) == 3:
            return self._alignment(kind[1])
        name = _defined(kind)
        if self.is_enum(name):
            return 1
        return max((self._alignment(field.type) for field in self.fields(name)), default=1)


def _compare_instructions(
    published: _Published, layout: Layout, names: Collection[str]
) -> Iterable[str]:
    for name in sorted(names):
        declared = layout.instructions[name]
        found = published.instructions.get(name)
        if found is None:
            yield f"instruction {name}: gone"
            continue
        if bytes(found["discriminator"]) != declared.discriminator:
            yield f"instruction {name}: discriminator"
        if not _same_fields(declared.args, _fields(found["args"])):
            yield f"instruction {name}: arguments"
        if not _same_slots(declared.accounts, found["accounts"]):
            yield f"instruction {name}: accounts"


def _compare_accounts(published: _Published, layout: Layout) -> Iterable[str]:
    for name, declared in layout.accounts.items():
        found = published.accounts.get(name)
        if found is None or bytes(found["discriminator"]) != declared.discriminator:
            yield f"account {name}: gone or another discriminator"
            continue
        start = len(declared.discriminator)
        placed = {
            _plain(field.name): (at, field.type) for at, field in published.placed(name, start)
        }
        offset = start
        for field in declared.fields:
            if not _is_padding(field.name) and placed.get(_plain(field.name)) != (
                offset,
                field.type,
            ):
                yield f"account {name}: {field.name}"
            offset += layout.fixed_size(field.type)


def _compare_events(published: _Published, layout: Layout) -> Iterable[str]:
    for name, declared in layout.events.items():
        found = published.events.get(name)
        if found is None or bytes(found["discriminator"]) != declared.discriminator:
            yield f"event {name}: gone or another discriminator"
            continue
        known = len(declared.fields)
        if not _same_fields(declared.fields, published.fields(name)[:known]):
            yield f"event {name}: fields"


def _compare_referred_types(
    published: _Published, layout: Layout, instructions: Collection[str]
) -> Iterable[str]:
    for name in sorted(_referred(layout, instructions)):
        if name not in published.types:
            yield f"type {name}: gone"
        elif name in layout.enums:
            variants = layout.enums[name]
            # A variant more at the end changes no byte that is written today.
            if published.variants(name)[: len(variants)] != variants:
                yield f"enum {name}: variants"
        elif not _same_fields(layout.types[name], published.fields(name)):
            yield f"type {name}: fields"


def _referred(layout: Layout, instructions: Collection[str]) -> set[str]:
    """Names of the types that the instructions, accounts and events are made of."""
    waiting = [field.type for name in instructions for field in layout.instructions[name].args]
    for account in layout.accounts.values():
        waiting += [field.type for field in account.fields]
    for event in layout.events.values():
        waiting += [field.type for field in event.fields]
    referred: set[str] = set()
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, str):
            continue
        if kind[0] != "defined":
            waiting.append(kind[1])
        elif (name := _defined(kind)) not in referred:
            referred.add(name)
            waiting += [field.type for field in layout.types.get(name, ())]
    return referred


def _same_fields(declared: tuple[Field, ...], found: tuple[Field, ...]) -> bool:
    return [(_plain(f.name), f.type) for f in declared] == [(_plain(f.name), f.type) for f in found]


def _same_slots(declared: tuple[AccountSlot, ...], found: list[Mapping[str, Any]]) -> bool:
    return [(_plain(s.name), s.signer, s.writable, s.optional) for s in declared] == [
        (
            _plain(slot["name"]),
            slot.get("signer", False),
            slot.get("writable", False),
            slot.get("optional", False),
        )
        for slot in found
    ]


def _fields(declared: list[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(field["name"], _type(field["type"])) for field in declared)


def _type(kind: Any) -> FieldType:
    if isinstance(kind, str):
        return _RENAMED_TYPES.get(kind, kind)
    [(word, inner)] = kind.items()
    match word:
        case "defined":
            return ("defined", inner["name"])
        case "array":
            return ("array", _type(inner[0]), int(inner[1]))
        case "option" | "vec":
            return (word, _type(inner))
    raise ValueError(f"unknown kind of type {word}")


def _defined(kind: FieldType) -> str:
    if not isinstance(kind, tuple) or kind[0] != "defined" or not isinstance(kind[1], str):
        raise ValueError(f"{kind} has no fixed size")
    return kind[1]


def _is_padding(name: str) -> bool:
    return "padding" in name


def _plain(name: str) -> str:
    """Rust's spelling varies (`twap_5min`, `_sub_account_id`); the bytes do not."""
    return name.replace("_", "").lower()
