"""Bytes to values and back, for the accounts, instructions and events that a layout declares."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drift import borsh
from drift.borsh import LayoutMismatch, Reader, Writer
from drift.layouts.schema import DISCRIMINATOR_SIZE, Field, FieldType, Layout

__all__ = ["Codec", "LayoutMismatch", "Projection", "codec_for", "locate"]

Values = dict[str, Any]
_CODECS: dict[str, Codec] = {}


def codec_for(layout: Layout) -> Codec:
    """One compiled codec a layout version, made on first use."""
    codec = _CODECS.get(layout.version)
    if codec is None:
        codec = _CODECS[layout.version] = Codec(layout)
    return codec


class Codec:
    """Values are ints, bools, bytes ([u8;N]), Pubkeys, names of enum variants, lists and dicts."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._readers: dict[FieldType, Reader] = {}
        self._writers: dict[FieldType, Writer] = {}
        self._accounts = {name: account.discriminator for name, account in layout.accounts.items()}
        self._events = {event.discriminator: event for event in layout.events.values()}
        self._instructions = {entry.discriminator: entry for entry in layout.instructions.values()}

    def check_account(self, name: str, data: bytes) -> None:
        """Raise LayoutMismatch unless discriminator and length are those of the account."""
        account = self.layout.accounts[name]
        if data[:DISCRIMINATOR_SIZE] != self._accounts[name]:
            raise LayoutMismatch(f"{self.layout.version}: the account is no {name}")
        longer = len(data) - account.size
        if longer < 0 or (longer > 0 and not self.layout.accounts_may_grow):
            raise LayoutMismatch(
                f"{self.layout.version}: {name} has {len(data)} bytes, {account.size} are declared"
            )

    def decode_account(self, name: str, data: bytes) -> Values:
        """Read every field; raises LayoutMismatch. For single fields see Projection."""
        self.check_account(name, data)
        declared = self.layout.accounts[name].fields
        return self._read_fields(declared, data, DISCRIMINATOR_SIZE, name)[0]

    def encode_account(self, name: str, values: Mapping[str, Any]) -> bytes:
        account = self.layout.accounts[name]
        return account.discriminator + self._write_fields(account.fields, values, name)

    def decode_event(self, data: bytes) -> tuple[str, Values] | None:
        """Give (name, fields), or None for an event that the layout does not declare.

        Programs append fields to their events, so bytes after the declared ones are passed over.
        """
        event = self._events.get(data[:DISCRIMINATOR_SIZE])
        if event is None:
            return None
        values, _ = self._read_fields(event.fields, data, DISCRIMINATOR_SIZE, event.name)
        return event.name, values

    def encode_event(self, name: str, values: Mapping[str, Any]) -> bytes:
        event = self.layout.events[name]
        return event.discriminator + self._write_fields(event.fields, values, name)

    def decode_instruction(self, data: bytes) -> tuple[str, Values] | None:
        """Give (name, arguments), or None for an instruction the layout does not declare.

        Bytes left over raise LayoutMismatch: what is signed must be understood to its last byte.
        """
        entry = self._instructions.get(data[:DISCRIMINATOR_SIZE])
        if entry is None:
            return None
        values, end = self._read_fields(entry.args, data, DISCRIMINATOR_SIZE, entry.name)
        if end != len(data):
            raise LayoutMismatch(f"{entry.name}: {len(data) - end} bytes after the arguments")
        return entry.name, values

    def encode_instruction(self, name: str, args: Mapping[str, Any]) -> bytes:
        entry = self.layout.instructions[name]
        return entry.discriminator + self._write_fields(entry.args, args, name)

    def _read_fields(
        self, declared: Iterable[Field], data: bytes, offset: int, what: str
    ) -> tuple[Values, int]:
        values: Values = {}
        for field in declared:
            try:
                values[field.name], offset = self._reader(field.type)(data, offset)
            except (struct.error, IndexError) as error:
                raise LayoutMismatch(
                    f"{self.layout.version}: {what}.{field.name}: {error}"
                ) from error
        return values, offset

    def _write_fields(
        self, declared: tuple[Field, ...], values: Mapping[str, Any], what: str
    ) -> bytes:
        names = {field.name for field in declared}
        if names != set(values):
            raise LayoutMismatch(f"{what}: not the fields declared: {sorted(names ^ set(values))}")
        parts = []
        for field in declared:
            try:
                parts.append(self._writer(field.type)(values[field.name]))
            except (struct.error, OverflowError, ValueError, TypeError) as error:
                raise LayoutMismatch(f"{what}.{field.name}: {error}") from error
        return b"".join(parts)

    def _reader(self, kind: FieldType) -> Reader:
        reader = self._readers.get(kind)
        if reader is None:
            reader = self._readers[kind] = self._compile_reader(kind)
        return reader

    def _writer(self, kind: FieldType) -> Writer:
        writer = self._writers.get(kind)
        if writer is None:
            writer = self._writers[kind] = self._compile_writer(kind)
        return writer

    def _compile_reader(self, kind: FieldType) -> Reader:
        if isinstance(kind, str):
            return borsh.primitive_reader(kind)
        if len(kind) == 3:
            length = kind[2]
            if borsh.is_byte_array(kind):
                return borsh.bytes_reader(length)
            return borsh.array_reader(length, self._reader(kind[1]))
        if kind[0] == "option":
            return borsh.option_reader(self._reader(kind[1]))
        if kind[0] == "vec":
            return borsh.vec_reader(self._reader(kind[1]))
        name = str(kind[1])
        if name in self.layout.enums:
            return borsh.choice_reader(self.layout.enums[name])
        declared = self.layout.types[name]
        return lambda data, offset: self._read_fields(declared, data, offset, name)

    def _compile_writer(self, kind: FieldType) -> Writer:
        if isinstance(kind, str):
            return borsh.primitive_writer(kind)
        if len(kind) == 3:
            length = kind[2]
            if borsh.is_byte_array(kind):
                return borsh.bytes_writer(length)
            return borsh.array_writer(length, self._writer(kind[1]))
        if kind[0] == "option":
            return borsh.option_writer(self._writer(kind[1]))
        if kind[0] == "vec":
            return borsh.vec_writer(self._writer(kind[1]))
        name = str(kind[1])
        if name in self.layout.enums:
            return borsh.choice_writer(self.layout.enums[name])
        declared = self.layout.types[name]
        return lambda value: self._write_fields(declared, value, name)


