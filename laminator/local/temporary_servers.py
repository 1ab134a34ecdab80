"""Servers that live in a temporary folder and are forgotten afterwards."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from laminator.local.generated_secrets import key_settings, new_secrets
from laminator.local.servers import EmbeddedServers


@contextlib.contextmanager
def temporary_servers(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """Start both servers on free ports, give the settings that lead to them, remove all at last.

    With `durable` they write as carefully as a real desk's: for measuring.
    """
    folder = Path(tempfile.mkdtemp(prefix="laminator-"))
    secrets = new_secrets()
    servers = EmbeddedServers(folder=folder, secrets=secrets, durable=durable)
    try:
        servers.start()
        yield servers.environment() | key_settings(secrets)
    finally:
        servers.stop()
        servers.postgres.remove_data()
        shutil.rmtree(folder, ignore_errors=True)
