"""JSON in the one canonical form of RFC 8785, over which authorization signatures are made."""

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sandbox.state import Json

LARGEST_EXACT_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """A value that RFC 8785 cannot write."""


def canonical_json(value: Json) -> bytes:
    """The canonical bytes of a parsed JSON document.

    Raises NotCanonical for numbers that are not exact as doubles, and for lone surrogates.
    """
    try:
        return _write(value).encode()
    except UnicodeEncodeError as lone_surrogate:
        raise NotCanonical("a text holds half of a surrogate pair") from lone_surrogate


def _write(value: Json) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST_EXACT_INTEGER:
            raise NotCanonical(f"{value} is not exact as a double")
        return str(value)
    if isinstance(value, float):
        return _write_double(value)
    if isinstance(value, Mapping):
        # The order is that of UTF-16 code units, which differs from Python's above U+FFFF.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_write(name)}:{_write(value[name])}" for name in names) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(_write(item) for item in value) + "]"
    raise NotCanonical(f"{type(value).__name__} is no JSON type")


def _write_double(value: float) -> str:
    """As ECMAScript writes numbers: shortest digits, exponents only outside 1e-7 … 1e21."""
    if not math.isfinite(value):
        raise NotCanonical("JSON has no infinity and no NaN")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent
    if point > 21 or point < -5:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        written = f"{text[0]}{fraction}e{point - 1:+d}"
    elif point <= 0:
        written = "0." + "0" * -point + text
    elif point >= len(text):
        written = text + "0" * (point - len(text))
    else:
        written = f"{text[:point]}.{text[point:]}"
    return f"-{written}" if sign else written