class Projection:
    """Reads chosen fields of a fixed-size account or type with one precompiled struct.

    Paths name fields, nested ones with dots (`amm.oracle`); `read` gives their values in the order
    of the paths, and 0 for a path that is None (a fact this layout does not have). It checks
    neither discriminator nor length: `Codec.check_account` does.
    """

    def __init__(self, layout: Layout, name: str, paths: Iterable[str | None]) -> None:
        wanted = list(paths)
        located = sorted((*locate(layout, name, path), path) for path in set(wanted) if path)
        code, position = "<", 0
        rank: dict[str, int] = {}
        self._converters: list[tuple[int, Callable[[Any], Any]]] = []
        for offset, kind, path in located:
            struct_code, convert = _struct_code(layout, kind)
            code += f"{offset - position}x{struct_code}"
            position = offset + layout.fixed_size(kind)
            if convert is not None:
                self._converters.append((len(rank), convert))
            rank[path] = len(rank)
        self._unpack = struct.Struct(code).unpack_from
        # The last, appended place holds the zero of the facts that are missing.
        picks = [rank[path] if path else len(rank) for path in wanted]
        self._picks = None if picks == list(range(len(rank))) else picks

    def read(self, data: bytes, offset: int = 0) -> list[Any]:
        try:
            values = list(self._unpack(data, offset))
        except struct.error as error:
            raise LayoutMismatch(str(error)) from error
        for index, convert in self._converters:
            values[index] = convert(values[index])
        if self._picks is None:
            return values
        values.append(0)
        return [values[index] for index in self._picks]


def locate(layout: Layout, name: str, path: str) -> tuple[int, FieldType]:
    """Where a field begins and its type; in an account counted from its first byte."""
    account = layout.accounts.get(name)
    declared = account.fields if account else layout.types[name]
    offset = DISCRIMINATOR_SIZE if account else 0
    head, _, rest = path.partition(".")
    for field in declared:
        if field.name == head:
            if not rest:
                return offset, field.type
            inner, kind = locate(layout, str(field.type[1]), rest)
            return offset + inner, kind
        offset += layout.fixed_size(field.type)
    raise LayoutMismatch(f"{layout.version} declares no field {name}.{path}")


def _struct_code(layout: Layout, kind: FieldType) -> tuple[str, Callable[[Any], Any] | None]:
    if isinstance(kind, str):
        return borsh.STRUCT_CODES[kind], borsh.converter_of(kind)
    if borsh.is_byte_array(kind):
        return f"{layout.fixed_size(kind)}s", None
    name = str(kind[1])
    if kind[0] != "defined" or name not in layout.enums:
        raise LayoutMismatch(f"{kind} is not read by itself")
    return "B", borsh.variant_of(layout.enums[name])
