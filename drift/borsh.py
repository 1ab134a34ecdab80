"""Readers and writers of single values: little-endian integers, options, lists, enum variants."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from solders.pubkey import Pubkey

from drift.layouts.schema import FieldType

Reader: TypeAlias = Callable[[bytes, int], tuple[Any, int]]
Writer: TypeAlias = Callable[[Any], bytes]

STRUCT_CODES: Mapping[str, str] = (
    {"u8": "B", "u16": "H", "u32": "I", "u64": "Q"}
    | {"i8": "b", "i16": "h", "i32": "i", "i64": "q"}
    | {"u128": "16s", "i128": "16s", "pubkey": "32s", "bool": "B"}
)


class LayoutMismatch(Exception):
    """The bytes are not what the layout declares; nothing in them may be believed."""


def to_bool(byte: int) -> bool:
    if byte > 1:
        raise LayoutMismatch(f"{byte} is no bool")
    return byte == 1


def unsigned(data: bytes) -> int:
    return int.from_bytes(data, "little")


def signed(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _to_pubkey(data: bytes) -> Pubkey:
    return Pubkey.from_bytes(data)


def variant_of(variants: tuple[str, ...]) -> Callable[[int], str]:
    """Turn an enum's byte into the variant's name."""

    def convert(number: int) -> str:
        if number >= len(variants):
            raise LayoutMismatch(f"{number} is no variant of {variants}")
        return variants[number]

    return convert


def converter_of(kind: str) -> Callable[[Any], Any] | None:
    """What must be done to a primitive after struct has unpacked it; None if nothing."""
    match kind:
        case "u128":
            return unsigned
        case "i128":
            return signed
        case "pubkey":
            return _to_pubkey
        case "bool":
            return to_bool
    return None


def primitive_reader(kind: str) -> Reader:
    packed = struct.Struct("<" + STRUCT_CODES[kind])
    unpack, size, convert = packed.unpack_from, packed.size, converter_of(kind)
    if convert is None:
        return lambda data, offset: (unpack(data, offset)[0], offset + size)
    return lambda data, offset: (convert(unpack(data, offset)[0]), offset + size)


def primitive_writer(kind: str) -> Writer:
    match kind:
        case "u128":
            return lambda value: int(value).to_bytes(16, "little")
        case "i128":
            return lambda value: int(value).to_bytes(16, "little", signed=True)
        case "pubkey":
            return bytes
    pack = struct.Struct("<" + STRUCT_CODES[kind]).pack
    return lambda value: pack(value)


def bytes_reader(length: int) -> Reader:
    def read(data: bytes, offset: int) -> tuple[bytes, int]:
        end = offset + length
        if end > len(data):
            raise IndexError(f"{length} bytes wanted at {offset}, the data ends at {len(data)}")
        return bytes(data[offset:end]), end

    return read


def bytes_writer(length: int) -> Writer:
    def write(value: Any) -> bytes:
        if len(value) != length:
            raise ValueError(f"{length} bytes wanted, got {len(value)}")
        return bytes(value)

    return write


def array_reader(length: int, read_element: Reader) -> Reader:
    def read(data: bytes, offset: int) -> tuple[list[Any], int]:
        elements = []
        for _ in range(length):
            element, offset = read_element(data, offset)
            elements.append(element)
        return elements, offset

    return read


def array_writer(length: int, write_element: Writer) -> Writer:
    def write(value: Any) -> bytes:
        if len(value) != length:
            raise ValueError(f"{length} elements wanted, got {len(value)}")
        return b"".join(map(write_element, value))

    return write


def option_reader(read_value: Reader) -> Reader:
    def read(data: bytes, offset: int) -> tuple[Any, int]:
        if not to_bool(data[offset]):
            return None, offset + 1
        return read_value(data, offset + 1)

    return read


def option_writer(write_value: Writer) -> Writer:
    return lambda value: b"\0" if value is None else b"\1" + write_value(value)


def vec_reader(read_element: Reader) -> Reader:
    def read(data: bytes, offset: int) -> tuple[list[Any], int]:
        (length,) = struct.unpack_from("<I", data, offset)
        # Every element takes a byte at least; a forged length must not allocate.
        if length > len(data) - offset - 4:
            raise IndexError(f"{length} elements in {len(data) - offset - 4} bytes")
        return array_reader(length, read_element)(data, offset + 4)

    return read


def vec_writer(write_element: Writer) -> Writer:
    return lambda value: struct.pack("<I", len(value)) + b"".join(map(write_element, value))


def choice_reader(variants: tuple[str, ...]) -> Reader:
    convert = variant_of(variants)
    return lambda data, offset: (convert(data[offset]), offset + 1)


def choice_writer(variants: tuple[str, ...]) -> Writer:
    numbers = {variant: bytes((number,)) for number, variant in enumerate(variants)}

    def write(value: Any) -> bytes:
        if value not in numbers:
            raise ValueError(f"{value!r} is no variant of {variants}")
        return numbers[value]

    return write


def is_byte_array(kind: FieldType) -> bool:
    return not isinstance(kind, str) and len(kind) == 3 and kind[1] == "u8"
