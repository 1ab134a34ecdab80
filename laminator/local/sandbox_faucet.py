"""The sandbox's faucet, for the wallet of the desk's own that pays others' fees."""

import http.client
import json
from typing import Any

from laminator.local.ports import LOOPBACK

_ENOUGH_LAMPORTS = 5_000_000_000
_GIFT_LAMPORTS = 50_000_000_000


def fill_wallet(*, sandbox_port: int, address: str) -> None:
    """Give the wallet SOL, unless it has enough; a faucet that does not answer gives nothing."""
    question = {"jsonrpc": "2.0", "id": 1, "method": "getBalance", "params": [address]}
    try:
        held = _post(sandbox_port + 1, "/", question)["result"]["value"]
        if held < _ENOUGH_LAMPORTS:
            gift = {"address": address, "lamports": _GIFT_LAMPORTS, "quote_units": 0}
            _post(sandbox_port, "/faucet", gift)
    except (OSError, ValueError, KeyError):
        return  # deposits then say that nobody pays their way


def _post(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()
