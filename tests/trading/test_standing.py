"""Whatever part of an order's story is taken back, its fills have the first word, and the last."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from chain.models import Submission
from chain.services.move_submission import move_submission
from core.money import ZERO
from core.roles import as_sync
from tests.trading.books import Books, ended, fill, placed, replaced, resting, transaction
from trading.booking.standing import standing_of
from trading.enums import ORDER_ENDED, ORDER_LIVE, ORDER_TAKEN_BACK, ORDER_UNSEEN, OrderStatus
from trading.models import YoungMove

D = Decimal
_WAS = st.sampled_from(sorted(set(OrderStatus) - {OrderStatus.FAILED}))
_TENTHS = st.integers(1, 40)


@given(was=_WAS, size=_TENTHS, filled=st.integers(0, 40))
def test_an_order_stands_where_its_fills_say(was, size, filled):
    filled = min(filled, size)
    to = standing_of(was=OrderStatus(was), size=D(size) / 10, filled=D(filled) / 10)

    assert (to == "filled") == (filled == size)
    if 0 < filled < size:
        assert to in ("partially_filled", "cancelled", "expired")
    if not filled:
        assert to not in ("filled", "partially_filled")
    if filled < size and was in ("cancelled", "expired"):
        assert to == was
    if was in ORDER_LIVE:
        assert to in ORDER_LIVE or filled == size
    # Told again, nothing more becomes of it.
    assert standing_of(was=to, size=D(size) / 10, filled=D(filled) / 10) == to
    # From wherever an order may be when something of it is taken back, it can get there.
    for now in set(ORDER_TAKEN_BACK) - {OrderStatus.PENDING, to}:
        assert to in ORDER_TAKEN_BACK[now]


def test_a_message_that_failed_has_no_order():
    for filled in (D(0), D(1)):
        assert standing_of(was=OrderStatus.FAILED, size=D(1), filled=filled) == "failed"


# A life, of which any part is taken back.


@dataclass
class Chain:
    """What one fork holds of an order: its transactions, one a slot, and where that leaves it."""

    base: int
    own: str
    ids: int = 0
    told: list[Any] = field(default_factory=list)
    venue_id: str = ""
    size: Decimal = ZERO
    filled: Decimal = ZERO
    end: str = ""

    def happens(self, step: str, signature: str) -> None:
        left = self.size - self.filled
        event: Any = None
        if step == "place":
            self.venue_id, self.size = f"{self.ids + 1}", D(2)
            event = placed(self.venue_id, size="2")
        elif self.end or not self.venue_id:
            return
        elif step in ("part", "whole"):
            part = left if step == "whole" else left / 2
            event = fill(self.venue_id, size=f"{part}", fee="0", record=f"of {signature}")
            self.filled += part
            self.end = "filled" if step == "whole" else ""
        elif step == "modify":
            old, self.venue_id = self.venue_id, f"{self.ids + 10 + len(self.told)}"
            event = replaced(old, self.venue_id, size=f"{left + 1}")
            self.size += 1
        else:
            event, self.end = ended(self.venue_id, reason=step), step
        slot = self.base + len(self.told)
        told = transaction(event, signature=signature, slot=slot, finalized=False)
        self.told.append(told)

    def rests(self) -> tuple[Any, ...]:
        if self.end or not self.venue_id:
            return ()
        return (resting(self.venue_id, size=f"{self.size - self.filled}"),)

    def status(self) -> str:
        return self.end or ("partially_filled" if self.filled else "open")


_STEPS = st.lists(
    st.sampled_from(["part", "part", "modify", "whole", "cancelled", "expired"]), max_size=4
)
# Which transactions a look shows, which of them as final, and whether the message is lost first.
_LOOKS = st.lists(
    st.tuples(st.integers(0, 31), st.integers(0, 31), st.booleans()), min_size=1, max_size=3
)


def _name() -> str:
    """A signature that no transaction has."""
    return str(Keypair().sign_message(b"never sent"))


def _live(books: Books, steps: list[str], looks: Any, forks_at: int | None, slot: int) -> None:
    order, old = books.order(state="sent", landed=None, size="2")
    own = _name()
    with as_sync():
        Submission.objects.filter(signature=old).update(
            signature=own, state="confirmed", raw=b"x", landed_slot=slot, last_valid_block_height=1
        )
    names = [own, *(_name() for _ in steps)]
    chain = Chain(slot, own)
    # From there on another chain became final.
    fork = len(names) if forks_at is None else min(forks_at, len(names) - 1)
    for step, name in zip(["place", *steps], names, strict=True):
        chain.happens(step, name)
    books.hear(*chain.told, slot=slot + 20, orders=chain.rests())
    for shown, final, is_lost in looks:
        if is_lost:
            _message_is(own, "sent", confirmed_at=None, landed_slot=None)
        # A node that shows some of it, and in whose account nothing is read.
        books.hear(
            *(
                replace(told, finalized=place < fork and bool(final >> place & 1))
                for place, told in enumerate(chain.told)
                if shown >> place & 1
            ),
            slot=1,
        )
        if is_lost:
            _message_is(own, "confirmed", confirmed_at=timezone.now(), landed_slot=slot)
        books.forget_cursor()
    if forks_at is not None:
        # There the rest came later, under other ids.
        other = Chain(slot, own)
        for place, (step, name) in enumerate(zip(["place", *steps], names, strict=True)):
            if place == fork:
                other.base, other.ids = slot + 40, 100
            other.happens(step, name)
        chain = other
    _message_is(own, "finalized", landed_slot=chain.told[0].slot)
    final = [replace(told, finalized=True) for told in chain.told]
    books.hear(*final, slot=slot + 90, orders=chain.rests(), again=1)

    row = books.read(order)
    assert (row.status, row.filled_size, row.size) == (chain.status(), chain.filled, chain.size)
    assert row.venue_order_id == chain.venue_id
    assert sum((each.size for each in books.fills()), D(0)) == chain.filled
    if row.status in ORDER_ENDED:
        assert books.intent(order) == ("executed" if chain.filled else "not_executed")
    else:
        assert books.intent(order) == "open"
    with as_sync():
        assert not YoungMove.objects.filter(account=books.account).exists()
    assert row.status not in ORDER_UNSEEN


def _message_is(signature: str, state: str, **changes: Any) -> None:
    with as_sync():
        row = Submission.objects.get(signature=signature)
        if row.state != state:
            row.acts.update(live=state != "finalized")
            move_submission(row, to=state, now=timezone.now(), **changes)


def _play(venue, market, chain, examples):
    chain.advance(200)
    slot = chain.rpc("getSlot", {"commitment": "finalized"}) - 150

    @given(_STEPS, _LOOKS, st.none() | st.integers(0, 4))
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def live(steps, looks, forks_at):
        venue.reset()
        _live(Books(venue, market), steps, looks, forks_at, slot)

    live()


def test_whatever_is_taken_back_of_a_life_the_end_is_what_the_chain_shows(venue, market, chain):
    _play(venue, market, chain, 5)


@pytest.mark.long
def test_whatever_is_taken_back_of_many_lives_the_end_is_what_the_chain_shows(venue, market, chain):
    _play(venue, market, chain, 100)
