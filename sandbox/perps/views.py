"""Attribute access to the bytes of an account: reading decodes in place, writing changes them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from solders.pubkey import Pubkey

from drift.layouts.schema import DISCRIMINATOR_SIZE, Field, FieldType, Layout

SCALARS = {
    "u8": "B",
    "i8": "b",
    "u16": "H",
    "i16": "h",
    "u32": "I",
    "i32": "i",
    "u64": "Q",
    "i64": "q",
    "bool": "?",
}
# A market reads alike whichever of its parts a deployment keeps a field in.
FLATTENED = frozenset({"amm", "market_stats"})


class View:
    """A struct at a place in an account's bytes; `key` is the account's address, if it is one."""

    __slots__ = ("base", "data", "key")

    SIZE = 0
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...

    def __init__(self, data: bytearray, base: int = 0, key: Pubkey | None = None) -> None:
        self.data = data
        self.base = base
        self.key = key

    def clear(self) -> None:
        """Make all bytes of the struct zero."""
        self.data[self.base : self.base + self.SIZE] = bytes(self.SIZE)

    def raw(self) -> bytes:
        """The bytes of the struct."""
        return bytes(self.data[self.base : self.base + self.SIZE])


def _scalar(offset: int, code: str) -> property:
    packing = struct.Struct("<" + code)

    def read(view: View) -> Any:
        return packing.unpack_from(view.data, view.base + offset)[0]

    def write(view: View, value: Any) -> None:
        packing.pack_into(view.data, view.base + offset, value)

    return property(read, write)


def _wide(offset: int, *, signed: bool) -> property:
    def read(view: View) -> int:
        at = view.base + offset
        return int.from_bytes(view.data[at : at + 16], "little", signed=signed)

    def write(view: View, value: int) -> None:
        at = view.base + offset
        view.data[at : at + 16] = value.to_bytes(16, "little", signed=signed)

    return property(read, write)


def _pubkey(offset: int) -> property:
    def read(view: View) -> Pubkey:
        at = view.base + offset
        return Pubkey.from_bytes(bytes(view.data[at : at + 32]))

    def write(view: View, value: Pubkey) -> None:
        at = view.base + offset
        view.data[at : at + 32] = bytes(value)

    return property(read, write)


def _blob(offset: int, size: int) -> property:
    def read(view: View) -> bytes:
        at = view.base + offset
        return bytes(view.data[at : at + size])

    def write(view: View, value: bytes) -> None:
        if len(value) != size:
            raise ValueError(f"{len(value)} bytes for a field of {size}")
        at = view.base + offset
        view.data[at : at + size] = value

    return property(read, write)


def _nested(offset: int, kind: type[View]) -> property:
    def read(view: View) -> View:
        return kind(view.data, view.base + offset)

    return property(read)


def _row(offset: int, kind: type[View], count: int) -> property:
    def read(view: View) -> list[View]:
        first = view.base + offset
        return [kind(view.data, first + at * kind.SIZE) for at in range(count)]

    return property(read)


class ViewCompiler:
    """Makes view classes of a layout's structs; `rules` names a base class for some of them."""

    def __init__(self, layout: Layout, rules: Mapping[str, type[View]]) -> None:
        self._layout = layout
        self._rules = rules
        self._made: dict[str, type[View]] = {}

    def struct(self, name: str) -> type[View]:
        """The view class of a nested struct."""
        if name not in self._made:
            self._made[name] = self._compile(name, self._layout.types[name], 0)
        return self._made[name]

    def account(self, name: str) -> type[View]:
        """The view class of a whole account, discriminator and all."""
        declared = self._layout.accounts[name]
        return self._compile(name, declared.fields, DISCRIMINATOR_SIZE)

    def _compile(self, name: str, fields: tuple[Field, ...], start: int) -> type[View]:
        members: dict[str, Any] = {"__slots__": ()}
        members["SIZE"] = self._place(members, fields, start)
        return type(name, (self._rules.get(name, View),), members)

    def _place(self, members: dict[str, Any], fields: tuple[Field, ...], offset: int) -> int:
        for field in fields:
            size = self._layout.fixed_size(field.type)
            if field.name in FLATTENED and isinstance(field.type, tuple):
                self._place(members, self._layout.types[str(field.type[1])], offset)
            else:
                members.setdefault(field.name, self._member(field.type, offset))
            offset += size
        return offset

    def _member(self, kind: FieldType, offset: int) -> property:
        if isinstance(kind, str):
            if kind == "pubkey":
                return _pubkey(offset)
            if kind in ("u128", "i128"):
                return _wide(offset, signed=kind == "i128")
            return _scalar(offset, SCALARS[kind])
        if len(kind) == 3:
            if kind[1] == "u8":
                return _blob(offset, kind[2])
            return _row(offset, self.struct(str(kind[1][1])), kind[2])
        name = str(kind[1])
        if name in self._layout.enums:
            return _scalar(offset, "B")
        return _nested(offset, self.struct(name))
