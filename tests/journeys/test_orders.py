"""Orders of every kind through the running desk, whose worker is killed where it hurts most."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.desk import Trader, led_to
from tests.journeys.house import eventually
from tests.journeys.visitor import Visitor
from tests.telegram_user import buttons_of
from trading.services import place_order
from trading.venues.base import OrderRequest, get_venue

pytestmark = pytest.mark.journey

D = Decimal
DEPLOYMENT = "velocity"
_ENDED = {"filled", "cancelled", "expired", "failed", "no_effect", "not_executed"}


class OrderTrader(Visitor):
    """One who is asked about orders: what the books say of them, and what the chain shows."""

    def legs(self) -> dict[str, str]:
        """Role → status of the last order of each role."""
        return {row["role"]: row["status"] for row in self.orders()}

    def stops(self, *, size: str = "") -> list[dict]:
        """Those that rest at the venue."""
        return [
            row
            for row in self.orders()
            if row["role"] != "entry"
            and row["status"] == "open"
            and row["drift_order_id"]
            and (not size or row["base_asset_amount"] == D(size))
        ]

    def entry(self) -> dict:
        """The one that was placed first; its stops are of the same moment."""
        return next(row for row in self.orders() if row["role"] == "entry")

    def changes(self, kind: str) -> list[dict]:
        return [row for row in self._mine("order_changes") if row["kind"] == kind]

    def report(self):
        venue = get_venue(DEPLOYMENT)
        return venue.read_accounts([venue.account_address(self.address)])[0]

    def held(self) -> Decimal:
        """Of SOL, signed, as the chain shows it."""
        return sum(
            (state.size if state.side == "long" else -state.size)
            for state in self.report().positions
        )

    def is_flat(self) -> bool:
        """Nothing is held, nothing rests, nothing is under way."""
        ended = all(row["status"] in _ENDED for row in self.orders())
        sent = all(row["state"] in ("finalized", "abandoned") for row in self.submissions())
        return ended and sent and self.held() == 0 and self.report().orders == ()

    def ends_flat(self, *, messages: int) -> None:
        """All of it is over, and no act reached the chain twice."""
        eventually(self.is_flat, why=lambda: f"flat: {self.legs()}, {self.report()}")
        signatures = [row["signature"] for row in self.submissions() if row["signature"]]
        assert sorted(self.landed()) == sorted(signatures)
        assert len(signatures) == messages
        eventually(
            lambda: not [r for r in self._mine("order_changes") if r["status"] == "pending"],
            why="every change has ended",
        )
        assert self.house.value("SELECT count(*) FROM differences WHERE resolved_at IS NULL") == 0


@pytest.fixture
def trader(house, settings):
    """A person with 500 at the venue; the test asks the same chain as the desk."""
    house.sandbox.set_price("SOL", 150)
    person = OrderTrader(house)
    with led_to(house.sandbox, settings):
        yield person.settle_in()
    person.close()


@pytest.fixture
def place_at_desk(house, trader, django_db_blocker):
    """The services on the desk's own database: what no chat can say, as an order half a minute old.

    Its task is lost with this process's broker; the desk's sweep takes it.
    """

    def place(*, seconds_ago: int, worst_price: Decimal, **wish) -> None:
        owner = trader.intents()[0]["user_id"]
        by_services = Trader(house.sandbox, DEPLOYMENT, trader.id, owner, trader.address)
        with django_db_blocker.unblock(), house.as_own_database():
            confirmed = replace(
                by_services.confirm(symbol="SOL", side="long", **wish), worst_price=worst_price
            )
            place_order(
                user_id=owner, channel="telegram", key="by hand", confirmed=confirmed,
                now=timezone.now() - timedelta(seconds=seconds_ago),
            )  # fmt: skip

    return place


def _press_and_kill_while_it_sends(house, trader, card) -> None:
    """The node has the first message of the act, and the worker dies before it hears of that."""
    house.sandbox.clear_calls()
    house.sandbox.set_fault("solana.late", seconds=20, method="sendTransaction")
    trader.press(card, "Confirm")
    eventually(
        lambda: house.sandbox.calls(service="solana", method="sendTransaction"),
        why="the message is on its way",
    )
    house.kill("worker")
    # That one alone: keepers that are off stay off.
    house.sandbox.control("DELETE", "/faults/solana.late")


def test_a_stop_that_goes_off_while_the_worker_is_dead_takes_its_target_along(house, trader):
    trader.act("/long sol 1 sl 140 tp 170", done="✅ Filled")
    eventually(lambda: len(trader.stops()) == 2, why=trader.legs)
    house.kill("worker")
    house.sandbox.set_price("SOL", 139)
    eventually(lambda: trader.held() == 0, why="the stop has gone off")
    [orphan] = trader.report().orders
    assert orphan.order_type == "take_profit_market"
    house.start("worker")

    trader.ends_flat(messages=3)
    assert trader.legs() == {"entry": "filled", "stop_loss": "filled", "take_profit": "cancelled"}
    assert [row["status"] for row in trader.changes("cancel")] == ["done"]
    assert [row["status"] for row in trader.positions()] == ["closed"]


@pytest.mark.long
def test_an_entry_that_expires_takes_its_stops_with_it(house, trader, place_at_desk):
    house.sandbox.set_fault("keeper_off")
    place_at_desk(
        seconds_ago=20, worst_price=D(149), size=D(1), stop_loss=D(140), take_profit=D(170)
    )
    eventually(lambda: len(trader.stops()) == 2, why=trader.legs)
    house.kill("worker")
    eventually(lambda: trader.entry()["expires_at"] < timezone.now(), why="its time is over")
    house.sandbox.clear_faults()
    eventually(lambda: len(trader.report().orders) == 2, why="keepers have cleaned the entry")
    house.start("worker")

    trader.ends_flat(messages=3)
    assert trader.legs() == {
        "entry": "expired", "stop_loss": "cancelled", "take_profit": "cancelled",
    }  # fmt: skip
    assert len(trader.changes("cancel")) == 1


@pytest.mark.long
def test_stops_have_the_size_of_what_an_expired_entry_has_filled(house, trader, place_at_desk):
    house.sandbox.set_fault("keeper_partial", part=40)
    # The curve never comes as low as that; a maker in the auction does.
    place_at_desk(
        seconds_ago=20, worst_price=D(150), size=D(1), stop_loss=D(140), take_profit=D(170)
    )
    eventually(lambda: trader.held() == D("0.4"), why="a part of it is filled")
    house.sandbox.clear_faults()
    eventually(lambda: len(trader.stops(size="0.4")) == 2, why=trader.orders)
    assert trader.entry()["status"] == "expired"
    assert {order.size for order in trader.report().orders} == {D("0.4")}
    assert [row["wanted"] for row in trader.changes("modify")] == [{"size": "0.4"}] * 2
    trader.act("/close sol all", done="✅ Filled")

    # Deposit, bracket, two sizes, the close, and one cancel for both stops.
    trader.ends_flat(messages=6)


@pytest.mark.long
def test_a_flip_turns_the_position_and_its_old_stops_go_though_the_worker_dies(house, trader):
    trader.act("/long sol 1 sl 140", done="✅ Filled")
    eventually(lambda: len(trader.stops()) == 1, why=trader.legs)
    card = trader.quote("/short sol flip")
    _press_and_kill_while_it_sends(house, trader, card)
    house.start("worker")

    trader.wait_on(card, "✅ Filled")
    assert trader.held() == -1
    eventually(lambda: trader.report().orders == (), why="the stop of the long one is gone")
    held = [(row["side"], row["status"]) for row in trader.positions()]
    assert held == [("long", "closed"), ("short", "open")]
    trader.act("/close sol all", done="✅ Filled")
    trader.ends_flat(messages=5)


def test_a_part_filled_order_is_changed_for_what_remains_of_it(house, trader):
    price = _that_fills_in_part(trader.address)
    card = trader.quote(f"/long sol 30 limit {price} sl 130")
    trader.press(card, "Confirm")
    eventually(lambda: trader.held() > 0, why=lambda: f"a part filled: {trader.now(card)}")
    house.sandbox.set_fault("keeper_off")
    filled = trader.held()
    assert 0 < filled < 30
    eventually(lambda: trader.stops(size=str(filled)), why="its stop has that size")

    trader.wait_on(card, "Partly filled")
    trader.press(card, "Change")
    trader.ask(f"size {filled + 1}", "→")
    change = trader.wait_for(lambda shown: "Confirm" in " ".join(buttons_of(shown)))
    _press_and_kill_while_it_sends(house, trader, change)
    house.start("worker")
    trader.wait_on(change, "✅ Done")
    entry = trader.entry()
    assert (entry["base_asset_amount"], entry["filled_amount"]) == (filled + 1, filled)
    house.sandbox.clear_faults()
    eventually(lambda: trader.held() == filled + 1, why="what remained is filled")
    eventually(lambda: trader.stops(size=str(filled + 1)), why="the stop has followed")

    trader.act("/close sol all", done="✅ Filled")
    trader.ends_flat(messages=len({row["id"] for row in trader.submissions()}))
    assert len([row for row in trader.orders() if row["role"] == "entry"]) == 2


def _that_fills_in_part(address: str) -> Decimal:
    """A limit two ticks above what the venue's curve asks: each look at it fills a little."""
    request = OrderRequest(
        wallet_address=address, market_index=0, order_type="market", direction="buy",
        size=D("0.01"), price=None, reduce_only=False, post_only=False, label=0, expires_at=None,
    )  # fmt: skip
    asked = get_venue(DEPLOYMENT).quote(request, slippage=D(1)).expected_price
    return asked.quantize(D("0.0001"), "ROUND_UP") + D("0.0002")


