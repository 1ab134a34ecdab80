"""The guard around the tests themselves: no socket leaves this machine."""

import socket

import httpx
import pytest

from tests.conftest import NetworkUsed


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "desk.example"])
def test_a_socket_beyond_this_machine_stops_the_test(host):
    with pytest.raises(NetworkUsed):
        socket.create_connection((host, 80), timeout=1)


def test_a_clients_own_handling_of_errors_does_not_swallow_it():
    with pytest.raises(NetworkUsed):
        httpx.get("http://desk.example", timeout=1)


def test_this_machine_itself_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
