"""Instruction arguments and events: values to bytes and back, as a layout declares them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from solders.pubkey import Pubkey

from drift.layouts.schema import Field, FieldType, Layout
from sandbox.perps.views import SCALARS, View


class Malformed(ValueError):
    """Bytes that do not hold what was declared."""


def read_fields(layout: Layout, fields: tuple[Field, ...], data: bytes) -> SimpleNamespace:
    """Decode an instruction's arguments; bytes left over are ignored, as the programs do."""
    reader = _Reader(layout, data)
    return SimpleNamespace(**{field.name: reader.value(field.type) for field in fields})


def write_fields(layout: Layout, fields: tuple[Field, ...], values: Mapping[str, Any]) -> bytes:
    """Encode `values`; an optional field may be left out."""
    return b"".join(_write(layout, field.type, values.get(field.name)) for field in fields)


class _Reader:
    def __init__(self, layout: Layout, data: bytes) -> None:
        self._layout = layout
        self._data = data
        self._at = 0

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise Malformed("too short")
        self._at += size
        return taken

    def value(self, kind: FieldType) -> Any:
        if isinstance(kind, str):
            return self._primitive(kind)
        if len(kind) == 3:
            if kind[1] == "u8":
                return self._take(kind[2])
            return [self.value(kind[1]) for _ in range(kind[2])]
        if kind[0] == "option":
            return self.value(kind[1]) if self._flag() else None
        if kind[0] == "vec":
            return [self.value(kind[1]) for _ in range(self._primitive("u32"))]
        name = str(kind[1])
        if name in self._layout.enums:
            return self._variant(len(self._layout.enums[name]))
        fields = self._layout.types[name]
        return SimpleNamespace(**{field.name: self.value(field.type) for field in fields})

    def _primitive(self, kind: str) -> Any:
        if kind == "pubkey":
            return Pubkey.from_bytes(self._take(32))
        if kind == "bool":
            return self._flag()
        if kind in ("u128", "i128"):
            return int.from_bytes(self._take(16), "little", signed=kind == "i128")
        packing = struct.Struct("<" + SCALARS[kind])
        return packing.unpack(self._take(packing.size))[0]

    def _flag(self) -> bool:
        return bool(self._variant(2))

    def _variant(self, count: int) -> int:
        number = self._take(1)[0]
        if number >= count:
            raise Malformed(f"variant {number} of {count}")
        return number


def _write(layout: Layout, kind: FieldType, value: Any) -> bytes:
    if isinstance(kind, str):
        return _write_primitive(kind, value)
    if len(kind) == 3:
        if kind[1] == "u8":
            return bytes(value if value is not None else kind[2])
        return b"".join(_write(layout, kind[1], item) for item in value)
    if kind[0] == "option":
        return b"\0" if value is None else b"\1" + _write(layout, kind[1], value)
    if kind[0] == "vec":
        items = b"".join(_write(layout, kind[1], item) for item in value or ())
        return struct.pack("<I", len(value or ())) + items
    name = str(kind[1])
    if name in layout.enums:
        return bytes([value or 0])
    if isinstance(value, View):
        return value.raw()
    return write_fields(layout, layout.types[name], value or {})


def _write_primitive(kind: str, value: Any) -> bytes:
    if kind == "pubkey":
        return bytes(value if value is not None else Pubkey.default())
    if kind in ("u128", "i128"):
        return int(value or 0).to_bytes(16, "little", signed=kind == "i128")
    return struct.pack("<" + SCALARS[kind], value or 0)
