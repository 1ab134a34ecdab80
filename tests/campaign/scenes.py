"""What is more than one act: a freeze, a price that runs away, a liquidation, a restored copy."""

import time
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command
from django.utils import timezone

from chain.services import read_epoch
from core.errors import Conflict, Refused, Unavailable
from core.roles import as_sync
from tests.campaign.acts import NothingToDo
from tests.campaign.chat import trade_by_chat
from tests.copies import Copies
from trading.services import freeze_user, list_positions, unfreeze_user, watch_desk

_FORGOTTEN = ("open", "close", "limit", "deposit", "venue_withdraw")


def _freeze(player: Any) -> str:
    """Frozen on every channel at once: nothing opens, nothing leaves, closing goes on."""
    me = player.trader.user_id
    freeze_user(user_id=me, now=timezone.now())
    for name in ("open", "withdraw"):
        try:
            player.place(player.acts.make(name, f"frozen {len(player.run.steps)} {name}"))
        except Refused:
            continue
        raise AssertionError(f"{name} went through a freeze")
    player.settle()
    unfreeze_user(user_id=me, now=timezone.now())
    return "held, and let go"


def _price_moves(player: Any) -> str:
    """What rests may fill, and what guards may trigger."""
    _move_price(player, player.chance.choice(["0.92", "0.96", "1.045", "1.08"]))
    for _ in range(3):
        player.sandbox.advance(6)
        player.round()
    return "moved"


def _move_price(player: Any, part: str) -> None:
    before = Decimal(player.sandbox.prices()["SOL"])
    player.sandbox.set_price("SOL", round(before * Decimal(part), 2))


def _liquidation(player: Any) -> str:
    """A position that is too large for its collateral, until the venue takes it."""
    act = player.acts.make("large", f"large {len(player.run.steps)}")
    subject = player.place(act)
    player.until_ended(act, subject)
    held = _held(player)
    if not held:
        return "not opened"
    against = "0.93" if held[0].side == "long" else "1.08"
    for _ in range(11):
        _move_price(player, against)
        player.sandbox.advance(9)
        player.round()
        now = _held(player)
        if not now or now[0].size < held[0].size:
            player.settle()
            return "liquidated"
    return "held out"


def _held(player: Any) -> list[Any]:
    positions = list_positions(user_id=player.trader.user_id)
    return [each for each in positions if each.deployment == player.run.deployment]


def _restored(player: Any) -> str:
    """The database is put back to where it was some acts ago: it signs nothing until the chain's
    messages are in its books again."""
    player.settle()
    watch_desk(now=timezone.now())
    copies: Copies = player.house.copies()
    copies.keep()
    done = [name for name in player.chance.sample(_FORGOTTEN, 2) if _done(player, name)]
    player.settle()
    watch_desk(now=timezone.now())
    copies.put_back()
    asked = _last_asked_to_sign(player)
    watch_desk(now=timezone.now())
    with as_sync():
        assert read_epoch().halted_reason == "restored", "an old database was not noticed"
    try:
        player.place(player.acts.make("open", "while halted"))
    except (Refused, Unavailable):
        pass
    else:
        raise AssertionError("a halted desk took an order")
    for _ in range(3):
        player.round()
    player.sandbox.advance(400)
    told = _reconcile()
    assert _last_asked_to_sign(player) <= asked, "a halted desk had something signed"
    with as_sync():
        assert not read_epoch().is_halted, f"still halted: {told}"
    copies.forget()
    return f"forgot {' and '.join(done) or 'nothing'}"


def _done(player: Any, name: str) -> bool:
    try:
        act = player.acts.make(name, f"{len(player.run.steps)} forgotten {name}")
        player.until_ended(act, player.place(act))
    except (NothingToDo, Refused, Conflict):
        return False
    return True


def _reconcile() -> str:
    """Nodes that failed are set aside for a moment; an operator repeats the command."""
    told = StringIO()
    for _ in range(5):
        try:
            call_command("reconcile_after_restore", stdout=told)
        except CommandError as error:
            told.write(f"{error}\n")
            time.sleep(0.5)
        else:
            break
    return told.getvalue()


def _last_asked_to_sign(player: Any) -> int:
    """The number of the last such call: the sandbox forgets the oldest, and counts on."""
    calls = player.sandbox.calls(service="privy", method="signTransaction")
    return max((call["number"] for call in calls), default=0)


SCENES: dict[str, Callable[[Any], str]] = {
    "freeze": _freeze,
    "price_moves": _price_moves,
    "liquidation": _liquidation,
    "restored": _restored,
    "chat": trade_by_chat,
}
