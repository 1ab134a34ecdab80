"""Keepers: they watch all users, and fill, expire and trigger orders by transactions of theirs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sandbox.perps import amm
from sandbox.perps.auctions import limit_price
from sandbox.perps.deployment import Deployment
from sandbox.perps.feeds import oracle_address
from sandbox.perps.keeper_moves import Moves
from sandbox.perps.listings import LISTINGS
from sandbox.perps.makers import crosses
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.oracles import OraclePrice, read_lazer, read_pyth
from sandbox.perps.order_rules import must_cancel_reduce_only
from sandbox.perps.participants import keeper_of, maker_of, whale_of
from sandbox.perps.terms import Direction, MarketKind, OrderStatus, Trigger
from sandbox.solana.programs import Chain
from sandbox.state import Json, SandboxState

log = logging.getLogger("sandbox.perps.keeper")

EXPIRY_GRACE = 15
FRESH_SLOTS = 10
LEAST_DELAY, MOST_DELAY = 1, 4
LEAST_CLEANING_DELAY, MOST_CLEANING_DELAY = 5, 25
PARTIAL_CHANCE = 0.15
FORGOTTEN_AFTER = 50_000


@dataclass(slots=True)
class Plan:
    """What a keeper means to do with one order."""

    due: int
    """The slot from which it acts."""
    cleans_at: int = 0
    part: int = 0
    """Percent that a maker takes before the curve fills the rest; 0 for none."""
    tried: int = 0


class Keeper:
    """One keeper for each deployment; its chance is seeded, so a run can be repeated."""

    def __init__(self, deployment: Deployment, state: SandboxState) -> None:
        self._deployment = deployment
        self._state = state
        self._chance = state.stream(f"keeper {deployment.key}")
        self._plans: dict[str, Plan] = {}

    def work(self, chain: Chain) -> None:
        """Look at the slot and act where something is due."""
        if self._state.faults.peek("keeper_off") is not None:
            return
        if chain.account(self._deployment.state) is None:
            return
        slot = Slot(chain, self._deployment)
        moves = Moves(chain, self._deployment)
        seen: set[str] = set()
        for user, order in slot.open_orders():
            name = f"{user.key}:{order.order_id}"
            seen.add(name)
            plan = self._plans.get(name) or self._plan(name, order, slot)
            try:
                self._serve(slot, moves, user, order, plan)
            except Unpriced:
                continue
        for name in [name for name in self._plans if name not in seen]:
            del self._plans[name]
        self._set_funding(slot, moves)

    def _plan(self, name: str, order: Order, slot: Slot) -> Plan:
        slow = self._state.faults.peek("keeper_slow")
        wait = int(slow.get("slots", 30)) if slow is not None else 0
        delay = self._chance.randint(LEAST_DELAY, MOST_DELAY) + wait
        forced = self._state.faults.peek("keeper_partial")
        part = 0
        if forced is not None:
            part = int(forced.get("part", 40))
        elif self._chance.random() < PARTIAL_CHANCE:
            part = self._chance.randint(20, 70)
        placed = max(int(order.slot), slot.number - 1)
        plan = self._plans[name] = Plan(due=placed + delay, part=part)
        return plan

    def _serve(self, slot: Slot, moves: Moves, user: User, order: Order, plan: Plan) -> None:
        if slot.number < plan.due:
            return
        market = slot.market(order.market_index)
        if self._is_dead(slot, user, order):
            self._clean(slot, moves, user, order, plan)
        elif order.must_be_triggered and not order.is_triggered:
            if slot.triggers(order):
                moves.trigger(user, order)
        elif plan.part and order.has_auction and not slot.curve_may_fill(order):
            if plan.tried == 0:
                plan.tried = slot.number
                moves.make_part(user, order, market, slot.limit(order), plan.part)
        elif slot.curve_may_fill(order) and slot.curve_crosses(order, market):
            moves.fill(user, order)

    def _is_dead(self, slot: Slot, user: User, order: Order) -> bool:
        grace = EXPIRY_GRACE if order.is_limit else 0
        if order.is_expired(slot.now - grace):
            return True
        if order.must_be_triggered and not order.is_triggered:
            return False
        position = user.find_position(order.market_index)
        base = int(position.base_asset_amount) if position is not None else 0
        step = slot.market(order.market_index).order_step_size
        return must_cancel_reduce_only(order, base, step) and slot.curve_may_fill(order)

    def _clean(self, slot: Slot, moves: Moves, user: User, order: Order, plan: Plan) -> None:
        if plan.cleans_at == 0:
            delay = self._chance.randint(LEAST_CLEANING_DELAY, MOST_CLEANING_DELAY)
            plan.cleans_at = slot.number + delay
        if slot.number >= plan.cleans_at:
            moves.fill(user, order)

    def _set_funding(self, slot: Slot, moves: Moves) -> None:
        for listing in LISTINGS:
            if slot.funding_is_due(listing.index):
                moves.update_funding(listing)

    def snapshot(self) -> Json:
        """The plans for orders that stand."""
        return {
            name: [plan.due, plan.cleans_at, plan.part, plan.tried]
            for name, plan in self._plans.items()
        }

    def restore(self, saved: Json) -> None:
        """Take up what `snapshot` gave."""
        self._plans = {name: Plan(*numbers) for name, numbers in saved.items()}


class Unpriced(Exception):
    """No usable oracle price, so keepers wait."""


class Slot:
    """What a keeper sees of the chain in one slot."""

    def __init__(self, chain: Chain, deployment: Deployment) -> None:
        self._chain = chain
        self._deployment = deployment
        self.number = chain.clock.slot
        self.now = chain.clock.unix_timestamp
        state = chain.account(deployment.state)
        assert state is not None
        self.state = deployment.view("State", bytearray(state.data))
        self._markets: dict[int, PerpMarket] = {}
        self._own = {
            deployment.user(pair.pubkey())
            for pair in (
                keeper_of(chain, deployment),
                maker_of(chain, deployment),
                whale_of(chain, deployment),
            )
        }

    def open_orders(self) -> Iterator[tuple[User, Order]]:
        """Perp orders of everybody but the sandbox's own accounts."""
        size = self._deployment.size("User")
        sign = self._deployment.discriminator("User")
        for key, account in list(self._chain.accounts_owned_by(self._deployment.program_id)):
            if len(account.data) < size or account.data[:8] != sign or key in self._own:
                continue
            user = cast("User", self._deployment.view("User", bytearray(account.data), key))
            if not user.has_open_order:
                continue
            for order in user.orders:
                if order.status == OrderStatus.OPEN and order.market_type == MarketKind.PERP:
                    yield user, order

    def market(self, index: int) -> PerpMarket:
        if index not in self._markets:
            key = self._deployment.perp_market(index)
            account = self._chain.account(key)
            if account is None:
                raise Unpriced
            view: Any = self._deployment.view("PerpMarket", bytearray(account.data), key)
            oracle = self.oracle(index)
            if oracle is not None and view.curve_update_intensity > 0:
                amm.follow_oracle(view, oracle.price)
            self._markets[index] = view
        return self._markets[index]

    def oracle(self, index: int) -> OraclePrice | None:
        """The oracle's price if it is fresh enough to fill by."""
        listing = LISTINGS[index] if index < len(LISTINGS) else None
        if listing is None:
            return None
        account = self._chain.account(oracle_address(self._chain, self._deployment, listing))
        if account is None:
            return None
        read = read_lazer if self._deployment.uses_lazer else read_pyth
        price = read(bytes(account.data), self.number)
        return price if price.delay <= FRESH_SLOTS else None

    def curve_may_fill(self, order: Order) -> bool:
        least = self.state.min_perp_auction_duration
        return bool(least == 0 or self.number - order.slot > least)

    def limit(self, order: Order) -> int | None:
        oracle = self.oracle(order.market_index)
        if oracle is None:
            raise Unpriced
        tick = self.market(order.market_index).order_tick_size
        return limit_price(order, slot=self.number, tick=tick, oracle=oracle.price)

    def curve_crosses(self, order: Order, market: PerpMarket) -> bool:
        """Whether the curve fills at least a step of the order at its limit."""
        limit = self.limit(order)
        if limit is None:
            return True
        quoted = amm.quoted_price(market, amm.reserve_price(market), order.direction)
        opposite = Direction(order.direction).opposite
        if order.post_only or not crosses(opposite, quoted, limit):
            return False
        amm.update_spread_reserves(market)
        return amm.base_up_to_limit(order, market, limit, None) >= int(market.order_step_size)

    def triggers(self, order: Order) -> bool:
        oracle = self.oracle(order.market_index)
        if oracle is None:
            return False
        if order.trigger_condition == Trigger.ABOVE:
            return bool(oracle.price > order.trigger_price)
        return bool(oracle.price < order.trigger_price)

    def funding_is_due(self, index: int) -> bool:
        market = self.market(index)
        period = int(market.funding_period)
        hour_began = self.now - self.now % max(period, 1)
        return bool(
            period > 0
            and market.last_funding_rate_ts < hour_began
            and self.oracle(index) is not None
        )
