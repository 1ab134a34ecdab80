"""Errors sorted by what they mean for the money, each with a stable code."""

from typing import Any, ClassVar


class DeskError(Exception):
    """An answer the desk gives on purpose; `code` is stable, `params` fill its text."""

    http_status: ClassVar[int] = 500
    consequence: ClassVar[str] = ""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} ({told})" if told else self.code


class Refused(DeskError):
    """The request as it stands is not carried out; asking again changes nothing."""

    http_status = 422
    consequence = "Nothing was moved."


class NotAllowed(DeskError):
    """This caller may not do this."""

    http_status = 403
    consequence = "Nothing was moved."


class NotFound(DeskError):
    """There is no such thing, or it is another's (which is told apart to nobody)."""

    http_status = 404
    consequence = "Nothing was moved."


class Conflict(DeskError):
    """The same key was used for something else, or the thing has moved on."""

    http_status = 409
    consequence = "Nothing more was moved."


class RateLimited(DeskError):
    """Too many requests; `retry_after` in `params` is in seconds."""

    http_status = 429
    consequence = "Nothing was moved."


class Unavailable(DeskError):
    """Something outside did not answer; surely not done, so trying again is safe."""

    http_status = 503
    consequence = "Nothing was moved. Trying again is safe."


class OutcomeUnknown(DeskError):
    """Perhaps done: never retried, only reconciled."""

    http_status = 504
    consequence = "This may have gone through. It is being checked: do not repeat it."


class Misconfigured(DeskError):
    """The desk itself is set up wrongly; an operator has to mend it."""

    http_status = 500
    consequence = "Nothing was moved."
