"""What `make run` and `make setup` say when they cannot begin."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from laminator.local.child import started_at
from laminator.local.errors import CannotStart
from laminator.local.ports import is_free
from laminator.local.var_folder import VarFolder

ROOT = Path(__file__).resolve().parents[3]
LIVE = ("TELEGRAM_", "PRIVY_", "SOLANA_", "DATABASE_", "REDIS_", "LAMINATOR_", "SPONSOR_")


def run(*arguments, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(LIVE)}
    environment |= {"LAMINATOR_ENV_FILE": os.devnull, **settings}
    return subprocess.run(
        [sys.executable, "-m", "laminator.local", *(arguments or ["run"])],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def listen():
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]


@pytest.mark.parametrize("name", ["LAMINATOR_PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named_and_nothing_is_started(tmp_path, name):
    taken, port = listen()
    free = next(
        first
        for first in range(20000, 30000, 6)
        if all(is_free(each) for each in range(first, first + 6))
    )
    settings = {"LAMINATOR_PORT": str(free), "SANDBOX_PORT": str(free + 1), name: str(port)}
    with taken:
        ran = run(**settings, VAR_DIR=str(tmp_path / "var"))
    assert ran.returncode == 1
    assert f"port {port}, which" in ran.stderr
    assert f"{name}=…" in ran.stderr
    assert not (tmp_path / "var" / "postgres").exists()
    assert not (tmp_path / "var" / "log" / "sandbox.log").exists()


def test_some_live_services_without_the_others_are_refused(tmp_path):
    secret = "123456:abcdefghijklmnopqrstuvwxyz"
    ran = run(TELEGRAM_BOT_TOKEN=secret, VAR_DIR=str(tmp_path / "var"))
    assert ran.returncode == 1
    assert "PRIVY_APP_SECRET: the Privy app's secret" in ran.stderr
    assert "SOLANA_RPC_URLS" in ran.stderr
    assert secret not in ran.stderr
    assert not (tmp_path / "var").exists()


def test_bad_settings_end_the_run_with_code_78(tmp_path):
    ran = run(LAMINATOR_PORT="http", LAMINATOR_PROT="8000", VAR_DIR=str(tmp_path / "var"))
    assert ran.returncode == 78
    assert "LAMINATOR_PROT is not a setting; did you mean LAMINATOR_PORT?" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "var").exists()


def test_a_second_run_says_where_the_first_one_is(tmp_path):
    folder = VarFolder(tmp_path / "var")
    with folder.held():
        folder.write_state(
            {
                "pid": os.getpid(),
                "at": started_at(os.getpid()),
                "addresses": {"desk": "http://127.0.0.1:8123"},
                "environment": {},
            }
        )
        second = run(VAR_DIR=str(folder.path))
        assert second.returncode == 1
        assert "already running" in second.stderr
        assert "http://127.0.0.1:8123" in second.stderr
        assert folder.read_state() is not None
    assert folder.read_state() is None


def test_state_is_private_and_that_of_another_process_does_not_count(tmp_path):
    folder = VarFolder(tmp_path)
    with folder.held():
        state = {"pid": os.getpid(), "at": "another time", "addresses": {}, "environment": {}}
        folder.write_state(state)
        assert folder.state_file.stat().st_mode & 0o777 == 0o600
        assert folder.read_state() is None


def test_what_a_killed_supervisor_left_is_ended_and_a_stranger_is_not(tmp_path):
    folder = VarFolder(tmp_path)
    code = "import time; print(1, flush=True); time.sleep(60)"
    ours, stranger = (
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
        )
        for _ in range(2)
    )
    with ours, stranger:
        ours.stdout.readline()
        stranger.stdout.readline()
        with folder.held():
            folder.record_children({"web": ours.pid, "bot": stranger.pid})
            record = tmp_path / "run" / "children.json"
            written = json.loads(record.read_text())
            written["children"][1]["at"] = "another time"
            record.write_text(json.dumps(written))
            assert folder.end_leftovers() == ["web"]
        assert ours.wait(10) != 0
        assert stranger.poll() is None
        stranger.kill()


def test_a_folder_that_cannot_be_written_is_refused_with_words(tmp_path):
    (tmp_path / "file").touch()
    ran = run(VAR_DIR=str(tmp_path / "file"))
    assert ran.returncode == 1
    assert "choose another folder: VAR_DIR=" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.fixture
def bare_project(tmp_path):
    """A folder with the set-up script and nothing to install."""
    script = Path("laminator/local/setup.sh")
    (tmp_path / script).parent.mkdir(parents=True)
    shutil.copy(ROOT / script, tmp_path / script)
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def set_up(project, **settings):
    return subprocess.run(
        ["/bin/sh", "laminator/local/setup.sh"],
        cwd=project,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_set_up_names_what_it_needs_where_there_is_no_suitable_python(bare_project):
    ran = set_up(bare_project, PYTHON="/bin/false")
    assert ran.returncode == 1
    assert "needs Python 3.11" in ran.stderr
    assert not (bare_project / ".venv").exists()


def test_a_half_made_venv_is_made_anew_and_a_whole_one_is_left_alone(bare_project):
    half = bare_project / ".venv"
    half.mkdir()
    (half / "half made").touch()
    ran = set_up(bare_project, PYTHON=sys.executable)
    assert ran.returncode == 0, ran.stderr
    assert not (half / "half made").exists()
    again = set_up(bare_project, PYTHON="/bin/false")
    assert (again.returncode, again.stdout) == (0, "")


def test_what_another_user_left_is_named_before_anything_starts(tmp_path, monkeypatch):
    folder = VarFolder(tmp_path)
    left = tmp_path / "run" / "children.json"
    left.parent.mkdir()
    left.write_text("{}")
    readable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != left and readable(path, mode))

    with (
        pytest.raises(CannotStart, match=r"run/children\.json belongs to another user"),
        folder.held(),
    ):
        pass
