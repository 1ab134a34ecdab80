"""`lint`: everything that is checked without running the product, all of it in one go."""

import argparse
import os
import subprocess
import sys

from laminator.local.temporary_servers import temporary_servers

IMPORT_RULES = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "rules between rooms": ("-c", IMPORT_RULES),
    "missing migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "mypy": ("-m", "mypy", "."),
}


def command(_options: argparse.Namespace, _rest: list[str]) -> int:
    """Run all checks, even after one failed; return 1 if any did."""
    failed = []
    with temporary_servers() as settings:
        for name, arguments in CHECKS.items():
            print(f"== {name}", flush=True)
            environment = os.environ | settings | {"PYTHONPATH": os.curdir}
            if subprocess.run(
                [sys.executable, *arguments], env=environment, check=False
            ).returncode:
                failed.append(name)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0
