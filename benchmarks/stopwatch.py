"""Where the time of one act goes: by steps, and in each by network, database and our own code."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest.mock import patch

import httpx
from django.db import connection, connections
from psycopg.pq import TransactionStatus

from core import roles

NETWORK, DATABASE = "network", "database"


@dataclass(slots=True)
class Spent:
    """Seconds of one step; `own` is all that was not spent on the network."""

    total: float = 0.0
    network: float = 0.0
    database: float = 0.0

    @property
    def own(self) -> float:
        return self.total - self.network


class Stopwatch:
    """Time goes to the innermost step that is under way, until `ends_at` is about to be sent.

    `ends_at` is a text in a request's body: the moment when it is handed to the network.
    """

    def __init__(self, *, ends_at: bytes) -> None:
        self._ends_at = ends_at
        self._stack: list[str] = []
        self._since = 0.0
        self._running = False
        self.steps: dict[str, Spent] = {}
        self.statements: dict[str, list[tuple[str, Any]]] = {}
        self.sending_took = 0.0

    def start(self) -> None:
        self.steps, self.statements = defaultdict(Spent), defaultdict(list)
        self._running, self._since = True, time.perf_counter()

    def pause(self) -> None:
        """What follows is the benchmark's own."""
        self.stop()

    def resume(self) -> None:
        self._running, self._since = True, time.perf_counter()

    def stop(self) -> None:
        self._account()
        self._running = False

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._account()
        self._stack.append(name)
        try:
            yield
        finally:
            self._account()
            self._stack.pop()

    @contextmanager
    def watching(self, steps: dict[str, str]) -> Iterator[None]:
        """Functions, by their dotted paths, are steps of these names; all clients are watched."""
        with ExitStack() as stack:
            for path, name in steps.items():
                stack.enter_context(self._replaced(path, name))
            send = httpx.Client.send
            stack.enter_context(
                patch.object(httpx.Client, "send", lambda *a, **k: self._send(send, *a, **k))
            )
            kind = type(connections["default"])
            commit = kind._commit
            stack.enter_context(patch.object(kind, "_commit", lambda *a: self._commit(commit, *a)))
            stack.enter_context(connection.execute_wrapper(self._query))
            begin = roles._set
            stack.enter_context(patch.object(roles, "_set", lambda *a: self._begin(begin, *a)))
            yield

    def _replaced(self, path: str, name: str) -> Any:
        owner_path, _, attribute = path.rpartition(".")
        owner = _found(owner_path)
        original = getattr(owner, attribute)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return original(*args, **kwargs)

        return patch.object(owner, attribute, timed)

    def _begin(self, begin: Callable[..., Any], settings: str, raw: Any) -> None:
        """The door's first round trip, which goes by no cursor; others are seen as queries."""
        if raw.pgconn.transaction_status != TransactionStatus.IDLE:
            begin(settings, raw)
            return
        if self._running and self._stack:
            self.statements[self._stack[-1]].append((settings, None))
        with self.step(DATABASE):
            begin(settings, raw)

    def _account(self) -> None:
        now = time.perf_counter()
        spent = now - self._since
        self._since = now
        if not self._running or not self._stack:
            return
        name, part = self._stack[-1], ""
        if name in (NETWORK, DATABASE):
            part, name = name, self._stack[-2] if len(self._stack) > 1 else name
        step = self.steps[name]
        step.total += spent
        if part:
            setattr(step, part, getattr(step, part) + spent)

    def _send(self, send: Callable[..., Any], client: Any, request: Any, **options: Any) -> Any:
        if self._running and self._ends_at in request.content:
            self.stop()
            began = time.perf_counter()
            answer = send(client, request, **options)
            self.sending_took = time.perf_counter() - began
            return answer
        with self.step(NETWORK):
            return send(client, request, **options)

    def _query(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self._running and self._stack:
            self.statements[self._stack[-1]].append((sql, params))
        with self.step(DATABASE):
            return execute(sql, params, many, context)

    def _commit(self, commit: Callable[..., Any], *args: Any) -> Any:
        with self.step(DATABASE):
            return commit(*args)


def _found(path: str) -> Any:
    """A module, or a class in one."""
    try:
        return import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(import_module(module), name)
