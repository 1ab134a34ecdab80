"""One trace from the process that asks for a task to the worker that runs it.

The trace, the channel and the actor travel as headers of the task's message; in the worker they are
the context of all that the task does: its log lines, its audit rows, and the tasks it asks for.
"""

import time
import uuid
from contextlib import AbstractContextManager
from typing import Any

from celery import signals

from core import metrics
from core.context import Context, acting_in, current, new_trace_id
from core.logs import get_logger

_TRACE, _CHANNEL, _ACTOR, _SENT = "desk_trace", "desk_channel", "desk_actor", "desk_sent_at"
_running: dict[str, tuple[AbstractContextManager[Context], float]] = {}
log = get_logger("desk.tasks")


def connect() -> None:
    """Carry traces over Celery, log each task's end, and keep Celery from setting up logs itself.

    Doing it again changes nothing.
    """
    for signal, receiver in (
        (signals.before_task_publish, _send_along),
        (signals.task_prerun, _begin),
        (signals.task_postrun, _end),
        (signals.setup_logging, _leave_logs_alone),
    ):
        signal.connect(receiver, weak=False, dispatch_uid=f"desk.{receiver.__name__}")


def _send_along(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is None:
        return
    context = current()
    headers.setdefault(_TRACE, context.trace_id or new_trace_id())
    headers.setdefault(_CHANNEL, context.channel)
    headers.setdefault(_SENT, time.time())
    if context.actor_id:
        headers.setdefault(_ACTOR, str(context.actor_id))


def _begin(task_id: str, task: Any, **_: Any) -> None:
    actor = _header(task, _ACTOR)
    context = acting_in(
        trace_id=str(_header(task, _TRACE) or new_trace_id()),
        channel=str(_header(task, _CHANNEL) or "system"),
        actor_id=uuid.UUID(str(actor)) if actor else None,
        ip_address=None,
        user_agent=None,
    )
    context.__enter__()
    _running[task_id] = (context, time.perf_counter())
    sent_at = _header(task, _SENT)
    if sent_at is not None:
        metrics.record_task_wait(task=task.name, seconds=max(0.0, time.time() - float(sent_at)))


def _end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    begun = _running.pop(task_id, None)
    if begun is None:
        return
    context, started = begun
    seconds = time.perf_counter() - started
    metrics.record_task(task=task.name, state=str(state or "UNKNOWN").lower(), seconds=seconds)
    told = log.debug if state == "SUCCESS" else log.warning
    told("task ended", task=task.name, task_id=task_id, state=state, ms=round(seconds * 1000, 1))
    context.__exit__(None, None, None)


def _header(task: Any, name: str) -> Any:
    request = task.request
    # With protocol 2 a header is an attribute of the request; a retry keeps them in `headers`.
    value = getattr(request, name, None)
    return value if value is not None else (getattr(request, "headers", None) or {}).get(name)


def _leave_logs_alone(**_: Any) -> None:
    """Celery sets up logs of its own unless somebody listens to this signal."""
