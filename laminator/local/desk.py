"""The desk of one machine from its start to its end, in the order in which things need another."""

import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping

from laminator.local.banner import banner
from laminator.local.child import started_at
from laminator.local.database_roles import make_login_role
from laminator.local.desk_settings import (
    DeskSettings,
    begin_sandbox_environment,
    take_sandbox_environment,
)
from laminator.local.errors import CannotStart
from laminator.local.generated_secrets import key_settings, stored_secrets
from laminator.local.output import Output
from laminator.local.ports import LOOPBACK, answers, is_free
from laminator.local.processes import (
    PROCESSES,
    SANDBOX,
    SAYS,
    WEB,
    WITHDRAW_KEY,
    Process,
)
from laminator.local.sandbox_faucet import fill_wallet
from laminator.local.servers import EmbeddedServers
from laminator.local.supervisor import Stopped, Supervised, Supervisor
from laminator.local.var_folder import VarFolder
from laminator.settings.environment import ROOT

PATIENCE_SECONDS = 90


class Desk:
    """One run of the desk. `run` is all there is to call."""

    def __init__(self, *, settings: DeskSettings, folder: VarFolder) -> None:
        self._settings = settings
        self._folder = folder
        self._processes = tuple(
            process for process in PROCESSES if not (settings.live and process is SANDBOX)
        )
        self._secrets = stored_secrets(folder.secrets_file)
        self._servers = EmbeddedServers(
            folder=folder.path,
            secrets=self._secrets,
            with_postgres="DATABASE_URL" not in settings.given,
            with_redis="REDIS_URL" not in settings.given,
        )
        names = tuple(process.name for process in self._processes)
        self._output = Output(folder=folder.logs, names=(*names, "prepare"))
        self._supervisor = Supervisor(
            output=self._output, folder=ROOT, on_change=self._record_children
        )
        self._environment: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._began = time.monotonic()

    def run(self) -> int:
        """Start, run until asked to end, stop; return the exit code."""
        with self._supervisor.signals():
            try:
                self._start()
                while self._supervisor.fatal is None:
                    self._supervisor.pump(seconds=1)
                    if self._servers.revive():
                        self._output.say("A server had crashed and was started again.")
                        self._supervisor.record()
                raise CannotStart(self._supervisor.fatal)
            except Stopped:
                self._output.say("\nStopping …")
                return 0
            finally:
                self._stop()

    def _start(self) -> None:
        for name in self._folder.end_leftovers():
            self._output.say(f"Ended {name}, which an earlier run had left behind.")
        self._check_ports()
        self._supervisor.settled = False
        asked = self._begin_sandbox()
        self._servers.begin()
        self._supervisor.record()
        promised = self._servers.environment()
        self._complete_environment(take_sandbox_environment(asked) if asked else {})
        prepare = self._begin_preparing()  # imports while the servers still start
        self._servers.wait_until_ready()
        self._supervisor.record()
        if self._servers.environment() != promised:
            raise CannotStart("a port was taken while the servers started", remedy="Try again.")
        if self._settings.login_is_derived:
            make_login_role(
                owner_url=self._settings.given["DATABASE_URL"],
                password=self._secrets.database_login,
            )
        self._tell(prepare, "servers")
        # Its imports take longer than a migration of nothing new; it is announced after both.
        self._start_process(WEB)
        self._wait("prepare", lambda: "migrated" in self._told)
        if not self._settings.live:
            self._wait("sandbox", lambda: all(map(answers, self._ports(SANDBOX))))
        self._tell(prepare, "sandbox")
        self._wait("prepare", lambda: "prepared" in self._told)
        if not self._settings.live and self._told.get("sponsor"):
            fill_wallet(
                sandbox_port=self._settings.checked.sandbox_port, address=self._told["sponsor"]
            )
        self._wait("web", self._web_answers)
        took = time.monotonic() - self._began
        for process in self._processes:
            if not self._supervisor.is_running(process.name):
                self._start_process(process)
        self._supervisor.settled = True
        self._write_state()
        self._output.say(
            banner(
                environment=self._environment,
                settings=self._settings,
                told=self._told["prepared"],
                seconds=took,
            )
        )

    def _stop(self) -> None:
        self._supervisor.stop(waves=_waves(self._processes))
        self._servers.stop()
        self._record_children({})
        self._output.close()

    def _check_ports(self) -> None:
        for process in self._processes:
            for port in self._ports(process):
                if not is_free(port):
                    name = process.ports[0]
                    raise CannotStart(
                        f"port {port}, which {process.name} needs, is taken by another program",
                        remedy=f"End that one, or choose another port: {name}=… make run",
                    )

    def _ports(self, process: Process) -> list[int]:
        first = [getattr(self._settings.checked, name.lower()) for name in process.ports]
        return [port + offset for port in first for offset in range(process.port_count)]

    def _begin_sandbox(self) -> subprocess.Popen[bytes] | None:
        if self._settings.live:
            return None
        asked = begin_sandbox_environment(self._settings.checked.sandbox_port)
        self._environment = self._settings.environment()
        self._start_process(SANDBOX)
        return asked

    def _begin_preparing(self) -> Supervised:
        prepare = Supervised(
            name="prepare",
            command=[self._settings.placeholders()["python"], "-m", "laminator.local.prepare"],
            environment=_without(self._environment, WITHDRAW_KEY),
            restart=False,
            on_line=self._take_word,
            standard_input=subprocess.PIPE,
        )
        self._supervisor.start(prepare)
        return prepare

    def _complete_environment(self, sandbox: Mapping[str, str]) -> None:
        given = self._settings.given
        self._environment = self._settings.environment(
            {name: given.get(name, key) for name, key in key_settings(self._secrets).items()},
            sandbox,
            self._servers.environment(),
            self._settings.derived_login(self._secrets.database_login),
        )

    def _start_process(self, process: Process) -> None:
        self._supervisor.start(
            Supervised(
                name=process.name,
                command=process.command_line(self._settings.placeholders()),
                environment=_without(self._environment, process.withheld),
            )
        )

    def _take_word(self, line: bytes) -> bool:
        if not line.startswith(SAYS.encode()):
            return False
        word, text = json.loads(line[len(SAYS) :])
        self._told[word] = text
        return True

    def _tell(self, process: Supervised, line: str) -> None:
        if process.child is None or process.child.stdin is None:
            return  # it died; whoever waits for it says why
        try:
            process.child.stdin.write(line.encode() + b"\n")
            process.child.stdin.flush()
        except BrokenPipeError:
            return

    def _wait(self, name: str, done: Callable[[], bool]) -> None:
        """Wait for a process to be so far; its end, or its silence, ends the whole start."""

        def done_or_dead() -> bool:
            return done() or not self._supervisor.is_running(name)

        self._supervisor.pump_until(done_or_dead, seconds=PATIENCE_SECONDS)
        if not done():
            reason = self._supervisor.fatal or f"{name} did not come up"
            name = self._supervisor.fatal_process or name
            raise CannotStart(
                f"{reason}; it said last:\n{self._output.last_lines(name)}",
                remedy=f"All of it: {self._folder.logs / f'{name}.log'}",
            )

    def _web_answers(self) -> bool:
        checked = self._settings.checked
        everywhere = checked.laminator_host in ("0.0.0.0", "::", "localhost")  # noqa: S104
        host = LOOPBACK if everywhere else checked.laminator_host
        connection = http.client.HTTPConnection(host, checked.laminator_port, timeout=10)
        try:
            connection.request("GET", "/")
            # ALLOWED_HOSTS may leave this name out, which is an answer too.
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def _record_children(self, pids: dict[str, int]) -> None:
        self._folder.record_children(self._servers.pids() | pids)

    def _write_state(self) -> None:
        own = os.getpid()
        self._folder.write_state(
            {
                "pid": own,
                "at": started_at(own),
                "addresses": {"desk": self._settings.desk_address()},
                # Commands beside the desk act by it; none of them lets money out.
                "environment": {
                    name: value
                    for name, value in _without(self._environment, WITHDRAW_KEY).items()
                    if name not in os.environ or os.environ[name] != value
                },
            }
        )


def _without(environment: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}


def _waves(processes: tuple[Process, ...]) -> list[list[str]]:
    """Return the names in the order of stopping: first those that no running one needs."""
    waves: list[list[str]] = []
    left = list(processes)
    while left:
        needed = {name for process in left for name in process.needs}
        wave = [process for process in left if process.name not in needed]
        waves.append([process.name for process in wave])
        left = [process for process in left if process not in wave]
    return waves
