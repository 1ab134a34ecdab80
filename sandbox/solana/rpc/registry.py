"""The table of methods, and what each call is given."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from solders.pubkey import Pubkey

from sandbox.solana.chain import Chain
from sandbox.solana.rpc.errors import METHOD_NOT_FOUND, RpcError, invalid_params
from sandbox.solana.rpc.sending import Sender
from sandbox.solana.rpc.view import NodeView, check_min_context_slot, commitment_in
from sandbox.state import Json

MAX_ADDRESSES = 100


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One call: which node answers it, and the chain behind."""

    chain: Chain
    sender: Sender
    view: NodeView
    node: str
    method: str

    def commitment(self, config: Json, default: str = "finalized") -> str:
        """The commitment asked for; raises RpcError if the node has not come far enough."""
        if config is not None and not isinstance(config, dict):
            raise invalid_params("Invalid params: expected a configuration object")
        commitment = commitment_in(config, default)
        check_min_context_slot(config, self.view, commitment)
        return commitment


log = logging.getLogger("sandbox.rpc")

Method = Callable[..., Json]
METHODS: dict[str, Method] = {}


def rpc_method(name: str) -> Callable[[Method], Method]:
    """Make a function answer to a method's name."""

    def register(function: Method) -> Method:
        METHODS[name] = function
        return function

    return register


def dispatch(call: RpcCall, params: Any) -> Json:
    """Answer a call; raises RpcError."""
    method = METHODS.get(call.method)
    if method is None:
        raise RpcError(METHOD_NOT_FOUND, "Method not found")
    if params is None:
        params = []
    if not isinstance(params, list):
        raise invalid_params("Invalid params: expected an array")
    try:
        return method(call, *params)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        # Parameters of a shape that no method expects end here; the log shows if it was our bug.
        log.warning("%s: parameters refused", call.method, exc_info=True)
        raise invalid_params(f"Invalid params: {error}") from error


def pubkey(text: Json) -> Pubkey:
    """An address from a parameter."""
    if not isinstance(text, str):
        raise invalid_params("Invalid params: invalid type, expected a string")
    try:
        return Pubkey.from_string(text)
    except ValueError as error:
        raise invalid_params(f"Invalid param: {error}") from error
