"""What people type after /alert; whatever can be read in two ways is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.enums import ConditionType
from bot.parsing import is_symbol, parse_size
from core.errors import Refused

ALERT_USAGE = (
    "Write it like /alert SOL > 150, /alert SOL < 120 every 1h, or /alert SOL = 150 until 7d."
)
_LONGEST = 320
_SIGNS = re.compile(r"([<>=])")
_CONDITIONS = {
    ">": ConditionType.GREATER_THAN,
    "above": ConditionType.GREATER_THAN,
    "over": ConditionType.GREATER_THAN,
    "<": ConditionType.LESS_THAN,
    "below": ConditionType.LESS_THAN,
    "under": ConditionType.LESS_THAN,
    "=": ConditionType.EQUALS,
    "at": ConditionType.EQUALS,
}
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AlertWords:
    """What was said of an alert."""

    symbol: str
    condition: ConditionType | None = None
    target: Decimal | None = None
    every: timedelta | None = None
    expires_at: datetime | None = None
    note: str = ""


def parse_alert(text: str, *, time_zone: str, now: datetime) -> AlertWords:
    """`SOL > 150 every 10m until 7d note sell half`. Raises Refused.

    Moments are those of the person's time zone.
    """
    if len(text) > _LONGEST:
        raise _not_understood(text)
    before, sign, note = text.partition(" note ")
    words = iter(_SIGNS.sub(r" \1 ", before).split())
    symbol = next(words, "")
    if not symbol or not is_symbol(symbol):
        raise _not_understood(symbol or text)
    said = AlertWords(symbol=symbol, note=note.strip())
    if sign and not said.note:
        raise Refused("command.value_missing", typed="note", usage=ALERT_USAGE)
    for word in words:
        said = _read(said, word, words, time_zone, now)
    if said.condition is None or said.target is None:
        raise _not_understood(text)
    return said


def parse_until(word: str, *, time_zone: str, now: datetime) -> datetime:
    """`90m`, `12h`, `7d`, `18:30` or `2026-12-24`, where the person is. Raises Refused.

    Days are those of the calendar: after 7d the clock on the wall shows the same time, also when
    it was put forward or back in between. A day is meant with its whole evening.
    """
    here = now.astimezone(ZoneInfo(time_zone))
    clock = _CLOCK.fullmatch(word)
    if clock:
        at = time(int(clock[1]), int(clock[2]))
        found = datetime.combine(here.date(), at, here.tzinfo)
        if found <= now:
            found = datetime.combine(here.date() + timedelta(days=1), at, here.tzinfo)
        return found.astimezone(now.tzinfo)
    if _DAY.fullmatch(word):
        try:
            after = date.fromisoformat(word) + timedelta(days=1)
        except (ValueError, OverflowError):
            raise Refused("command.no_moment", typed=word[:20]) from None
        return datetime.combine(after, time(), here.tzinfo).astimezone(now.tzinfo)
    try:
        span = parse_span(word)
    except Refused:
        raise Refused("command.no_moment", typed=word[:20]) from None
    if word[-1].lower() == "d":
        # On the wall: the time zone says at the end what that is.
        return (here + span).astimezone(now.tzinfo)
    return now + span


def parse_span(word: str) -> timedelta:
    """`30m`, `2h`, `7d`, at most five digits. Raises Refused."""
    number, unit = word[:-1], word[-1:].lower()
    if unit not in _UNITS or not (number.isascii() and number.isdigit()) or len(number) > 5:
        raise Refused("command.no_span", typed=word[:20])
    return timedelta(**{_UNITS[unit]: int(number)})


def _read(
    said: AlertWords, word: str, rest: Iterator[str], time_zone: str, now: datetime
) -> AlertWords:
    name = word.lower()
    if name in _CONDITIONS and said.condition is None:
        target = parse_size(_next(rest, word).removeprefix("$"))
        return replace(said, condition=_CONDITIONS[name], target=target)
    if name == "every" and said.every is None:
        return replace(said, every=parse_span(_next(rest, word)))
    if name == "until" and said.expires_at is None:
        until = parse_until(_next(rest, word), time_zone=time_zone, now=now)
        return replace(said, expires_at=until)
    raise _not_understood(word)


def _next(rest: Iterator[str], word: str) -> str:
    found = next(rest, None)
    if found is None:
        raise Refused("command.value_missing", typed=word[:20], usage=ALERT_USAGE)
    return found


def _not_understood(typed: str) -> Refused:
    return Refused("command.too_many", typed=typed.strip()[:40], usage=ALERT_USAGE)
