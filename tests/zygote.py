"""Workers by fork: one interpreter imports the desk once, and each job is a child of it.

A job may be killed, by SIGKILL, right before a function of the product that is named, around a
commit that wrote, or at any moment.
"""

import base64
import contextlib
import ctypes
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from core.tls import trusted
from laminator.local.child import kill_group
from laminator.local.processes import BOT

log = structlog.get_logger(__name__)
ROOT = Path(__file__).resolve().parents[1]
PR_SET_PDEATHSIG = 1
# What a worker would load at its first job, and each child once more.
_LOADED = (
    "chain.services", "trading.services", "wallets.services", "audit.sealing", "core.jobs",
    "drift.venue", "trading.paper.venue", "tests.campaign.beat", "sandbox.privy.credentials",
    "httpcore", "h11", "psycopg_pool", "celery.contrib.django.task", "celery.result",
    "celery.events", "kombu.transport.redis", "trading.tasks", "trading.subjects.deposit",
    "trading.subjects.withdrawal", "wallets.subject", "wallets.custody.privy", "encodings.idna",
    "laminator.urls", "tests.campaign.program", "stringprep",
    "cryptography.hazmat.backends.openssl.backend",
)  # fmt: skip
Job = dict[str, Any]


def call_job(service: str, words: Mapping[str, Any]) -> Job:
    """A job that calls one of the desk's services; it adds the moment as `now`."""
    return {"do": "call", "service": service, "words": _packed(dict(words))}


def _packed(value: Any) -> str:
    return base64.b64encode(pickle.dumps(value)).decode()


