"""Account bytes made up from a layout: everything zero, but what a test says."""

from typing import Any

from solders.pubkey import Pubkey

from drift.codec import codec_for
from drift.layouts.schema import FieldType, Layout


def zero(layout: Layout, kind: FieldType) -> Any:
    if isinstance(kind, str):
        return {"pubkey": Pubkey.default(), "bool": False}.get(kind, 0)
    if len(kind) == 3:
        return bytes(kind[2]) if kind[1] == "u8" else [zero(layout, kind[1])] * kind[2]
    if kind[0] == "option":
        return None
    if kind[0] == "vec":
        return []
    name = str(kind[1])
    if name in layout.enums:
        return layout.enums[name][0]
    return {field.name: zero(layout, field.type) for field in layout.types[name]}


def blank(layout: Layout, account: str) -> dict[str, Any]:
    fields = layout.accounts[account].fields
    return {field.name: zero(layout, field.type) for field in fields}


def encoded(layout: Layout, account: str, **values: Any) -> bytes:
    """Dots in names are written as two underscores: `amm__oracle`."""
    whole = blank(layout, account)
    for path, value in values.items():
        *parents, last = path.split("__")
        place = whole
        for parent in parents:
            place = place[parent]
        assert last in place, path
        place[last] = value
    return codec_for(layout).encode_account(account, whole)


def padded(layout: Layout, type_name: str, used: list[dict[str, Any]], length: int) -> list[Any]:
    """A list of fixed length: the given elements over a blank one, then blank ones."""
    empty = zero(layout, ("defined", type_name))
    for element in used:
        assert set(element) <= set(empty), element
    return [empty | element for element in used] + [empty] * (length - len(used))
