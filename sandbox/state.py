"""The state that the sandbox's services share: faults, the log of calls, chance, the clock."""

from __future__ import annotations

import hashlib
import random
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Protocol

from sandbox.live_prices import LivePriceOptions

Json = Any
"""Whatever a JSON document can hold; snapshots are made of nothing else."""

CALLS_KEPT = 20_000
SUMMARY_LENGTH = 4_000


class BadFault(ValueError):
    """A fault that no service of the sandbox declared, or settings that make no sense."""


class Component(Protocol):
    """A part of a service whose memory outlives the process."""

    def snapshot(self) -> Json:
        """Everything needed to go on later, made of JSON types only."""

    def restore(self, saved: Json) -> None:
        """Take up again what `snapshot` gave."""


@dataclass(slots=True)
class Fault:
    """One fault that is set: how often it strikes, and its parameters."""

    parameters: dict[str, Json]
    count: int | None = None
    percent: Decimal = Decimal(100)
    after: int = 0
    struck: int = 0

    def as_json(self) -> dict[str, Json]:
        return {
            **self.parameters,
            "count": self.count,
            "percent": str(self.percent),
            "after": self.after,
            "struck": self.struck,
        }


class FaultRegistry:
    """Faults by name (`service.what`), set from outside and consumed where they strike."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._declared: dict[str, str] = {}
        self._set: dict[str, Fault] = {}

    def declare(self, name: str, meaning: str) -> None:
        """Make a fault known; `meaning` names its parameters and is shown to whoever lists them."""
        self._declared[name] = meaning

    def set(
        self,
        name: str,
        *,
        count: int | None = None,
        percent: Decimal | int | str = 100,
        after: int = 0,
        **parameters: Json,
    ) -> None:
        """Set a fault.

        It lets `after` matching calls pass, then strikes `percent` of them, `count` times at the
        most (None: until cleared). A parameter named like a fact given to `consume` (`method`,
        `path`, `node` …) narrows it to calls where that fact equals the value or is in the list.
        """
        if name not in self._declared:
            known = ", ".join(sorted(self._declared))
            raise BadFault(f"no fault is named {name!r}; there are: {known}")
        if count is not None and not _is_whole(count, at_least=1):
            raise BadFault(f"count must be a whole number from 1, not {count!r}")
        if not _is_whole(after, at_least=0):
            raise BadFault(f"after must be a whole number from 0, not {after!r}")
        self._set[name] = Fault(
            parameters=dict(parameters), count=count, percent=_percent(percent), after=after
        )

    def clear(self, name: str | None = None) -> None:
        """Clear one fault, or all."""
        if name is None:
            self._set.clear()
        else:
            self._set.pop(name, None)

    def show(self) -> dict[str, dict[str, Json]]:
        """The faults that are set, with how often each has struck."""
        return {name: fault.as_json() for name, fault in sorted(self._set.items())}

    def declared(self) -> dict[str, str]:
        """Every fault that can be set, with its meaning."""
        return dict(sorted(self._declared.items()))

    def peek(self, name: str, **facts: Json) -> dict[str, Json] | None:
        """The parameters of a fault that holds for these facts; nothing is counted or rolled."""
        fault = self._set.get(name)
        if fault is None or not _matches(fault.parameters, facts):
            return None
        return dict(fault.parameters)

    def consume(self, name: str, **facts: Json) -> dict[str, Json] | None:
        """The parameters if the fault strikes now, else None; a strike counts."""
        fault = self._set.get(name)
        if fault is None or not _matches(fault.parameters, facts):
            return None
        if fault.after > 0:
            fault.after -= 1
            return None
        if fault.percent < 100 and self._chance.random() * 100 >= fault.percent:
            return None
        fault.struck += 1
        if fault.count is not None:
            fault.count -= 1
            if fault.count <= 0:
                del self._set[name]
        return dict(fault.parameters)


def _is_whole(value: Json, *, at_least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= at_least


def _percent(value: Json) -> Decimal:
    try:
        percent = Decimal(str(value))
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise BadFault(f"percent must be from 0 to 100, not {value!r}")
    return percent


def _matches(parameters: Mapping[str, Json], facts: Mapping[str, Json]) -> bool:
    for fact, value in facts.items():
        wanted = parameters.get(fact)
        if wanted is None:
            continue
        if value not in wanted if isinstance(wanted, list) else value != wanted:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a service received."""

    number: int
    at: datetime
    service: str
    method: str
    params: Json

    def as_json(self) -> dict[str, Json]:
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "service": self.service,
            "method": self.method,
            "params": self.params,
        }


