"""An order's life in any order of things: states move along their edges, fills are only added.

The machine plays the venue: it knows what has really happened to each order, and lets the desk
hear of it late, in parts, again, and beside accounts of any age. In the end, told everything, the
books say what is so.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chain.models import Submission
from core.errors import Conflict, Refused
from core.money import ZERO
from core.roles import as_sync, as_user
from core.uuid7 import uuid7
from drift.models import DriftOrder
from tests.factories import signature as new_signature
from tests.trading.books import Books, ended, fill, moment, placed, resting, transaction
from tests.trading.lives import end_message, finalize, message_of, moves_of
from trading.enums import ORDER_ENDED, ORDER_MOVES
from trading.models import OrderChange
from trading.services import cancel_orders
from trading.services.accounts import lock_account
from trading.services.send_changes import modify_in_account
from trading.venues.reports import FillReport, OrderState, TransactionReport

D = Decimal
_MOST_ORDERS = 4
_SIZES = st.integers(1, 40).map(lambda tenths: D(tenths) / 10)
_PARTS = st.sampled_from([D("0.25"), D("0.5"), D(1)])
# Which of them: the number is taken round and round.
_ANY = st.integers(0, 11)


@dataclass
class Life:
    """What has really become of an order of ours; `end` is the status that it leads to."""

    row: Any
    label: int
    size: Decimal
    filled: Decimal = ZERO
    venue_id: str = ""
    # What the present id is to fill yet.
    left: Decimal = ZERO
    end: str = ""

    @property
    def rests(self) -> bool:
        return bool(self.venue_id) and not self.end

    @property
    def flies(self) -> bool:
        return not self.venue_id and not self.end

    def state(self) -> OrderState:
        return resting(self.venue_id, label=self.label, size=str(self.left))


class OrderLives(RuleBasedStateMachine):
    """One account at the hand venue."""

    venue: Any = None
    market: Any = None

    @initialize(
        begins=st.sampled_from(["late", "modified", "resting", "nothing"]),
        size=_SIZES,
        more=_SIZES,
        parts=st.tuples(_PARTS, _PARTS),
    )
    def open_account(self, begins, size, more, parts):
        """Often with an order that rests, or was modified and filled before and after that."""
        self.desk = Books(self.venue, self.market)
        self.lives: list[Life] = []
        self.history: list[TransactionReport] = []
        # The account after each transaction of the history, and before the first.
        self.accounts: list[tuple[int, tuple[OrderState, ...]]] = [(499, ())]
        self.told = 0
        self.ids = 0
        self.changes: list[Any] = []
        self.unknown_fates: list[tuple[Any, int]] = []
        self.seen: dict[Any, tuple[str, Decimal]] = {}
        if begins == "nothing":
            return
        self.place(size)
        self.land(0, has_effect=True)
        self.look(new=1, older=0, from_the_start=False)
        if begins in ("late", "modified"):
            self._modify(self.lives[0], size + more)
            # Whole it would be over before the modify comes.
            self.is_filled(0, min(parts[0], D("0.5")))
            self.a_change_ends(0, lands=True)
            self.is_filled(0, parts[1])
        if begins == "late":
            # Of the fill under the old id it hears last.
            self.look_with_a_gap(0)

    # What really happens.

    def _happens(self, *events, signature: str = "") -> int:
        slot = 500 + 10 * len(self.history)
        self.history.append(transaction(*events, slot=slot, signature=signature))
        rests = tuple(life.state() for life in self.lives if life.rests)
        self.accounts.append((slot, rests))
        return slot

    def _pick(self, number: int, wanted) -> Life | None:
        found = [life for life in self.lives if wanted(life)]
        return found[number % len(found)] if found else None

    def _next_id(self) -> str:
        self.ids += 1
        return str(self.ids)

    @precondition(lambda self: len(self.lives) < _MOST_ORDERS)
    @rule(size=_SIZES)
    def place(self, size):
        label = len(self.lives) + 1
        row, _ = self.desk.order(size=str(size), label=label, state="sent", landed=None)
        self.lives.append(Life(row, label, size))

    @rule(number=_ANY, has_effect=st.booleans())
    def land(self, number, has_effect):
        life = self._pick(number, lambda each: each.flies)
        if life is None:
            return
        signature = message_of(life.row.id).signature
        if has_effect:
            life.venue_id, life.left = self._next_id(), life.size
            event = placed(life.venue_id, label=life.label, size=str(life.size))
            slot = self._happens(event, signature=signature)
        else:
            life.end = "no_effect"
            slot = self._happens(signature=signature)
        self.unknown_fates.append((life.row.id, slot))

    @rule(number=_ANY, state=st.sampled_from(["expired", "failed"]))
    def never_land(self, number, state):
        life = self._pick(number, lambda each: each.flies)
        if life is None:
            return
        life.end = "failed" if state == "failed" else "not_executed"
        end_message(life.row.id, state)

    @rule(number=_ANY, part=_PARTS)
    def is_filled(self, number, part):
        life = self._pick(number, lambda each: each.rests)
        if life is None:
            return
        size = max(D("0.01"), (life.left * part).quantize(D("0.01")))
        size = min(size, life.left)
        told = fill(life.venue_id, size=str(size), occurred_at=moment(len(self.history)))
        life.filled += size
        life.left -= size
        if life.left == 0:
            life.end = "filled"
        self._happens(told)

    @rule(number=_ANY, how=st.sampled_from(["cancelled", "expired"]))
    def is_ended_elsewhere(self, number, how):
        life = self._pick(number, lambda each: each.rests)
        if life is not None:
            life.end = how
            self._happens(ended(life.venue_id, reason=how))

    @rule()
    def is_liquidated(self):
        resting_now = [life for life in self.lives if life.rests]
        for life in resting_now:
            life.end = "cancelled"
        held = sum((life.filled for life in self.lives), D(0))
        forced = fill(
            "", size=str(max(held, D("0.1"))), direction="sell", is_liquidation=True,
            occurred_at=moment(len(self.history)),
        )  # fmt: skip
        ends = [ended(life.venue_id, why="venue.liquidation") for life in resting_now]
        self._happens(*ends, forced)

    # What people do.

    @rule(number=_ANY)
    def cancel(self, number):
        life = self._pick(number, lambda each: True)
        if life is None:
            return
        try:
            facts = cancel_orders(
                user_id=self.desk.wallet.user_id, channel="telegram", key=str(uuid7()),
                order_ids=[life.row.id], now=timezone.now(),
            )  # fmt: skip
        except (Conflict, Refused):
            return
        self._asked(facts.id, life, None)

    @rule(number=_ANY, size=_SIZES)
    def modify(self, number, size):
        life = self._pick(number, lambda each: each.venue_id)
        if life is not None:
            self._modify(life, size)

    @rule(number=_ANY, size=_SIZES, part=_PARTS, is_cancel=st.booleans())
    def a_fill_overtakes_a_change(self, number, size, part, is_cancel):
        """What the desk asked for on the order as it knew it lands after a fill of the old id."""
        life = self._pick(number, lambda each: each.rests)
        if life is None:
            return
        self.look(new=len(self.history), older=0, from_the_start=False)
        before = len(self.changes)
        if is_cancel:
            self.cancel(self.lives.index(life))
        else:
            self._modify(life, size)
        self.is_filled([each for each in self.lives if each.rests].index(life), part)
        if len(self.changes) > before:
            self.a_change_ends(len(self.changes) - 1, lands=True)

    def _modify(self, life, size):
        row = self._row(life)
        if row.status not in ("open", "partially_filled") or size <= row.filled_size:
            return
        with as_user(self.desk.wallet.user_id):
            account = lock_account(wallet_id=self.desk.wallet.id, deployment=row.deployment)
            try:
                change = modify_in_account(
                    account=account, venue=self.venue, order=row, wanted={"size": f"{size:f}"},
                    channel="telegram", key=str(uuid7()), now=timezone.now(),
                )  # fmt: skip
            except Conflict:
                return
        self._asked(change.id, life, size - row.filled_size)

    def _asked(self, change_id, life, left):
        if message_of(change_id) is not None:
            with as_sync():
                Submission.objects.filter(acts__subject_id=change_id).update(
                    state="sent", signature=new_signature(), raw=b"x", last_valid_block_height=1
                )
            self.changes.append((change_id, life, left))

    @rule(number=_ANY, lands=st.booleans())
    def a_change_ends(self, number, lands):
        if not self.changes:
            return
        change_id, life, left = self.changes.pop(number % len(self.changes))
        if not lands or (left is not None and not life.rests):
            end_message(change_id, "failed" if lands else "expired")
            return
        signature = message_of(change_id).signature
        if not life.rests:
            slot = self._happens(signature=signature)
        elif left is None:
            life.end = "cancelled"
            slot = self._happens(ended(life.venue_id), signature=signature)
        else:
            old, life.venue_id, life.left = life.venue_id, self._next_id(), left
            life.size = life.filled + left
            new = placed(life.venue_id, label=life.label, size=str(left))
            slot = self._happens(ended(old), replace(new, event_index=9), signature=signature)
        self.unknown_fates.append((change_id, slot))

    # What the desk hears.

    @rule(number=_ANY)
    def a_message_is_found_final(self, number):
        if self.unknown_fates:
            finalize(*self.unknown_fates.pop(number % len(self.unknown_fates)))

    @rule(new=st.integers(0, 4), older=st.integers(0, 3), from_the_start=st.booleans())
    def look(self, new, older, from_the_start):
        """Some more of the history, beside an account that may be older than it."""
        self.told = min(len(self.history), self.told + new)
        if from_the_start:
            self.desk.forget_cursor()
        slot, rests = self.accounts[max(0, self.told - older)]
        self.desk.hear(*self.history[: self.told], slot=slot, orders=rests)

    @rule(number=_ANY)
    def look_with_a_gap(self, number):
        """All of the history but one fill, as a node shows it that has not read all of it yet."""
        self.told = len(self.history)
        fills = [
            place
            for place, told in enumerate(self.history)
            if all(isinstance(event, FillReport) for event in told.events) and told.events
        ]
        if not fills:
            return
        hidden = fills[number % len(fills)]
        slot, rests = self.accounts[-1]
        self.desk.hear(*self.history[:hidden], *self.history[hidden + 1 :], slot=slot, orders=rests)

    # What always holds.

    def _row(self, life: Life) -> Any:
        with as_sync():
            return DriftOrder.objects.select_related("wallet", "market").get(pk=life.row.pk)

    @invariant()
    def no_state_or_fill_goes_back(self):
        for life in getattr(self, "lives", ()):
            row = self._row(life)
            assert 0 <= row.filled_size <= row.size
            # Nothing is invented: what is booked has happened.
            assert row.filled_size <= life.filled
            status, filled = self.seen.get(row.pk, ("pending", D(0)))
            assert row.filled_size >= filled
            if status in ("filled", "failed"):
                assert row.status == status
            if status in ("cancelled", "expired"):
                assert row.status in (status, "filled")
            self.seen[row.pk] = (row.status, row.filled_size)

    def teardown(self):
        if not hasattr(self, "lives"):
            return
        for life in self.lives:
            if life.flies:
                life.end = "not_executed"
                end_message(life.row.id, "expired")
        for change_id, _, _ in self.changes:
            end_message(change_id, "expired")
        for fate in self.unknown_fates:
            finalize(*fate)
        slot, rests = self.accounts[-1]
        self.desk.hear(*self.history, slot=slot + 1, orders=rests, again=1)
        self.no_state_or_fill_goes_back()
        for life in self.lives:
            row = self._row(life)
            assert (row.filled_size, row.status) == (life.filled, _expected(life)), life
            assert moves_of(row) <= _ALLOWED
            executed = row.filled_size > 0
            if row.status in ORDER_ENDED:
                assert self.desk.intent(row) == ("executed" if executed else "not_executed")
        with as_sync():
            assert not OrderChange.objects.filter(
                wallet=self.desk.wallet, status="pending"
            ).exists()


_ALLOWED = {(old, new) for old, targets in ORDER_MOVES.items() for new in targets}


def _expected(life: Life) -> str:
    if life.end:
        return life.end
    return "partially_filled" if life.filled else "open"


@pytest.mark.timeout(600)
def test_orders_live_as_their_states_allow_however_the_desk_hears_of_it(venue, market):
    machine = type("Lives", (OrderLives,), {"venue": venue, "market": market})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
