"""The words in which a venue program's binary interface is declared, and the notation they are
written in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

# "u64", "pubkey", "bool" …, or ("array", type, length), ("option", type), ("vec", type),
# ("defined", name of a type or an enum).
FieldType: TypeAlias = "str | tuple[str, FieldType] | tuple[str, FieldType, int]"

INTEGER_SIZES: Mapping[str, int] = MappingProxyType(
    {"u8": 1, "i8": 1, "u16": 2, "i16": 2, "u32": 4, "i32": 4, "u64": 8, "i64": 8}
    | {"u128": 16, "i128": 16}
)
PRIMITIVE_SIZES: Mapping[str, int] = MappingProxyType(
    dict(INTEGER_SIZES) | {"bool": 1, "pubkey": 32}
)
DISCRIMINATOR_SIZE = 8


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class AccountSlot:
    """One account that an instruction takes by position."""

    name: str
    signer: bool
    writable: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Account:
    """`size` counts the discriminator."""

    name: str
    fields: tuple[Field, ...]
    size: int

    @property
    def discriminator(self) -> bytes:
        return discriminator("account", self.name)


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    args: tuple[Field, ...]
    accounts: tuple[AccountSlot, ...]

    @property
    def discriminator(self) -> bytes:
        return discriminator("global", self.name)


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    fields: tuple[Field, ...]

    @property
    def discriminator(self) -> bytes:
        return discriminator("event", self.name)


@dataclass(frozen=True, slots=True)
class Layout:
    """The part of one build of a program that the desk uses, in field order.

    Where `accounts_may_grow`, a live account may be longer than declared: the program appends
    fields. Where not, any other length is another program's account.
    """

    version: str
    accounts_may_grow: bool
    types: Mapping[str, tuple[Field, ...]]
    enums: Mapping[str, tuple[str, ...]]
    accounts: Mapping[str, Account]
    instructions: Mapping[str, Instruction]
    events: Mapping[str, Event]
    errors: Mapping[int, str]

    def fixed_size(self, kind: FieldType) -> int:
        """Bytes that a value of fixed size takes; an option or a vec raises TypeError."""
        if isinstance(kind, str):
            return PRIMITIVE_SIZES[kind]
        if len(kind) == 3:
            return self.fixed_size(kind[1]) * kind[2]
        if kind[0] != "defined" or not isinstance(kind[1], str):
            raise TypeError(f"{kind} has no fixed size")
        if kind[1] in self.enums:
            return 1
        return sum(self.fixed_size(field.type) for field in self.types[kind[1]])


def discriminator(namespace: str, name: str) -> bytes:
    """The 8 bytes by which Anchor tells instructions ("global"), accounts and events apart."""
    return hashlib.sha256(f"{namespace}:{name}".encode()).digest()[:DISCRIMINATOR_SIZE]


def parse_type(text: str) -> FieldType:
    """Read the notation: `u64`, `?u64` option, `*u32` vec, `[u8;32]` array, `Order` defined."""
    if text.startswith("?"):
        return ("option", parse_type(text[1:]))
    if text.startswith("*"):
        return ("vec", parse_type(text[1:]))
    if text.startswith("["):
        element, length = text[1:-1].split(";")
        return ("array", parse_type(element), int(length))
    if text in PRIMITIVE_SIZES:
        return text
    if not text[:1].isupper():
        raise ValueError(f"unknown type {text!r}")
    return ("defined", text)


def fields(text: str) -> tuple[Field, ...]:
    """Read `name:type name:type …`."""
    pairs = (word.split(":", 1) for word in text.split())
    return tuple(Field(name, parse_type(kind)) for name, kind in pairs)


def slots(text: str) -> tuple[AccountSlot, ...]:
    """Read `name name:w name:sw …`: s signs, w is writable, o may be left out."""
    pairs = (word.partition(":") for word in text.split())
    return tuple(
        AccountSlot(name, "s" in flag, "w" in flag, "o" in flag) for name, _, flag in pairs
    )


def instruction(name: str, args: str, accounts: str) -> Instruction:
    return Instruction(name, fields(args), slots(accounts))


def build_layout(
    *,
    version: str,
    accounts_may_grow: bool,
    types: Mapping[str, str],
    enums: Mapping[str, str],
    accounts: Mapping[str, str],
    instructions: tuple[Instruction, ...],
    events: Mapping[str, str],
    errors: Mapping[int, str],
) -> Layout:
    """Make a layout from the notation; account sizes follow from their fields."""
    parsed_types = {name: fields(text) for name, text in types.items()}
    parsed_enums = {name: tuple(text.split()) for name, text in enums.items()}
    bare = Layout(version, accounts_may_grow, parsed_types, parsed_enums, {}, {}, {}, {})
    parsed_accounts = {}
    for name, text in accounts.items():
        parsed = fields(text)
        size = DISCRIMINATOR_SIZE + sum(bare.fixed_size(field.type) for field in parsed)
        parsed_accounts[name] = Account(name, parsed, size)
    return Layout(
        version=version,
        accounts_may_grow=accounts_may_grow,
        types=MappingProxyType(parsed_types),
        enums=MappingProxyType(parsed_enums),
        accounts=MappingProxyType(parsed_accounts),
        instructions=MappingProxyType({entry.name: entry for entry in instructions}),
        events=MappingProxyType({name: Event(name, fields(text)) for name, text in events.items()}),
        errors=MappingProxyType(dict(errors)),
    )