def test_a_panic_ends_flat_though_the_worker_dies_in_the_middle(house, trader):
    trader.act("/long sol 1 sl 140 tp 170", done="✅ Filled")
    card = trader.quote("/long sol 1 limit 145")
    trader.press(card, "Confirm")
    trader.wait_on(card, "Open at the venue")
    eventually(lambda: len(trader.report().orders) == 3)
    card = trader.quote("/panic")
    _press_and_kill_while_it_sends(house, trader, card)
    house.start("worker")

    # Deposit, bracket, limit; the cancel of the entry, the close, and the stops that went with it.
    trader.ends_flat(messages=6)
    trader.wait_on(card, "✅ Done")
    assert [row["status"] for row in trader.changes("panic")] == ["done"]


def test_a_freeze_stops_what_is_under_way_and_leaves_the_stops(house, trader):
    trader.act("/long sol 1 sl 140", done="✅ Filled")
    card = trader.quote("/long sol 1 limit 145")
    trader.press(card, "Confirm")
    trader.wait_on(card, "Open at the venue")
    house.kill("worker")
    late = trader.quote("/long sol 1")
    trader.press(late, "Confirm")
    trader.wait_on(late, "Placed")
    trader.ask("/freeze", "🧊")
    house.start("worker")

    trader.wait_on(late, "Not executed")
    trader.wait_on(card, "Cancelled")
    eventually(lambda: [o.order_type for o in trader.report().orders] == ["stop_market"])
    assert trader.held() == 1
    trader.ask("/long sol 1", "frozen")
    trader.act("/close sol all", done="✅ Filled")
    trader.ends_flat(messages=6)
