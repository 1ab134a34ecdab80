"""A program of the person's: each act is a request with a key, through the whole of Django."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import InterfaceError
from django.test import Client

from accounts.models import User
from core.errors import Refused, Unavailable
from core.roles import as_sync
from tests.rest.programs import Program, make_key, told

_NOT_NOW = (429, 503)


@dataclass(frozen=True)
class Placed:
    """What the answer to an act names."""

    id: UUID


def key_of(user_id: Any) -> str:
    """The secret of a new key that may do everything."""
    with as_sync():
        user = User.objects.get(pk=user_id)
    return str(make_key(user)[1])


def ask(
    *, user_id: Any, secret: str, key: str, path: str, body: dict[str, Any], now: datetime
) -> Placed:
    """One act; an order is cancelled where there is no body. Raises as the desk's services do."""
    del user_id, now  # the one is in the secret, the other is the desk's own
    caller = Program(secret, Client(raise_request_exception=False, HTTP_HOST="localhost"))
    answer = caller.post(path, body, key=key) if body else caller.delete(path, key=key)
    said = told(answer)
    if answer.status_code == 202:
        return Placed(UUID(said["id"]))
    if answer.status_code in _NOT_NOW:
        raise Unavailable(said["code"])
    if answer.status_code >= 500:
        # Nothing is said of what became of it: the same key asks again.
        raise InterfaceError(said["code"])
    raise Refused(said["code"])
