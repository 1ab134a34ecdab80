"""`chaos`: seeded runs of acts under crashes and faults, each desk on servers of its own."""

import argparse
import os
import subprocess
import sys

from laminator.local.test_command import FOREIGN


def command(options: argparse.Namespace, rest: list[str]) -> int:
    """Run `python -m tests.campaign`; return its exit code, 1 if a run failed."""
    arguments = list(rest)
    for name in ("runs", "seed"):
        if (value := getattr(options, name)) is not None:
            arguments += [f"--{name}", str(value)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return subprocess.run(
        [sys.executable, "-m", "tests.campaign", *arguments],
        env=inherited | {"LAMINATOR_ENV_FILE": os.devnull},
        check=False,
    ).returncode
