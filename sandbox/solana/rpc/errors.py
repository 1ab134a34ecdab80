"""JSON-RPC errors with a node's own numbers and words."""

from __future__ import annotations

from sandbox.state import Json

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
SEND_PREFLIGHT_FAILURE = -32002
SIGNATURE_FAILURE = -32003
BLOCK_NOT_AVAILABLE = -32004
UNSUPPORTED_VERSION = -32015
MIN_CONTEXT_SLOT = -32016

_REJECTION_TEXTS = {
    "BlockhashNotFound": "Blockhash not found",
    "AlreadyProcessed": "This transaction has already been processed",
    "AccountNotFound": ("Attempt to debit an account but found no record of a prior credit."),
    "ProgramAccountNotFound": "Attempt to load a program that does not exist",
    "InvalidProgramForExecution": "This program may not be used for executing instructions",
    "InsufficientFundsForFee": "Insufficient funds for fee",
    "InvalidAccountForFee": "This account may not be used to pay transaction fees",
    "SanitizeFailure": "Transaction failed to sanitize accounts offsets correctly",
    "AddressLookupTableNotFound": "Transaction loads an address table account that doesn't exist",
    "InvalidAddressLookupTableIndex": ("Transaction address table lookup uses an invalid index"),
}


class RpcError(Exception):
    """An error that the caller gets as JSON."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def as_json(self) -> dict[str, Json]:
        body: dict[str, Json] = {"code": self.code, "message": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


def invalid_params(message: str) -> RpcError:
    """The error for parameters that make no sense."""
    return RpcError(INVALID_PARAMS, message)


def transaction_error_text(error: Json) -> str:
    """A transaction's error in a node's words."""
    if isinstance(error, str):
        return _REJECTION_TEXTS.get(error, error)
    kind, detail = next(iter(error.items()))
    if kind == "InstructionError":
        index, reason = detail
        if isinstance(reason, dict) and "Custom" in reason:
            what = f"custom program error: {reason['Custom']:#x}"
        else:
            what = str(reason)
        return f"Error processing Instruction {index}: {what}"
    if kind == "InsufficientFundsForRent":
        return (
            "Transaction results in an account "
            f"({detail['account_index']}) with insufficient funds for rent"
        )
    return f"{kind}: {detail}"
