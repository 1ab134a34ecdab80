"""`make manage`: manage.py with the settings of a running desk."""

import os
import subprocess
import sys


def test_without_a_running_desk_it_says_so_and_how_to_mend_it(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "laminator.local", "manage", "--", "staff_password", "a@b.example"],
        env=os.environ | {"VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert ended.returncode == 1
    assert "the desk is not running here" in ended.stderr
    assert "make run" in ended.stderr
