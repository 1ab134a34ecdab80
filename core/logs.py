"""Log lines of every process: one JSON object a line, with the trace of the act and no secret."""

import logging
import sys
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from core.context import current
from core.lean import without
from core.redaction import clean, hide_values

# Coloured tracebacks for terminals: our lines are JSON.
with without("rich", "better_exceptions"):
    import structlog

# These print every request or every byte, or repeat what we log better ourselves.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiogram.event": logging.WARNING,
    "asyncio": logging.WARNING,
    "django.request": logging.ERROR,
    "django.db.backends": logging.INFO,
    "celery.app.trace": logging.WARNING,
    "celery.beat": logging.WARNING,
    "celery.worker.strategy": logging.WARNING,
    "kombu": logging.WARNING,
    "urllib3": logging.WARNING,
}
# Shorter parts of a path are words, such as v2 or mainnet.
_KEY_IN_PATH = 16
_LONG_LIVED = ("web", "worker", "withdrawals", "beat", "bot", "feed", "subscriptions")

_OF_COMMANDS = {
    "run_bot": "bot", "run_feed": "feed", "run_subscriptions": "subscriptions", "runserver": "web",
    "run_worker": "worker", "run_beat": "beat",
}  # fmt: skip


class _Handler(logging.StreamHandler[Any]):
    """To the standard error, which the supervisor keeps a file of."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def handleError(self, record: logging.LogRecord) -> None:
        # The library's own would print the arguments as they are, secrets too.
        sys.stderr.write(f'{{"level":"error","event":"log line lost","logger":"{record.name}"}}\n')


def configure(settings: Mapping[str, Any]) -> None:
    """Set up the logs of this process; Django calls it with the LOGGING setting.

    `level` is a level's name, `secrets` are texts to hide wherever they occur.
    """
    process = settings.get("process") or process_name()
    hide_values(settings.get("secrets") or ())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(process),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_common(process)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # A formatted traceback is text as any other, and is cleaned as such.
                structlog.processors.format_exc_info,
                structlog.processors.StackInfoRenderer(),
                _without_secrets,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.get("level") or logging.INFO)
    for name in ("django", "django.server"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # Every answer has our own line; of Django's, only those with a traceback say more.
    logging.getLogger("django.request").addFilter(_has_traceback)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    if process in _LONG_LIVED:
        _log_what_nobody_catches()


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose keyword arguments become fields: `log.info("order placed", order=…)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def process_name() -> str:
    """What this process is to the desk: web, worker, withdrawals, beat, bot, feed,
    subscriptions, or the command's name."""
    program, arguments = Path(sys.argv[0]), sys.argv[1:]
    whole = f"{program.parent.name}/{program.name}"
    if "granian" in whole:
        return "web"
    if program.name == "manage.py" and arguments:
        if arguments[0] == "run_worker" and "--withdrawals" in arguments:
            return "withdrawals"
        return _OF_COMMANDS.get(arguments[0], arguments[0])
    return program.stem or "python"


def _common(process: str) -> list[Any]:
    def add_process(_: Any, __: str, event: MutableMapping[str, Any]) -> Any:
        event["process"] = process
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        add_process,
        _add_context,
    ]


def _add_context(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = current()
    if context.trace_id:
        event.setdefault("trace", context.trace_id)
        event.setdefault("channel", context.channel)
    if context.actor_id:
        event.setdefault("actor", str(context.actor_id))
    return event


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # Django's own lines carry the whole request, query string and all.
    cleaned: dict[str, Any] = clean(
        {name: each for name, each in event.items() if name != "request"}
    )
    return cleaned


def _has_traceback(record: logging.LogRecord) -> bool:
    return record.exc_info is not None


def _json(event: Any, **_: Any) -> str:
    order = {name: event.pop(name) for name in ("at", "level", "event") if name in event}
    return orjson.dumps(order | event, option=orjson.OPT_NON_STR_KEYS).decode("utf-8", "replace")


def secret_texts(environment: Any) -> Iterable[str]:
    """Every secret value of the settings, with the parts of addresses that are secret alone."""
    for name in type(environment).model_fields:
        value = getattr(environment, name)
        for each in value if isinstance(value, tuple) else (value,):
            text = each.get_secret_value() if hasattr(each, "get_secret_value") else None
            # An address of this machine, without a name or key in it, is no secret.
            if text and not ("://" in text and "@" not in text and text.count("/") <= 3):
                yield text
            if text and "://" in text:
                yield from _secret_parts(text)
    # A custodian's app id opens nothing by itself, yet names the desk to outsiders.
    yield from filter(None, [getattr(environment, "privy_app_id", None)])


def _secret_parts(address: str) -> Iterable[str]:
    """What alone would let somebody in, where the address is shown in parts or built anew."""
    parts = urlsplit(address)
    if parts.password:
        yield from (parts.password, unquote(parts.password))
    # Providers of nodes put their keys into the path or the query.
    yield from (each for each in parts.path.split("/") if len(each) >= _KEY_IN_PATH)
    yield from (value for _, value in parse_qsl(parts.query))


def _log_what_nobody_catches() -> None:
    log = get_logger("desk")

    def of_process(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("process ended by an error", exc_info=(kind, error, trace))

    def of_thread(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            trace = (failure.exc_type, failure.exc_value, failure.exc_traceback)
            log.error("thread ended by an error", exc_info=trace)

    sys.excepthook = of_process
    threading.excepthook = of_thread
    logging.captureWarnings(capture=True)
