"""What a node answers when it does not answer the question."""

from typing import Any


class RpcError(Exception):
    """A JSON-RPC error: the node understood and said no."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.data = data if isinstance(data, dict) else {}
