"""Loopback ports: find a free one, name a taken one."""

import socket

LOOPBACK = "127.0.0.1"


def free_port(*, preferred: int | None = None) -> int:
    """Return `preferred` if nobody listens on it, else any free port."""
    if preferred is not None and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def is_free(port: int, *, address: str = LOOPBACK) -> bool:
    """Say whether this port can be listened on."""
    with socket.socket() as probe:
        # As the servers do: a port that only waits out old connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def answers(port: int, *, patience_seconds: float = 0.2) -> bool:
    """Say whether something accepts connections on this port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=patience_seconds).close()
    except OSError:
        return False
    return True
