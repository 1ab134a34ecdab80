"""The settings with which a local desk's processes run: given ones, sandbox, generated ones."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from laminator.local.errors import CannotStart
from laminator.settings.environment import (
    ROOT,
    Environment,
    describe,
    given_variables,
    parse_environment,
    variable_names,
)
from laminator.settings.given import ENV_FILE_VARIABLE, FILE_SUFFIX

# The services of the outside world: all of them live, or all of them the sandbox.
LOGIN = "desk_login"
LIVE_PREFIXES = ("TELEGRAM_", "PRIVY_", "SOLANA_")
LIVE_NEEDED = (
    "TELEGRAM_BOT_TOKEN",
    "PRIVY_APP_ID",
    "PRIVY_APP_SECRET",
    "PRIVY_TRADING_SIGNER_KEY",
    "PRIVY_TRADING_SIGNER_ID",
    "PRIVY_WITHDRAW_SIGNER_ID",
    "PRIVY_WITHDRAW_SIGNER_KEY",
    "PRIVY_OWNER_QUORUM_ID",
    "SOLANA_RPC_URLS",
)
SANDBOX_ENVIRONMENT = (
    "import json, sys; from sandbox.environment import withdrawal_environment; "
    "json.dump(withdrawal_environment(int(sys.argv[1])), sys.stdout)"
)


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What was given from outside, and what follows from it."""

    given: Mapping[str, str]
    checked: Environment

    @property
    def live(self) -> bool:
        """Say whether the real services are used; the sandbox is not started then."""
        return any(name.startswith(LIVE_PREFIXES) for name in self.given)

    @property
    def login_is_derived(self) -> bool:
        """Say whether DATABASE_URL is the owner's, so that the processes need another login."""
        return "DATABASE_URL" in self.given and "DATABASE_OWNER_URL" not in self.given

    def derived_login(self, password: str) -> dict[str, str]:
        """Return the database settings that follow from an owner's DATABASE_URL alone."""
        if not self.login_is_derived:
            return {}
        owner_url = self.given["DATABASE_URL"]
        parts = urlsplit(owner_url)
        login = f"{LOGIN}:{quote(password, safe='')}@{parts.netloc.rpartition('@')[2]}"
        return {
            "DATABASE_OWNER_URL": owner_url,
            "DATABASE_URL": parts._replace(netloc=login).geturl(),
        }

    @property
    def var_dir(self) -> Path:
        return (ROOT / self.checked.var_dir).resolve()

    def placeholders(self) -> dict[str, str]:
        """Return the words that processes.py may use in its commands."""
        return {
            "python": sys.executable,
            "var_dir": str(self.var_dir),
            "sandbox_port": str(self.checked.sandbox_port),
            "laminator_host": self.checked.laminator_host,
            "laminator_port": str(self.checked.laminator_port),
        }

    def desk_address(self) -> str:
        """Return the address under which this machine reaches the web process."""
        if "PUBLIC_URL" in self.given:
            return self.checked.public_url
        return f"http://127.0.0.1:{self.checked.laminator_port}"

    def environment(self, *more: Mapping[str, str]) -> dict[str, str]:
        """Return the whole environment of a process: the given settings, then `more` over them."""
        known = variable_names()
        # What files hold as well: it has been read, and not every process may read it.
        names = {*known, *(name + FILE_SUFFIX for name in known), ENV_FILE_VARIABLE}
        whole = {name: value for name, value in os.environ.items() if name not in names}
        whole |= {"PUBLIC_URL": self.desk_address()} | dict(self.given)
        for settings in more:
            whole |= settings
        return whole | {
            "VAR_DIR": str(self.var_dir),
            "PROMETHEUS_MULTIPROC_DIR": str(self.var_dir / "run" / "metrics"),
            ENV_FILE_VARIABLE: os.devnull,  # all is said here; nothing is read twice
            "PYTHONUNBUFFERED": "1",
            "C_FORCE_ROOT": "1",  # celery warns of root, which containers are
            "DJANGO_SETTINGS_MODULE": "laminator.settings",
        }


def read_desk_settings() -> DeskSettings:
    """Read and check what was given.

    Raises BadEnvironment, or CannotStart when only some of the live services are given.
    """
    given = given_variables()
    settings = DeskSettings(given=given, checked=parse_environment(given))
    if settings.live and (missing := [name for name in LIVE_NEEDED if name not in given]):
        named = ", ".join(name for name in given if name.startswith(LIVE_PREFIXES))
        raise CannotStart(
            f"live services are given ({named}), but not all of them; missing are:\n"
            + "\n".join(f"    {name}: {describe(name)}" for name in missing),
            remedy="Give these too, or none of them to run against the sandbox.",
        )
    if "DATABASE_OWNER_URL" in given and "DATABASE_URL" not in given:
        raise CannotStart(
            "DATABASE_OWNER_URL is given without DATABASE_URL",
            remedy="Give the owner's as DATABASE_URL alone, or the login role's beside it.",
        )
    return settings


def begin_sandbox_environment(port: int) -> subprocess.Popen[bytes]:
    """Ask the sandbox, which no product code imports, for the settings that lead to it."""
    return subprocess.Popen(
        [sys.executable, "-c", SANDBOX_ENVIRONMENT, str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


def take_sandbox_environment(asked: subprocess.Popen[bytes]) -> dict[str, str]:
    """Return the answer to `begin_sandbox_environment`."""
    answer, complaint = asked.communicate()
    if asked.returncode != 0:
        raise CannotStart(f"the sandbox has no settings:\n{complaint.decode(errors='replace')}")
    found: dict[str, str] = json.loads(answer)
    return found