class CallLog:
    """The last calls received by any service, so that tests can assert what was sent."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._number = 0

    @property
    def count(self) -> int:
        """How many calls there have been."""
        return self._number

    def record(self, service: str, method: str, params: Json = None) -> None:
        """Log a call; long texts in `params` (JSON types) are cut."""
        self._number += 1
        self._calls.append(Call(self._number, self._clock.now(), service, method, _summary(params)))

    def select(
        self, *, service: str | None = None, method: str | None = None, since: int = 0
    ) -> list[Call]:
        """Calls numbered above `since`, oldest first, of one service and method if named."""
        return [
            call
            for call in self._calls
            if call.number > since
            and service in (None, call.service)
            and method in (None, call.method)
        ]

    def clear(self) -> None:
        """Forget all calls; numbers go on."""
        self._calls.clear()


def _summary(value: Json) -> Json:
    if isinstance(value, str):
        return value if len(value) <= SUMMARY_LENGTH else value[:SUMMARY_LENGTH] + "…"
    if isinstance(value, Mapping):
        return {str(key): _summary(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
        return [_summary(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


class SandboxClock:
    """Wall time moved by an offset that tests set."""

    def __init__(self) -> None:
        self.offset_seconds = 0

    def unix(self) -> int:
        """Whole seconds since 1970."""
        return int(time.time()) + self.offset_seconds

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.fromtimestamp(time.time() + self.offset_seconds, tz=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """What the process was started with."""

    bind: str = "127.0.0.1"
    port: int = 8800
    slot_ms: int = 400
    seed: int = 1
    walk: bool = True
    """Whether prices move by themselves; off, they stay until someone sets them."""
    state_directory: Path | None = None
    program_files: Mapping[str, Path] = field(default_factory=dict)
    prices_file: Path | None = None
    live_prices: LivePriceOptions | None = None
    """Oracles follow the real market; they are silent where it is not known."""

    @property
    def control_url(self) -> str:
        return f"http://{self.bind}:{self.port}"

    @property
    def rpc_url(self) -> str:
        return f"http://{self.bind}:{self.port + 1}"

    @property
    def websocket_url(self) -> str:
        return f"ws://{self.bind}:{self.port + 2}"

    @property
    def privy_url(self) -> str:
        return f"http://{self.bind}:{self.port + 3}"

    @property
    def telegram_url(self) -> str:
        return f"http://{self.bind}:{self.port + 4}"


class SandboxState:
    """One per process, handed to each service's `create_app(state)`."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.clock = SandboxClock()
        self._streams: dict[str, random.Random] = {}
        self.rng = self.stream("common")
        self.faults = FaultRegistry(self.stream("faults"))
        self.calls = CallLog(self.clock)
        self._components: dict[str, Component] = {}
        self._saved: dict[str, Json] = {}

    def stream(self, name: str) -> random.Random:
        """A chance of its own for one purpose, so that services do not disturb each other's."""
        if name not in self._streams:
            seed = hashlib.sha256(f"{self.options.seed}:{name}".encode()).digest()
            self._streams[name] = random.Random(seed)
        return self._streams[name]

    def register(self, name: str, component: Component) -> None:
        """Save `component` with the rest; what an earlier run saved is restored at once."""
        self._components[name] = component
        if name in self._saved:
            component.restore(self._saved.pop(name))

    def snapshot(self) -> dict[str, Json]:
        """The memory of all services as one JSON document."""
        return {
            "clock_offset_seconds": self.clock.offset_seconds,
            "streams": {
                name: [state[0], list(state[1]), state[2]]
                for name, stream in self._streams.items()
                for state in [stream.getstate()]
            },
            "components": {
                **self._saved,
                **{name: component.snapshot() for name, component in self._components.items()},
            },
        }

    def restore(self, saved: Mapping[str, Json]) -> None:
        """Take up an earlier run; components that register later are restored then."""
        self.clock.offset_seconds = saved["clock_offset_seconds"]
        for name, (version, internal, gauss) in saved["streams"].items():
            self.stream(name).setstate((version, tuple(internal), gauss))
        self._saved = dict(saved["components"])
        for name in list(self._saved):
            if name in self._components:
                self._components[name].restore(self._saved.pop(name))
