"""Each thing that the desk needs, asked at the same time, within a few seconds."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.logs import get_logger
from core.redaction import clean_text

PATIENCE_SECONDS = 3.0
# Probes ask outsiders; however often we are asked, they are asked no oftener than this.
KEPT_SECONDS = 2.0
log = get_logger("desk.readiness")


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing fares: `age_seconds` is how old its news is, `error` why it is not well."""

    name: str
    ok: bool
    error: str = ""
    age_seconds: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"ok": self.ok}
        if self.age_seconds is not None:
            told["age_seconds"] = round(self.age_seconds, 1)
        if self.error:
            told["error"] = self.error
        return told | self.facts


@dataclass(frozen=True, slots=True)
class Report:
    at: datetime
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


Probe = Callable[[], Check]
_lock = threading.Lock()
_last: Report | None = None


def report(*, kept_seconds: float = KEPT_SECONDS) -> Report:
    """Ask everything, or give the last answers where they are not older than `kept_seconds`."""
    global _last
    # One round at a time: those who wait for it share its answers.
    with _lock:
        fresh_since = timezone.now() - timedelta(seconds=kept_seconds)
        if _last is None or _last.at < fresh_since:
            _last = ask(_probes())
        return _last


def forget() -> None:
    """Ask anew the next time."""
    global _last
    with _lock:
        _last = None


def ask(probes: Iterable[tuple[str, Probe]]) -> Report:
    """Run the probes at the same time; one that does not answer in time is not well."""
    at = timezone.now()
    named = list(probes)
    executor = ThreadPoolExecutor(max(1, len(named)), thread_name_prefix="readiness")
    try:
        asked = [(name, executor.submit(_run, name, probe)) for name, probe in named]
        checks = []
        for name, future in asked:
            left = PATIENCE_SECONDS - (timezone.now() - at).total_seconds()
            try:
                checks.append(replace(future.result(timeout=max(0.01, left)), name=name))
            except FutureTimeout:
                checks.append(
                    Check(name, ok=False, error=f"no answer within {PATIENCE_SECONDS:g} s")
                )
    finally:
        # Those that still hang end by their own time-outs; nobody waits for them.
        executor.shutdown(wait=False, cancel_futures=True)
    return Report(at=at, checks=tuple(checks))


def _run(name: str, probe: Probe) -> Check:
    try:
        return probe()
    except Exception as error:  # what is asked may fail in any way; that is the news
        log.warning("readiness check failed", check=name, exc_info=True)
        return Check(name, ok=False, error=clean_text(f"{type(error).__name__}: {error}")[:200])


def _probes() -> list[tuple[str, Probe]]:
    # Here, as the probes and the views' module know each other.
    from laminator import probes

    return probes.all_probes()
