"""Workers by fork: one interpreter imports the desk once, and each job is a child of it.

A job may be killed, by SIGKILL, right before a function of the product that is named, around a
commit that wrote, or at any moment.
"""

import base64
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

log = structlog.get_logger(__name__)
ROOT = Path(__file__).resolve().parents[2]
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
                [sys.executable, "-m", "tests.campaign.zygote"],
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

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()


def main() -> None:
    """Read lines of jobs, run each line's jobs at once, write their exit codes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what workers print is no answer
    import django

    django.setup()
    for name in ("chain.services", "trading.services", "wallets.services", "audit.sealing"):
        import_module(name)
    for line in sys.stdin:
        children = [_fork(job) for job in json.loads(line)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        answers.write(json.dumps(codes) + "\n")
        answers.flush()


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
        module, _, name = job["before"].rpartition(".")
        assert hasattr(import_module(module), name), f"there is no {job['before']} any more"
        setattr(import_module(module), name, _die)
    if job.get("write"):
        _die_at_write(*job["write"])
    if job.get("after") is not None:
        timer = threading.Timer(job["after"], _die)
        timer.daemon = True
        timer.start()


def _work(job: Job) -> None:
    from django.utils import timezone

    if job["do"] == "drive":
        from chain.services import drive_submission

        module_of_drive = import_module("chain.services.drive_submission")
        # As long as a campaign's slots need; what is not seen by then is the sweep's.
        vars(module_of_drive).update(_FOLLOW_SECONDS=1.2, _PAUSE_SECONDS=0.1)
        drive_submission(submission_id=uuid.UUID(job["id"]), follow=job.get("follow", True))
    elif job["do"] == "call":
        module, _, name = job["service"].rpartition(".")
        words = pickle.loads(base64.b64decode(job["words"]))
        getattr(import_module(module), name)(**words, now=timezone.now())
    elif job["do"] == "withdrawals":
        from chain.enums import Lane
        from chain.services import sign_forgotten

        sign_forgotten(now=timezone.now() + timedelta(seconds=3), lane=Lane.WITHDRAWAL)
    else:
        from tests.campaign.beat import one_round

        one_round(now=timezone.now())


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
