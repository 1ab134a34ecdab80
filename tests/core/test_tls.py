"""Connections to other servers are checked, and what they are checked against is read once."""

import ssl

from chain.node import Node
from core.tls import trusted


def test_a_client_checks_whom_it_talks_to_by_authorities_that_were_read_once():
    assert trusted().verify_mode == ssl.CERT_REQUIRED
    assert trusted().check_hostname
    context = Node("https://node.invalid")._http._transport._pool._ssl_context
    assert context is trusted()
