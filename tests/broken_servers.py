"""Servers that are not there, or hold their answer."""

import socket
from contextlib import contextmanager

from django.db import connections


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def database_at(port: int):
    """The product's connections lead to this port of the machine, where no database answers."""
    # In place, as the connections of all threads are made from this one dictionary.
    in_use = connections.settings["default"]
    kept = dict(in_use)
    options = kept["OPTIONS"]
    _let_go()
    in_use.update(
        HOST="127.0.0.1",
        PORT=port,
        OPTIONS=options | {"pool": options["pool"] | {"timeout": 0.2}},
    )
    try:
        yield
    finally:
        _let_go()
        in_use.update(kept)


def _let_go() -> None:
    connections["default"].close()
    connections["default"].close_pool()


@contextmanager
def silent_server():
    """A server that takes connections and says nothing; yields its port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield listening.getsockname()[1]
