"""A wallet's balance at the Privy stand-in is what the sandbox's chain says."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from sandbox.state import SandboxOptions, SandboxState
from tests.privy_caller import PrivyCaller
from tests.privy_standin import serve_privy

ANSWERS = {
    "getBalance": {"result": {"value": 1_500_000_000}},
    "getTokenAccountsByOwner": {
        "result": {
            "value": [
                {
                    "account": {
                        "data": {"parsed": {"info": {"tokenAmount": {"amount": a, "decimals": 6}}}}
                    }
                }
                for a in ("40", "2")
            ]
        }
    },
}


class Chain(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"jsonrpc": "2.0", "id": 1, **ANSWERS[request["method"]]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_parts):
        pass


@contextmanager
def chain():
    with ThreadingHTTPServer(("127.0.0.1", 0), Chain) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("query", "amount", "decimals"),
    [
        ("chain=solana&asset=sol", "1500000000", 9),
        ("chain=solana&asset=usdt", "42", 6),
        ("token=solana:Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", "42", 6),
    ],
)
def test_a_balance_is_read_from_the_chain(query, amount, decimals):
    with chain() as port, serve_privy(SandboxState(SandboxOptions(port=port - 1))) as privy:
        caller = PrivyCaller(privy.url)
        wallet = caller.created("/v1/wallets", {"chain_type": "solana"})

        answer = caller.call("GET", f"/v1/wallets/{wallet['id']}/balance?{query}").json()

    (balance,) = answer["balances"]
    assert (balance["raw_value"], balance["raw_value_decimals"]) == (amount, decimals)


@pytest.mark.parametrize(
    ("query", "status"),
    [("chain=solana&asset=sol", 502), ("asset=sol", 400), ("", 400), ("token=x&asset=sol", 400)],
)
def test_a_balance_that_cannot_be_told_is_an_error(query, status):
    with serve_privy(SandboxState(SandboxOptions(port=8))) as privy:
        caller = PrivyCaller(privy.url)
        wallet = caller.created("/v1/wallets", {"chain_type": "solana"})

        answer = caller.call("GET", f"/v1/wallets/{wallet['id']}/balance?{query}")

    assert answer.status_code == status
