"""`schema`: write down the schema that the migrations make, for quick first starts."""

import argparse
import os
import subprocess
import sys

from laminator.local.temporary_servers import temporary_servers


def command(_options: argparse.Namespace, _rest: list[str]) -> int:
    """Migrate a database of its own and dump it; return the exit code."""
    with temporary_servers() as settings:
        as_owner = settings | {"DATABASE_URL": settings["DATABASE_OWNER_URL"]}
        return subprocess.run(
            [sys.executable, "-m", "laminator.local.schema_snapshot"],
            env=os.environ | as_owner,
            check=False,
        ).returncode