@dataclass
class Zygote:
    """The other end: hand it jobs that run at once, get their exit codes (-9: killed)."""

    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls) -> "Zygote":
        return cls(
            subprocess.Popen(
                [sys.executable, "-m", "tests.zygote"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    def begin(self, *jobs: Job) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(jobs) + "\n")
        self.process.stdin.flush()

    def end(self) -> list[int]:
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        assert answer, "the workers' parent has ended"
        codes: list[int] = json.loads(answer)
        return codes

    def run(self, *jobs: Job) -> list[int]:
        self.begin(*jobs)
        return self.end()

    def start_bot(self, log: Path, **job: Any) -> int:
        """Another process of the bot, which goes on beside what follows; its process id."""
        return self.run(job | {"do": "bot", "log": str(log)})[0]

    def end_bot(self, pid: int) -> None:
        """Kill it, as a crash would; what has ended already is only taken away."""
        self.run({"do": "kill", "pid": pid})

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # in the middle of jobs, as whoever waits no more ends us
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def main() -> None:
    """Read lines of jobs, run each line's jobs at once, write their exit codes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what workers print is no answer
    import django

    django.setup()
    for name in _LOADED:
        import_module(name)
    _make_ready()
    for line in sys.stdin:
        jobs = json.loads(line)
        if jobs and jobs[0]["do"] == "bot":
            # Loaded here, once, and not by each that starts.
            import_module("bot.app")
            codes = [_fork(jobs[0])]
        elif jobs and jobs[0]["do"] == "kill":
            with contextlib.suppress(ProcessLookupError):
                os.kill(jobs[0]["pid"], signal.SIGKILL)
            kill_group(jobs[0]["pid"])
            codes = [_code_of(jobs[0]["pid"])]
        else:
            codes = [_code_of(child) for child in [_fork(job) for job in jobs]]
        answers.write(json.dumps(codes) + "\n")
        answers.flush()


def _make_ready() -> None:
    """What each child would read and compile once more; it opens no connection."""
    from laminator.celery import app
    from trading.venues.base import open_venues

    trusted()
    app.finalize()
    open_venues()
    # No child has to look through what is here already for what may be thrown away.
    gc.freeze()


def _code_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _fork(job: Job) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        _prepare(job)
        _work(job)
        code = 0
    except Exception:
        log.exception("worker_failed", job={name: job[name] for name in job if name != "words"})
        sys.stderr.flush()
    finally:
        os._exit(code)


def _prepare(job: Job) -> None:
    """Whatever makes this worker another one than the product's own."""
    if job.get("skew"):
        _skew(job["skew"])
    if job.get("nodes"):
        lead_to_nodes(job["nodes"])
    if job.get("withdrawals"):
        _take_the_withdraw_key()
    if job.get("before"):
        home, name = _home_of(job["before"])
        setattr(home, name, _die)
    if job.get("write"):
        _die_at_write(*job["write"])
    if job.get("after") is not None:
        timer = threading.Timer(job["after"], _die)
        timer.daemon = True
        timer.start()


def _home_of(path: str) -> tuple[Any, str]:
    """The module, or the class in one, that holds what `path` names, and its name there."""
    before, _, name = path.rpartition(".")
    module, _, owner = before.rpartition(".")
    home = getattr(import_module(module), owner) if owner[0].isupper() else import_module(before)
    assert hasattr(home, name), f"there is no {path} any more"
    return home, name


def _work(job: Job) -> None:
    from django.utils import timezone

    if job["do"] == "drive":
        from chain.services import drive_submission

        module_of_drive = import_module("chain.services.drive_submission")
        # As long as a campaign's slots need; what is not seen by then is the sweep's.
        vars(module_of_drive).update(_FOLLOW_SECONDS=0.4, _PAUSE_SECONDS=0.13)
        drive_submission(submission_id=uuid.UUID(job["id"]), follow=job.get("follow", True))
    elif job["do"] == "call":
        module, _, name = job["service"].rpartition(".")
        words = pickle.loads(base64.b64decode(job["words"]))
        getattr(import_module(module), name)(**words, now=timezone.now())
    elif job["do"] == "bot":
        _be_a_bot(job["log"])
    elif job["do"] == "withdrawals":
        from chain.enums import Lane
        from chain.services import sign_forgotten

        sign_forgotten(now=timezone.now() + timedelta(seconds=3), lane=Lane.WITHDRAWAL)
    else:
        from tests.campaign.beat import one_round

        one_round(now=timezone.now())


def _be_a_bot(path: str) -> None:
    """What `manage.py run_bot` does in a process of its own, without what it may not see."""
    from django.conf import settings
    from django.core.management import call_command

    os.setsid()
    if sys.platform.startswith("linux"):
        # It ends with the workers' parent, however that ends.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with Path(path).open("ab") as log_file:
        os.dup2(log_file.fileno(), 1)
        os.dup2(log_file.fileno(), 2)
    for name in BOT.withheld:
        os.environ.pop(name, None)
    given = type(settings.ENVIRONMENT).model_fields
    kept_back = {name.lower(): given[name.lower()].default for name in BOT.withheld}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=kept_back)
    call_command("run_bot")


def lead_to_nodes(urls: list[str]) -> None:
    """From now on this process asks these providers."""
    from django.conf import settings
    from pydantic import SecretStr

    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"solana_rpc_urls": tuple(map(SecretStr, urls))}
    )


def _die(*_args: Any, **_kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at_write(number: int, when: str) -> None:
    """Before or after the commit of the transaction that is this process's n-th to write."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    commit, written = BaseDatabaseWrapper.commit, [0]

    def counted(self: Any) -> None:
        with self.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            written[0] += bool(cursor.fetchone()[0])
        if written[0] == number and when == "before":
            _die()
        commit(self)
        if written[0] == number:
            _die()

    BaseDatabaseWrapper.commit = counted  # type: ignore[method-assign]


def _skew(seconds: float) -> None:
    """This worker's clock goes wrong by so much."""
    from django.utils import timezone

    right = timezone.now
    timezone.now = lambda: right() + timedelta(seconds=seconds)


def _take_the_withdraw_key() -> None:
    from django.conf import settings

    from sandbox.privy.credentials import WITHDRAW_SIGNER

    before = settings.ENVIRONMENT
    key = type(before.privy_trading_signer_key)(WITHDRAW_SIGNER.keys[0].private_key)
    settings.ENVIRONMENT = before.model_copy(
        update={"privy_withdraw_signer_key": key, "privy_trading_signer_key": None}
    )


if __name__ == "__main__":
    main()
