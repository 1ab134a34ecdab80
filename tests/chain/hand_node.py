"""A node whose every answer the test writes down, on this machine."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from laminator.settings.environment import given_variables, parse_environment

Answer = Callable[[list[Any]], Any]


class Down(Exception):
    """Raised by an answer: the node answers nothing of use."""


class Refusal(Exception):
    """Raised by an answer: the node's error in the place of a result."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message}


class HandNode(ThreadingHTTPServer):
    """Answers each method by its own function of the call's parameters; keeps what was asked."""

    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, list[Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def knows_nothing(self, *, height: int, first_block: int = 0) -> "HandNode":
        """A chain that is at `height` and has never heard of any signature."""
        self.answers |= {
            "getBlockHeight": lambda _: height,
            "getSlot": lambda _: height,
            "getFirstAvailableBlock": lambda _: first_block,
            "getSignatureStatuses": lambda params: {
                "context": {"slot": height}, "value": [None] * len(params[0]),
            },
            "isBlockhashValid": lambda _: {"context": {"slot": height}, "value": False},
            "sendTransaction": lambda _: "taken",
        }  # fmt: skip
        return self

    def shows(self, commitment: str) -> None:
        """From now on it knows every signature, without an error, at this commitment."""
        status = {"slot": 1100, "err": None, "confirmationStatus": commitment}
        self.answers["getSignatureStatuses"] = lambda params: {
            "context": {"slot": 5000}, "value": [status] * len(params[0]),
        }  # fmt: skip


def _body(call: dict[str, Any], **outcome: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": call["id"], **outcome}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HandNode

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((call["method"], call["params"]))
        status, told = 200, b"the provider's page"
        try:
            result = self.server.answers[call["method"]](call["params"])
            told = _body(call, result=result)
        except Refusal as refusal:
            told = _body(call, error=refusal.error)
        except Down:
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hand_node() -> Iterator[HandNode]:
    """A node that listens until the end of the block."""
    with HandNode() as node:
        node.daemon_threads = True
        node.block_on_close = False
        thread = threading.Thread(target=node.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield node
        finally:
            node.shutdown()
            thread.join()


def lead_to(settings: Any, *nodes: HandNode, **variables: str) -> None:
    """The settings of this process lead to these nodes and to no other."""
    urls = {"SOLANA_RPC_URLS": ",".join(node.url for node in nodes)}
    generous = {"SOLANA_RPC_REQUESTS_PER_SECOND": "2000"}
    given = {name: value for name, value in given_variables().items() if name != "FAUCET_URL"}
    settings.ENVIRONMENT = parse_environment(given | generous | urls | variables)
