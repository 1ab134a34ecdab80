"""Privy's refusals: a status, a code and a sentence."""

from sandbox.state import Json


class PrivyError(Exception):
    """A refusal that the caller sees as `{"error": …, "code": …}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def as_json(self) -> dict[str, Json]:
        return {"error": self.message, "code": self.code}


def invalid_data(message: str) -> PrivyError:
    """A request that breaks the documented shape."""
    return PrivyError(400, "invalid_data", message)


def not_found(what: str) -> PrivyError:
    """Something that this app does not have."""
    return PrivyError(404, "not_found", f"{what} not found")


def policy_violation() -> PrivyError:
    """What a policy does not allow."""
    return PrivyError(400, "policy_violation", "RPC request denied due to policy violation")
