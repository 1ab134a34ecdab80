"""The acts of a run: which service, with which words, and what tells that it has ended."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.campaign.people import CampaignTrader
from trading.enums import ORDER_ENDED, ChangeKind
from trading.services import (
    list_orders,
    list_positions,
    preview_deposit,
    read_change,
    read_order,
    read_transfer,
    set_paper_mode,
)
from trading.venues.base import VenueCapability, get_venue
from trading.wishes import ChangeWish
from wallets.services import read_withdrawal

TRADING, WALLETS = "trading.services", "wallets.services"
PAPER, SOL = "paper", "SOL"
# How often each is chosen, beside the others.
WEIGHTS = {
    "open": 5, "close": 3, "bracket": 3, "limit": 3, "stop_limit": 1, "flip": 1, "modify": 2,
    "cancel": 2, "cancel_all": 1, "close_all": 1, "panic": 2, "guard": 2, "deposit": 2,
    "venue_withdraw": 3, "withdraw": 3, "withdraw_sol": 1, "withdraw_from_venue": 2,
    "freeze": 1, "paper_open": 1, "paper_close": 1, "price_moves": 2,
    "chat": 2, "immediate": 2, "post_only": 2, "expiring": 1, "oracle_offset": 2, "give_back": 1,
    "liquidation": 2, "restored": 1, "deposit_sol": 2, "sol_back": 2,
    "rest_open": 2, "rest_close": 1, "rest_cancel": 1, "rest_deposit": 1, "rest_withdraw": 2,
}  # fmt: skip
_OVER = ("completed", "failed", "not_executed")


class NothingToDo(Exception):
    """There is nothing that this act could be done to."""


@dataclass(frozen=True)
class Act:
    """One call of a service of the desk's, and how its subject is followed.

    `then` is what the person does next, when it is placed; `ended` gives "" until it has ended.
    """

    service: str
    words: dict[str, Any]
    ended: Callable[[Any], str]
    then: str = ""


class Acts:
    """Makes acts for one trader; what they are follows from `chance` alone."""

    def __init__(self, trader: CampaignTrader, chance: random.Random) -> None:
        self.trader, self.chance = trader, chance

    def make(self, name: str, key: str) -> Act:
        """Raises NothingToDo; Refused where the desk's preview already denies it."""
        act: Act = getattr(self, f"_{name}")(key)
        return act

    def _place(self, key: str, service: str, ended: Callable[[Any], str], **words: Any) -> Act:
        own = {"user_id": self.trader.user_id, "channel": "telegram", "key": key}
        return Act(service, own | words, ended)

    # Money.

    def _deposit(self, key: str) -> Act:
        return self._deposit_of(key, self._quote(), ["200", "250.5", "120.000001"])

    def _deposit_sol(self, key: str) -> Act:
        return self._deposit_of(key, SOL, ["0.2", "0.123456789"])

    def _deposit_of(self, key: str, token: str, amounts: list[str]) -> Act:
        from django.utils import timezone

        amount = Decimal(self.chance.choice(amounts))
        words = {"deployment": self.trader.deployment, "amount": amount, "token_symbol": token}
        shown = preview_deposit(user_id=self.trader.user_id, **words, now=timezone.now())
        words["sponsor_fee"] = shown.sponsor_fee
        return self._place(key, f"{TRADING}.place_deposit", self._transfer_ended, **words)

    def _venue_withdraw(self, key: str) -> Act:
        # More than there is as well: that is refused, or settled first.
        amount = Decimal(self.chance.choice(["10", "33.333333", "60", "150", "400"]))
        return self._place(
            key, f"{TRADING}.place_venue_withdrawal", self._transfer_ended,
            deployment=self.trader.deployment, token_symbol=self._quote(), amount=amount,
        )  # fmt: skip

    def _sol_back(self, key: str) -> Act:
        """Of the SOL at the venue; more than there is is refused."""
        return self._place(
            key, f"{TRADING}.place_venue_withdrawal", self._transfer_ended,
            deployment=self.trader.deployment, token_symbol=SOL,
            amount=Decimal(self.chance.choice(["0.05", "0.1", "0.123456789"])),
        )  # fmt: skip

    def _withdraw(self, key: str) -> Act:
        amount = Decimal(self.chance.choice(["25", "40.000001", "100"]))
        return self._withdrawal(key, self._quote(), amount)

    def _withdraw_sol(self, key: str) -> Act:
        return self._withdrawal(key, SOL, Decimal(self.chance.choice(["0.1", "0.123456789"])))

    def _withdraw_from_venue(self, key: str) -> Act:
        amount = Decimal(self.chance.choice(["15", "20.000003", "90"]))
        return self._withdrawal(key, self._quote(), amount, source=self.trader.deployment)

    def _give_back(self, key: str) -> Act:
        """What somebody sent by mistake goes back to them."""
        found = self.trader.arrival
        if found is None:
            raise NothingToDo
        return self._withdrawal(key, found.token_symbol, found.amount, incoming_id=found.id)

    def _withdrawal(
        self, key: str, token: str, amount: Decimal, *, source: str = "", incoming_id: Any = None
    ) -> Act:
        person = self.trader.withdrawer()
        words = {"token_symbol": token, "amount": amount, "address_id": person.address.id}
        if incoming_id is not None:
            words |= {"address_id": None, "incoming_id": incoming_id}
        words["source_deployment"] = source
        own = {"user_id": self.trader.user_id, "channel": "telegram", "key": key}
        return Act(
            f"{WALLETS}.place_withdrawal", own | words, self._withdrawal_ended, "give the code"
        )

    # Orders.

    def _open(self, key: str, **wish: Any) -> Act:
        wanted = {
            "symbol": "SOL",
            "side": self.chance.choice(["long", "short"]),
            "size": Decimal(self.chance.choice(["0.1", "0.3", "0.5"])),
        } | wish
        return self._order(key, wanted)

    def _limit(self, key: str) -> Act:
        side = self.chance.choice(["long", "short"])
        away = Decimal(self.chance.choice(["0.9", "0.97"]))
        price = self._price(away if side == "long" else 2 - away)
        bracket = self.chance.random() < 0.4
        stops = {"stop_loss": self._price("0.8" if side == "long" else "1.25")} if bracket else {}
        return self._open(key, side=side, order_type="limit", price=price, **stops)

    def _immediate(self, key: str) -> Act:
        """It crosses, or finds nothing and ends."""
        part = self.chance.choice(["0.97", "1.03"])
        return self._open(
            key, order_type="limit", price=self._price(part), immediate_or_cancel=True
        )

    def _post_only(self, key: str) -> Act:
        """It rests, or the venue takes it and lets it have no effect as it crosses."""
        part = self.chance.choice(["0.97", "1.03"])
        return self._open(key, order_type="limit", price=self._price(part), post_only=True)

    def _expiring(self, key: str) -> Act:
        return self._open(
            key, side="long", order_type="limit", price=self._price("0.93"),
            expires_in=timedelta(seconds=4),
        )  # fmt: skip

    def _oracle_offset(self, key: str) -> Act:
        if VenueCapability.ORACLE_OFFSET not in get_venue(self.trader.deployment).capabilities:
            raise NothingToDo
        side, away = self.chance.choice([("long", "-4"), ("short", "4"), ("long", "1.5")])
        return self._open(key, side=side, order_type="limit", oracle_offset=Decimal(away))

    def _large(self, key: str) -> Act:
        """So much that a move of the price is the end of it."""
        return self._open(key, size=Decimal(self.chance.choice(["4", "5.5"])))

    def _stop_limit(self, key: str) -> Act:
        return self._open(
            key, side="long", order_type="stop_limit", trigger_price=self._price("1.04"),
            price=self._price("1.06"),
        )  # fmt: skip

    def _bracket(self, key: str) -> Act:
        return self._open(
            key, side="long", stop_loss=self._price("0.95"), take_profit=self._price("1.06")
        )

    def _flip(self, key: str) -> Act:
        held = self._position()
        other = "short" if held.side == "long" else "long"
        return self._order(key, {"symbol": "SOL", "side": other, "flip": True})

    def _close(self, key: str) -> Act:
        part = Decimal(self.chance.choice(["100", "100", "40"]))
        side = self._position().side
        return self._order(key, {"symbol": "SOL", "side": side, "percent": part})

    def _paper_open(self, key: str) -> Act:
        from django.utils import timezone

        set_paper_mode(user_id=self.trader.user_id, is_on=True, now=timezone.now())
        side, size = self.chance.choice(["long", "short"]), Decimal("1.5")
        return self._order(key, {"symbol": "SOL", "side": side, "size": size}, PAPER)

    def _paper_close(self, key: str) -> Act:
        side = self._position(PAPER).side
        wish = {"symbol": "SOL", "side": side, "percent": Decimal(100)}
        return self._order(key, wish, PAPER)

    def _order(self, key: str, wish: dict[str, Any], deployment: str = "") -> Act:
        rests = "order_type" in wish and not wish.get("immediate_or_cancel")

        def ended(order_id: Any) -> str:
            return self.order_ended(order_id, rests=rests)()

        confirmed = self.trader.confirm_at(deployment or self.trader.deployment, **wish)
        return self._place(key, f"{TRADING}.place_order", ended, confirmed=confirmed)

    # Changes.

    def _cancel(self, key: str) -> Act:
        ids = [self._resting()]
        return self._place(key, f"{TRADING}.cancel_orders", self._change_ended, order_ids=ids)

    def _modify(self, key: str) -> Act:
        change = ChangeWish(size=Decimal(self.chance.choice(["0.2", "0.4"])))
        return self._place(
            key, f"{TRADING}.modify_order", self._change_ended, order_id=self._resting(),
            change=change,
        )  # fmt: skip

    def _guard(self, key: str) -> Act:
        away = Decimal("0.93") if self._position().side == "long" else Decimal("1.07")
        return self._place(
            key, f"{TRADING}.set_stops", self._change_ended, deployment=self.trader.deployment,
            symbol="SOL", stop_loss=self._price(away), take_profit=self._price(2 - away),
        )  # fmt: skip

    def _cancel_all(self, key: str) -> Act:
        return self._place(key, f"{TRADING}.cancel_all_orders", self._change_ended)

    def _close_all(self, key: str) -> Act:
        return self._place(key, f"{TRADING}.close_all_positions", self._change_ended)

    def _panic(self, key: str) -> Act:
        return self._place(key, f"{TRADING}.panic", self._change_ended)

    # By a program.

    def _rest_open(self, key: str) -> Act:
        body = {"symbol": "SOL", "side": self.chance.choice(["buy", "sell"]), "amount": "0.3"}
        return self._ask(key, "orders", body | self._venue(), self._order_told)

    def _rest_close(self, key: str) -> Act:
        self._position()
        path = f"positions/{self.trader.deployment}/SOL/close"
        return self._ask(key, path, {"percent": "100"}, self._order_told)

    def _rest_cancel(self, key: str) -> Act:
        return self._ask(key, f"orders/{self._resting()}", {}, self._change_ended)

    def _rest_deposit(self, key: str) -> Act:
        body = self._venue() | {"amount": "25.25"}
        return self._ask(key, "deposits", body, self._transfer_ended)

    def _rest_withdraw(self, key: str) -> Act:
        person = self.trader.withdrawer()
        body = {
            "currency": self._quote(), "amount": self.chance.choice(["30", "61.5"]),
            "addressId": str(person.address.id), "code": person.device.code(),
        }  # fmt: skip
        return self._ask(key, "withdrawals", body, self._withdrawal_ended, "ask staff")

    def _venue(self) -> dict[str, str]:
        return {"venue": self.trader.deployment}

    def _ask(
        self, key: str, path: str, body: dict[str, Any], ended: Callable[[Any], Any], then: str = ""
    ) -> Act:
        words = {
            "user_id": self.trader.user_id, "secret": self.trader.api_key(), "key": key,
            "path": path, "body": body,
        }  # fmt: skip
        return Act("tests.campaign.program.ask", words, ended, then)

    # What tells that they ended.

    def _transfer_ended(self, transfer_id: Any) -> str:
        status = read_transfer(user_id=self.trader.user_id, transfer_id=transfer_id).status
        return status if status in _OVER else ""

    def _withdrawal_ended(self, withdrawal_id: Any) -> str:
        row = read_withdrawal(user_id=self.trader.user_id, withdrawal_id=withdrawal_id)
        return row.status if row.ended_at else ""

    def _change_ended(self, change_id: Any) -> str:
        change = read_change(user_id=self.trader.user_id, change_id=change_id)
        if change.status == "pending":
            return ""
        if change.status == "done" and change.kind == ChangeKind.PANIC and self._holds():
            return ""
        return change.status

    def _order_told(self, order_id: Any) -> str:
        return self.order_ended(order_id)()

    def order_ended(self, order_id: Any, *, rests: bool = False) -> Callable[[], str]:
        def told() -> str:
            status = read_order(user_id=self.trader.user_id, order_id=order_id).status
            waits = rests and status in ("open", "partially_filled")
            return status if waits or status in ORDER_ENDED else ""

        return told

    # What there is.

    def _holds(self) -> bool:
        """Whether an act of a plan is still to end: its closes are orders of their own."""
        return any(order.status == "pending" for order in self._live())

    def _live(self) -> Any:
        return list_orders(user_id=self.trader.user_id, open_only=True, limit=50)

    def _resting(self) -> Any:
        resting = sorted(
            order.id
            for order in self._live()
            if order.status == "open" and order.deployment == self.trader.deployment
        )
        if not resting:
            raise NothingToDo
        return self.chance.choice(resting)

    def _position(self, deployment: str = "") -> Any:
        wanted = deployment or self.trader.deployment
        held = [
            each
            for each in list_positions(user_id=self.trader.user_id)
            if each.deployment == wanted
        ]
        if not held:
            raise NothingToDo
        return held[0]

    def _price(self, part: str | Decimal) -> Decimal:
        return round(Decimal(self.trader.sandbox.prices()["SOL"]) * Decimal(part), 1)

    def _quote(self) -> str:
        return str(get_venue(self.trader.deployment).quote_symbol)
