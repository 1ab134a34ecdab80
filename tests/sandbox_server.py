"""A whole sandbox as a process of its own, for tests of the product and of the sandbox itself."""

import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PORTS_NEEDED = 5
ATTEMPTS = 20
READY_SECONDS = 120


class ControlRefused(AssertionError):
    """The control port answered with an error."""


@dataclass
class SandboxHandle:
    """A running sandbox: where it listens, and what can be done to it."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port + 2}"

    @property
    def privy_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 3}"

    @property
    def telegram_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 4}"

    def environment(self) -> dict[str, str]:
        """The settings with which the product runs against this sandbox."""
        from sandbox.environment import environment

        return environment(self.port)

    # The control port.

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Any call to the control port: JSON in, JSON out."""
        return _ask(method, f"{self.control_url}{path}", body)

    def set_fault(self, name: str, **parameters: Any) -> None:
        """Set a fault: count, percent, after, and the fault's own parameters."""
        self.control("PUT", f"/faults/{name}", parameters)

    def clear_faults(self) -> None:
        self.control("DELETE", "/faults")

    def faults(self) -> dict[str, Any]:
        return self.control("GET", "/faults")["set"]

    def calls(
        self, *, service: str | None = None, method: str | None = None, since: int = 0
    ) -> list[dict[str, Any]]:
        """What was received: [{number, at, service, method, params}], oldest first."""
        query = f"since={since}"
        query += f"&service={service}" if service else ""
        query += f"&method={method}" if method else ""
        return self.control("GET", f"/calls?{query}")["calls"]

    def clear_calls(self) -> None:
        self.control("DELETE", "/calls")

    def set_price(self, symbol: str, price: Any, *, hold: bool = True) -> None:
        self.control("POST", "/prices", {"symbol": symbol, "price": str(price), "hold": hold})

    def prices(self) -> dict[str, str]:
        return self.control("GET", "/prices")["prices"]

    def advance(self, slots: int) -> int:
        """Let slots pass at once; the new slot."""
        return self.control("POST", "/advance", {"slots": slots})["slot"]

    def add_seconds(self, seconds: int) -> None:
        """Move the sandbox's clock."""
        self.control("POST", "/time", {"add_seconds": seconds})

    def faucet(self, address: Any, **amounts: int) -> dict[str, Any]:
        """Give 2 SOL and 10,000 quote tokens, or `lamports` and `quote_units`."""
        return self.control("POST", "/faucet", {"address": str(address), **amounts})

    # The node.

    def rpc(self, method: str, *params: Any, node: str = "") -> Any:
        """The result of a JSON-RPC call; a JSON-RPC error raises ControlRefused."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = _ask("POST", f"{self.rpc_url}/{node}", body)
        if "error" in answer:
            raise ControlRefused(answer["error"])
        return answer["result"]

    def airdrop(self, address: Any, lamports: int) -> None:
        self.rpc("sandbox_airdrop", str(address), lamports)

    def mint(self, mint: Any, owner: Any, amount: int, decimals: int = 6) -> str:
        """Give tokens; the address of the token account."""
        return self.rpc("sandbox_mint", str(mint), str(owner), amount, decimals)

    # The end.

    def stop(self) -> int:
        """Stop it cleanly (it saves its state); its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """Kill it, as a crash would."""
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        status = self.process.wait(timeout=180)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        return status


def start_sandbox(
    *,
    slot_ms: int = 20,
    seed: int = 1,
    walk: bool = False,
    port: int | None = None,
    state: Path | None = None,
    arguments: tuple[str, ...] = (),
) -> SandboxHandle:
    """Start a sandbox and wait until it is ready.

    Slots take `slot_ms` (0: they pass by `advance` only); prices stand still unless `walk`. It
    ends with the process that started it, whatever becomes of that.
    """
    for _ in range(ATTEMPTS):
        base = port or free_ports()
        command = [sys.executable, "-m", "sandbox", "serve", "--until-stdin-closes"]
        command += ["--port", str(base), "--slot-ms", str(slot_ms), "--seed", str(seed)]
        command += [] if walk else ["--no-walk"]
        command += ["--state", str(state)] if state else []
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=_clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        handle = SandboxHandle(process, base)
        if _is_ready(handle):
            return handle
        handle.kill()
        if port is not None or "is taken" not in "".join(handle.said):
            raise AssertionError("the sandbox did not start:\n" + "".join(handle.said))
    raise AssertionError("no free ports were found for a sandbox")


@contextmanager
def running_sandbox(**settings: Any) -> Iterator[SandboxHandle]:
    """`start_sandbox` for a `with` statement."""
    handle = start_sandbox(**settings)
    try:
        yield handle
    finally:
        handle.stop()


def free_ports(count: int = PORTS_NEEDED) -> int:
    """The first of several neighbouring ports that are free now."""
    # Below the range from which systems take the ports of outgoing connections.
    for _ in range(ATTEMPTS):
        base = random.randrange(10_000, 32_000, count)
        if all(map(_is_free, range(base, base + count))):
            return base
    raise AssertionError("no free ports were found")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_ready(handle: SandboxHandle) -> bool:
    assert handle.process.stdout is not None
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        line = handle.process.stdout.readline()
        handle.said.append(line)
        if line.startswith("SANDBOX ready"):
            return True
        if not line:
            return False
    return False


def _clean_environment() -> dict[str, str]:
    # The sandbox refuses to stand beside live settings, which a developer's shell may hold.
    live = ("SOLANA_", "PRIVY_", "TELEGRAM_", "SANDBOX_", "JUPITER_", "FLASH_")
    return {name: value for name, value in os.environ.items() if not name.startswith(live)}


def _ask(method: str, url: str, body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data=data, method=method, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise ControlRefused(error.read().decode()) from error
