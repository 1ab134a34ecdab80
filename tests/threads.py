"""The same act by many threads at once, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection


def all_at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the exception that it raised, in their order."""
    ready = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        ready.wait(20)
        try:
            outcomes[place] = _with_a_connection(act)
        except Exception as error:  # noqa: BLE001 — what it was is the outcome
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def _with_a_connection(act: Callable[[], Any]) -> Any:
    """Asks again who found every connection taken, as a caller would: nothing was begun for it."""
    for _ in range(20):
        try:
            return act()
        except OperationalError as error:
            if "couldn't get a connection" not in str(error):
                raise
    return act()
