"""What each process costs before its first act: time to import everything, and memory then."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import Finding, Size, compared

# What each process has imported when it is ready, as it starts by laminator/local/processes.py.
_DJANGO = "import django; django.setup()"
_WORKER = f"{_DJANGO}; from laminator.celery import app; app.loader.import_default_modules()"
_PROCESSES = {
    "sandbox": "import sandbox.__main__, sandbox.serve",
    "web": "import granian; import laminator.wsgi; import django.urls; "
    "django.urls.get_resolver().url_patterns",
    "worker": f"{_WORKER}; import laminator.management.commands.run_worker, celery.apps.worker, "
    "celery.worker",
    "beat": f"{_DJANGO}; import laminator.management.commands.run_beat, "
    "django_celery_beat.schedulers",
    "bot": f"{_DJANGO}; import bot.app",
    "feed": f"{_DJANGO}; import laminator.management.commands.run_feed; "
    "from core.registry import provider; "
    "import markets.hermes; provider('FEEDS', 'oracles')",
    "subscriptions": f"{_DJANGO}; import laminator.management.commands.run_subscriptions; "
    "from trading.venues.base import open_venues; open_venues()",
}
# The frameworks by themselves, doing nothing.
_BARE_DJANGO = (
    "import django; from django.conf import settings; "
    "settings.configure(INSTALLED_APPS=['django.contrib.admin', 'django.contrib.auth', "
    "'django.contrib.contenttypes', 'django.contrib.messages', 'django.contrib.sessions'], "
    "DATABASES={'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'x'}}, "
    "ROOT_URLCONF='django.contrib.admin.apps'); django.setup(); "
    "import django.core.wsgi, django.contrib.admin.sites"
)
_BARE = {
    "django": f"{_BARE_DJANGO}; import granian",
    "django and celery": f"{_BARE_DJANGO}; from celery import Celery; "
    "app = Celery('x', broker='redis://localhost/0'); "
    "import celery.bin.worker, celery.worker, celery.concurrency.thread, redis",
    "aiogram": "from aiogram import Bot, Dispatcher; from aiogram.types import Update; "
    "from aiogram.client.session.aiohttp import AiohttpSession; "
    "Dispatcher().resolve_used_update_types()",
    "aiohttp": "import aiohttp.web",
}
_PEER = {
    "sandbox": "aiohttp",
    "web": "django",
    "worker": "django and celery",
    "beat": "django and celery",
    "bot": "aiogram",
    "feed": "django",
    "subscriptions": "django",
}
# Each costs a second and a hundred megabytes where it is not needed.
_HEAVY = ("aiogram", "driftpy", "solana", "anchorpy")
_ALLOWED = {"bot": {"aiogram"}}
_PROBE = """
import json, sys, time
began = time.perf_counter()
{imports}
took = time.perf_counter() - began
import gc; gc.collect()
memory = {{}}
for line in open("/proc/self/smaps_rollup"):
    name, _, rest = line.partition(":")
    if name in ("Rss", "Pss"):
        memory[name] = int(rest.split()[0]) / 1024
heavy = [name for name in {heavy!r} if name in sys.modules]
print("PROBE" + json.dumps({{"seconds": took, "heavy": heavy}} | memory))
"""


def measure(size: Size) -> list[Finding]:
    """Each starts in an interpreter of its own, by turns with the bare framework it stands on."""
    if not Path("/proc/self/smaps_rollup").exists():
        return [Finding("memory", "is told by Linux alone")]
    rounds = size.rounds_or(3)
    subjects = {**_PROCESSES, **_BARE}
    seen: dict[str, list[Mapping[str, float]]] = {name: [] for name in subjects}
    heavy: dict[str, set[str]] = {}
    for number in range(rounds):
        for name in list(subjects)[:: 1 if number % 2 == 0 else -1]:
            probe = _probe(subjects[name])
            heavy[name] = set(probe.pop("heavy"))
            seen[name].append(probe)
    middle = {
        name: {key: median(probe[key] for probe in probes) for key in probes[0]}
        for name, probes in seen.items()
    }
    findings = []
    for name in _PROCESSES:
        peer = _PEER[name]
        findings += _findings(name, middle[name], peer, middle[peer])
    return [*findings, *_kept_out(heavy)]


def _findings(
    name: str, own: Mapping[str, float], peer: str, bare: Mapping[str, float]
) -> list[Finding]:
    return [
        compared(f"{name}: imports", own["seconds"], bare["seconds"], bound_name=f"{peer} alone"),
        Finding(
            f"{name}: memory",
            f"{own['Rss']:.0f} MB RSS, {own['Pss']:.0f} MB PSS",
            f"{bare['Rss']:.0f} MB RSS {peer} alone",
            ratio=own["Rss"] / bare["Rss"],
        ),
    ]


def _kept_out(heavy: Mapping[str, set[str]]) -> list[Finding]:
    """What must not be where it is not used."""
    found = []
    for name in _PROCESSES:
        wrong = sorted(heavy[name] - _ALLOWED.get(name, set()))
        found.append(
            Finding(
                f"{name}: heavy libraries",
                ", ".join(sorted(heavy[name])) or "none",
                wanted="only aiogram" if name in _ALLOWED else "none",
                ok=not wrong,
            )
        )
    return found


def _probe(imports: str) -> dict[str, Any]:
    source = _PROBE.format(imports=imports, heavy=_HEAVY)
    answer = subprocess.run(
        [sys.executable, "-c", source], env=os.environ, capture_output=True, text=True, check=False
    )
    line = next((x for x in answer.stdout.splitlines() if x.startswith("PROBE")), None)
    if line is None:
        raise SystemExit(f"a process did not import:\n{answer.stderr[-1500:]}")
    told: dict[str, Any] = json.loads(line.removeprefix("PROBE"))
    return told
