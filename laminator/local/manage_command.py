"""`manage`: a command of manage.py with the settings of the desk that runs here."""

import argparse
import os
import subprocess
import sys

from laminator.local.desk_settings import read_desk_settings
from laminator.local.errors import CannotStart
from laminator.local.var_folder import VarFolder


def command(_options: argparse.Namespace, rest: list[str]) -> int:
    """Run `manage.py` with `rest` as its arguments; return its exit code."""
    state = VarFolder(read_desk_settings().var_dir).read_state()
    if state is None:
        raise CannotStart("the desk is not running here", remedy="Start it first: make run.")
    return subprocess.run(
        [sys.executable, "manage.py", *(rest or ["help"])],
        env=os.environ | state["environment"],
        check=False,
    ).returncode
