"""`test`: the whole suite on embedded servers of its own."""

import argparse
import os
import shutil
import subprocess
import sys

from laminator.local.temporary_servers import temporary_servers

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Settings of the caller's own desk must not reach the tests.
FOREIGN = (
    *("TELEGRAM_", "PRIVY_", "SOLANA_", "SPONSOR_", "DATABASE_", "REDIS_", "LAMINATOR_"),
    *("SERVER_", "JUPITER_", "FLASH_"),
)
# Most tests wait for servers and chains, so more of them than cores go at once; which stay together
# and what begins is decided in tests/sharing.py.
WHOLE_SUITE = ("-n", "4", "--no-loadscope-reorder")


def command(_options: argparse.Namespace, rest: list[str]) -> int:
    """Run pytest with the given arguments; return its exit code."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    browser = chromium()
    with temporary_servers() as environment:
        environment["LAMINATOR_ENV_FILE"] = os.devnull
        if browser:
            environment["CHROMIUM"] = browser
        code = subprocess.run(
            [sys.executable, "-m", "pytest", *(rest or WHOLE_SUITE)],
            env=inherited | environment,
            check=False,
        ).returncode
    if browser is None:
        print(
            "\nBrowser tests did not run: there is no Chromium on this machine "
            f"(looked for {', '.join(CHROMIUM_NAMES)}; set CHROMIUM to its path)."
        )
    return code


def chromium() -> str | None:
    """Return the path of the system's Chromium, if there is one."""
    named = os.environ.get("CHROMIUM")
    candidates = (named,) if named else CHROMIUM_NAMES
    return next((found for name in candidates if (found := shutil.which(name))), None)
