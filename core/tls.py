"""What connections to other servers are checked against: read once for each process."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The authorities whose certificates count.

    Every client that is made without it reads all of them again, which takes longer than a call.
    """
    return httpx.create_ssl_context()
