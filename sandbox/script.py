"""Scripts: lines of prices, faults and waits that the sandbox plays slot by slot.

# a crash and a recovery
SOL 155
wait 10
SOL 120.5
fault solana.drop_sends percent=50 count=20
wait 50
clear solana.drop_sends
walk SOL
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import orjson

from sandbox.prices import BadPrice, parse_price
from sandbox.solana.chain import Chain
from sandbox.state import BadFault, FaultRegistry, Json


class BadScript(ValueError):
    """A line that means nothing; the message names it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line."""

    number: int
    words: tuple[str, ...]


def read_script(text: str, chain: Chain) -> list[Step]:
    """The steps of a script; raises BadScript for the first line that cannot be played."""
    steps = []
    for number, line in enumerate(text.splitlines(), 1):
        words = tuple(line.split("#")[0].split())
        if words:
            _check(Step(number, words), chain)
            steps.append(Step(number, words))
    return steps


def _check(step: Step, chain: Chain) -> None:
    match step.words:
        case ("wait", slots) if slots.isdecimal():
            return
        case ("fault", name, *parameters):
            _check_fault(step, name, parameters, chain)
        case ("clear", _):
            return
        case ("walk", symbol) | (symbol, _):
            symbols = chain.exchange.prices() if chain.exchange else {}
            if symbol not in symbols:
                raise BadScript(f"line {step.number}: no price is named {symbol!r}")
            if step.words[0] != "walk":
                _price(step)
        case _:
            raise BadScript(
                f"line {step.number}: expected `SYMBOL PRICE`, `walk SYMBOL`, `wait SLOTS`, "
                "`fault NAME key=value …` or `clear NAME`"
            )


def _check_fault(step: Step, name: str, parameters: Sequence[str], chain: Chain) -> None:
    # Tried on faults of its own, so that one that cannot be set is found before the script runs.
    tried = FaultRegistry(random.Random(0))
    for known, meaning in chain.state.faults.declared().items():
        tried.declare(known, meaning)
    try:
        tried.set(name, **{"at_slot": 0, **parse_parameters(parameters)})
    except (BadFault, BadScript, TypeError) as error:
        raise BadScript(f"line {step.number}: {error}") from error


def _price(step: Step) -> Decimal:
    try:
        return parse_price(step.words[1])
    except BadPrice as error:
        raise BadScript(f"line {step.number}: {error}") from error


def parse_parameters(words: Sequence[str]) -> dict[str, Json]:
    """`key=value` words; values that are JSON are read as JSON."""
    parameters: dict[str, Json] = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key:
            raise BadScript(f"{word!r} is not of the form key=value")
        try:
            parameters[key] = orjson.loads(value)
        except orjson.JSONDecodeError:
            parameters[key] = value
    return parameters


class ScriptPlayer:
    """Plays one script at a time, some lines per slot, over and over if it repeats."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._steps: list[Step] = []
        self._position = 0
        self._resume_at_slot = 0
        self._repeats = False
        chain.after_slot.append(self._play)

    def play(self, text: str, repeats: bool) -> int:
        """Begin a script, whose first lines act at once; its number of lines.

        Raises BadScript for the first line that cannot be played; then the old one goes on.
        """
        self._steps = read_script(text, self._chain)
        self._position = 0
        self._resume_at_slot = 0
        self._repeats = repeats
        self._play()
        return len(self._steps)

    @property
    def lines_left(self) -> int:
        return len(self._steps) - self._position

    def _play(self) -> None:
        while self._position < len(self._steps):
            slot = self._chain.slots.slot
            if slot < self._resume_at_slot:
                return
            step = self._steps[self._position]
            self._position += 1
            if step.words[0] == "wait":
                self._resume_at_slot = slot + int(step.words[1])
            else:
                self._act(step)
            if self._position == len(self._steps) and self._repeats:
                self._position = 0
                self._resume_at_slot = max(self._resume_at_slot, slot + 1)

    def _act(self, step: Step) -> None:
        faults = self._chain.state.faults
        exchange = self._chain.exchange
        match step.words:
            case ("fault", name, *parameters):
                given = {"at_slot": self._chain.slots.slot, **parse_parameters(parameters)}
                faults.set(name, **given)
            case ("clear", name):
                faults.clear(None if name == "all" else name)
            case ("walk", symbol) if exchange is not None:
                exchange.set_price(self._chain, symbol, exchange.prices()[symbol], hold=False)
            case (symbol, _) if exchange is not None:
                exchange.set_price(self._chain, symbol, _price(step), hold=True)
