"""The campaign in short: what `make chaos` plays a thousand times."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "laminator.local", "chaos"]


def test_whatever_is_killed_or_lied_to_each_act_happens_once_and_no_money_is_missing(
    tmp_path,
):
    played = subprocess.run(
        [
            *(*COMMAND, "--runs", "2", "--seed", "1", "--"),
            *("--jobs", "1", "--minutes", "0.2", "--folder", str(tmp_path)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert " 0 failed" in played.stdout
    assert "seed 1" in played.stdout
