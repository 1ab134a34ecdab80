"""Who acts, by which door, under which trace: carried beside the call, not through it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from core.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of the act under way; `actor_id` None is the desk itself."""

    trace_id: str = ""
    channel: str = "system"
    actor_id: uuid.UUID | None = None
    ip_address: str | None = None
    user_agent: str | None = None


_context: ContextVar[Context] = ContextVar("desk_context", default=Context())  # noqa: B039


def current() -> Context:
    return _context.get()


def new_trace_id() -> str:
    return uuid7().hex


@contextmanager
def acting_in(**changes: Any) -> Iterator[Context]:
    """Run the block in the present context with these fields changed."""
    context = replace(_context.get(), **changes)
    if not context.trace_id:
        context = replace(context, trace_id=new_trace_id())
    token = _context.set(context)
    try:
        yield context
    finally:
        _context.reset(token)
