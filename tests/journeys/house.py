"""The whole desk as processes of its own, on servers of its own that may be taken away."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from django.db import connections
from psycopg.rows import dict_row

from laminator.local.child import kill_group, start_child
from laminator.local.generated_secrets import new_secrets
from laminator.local.processes import PROCESSES, SAYS
from laminator.local.servers import EmbeddedServers
from laminator.settings.databases import database
from sandbox.privy.credentials import WITHDRAW_SIGNER
from tests.sandbox_server import ROOT, SandboxHandle, free_ports

_COMMANDS = {process.name: process for process in PROCESSES}
_FOREIGN = ("TELEGRAM_", "PRIVY_", "SOLANA_", "SPONSOR_", "DATABASE_", "REDIS_", "LAMINATOR_")
_IS_UP = {
    "bot": "the bot is up",
    "worker": "ready.",
    "withdrawals": "ready.",
    "beat": "",
    "feed": "",
    "subscriptions": "subscriptions_connected",
    "web": "",
}


def eventually(check, *, seconds=180.0, why=""):
    """Wait until `check` gives something true, and return that; `why` is told if it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    said = why() if callable(why) else why or check
    raise AssertionError(f"within {seconds} s did not come true: {said}")


class House:
    """Servers, a prepared database, and processes by name; `sandbox` is what they call."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.folder = Path(tempfile.mkdtemp(prefix="laminator-house-"))
        generated = new_secrets()
        self.servers = EmbeddedServers(folder=self.folder, secrets=generated, durable=False)
        self.web_port = free_ports(1)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._secret_key = generated.secret_key

    # Its life.

    def open(self) -> "House":
        """Start the servers, migrate and prepare the desk as `make run` does."""
        self.servers.start()
        prepared = subprocess.run(
            [sys.executable, "-m", "laminator.local.prepare"],
            cwd=ROOT,
            env=self.environment(),
            input="go\ngo\n",
            check=True,
            capture_output=True,
            text=True,
            timeout=400,
        )
        said = [
            json.loads(line.removeprefix(SAYS))
            for line in prepared.stdout.splitlines()
            if line.startswith(SAYS)
        ]
        sponsor = dict(said)["sponsor"]
        assert sponsor, prepared.stdout + prepared.stderr
        self.sandbox.faucet(sponsor, lamports=10 * 10**9, quote_units=0)
        return self

    def close(self) -> None:
        for name in list(self._running):
            self.kill(name)
        self.servers.stop()
        self.servers.postgres.remove_data()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Its processes.

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return (
            kept
            | self.servers.environment()
            | self.sandbox.environment()
            | {
                "SECRET_KEY": self._secret_key,
                "LAMINATOR_ENV_FILE": os.devnull,
                "VAR_DIR": str(self.folder),
                "DJANGO_SETTINGS_MODULE": "laminator.settings",
                "C_FORCE_ROOT": "1",
                "PYTHONUNBUFFERED": "1",
            }
            | more
        )

    def start(self, *names: str, **settings: str) -> None:
        """Start processes as `make run` does, with these settings over theirs; wait for each.

        `bot#2` is a second bot.
        """
        for name in names:
            process = _COMMANDS[name.partition("#")[0]]
            words = {
                "python": sys.executable,
                "var_dir": str(self.folder),
                "laminator_host": "127.0.0.1",
                "laminator_port": str(self.web_port),
            }
            environment = self.environment(**settings)
            environment["PRIVY_WITHDRAW_SIGNER_KEY"] = WITHDRAW_SIGNER.keys[0].private_key
            with self._log_file(name).open("wb") as log:
                self._running[name] = start_child(
                    process.command_line(words),
                    output=log,
                    environment={
                        key: value
                        for key, value in environment.items()
                        if key not in process.withheld
                    },
                    folder=ROOT,
                    death_signal=signal.SIGKILL,
                )
        for name in names:
            self._wait_until_up(name)

    def kill(self, name: str) -> None:
        """SIGKILL, and whatever it started with it."""
        child = self._running.pop(name)
        kill_group(child.pid)
        child.wait()

    def stop(self, name: str) -> int:
        """SIGTERM, and wait; its exit status."""
        child = self._running.pop(name)
        child.send_signal(signal.SIGTERM)
        try:
            return child.wait(30)
        finally:
            kill_group(child.pid)

    def pids(self) -> dict[str, int]:
        """Of all processes that live."""
        return {name: child.pid for name, child in self._running.items() if child.poll() is None}

    def said(self, name: str) -> str:
        """All that the process of this name has said since it was started last."""
        return self._log_file(name).read_text(errors="replace")

    def _wait_until_up(self, name: str) -> None:
        words = _IS_UP[name.partition("#")[0]]
        child = self._running[name]

        def is_up() -> bool:
            assert child.poll() is None, f"{name} ended:\n{self.said(name)[-3000:]}"
            return words in self.said(name)

        eventually(is_up, seconds=300, why=f"{name} is up")

    def _log_file(self, name: str) -> Path:
        return self.folder / f"{name}.out"

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    # Its servers.

    def stop_postgres(self) -> None:
        self.servers.postgres.stop()

    def start_postgres(self) -> None:
        self._start_again(self.servers.postgres)

    def stop_redis(self) -> None:
        self.servers.redis.stop()

    def start_redis(self) -> None:
        """It comes back empty."""
        self._start_again(self.servers.redis)

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.servers.redis.url, protocol=2) as client:
            client.flushdb()

    def _start_again(self, server) -> None:
        port = server.preferred_port = server.port
        server.start()
        assert server.port == port, "the port was taken meanwhile"

    # Its books.

    def rows(self, query: str, *values) -> list[dict]:
        """What the owner of the tables reads (or changes)."""
        url = self.servers.environment()["DATABASE_OWNER_URL"]
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *values):
        """The first column of the first row."""
        [row, *_] = self.rows(query, *values)
        return next(iter(row.values()))

    @contextmanager
    def as_own_database(self):
        """The test's own Django connections lead to this house's database."""
        in_use = connections.settings["default"]
        kept = dict(in_use)
        _let_go()
        url = self.servers.environment()["DATABASE_URL"]
        in_use.update(database(url, pool_size=4))
        try:
            yield
        finally:
            _let_go()
            in_use.update(kept)

    # What went out.

    def sent_messages(self) -> set[str]:
        """The distinct messages that nodes were handed, whatever became of them."""
        calls = self.sandbox.calls(service="solana", method="sendTransaction")
        return {str(call["params"]["params"][0]) for call in calls}


def _let_go() -> None:
    connections["default"].close()
    connections["default"].close_pool()
