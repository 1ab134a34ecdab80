"""Keepers: they watch all users, and fill, expire and trigger orders by transactions of theirs."""

from __future__ import annotations

from dataclasses import dataclass

from solders.pubkey import Pubkey

from sandbox.perps.deployment import Deployment
from sandbox.perps.keeper_moves import Moves
from sandbox.perps.listings import LISTINGS
from sandbox.perps.model import Order, User
from sandbox.perps.order_rules import must_cancel_reduce_only
from sandbox.perps.participants import keeper_of, maker_of, whale_of
from sandbox.perps.sight import Sight, Unpriced
from sandbox.solana.programs import Chain
from sandbox.state import Json, SandboxState

EXPIRY_GRACE = 15
LEAST_DELAY, MOST_DELAY = 1, 4
LEAST_CLEANING_DELAY, MOST_CLEANING_DELAY = 5, 25
# A move that did not come off, or did nothing, is not tried again at once.
RETRY_SLOTS = 5
PARTIAL_CHANCE = 0.15
LIQUIDATION_SLOTS = 3


@dataclass(slots=True)
class Plan:
    """What a keeper means to do with one order."""

    due: int
    """The slot from which it acts."""
    cleans_at: int = 0
    part: int = 0
    """Percent that a maker takes before the curve fills the rest; 0 for none."""


class Keeper:
    """One keeper for each deployment; its chance is seeded, so a run can be repeated."""

    def __init__(self, deployment: Deployment, state: SandboxState) -> None:
        self._deployment = deployment
        self._state = state
        self._chance = state.stream(f"keeper {deployment.key}")
        self._plans: dict[str, Plan] = {}
        self._funding_due: dict[int, int] = {}
        self._own: frozenset[Pubkey] = frozenset()

    def work(self, chain: Chain) -> None:
        """Look at the slot and act where something is due."""
        if self._state.faults.peek("keeper_off") is not None:
            return
        if chain.account(self._deployment.state) is None:
            return
        moves = Moves(chain, self._deployment)
        sight = Sight(chain, self._deployment, unseen=self._own_accounts(chain))
        standing: set[str] = set()
        for user in sight.users():
            for order in sight.open_orders(user):
                name = f"{user.key}:{order.order_id}"
                standing.add(name)
                self._serve(sight, moves, user, order, self._plan(name, order, sight))
            if sight.slot % LIQUIDATION_SLOTS == 0 and sight.is_liquidatable(user):
                self._liquidate(sight, moves, user)
        for name in [name for name in self._plans if name not in standing]:
            del self._plans[name]
        self._set_funding(sight, moves)

    def _own_accounts(self, chain: Chain) -> frozenset[Pubkey]:
        if not self._own:
            pairs = (keeper_of, maker_of, whale_of)
            keys = (pair(chain, self._deployment).pubkey() for pair in pairs)
            self._own = frozenset(map(self._deployment.user, keys))
        return self._own

    def _plan(self, name: str, order: Order, sight: Sight) -> Plan:
        known = self._plans.get(name)
        if known is not None:
            return known
        slow = self._state.faults.peek("keeper_slow")
        wait = int(slow.get("slots", 30)) if slow is not None else 0
        delay = self._chance.randint(LEAST_DELAY, MOST_DELAY) + wait
        forced = self._state.faults.peek("keeper_partial")
        part = 0
        if forced is not None:
            part = int(forced.get("part", 40))
        elif self._chance.random() < PARTIAL_CHANCE:
            part = self._chance.randint(20, 70)
        placed = max(int(order.slot), sight.slot - 1)
        plan = self._plans[name] = Plan(due=placed + delay, part=part)
        return plan

    def _serve(self, sight: Sight, moves: Moves, user: User, order: Order, plan: Plan) -> None:
        if sight.slot < plan.due:
            return
        try:
            acted = self._act(sight, moves, user, order, plan)
        except Unpriced:
            return
        if acted:
            plan.due = sight.slot + RETRY_SLOTS

    def _act(self, sight: Sight, moves: Moves, user: User, order: Order, plan: Plan) -> bool:
        """Make the move that the order asks for now; gives whether there was one."""
        if self._is_dead(sight, user, order):
            if plan.cleans_at == 0:
                delay = self._chance.randint(LEAST_CLEANING_DELAY, MOST_CLEANING_DELAY)
                plan.cleans_at = sight.slot + delay
            if sight.slot < plan.cleans_at:
                return False
            moves.fill(user, order)
        elif order.must_be_triggered and not order.is_triggered:
            if not sight.triggers(order):
                return False
            moves.trigger(user, order)
        elif plan.part and order.has_auction and not sight.curve_may_fill(order):
            market = sight.market(order.market_index)
            moves.make_part(user, order, market, sight.limit(order), plan.part)
            plan.part = 0
        elif sight.curve_may_fill(order) and sight.curve_crosses(order):
            moves.fill(user, order)
        else:
            return False
        return True

    def _is_dead(self, sight: Sight, user: User, order: Order) -> bool:
        grace = EXPIRY_GRACE if order.is_limit else 0
        if order.is_expired(sight.now - grace):
            return True
        if order.must_be_triggered and not order.is_triggered:
            return False
        position = user.find_position(order.market_index)
        base = int(position.base_asset_amount) if position is not None else 0
        step = sight.market(order.market_index).order_step_size
        return must_cancel_reduce_only(order, base, step) and sight.curve_may_fill(order)

    def _liquidate(self, sight: Sight, moves: Moves, user: User) -> None:
        for position in user.perp_positions:
            index = int(position.market_index)
            if position.base_asset_amount != 0 and sight.oracle(index) is not None:
                moves.liquidate(user, index)
                return

    def _set_funding(self, sight: Sight, moves: Moves) -> None:
        for listing in LISTINGS:
            if sight.slot < self._funding_due.get(listing.index, 0):
                continue
            try:
                if sight.funding_is_due(listing.index):
                    moves.update_funding(listing)
                self._funding_due[listing.index] = sight.slot + RETRY_SLOTS
            except Unpriced:
                continue

    def snapshot(self) -> Json:
        """The plans for orders that stand."""
        return {name: [plan.due, plan.cleans_at, plan.part] for name, plan in self._plans.items()}

    def restore(self, saved: Json) -> None:
        """Take up what `snapshot` gave."""
        self._plans = {name: Plan(*numbers) for name, numbers in saved.items()}
