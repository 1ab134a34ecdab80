"""The supervisor, with small programs in the place of the desk's processes."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from laminator.local.child import is_alive
from laminator.local.output import Output
from laminator.local.processes import PROCESSES, Process
from laminator.local.supervisor import Stopped, Supervised, Supervisor

ROOT = Path(__file__).resolve().parents[3]
WAIT = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def terminal():
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path, terminal):
    output = Output(folder=tmp_path, names=("first", "second"), terminal=terminal)
    running = Supervisor(output=output, folder=tmp_path)
    with running.signals():
        yield running
        running.stop(waves=[["second"], ["first"]])
    output.close()


def supervised(name, code, **more):
    return Supervised(
        name=name, command=[sys.executable, "-c", code], environment=dict(os.environ), **more
    )


def test_lines_carry_their_process_s_name_and_are_kept_in_a_log(supervisor, terminal, tmp_path):
    supervisor.start(supervised("first", "print('one'); print('two', end='')", restart=False))
    assert supervisor.pump_until(lambda: not supervisor.is_running("first"), seconds=60)
    assert terminal.getvalue() == "first  | one\nfirst  | two\n"
    assert (tmp_path / "first.log").read_text() == "one\ntwo\n"


def test_a_crashed_process_is_started_again(supervisor, terminal, tmp_path):
    mark = tmp_path / "crashed"
    crash_once = (
        f"import os, pathlib; m = pathlib.Path({str(mark)!r})\n"
        "if not m.exists():\n    m.touch(); os._exit(3)\n" + WAIT
    )
    supervisor.start(supervised("first", crash_once))
    assert supervisor.pump_until(lambda: "up" in terminal.getvalue(), seconds=60)
    assert "first ended with code 3; again in 0.5 s" in terminal.getvalue()
    assert supervisor.is_running("first")


def test_pauses_grow_with_each_crash(supervisor, terminal):
    supervisor.start(supervised("first", "raise SystemExit(1)"))
    assert supervisor.pump_until(lambda: "again in 1 s" in terminal.getvalue(), seconds=60)
    assert terminal.getvalue().index("again in 0.5 s") < terminal.getvalue().index("again in 1 s")


def test_bad_settings_are_not_tried_again(supervisor):
    supervisor.start(supervised("first", "raise SystemExit(78)"))
    assert not supervisor.pump_until(lambda: False, seconds=20)
    assert supervisor.fatal == "first cannot use its settings"
    assert not supervisor.is_running("first")


def test_processes_stop_wave_by_wave_and_finish_what_they_do(supervisor, terminal):
    polite = (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'bye\\n'), os._exit(0)))\n" + WAIT
    )
    for name in ("first", "second"):
        supervisor.start(supervised(name, polite))
    assert supervisor.pump_until(lambda: terminal.getvalue().count("up") == 2, seconds=60)
    supervisor.stop(waves=[["second"], ["first"]])
    lines = terminal.getvalue().splitlines()
    assert lines[-2:] == ["second | bye", "first  | bye"]


def test_a_process_that_does_not_listen_is_killed_with_its_children(supervisor, terminal):
    deaf = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('child', child.pid, flush=True)\n" + WAIT
    )
    supervisor.start(supervised("first", deaf))
    assert supervisor.pump_until(lambda: "up" in terminal.getvalue(), seconds=60)
    child = int(terminal.getvalue().split("child ")[1].split()[0])
    supervisor.stop(waves=[["first"]], patience_seconds=0.2)
    deadline = time.monotonic() + 90
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(child)


def test_a_signal_asks_the_loop_to_end(supervisor):
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        supervisor.pump()


def test_lines_that_are_taken_are_neither_shown_nor_kept(supervisor, terminal, tmp_path):
    taken = []

    def take(line):
        taken.append(line)
        return line.startswith(b"secret")

    code = "print('secret word'); print('plain')"
    supervisor.start(supervised("first", code, restart=False, on_line=take))
    assert supervisor.pump_until(lambda: not supervisor.is_running("first"), seconds=60)
    assert taken == [b"secret word", b"plain"]
    assert "secret" not in terminal.getvalue() + (tmp_path / "first.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_nothing_outlives_a_killed_supervisor(tmp_path):
    script = f"""
import sys
from pathlib import Path
from laminator.local.output import Output
from laminator.local.supervisor import Supervised, Supervisor
folder = Path(sys.argv[1])
output = Output(folder=folder, names=("only",))
supervisor = Supervisor(output=output, folder=folder, on_change=lambda pids: print(pids["only"]))
with supervisor.signals():
    supervisor.start(Supervised("only", [sys.executable, "-c", {WAIT!r}], {{}}))
    while True:
        supervisor.pump()
"""
    parent = subprocess.Popen(
        [sys.executable, "-u", "-c", script, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent, parent.stdout:
        child = int(parent.stdout.readline())
        assert "up" in parent.stdout.readline()
        parent.kill()
    deadline = time.monotonic() + 90
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(child)


def test_only_the_desk_s_preparation_may_act_as_the_owner_of_the_tables():
    assert [each.name for each in PROCESSES if "DATABASE_OWNER_URL" not in each.withheld] == []
    reads_secrets = [each.name for each in PROCESSES if "ENCRYPTION_KEYS" not in each.withheld]
    assert set(reads_secrets) <= {"sandbox", "web"}


def test_every_need_is_a_server_or_an_earlier_process():
    known = {"postgres", "redis"}
    for process in PROCESSES:
        assert set(process.needs) <= known, process.name
        known.add(process.name)


def test_a_command_is_filled_in_from_the_settings():
    process = Process(name="web", command=("{python}", "--port", "{laminator_port}"))
    assert process.command_line({"python": "py", "laminator_port": "1"}) == ["py", "--port", "1"]
