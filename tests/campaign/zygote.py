"""Workers by fork: one interpreter imports the desk once, and each job is a child of it.

A job may be killed, by SIGKILL, right before a function of the product that is named.
"""

import json
import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger(__name__)
ROOT = Path(__file__).resolve().parents[2]
Job = dict[str, Any]


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

    def run(self, *jobs: Job) -> list[int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(jobs) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the workers' parent has ended"
        codes: list[int] = json.loads(answer)
        return codes

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
    for name in ("chain.services", "trading.services", "wallets.services"):
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
        _work(job)
        code = 0
    except Exception:
        log.exception("worker_failed", job=job)
        sys.stderr.flush()
    finally:
        os._exit(code)


def _work(job: Job) -> None:
    if job.get("skew"):
        _skew(job["skew"])
    if job.get("withdrawals"):
        _take_the_withdraw_key()
    if job.get("before"):
        module, _, name = job["before"].rpartition(".")

        def die(*_args: Any, **_kwargs: Any) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(import_module(module), name, die)
    from django.utils import timezone

    if job["do"] == "drive":
        from chain.services import drive_submission

        module_of_drive = import_module("chain.services.drive_submission")
        # As long as a campaign's slots need; what is not seen by then is the sweep's.
        vars(module_of_drive).update(_FOLLOW_SECONDS=1.2, _PAUSE_SECONDS=0.1)

        drive_submission(submission_id=uuid.UUID(job["id"]), follow=job.get("follow", True))
    elif job["do"] == "sweep":
        from chain.services import sweep_submissions

        sweep_submissions(now=timezone.now())
    else:
        from trading.services import reconcile_wanted

        reconcile_wanted(now=timezone.now())


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
