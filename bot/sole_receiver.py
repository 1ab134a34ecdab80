"""One bot receives for a desk at a time: another that runs stands by until the first is gone."""

import asyncio
import contextlib
from typing import Protocol

from core.logs import get_logger
from core.sole_part import Holding, SolePart

log = get_logger("desk.bot")

# Any number, the same for all bots of a desk.
_RECEIVING = 1
_LOOK_SECONDS = 1.0


class Receiver(Protocol):
    """Whatever gets updates and hands them on, by asking or by being told."""

    async def run(self, stop: asyncio.Event) -> None: ...


async def receive_alone(receiver: Receiver, stop: asyncio.Event) -> None:
    """Run `receiver` until `stop`, and only while no other process does.

    While the database does not answer nobody can tell; then whoever receives goes on, and what
    Redis remembers keeps an update from being handled twice.
    """
    part = SolePart(_RECEIVING)
    try:
        while not stop.is_set():
            await _wait_for_the_part(part, stop)
            await _receive_while_it_is_ours(part, receiver, stop)
    finally:
        await part.leave()


async def _wait_for_the_part(part: SolePart, stop: asyncio.Event) -> None:
    is_told = False
    while not stop.is_set() and await part.take() is Holding.ANOTHERS:
        if not is_told:
            log.warning("another bot receives for this desk: this one stands by")
            is_told = True
        await _pause(stop)
    if is_told and not stop.is_set():
        log.warning("the other bot is gone: this one receives")


async def _receive_while_it_is_ours(
    part: SolePart, receiver: Receiver, stop: asyncio.Event
) -> None:
    ended = asyncio.Event()
    watching = asyncio.create_task(_watch(part, stop, ended))
    try:
        if not stop.is_set():
            await receiver.run(ended)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(part: SolePart, stop: asyncio.Event, ended: asyncio.Event) -> None:
    try:
        while not stop.is_set():
            await _pause(stop)
            if not stop.is_set() and await part.take() is Holding.ANOTHERS:
                log.error("another bot receives for this desk: this one steps back")
                return
    finally:
        ended.set()


async def _pause(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=_LOOK_SECONDS)
