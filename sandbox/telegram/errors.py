"""The refusals of the Bot API, in Telegram's own wording."""


class ApiError(Exception):
    """A call that Telegram answers with `ok: false`; carries the HTTP status and the wording."""

    def __init__(self, status: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


def bad_request(reason: str) -> ApiError:
    """A 400 as Telegram words it: `Bad Request: <reason>`."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """A 403 as Telegram words it: `Forbidden: <reason>`."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """A 409 as Telegram words it: `Conflict: <reason>`."""
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """A 429 that says after how many seconds to call again."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
