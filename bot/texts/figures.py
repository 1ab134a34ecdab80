"""Numbers, ages and moments as people read them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.markup import quote
from core.money import by_step, dollars, plain, signed, signed_dollars

HIDDEN = "•••"
_CENT = Decimal("0.01")
# More says nothing: an account worth next to nothing.
TOLD_LEVERAGE = Decimal(1000)


def money(value: Decimal, *, hidden: bool = False) -> str:
    return HIDDEN if hidden else dollars(value)


def fee(value: Decimal, *, hidden: bool = False) -> str:
    """A fee; one that cents would show as nothing is not told as nothing. Ready for HTML."""
    shown = money(value, hidden=hidden)
    return quote("<$0.01") if shown == "$0.00" and value > 0 else shown


def gain(value: Decimal, *, hidden: bool = False) -> str:
    """A gain or loss: sign, colour, amount."""
    if hidden:
        return HIDDEN
    shown = signed_dollars(value)
    mark = "🟢" if shown.startswith("+") else "🔴" if shown.startswith("-") else "⚪"
    return f"{mark} {shown}"


def percent_gain(value: Decimal) -> str:
    return f"{signed(value)}%"


def price(value: Decimal | None, tick: Decimal | None) -> str:
    """A price by its tick, at most six places; a dash for none."""
    if value is None:
        return "—"
    return f"${by_step(value, max(tick or Decimal('0.01'), Decimal('0.000001')))}"


def size(value: Decimal, step: Decimal | None, unit: str, *, hidden: bool = False) -> str:
    """A size by its step; one that is off the step exactly as it is."""
    if hidden:
        return f"{HIDDEN} {unit}"
    shown = plain(value) if value % (step or _CENT) else by_step(value, step)
    return f"{shown} {unit}"


def token(value: Decimal, symbol: str, *, hidden: bool = False, exact: bool = False) -> str:
    """An amount of a token; SOL with its small parts, dollars with cents.

    `exact` for what moves or was moved: cents, and every place behind them that is not zero.
    """
    if hidden:
        return f"{HIDDEN} {symbol}"
    places = 6 if symbol in ("SOL", "WSOL") else 2
    if exact:
        places = max(places, -int(value.normalize().as_tuple().exponent))
    return f"{plain(value, places)} {symbol}"


def age(moment: datetime | None, now: datetime) -> str:
    """`just now`, `12 s ago`, `3 min ago`."""
    if moment is None:
        return "never read yet"
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 3:
        return "just now"
    if seconds < 120:
        return f"{seconds} s ago"
    if seconds < 7200:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago"


def moment(at: datetime, time_zone: str) -> str:
    """Day and time where the person is: `20 Nov 14:05`."""
    return at.astimezone(ZoneInfo(time_zone)).strftime("%d %b %H:%M")


def leverage(value: Decimal) -> str:
    """`1.9x`; above a thousand only that. Ready for HTML."""
    if value > TOLD_LEVERAGE:
        return quote(f">{TOLD_LEVERAGE}x")
    return f"{plain(value.quantize(Decimal('0.01')))}x"


def percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{plain(value.quantize(Decimal('0.1')))}%"


def numbers(names: Sequence[str]) -> list[str]:
    """`1. `, `2. ` … where a name is there twice, so that lines and buttons tell them apart."""
    if len(set(names)) == len(names):
        return [""] * len(names)
    return [f"{place}. " for place in range(1, len(names) + 1)]


def short_address(address: str) -> str:
    return f"{address[:4]}…{address[-4:]}"
