"""`bench`: the benchmarks on servers of their own."""

import argparse
import os
import subprocess
import sys

from laminator.local.temporary_servers import temporary_servers


def command(_options: argparse.Namespace, rest: list[str]) -> int:
    """Run `python -m benchmarks` with the given arguments; return its exit code."""
    with temporary_servers(durable=True) as settings:
        return subprocess.run(
            [sys.executable, "-m", "benchmarks", *rest], env=os.environ | settings, check=False
        ).returncode
