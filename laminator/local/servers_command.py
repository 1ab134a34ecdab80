"""`servers`: embedded servers for running pytest or manage.py by hand."""

import argparse
import os
import shlex
import signal
import subprocess
import sys

from laminator.local.temporary_servers import temporary_servers


def command(options: argparse.Namespace, rest: list[str]) -> int:
    """Start servers, print `export` lines and wait for Ctrl-C; or run a command with them."""
    with temporary_servers() as environment:
        lines = "".join(
            f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()
        )
        if options.env_file:
            options.env_file.touch(mode=0o600)
            options.env_file.write_text(lines)
        if rest:
            return subprocess.run(rest, env=os.environ | environment, check=False).returncode
        sys.stdout.write(lines)
        print("# servers are up until Ctrl-C", flush=True)
        signal.pause()
    return 0
