"""What a withdrawal needs on its way: a code, staff's word; and what came by mistake."""

import time
from datetime import timedelta
from typing import Any

from django.utils import timezone
from solders.keypair import Keypair

from core.errors import Conflict, DeskError, NotAllowed, Refused, Unavailable
from tests import factories
from tests.campaign.story import BROKEN
from tests.zygote import call_job
from wallets.services import (
    add_address,
    approve_withdrawal,
    confirm_withdrawal,
    hold_withdrawal,
    list_incoming,
    read_withdrawal,
    release_withdrawals,
    sync_incoming,
)

WALLETS = "wallets.services"


def give_code(player: Any, withdrawal_id: Any) -> None:
    """On the page: a wrong code moves nothing, a right one once, and it opens nothing else."""
    person, me = player.trader.withdrawer(), player.trader.user_id
    if _status(player, withdrawal_id) != "awaiting_code":
        return  # a program's request brings it
    if player.chance.random() < 0.3:
        try:
            confirm_withdrawal(
                user_id=me, withdrawal_id=withdrawal_id, code="000000", now=timezone.now()
            )
        except DeskError:
            assert _status(player, withdrawal_id) == "awaiting_code", "a wrong code moved it"
        else:
            raise AssertionError("a wrong code was taken")
    deadline = time.monotonic() + 20
    while _status(player, withdrawal_id) == "awaiting_code":
        code = person.device.code()
        try:
            confirm_withdrawal(
                user_id=me, withdrawal_id=withdrawal_id, code=code, now=timezone.now()
            )
        except (Unavailable, *BROKEN):
            assert time.monotonic() < deadline, "the code could not be given"
            time.sleep(0.3)
            player.sandbox.clear_faults()
            continue
        except Refused:
            # A node that lags may not have seen yet what is to leave.
            if time.monotonic() > deadline:
                raise
            player.sandbox.clear_faults()
            player.sandbox.advance(120)
            continue
        try:
            add_address(
                user_id=me, label="thief", address=str(Keypair().pubkey()), code=code,
                now=timezone.now(),
            )  # fmt: skip
        except DeskError:
            continue
        raise AssertionError("a code was taken twice")


def review(player: Any, withdrawal_id: Any) -> None:
    """Where staff have to agree: not before they do, not by whom it is of, and once."""
    if _status(player, withdrawal_id) != "awaiting_approval":
        return
    release_withdrawals(now=timezone.now() + timedelta(minutes=11))
    assert _status(player, withdrawal_id) == "awaiting_approval", "it went without staff's word"
    staff = [factories.staff("finance").pk for _ in range(2)]
    try:
        approve_withdrawal(
            withdrawal_id=withdrawal_id, staff_id=player.trader.user_id, now=timezone.now()
        )
    except NotAllowed:
        assert _status(player, withdrawal_id) == "awaiting_approval"
    else:
        raise AssertionError("a person approved their own withdrawal")
    if player.chance.random() < 0.3:
        hold_withdrawal(withdrawal_id=withdrawal_id, staff_id=staff[0], reason="call them")
    words = [{"withdrawal_id": withdrawal_id, "staff_id": each} for each in staff]
    approve = call_job(f"{WALLETS}.approve_withdrawal", words[0])
    reject = call_job(f"{WALLETS}.reject_withdrawal", words[1] | {"reason": "not them"})
    kind = player.chance.choice(["killed", "two at once", "approved", "approved"])
    if kind == "two at once":
        codes = player.zygote.run(approve, reject)
        # What was agreed to may be taken back while it cools off, and not the other way round.
        found, agreed = _status(player, withdrawal_id), codes == [0, 1]
        assert 0 in codes, f"of two words at once none counted: {codes}"
        assert agreed == (found != "rejected"), f"two words at once, {codes}, left it {found}"
        return
    if kind == "killed":
        when = player.chance.choice(["before", "after"])
        player.zygote.run(approve | {"write": [1, when]})
    try:
        approve_withdrawal(**words[1], now=timezone.now())
    except Conflict:
        assert kind == "killed", "nobody had approved it"


def be_sent_by_mistake(player: Any) -> None:
    """A token that no venue takes; it is found once, though who looks is killed and has a twin."""
    trader, chance = player.trader, player.chance
    if trader.arrival is not None:
        return
    mint = trader.be_sent_by_mistake(chance.choice([5_000, 123_456_789]))
    look = call_job(f"{WALLETS}.sync_incoming", {}) | {"nodes": player.nodes}
    write = [chance.randint(1, 3), chance.choice(["before", "after"])]
    player.zygote.run(look | {"write": write}, look)
    deadline = time.monotonic() + 20
    while trader.arrival is None:
        assert time.monotonic() < deadline, "what somebody sent is not found"
        sync_incoming(now=timezone.now())
        found = [each for each in list_incoming(user_id=trader.user_id) if each.token_mint == mint]
        trader.arrival = found[0] if found else None


def _status(player: Any, withdrawal_id: Any) -> str:
    found = read_withdrawal(user_id=player.trader.user_id, withdrawal_id=withdrawal_id)
    return str(found.status)
