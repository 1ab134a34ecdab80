"""What a node answers when it does not answer the question."""

from typing import Any

from core.errors import Unavailable


class RpcError(Unavailable):
    """A JSON-RPC error: the node understood and said no.

    To whoever reads through it this is a node that could not tell; those who can make more of it
    (a simulation, a node that is behind) look at `rpc_code`.
    """

    def __init__(self, rpc_code: int, message: str, data: Any = None) -> None:
        super().__init__("chain.unavailable", rpc_code=rpc_code, message=message[:200])
        self.rpc_code = rpc_code
        self.message = message
        self.data = data if isinstance(data, dict) else {}
