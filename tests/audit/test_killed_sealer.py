"""A sealer that is killed within a batch leaves a whole log, and nothing unsealed for ever."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.utils import timezone

from audit.sealing import seal_audit
from audit.services import record
from audit.verifying import verify_audit
from core.roles import as_sync
from core.uuid7 import uuid7
from laminator.settings.environment import ROOT
from tests import raw_sql

pytestmark = pytest.mark.django_db
# A sealer that dies, by SIGKILL, right before a function that is named; "" for none.
_SEALER = """
import os, signal, sys
import django; django.setup()
from django.utils import timezone
from importlib import import_module
from audit import sealing
def die(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)
module, _, name = sys.argv[1].rpartition(".")
if module == "AuditRoot": sealing.AuditRoot.save = die
elif module == "AuditSeal": sealing.AuditSeal.objects.bulk_create = die
elif name: setattr(import_module(module), name, die)
sealing._BATCH = int(sys.argv[2])
print("ready", flush=True)
sealing.seal_audit(now=timezone.now())
"""


def act(count):
    with as_sync():
        for number in range(count):
            record(action="test.act", resource=("things", uuid7()), new={"number": number})


def sealer(before="", batch=50):
    return subprocess.Popen(
        [sys.executable, "-c", _SEALER, before, str(batch)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "laminator.settings"},
    )  # fmt: skip


def ended(process):
    process.stdout.read()
    process.stdout.close()
    return process.wait(60)


def all_is_sealed(owner_sql, rows):
    deadline = time.monotonic() + 90
    # The server may need a moment to see that the dead one is gone and to free its lock.
    while raw_sql.count(owner_sql, "audit_unsealed") and time.monotonic() < deadline:
        seal_audit(now=timezone.now())
    verdict = verify_audit()
    assert (verdict.problem, verdict.waiting, verdict.rows) == ("", 0, rows)
    assert raw_sql.count(owner_sql, "audit_seals") == rows


@pytest.mark.parametrize("before", ["audit.sealing.seal_hash", "AuditRoot.save"])
def test_a_sealer_killed_within_a_batch_has_sealed_none_of_it(owner_sql, before):
    act(30)

    assert ended(sealer(before)) == -signal.SIGKILL

    assert raw_sql.count(owner_sql, "audit_seals") == 0
    assert verify_audit().problem == ""
    assert raw_sql.count(owner_sql, "audit_unsealed") == 30
    act(5)
    all_is_sealed(owner_sql, 35)


@pytest.mark.parametrize("seconds", [0.01, 0.15])
def test_a_sealer_killed_at_any_moment_between_batches_leaves_a_whole_log(owner_sql, seconds):
    act(400)
    process = sealer(batch=5)
    process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    ended(process)

    sealed, waiting = (raw_sql.count(owner_sql, name) for name in ("audit_seals", "audit_unsealed"))
    assert sealed + waiting == 400
    assert verify_audit().problem == ""
    all_is_sealed(owner_sql, 400)
