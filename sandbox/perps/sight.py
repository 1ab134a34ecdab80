"""What keepers see of the chain in one slot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from solders.pubkey import Pubkey

from sandbox.perps import amm
from sandbox.perps.auctions import limit_price
from sandbox.perps.deployment import Deployment
from sandbox.perps.feeds import oracle_address
from sandbox.perps.frame import Frame
from sandbox.perps.funding_rates import seconds_to_update
from sandbox.perps.genesis import SOL_MARKET
from sandbox.perps.listings import LISTINGS
from sandbox.perps.makers import crosses
from sandbox.perps.margin import calculate_margin
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.oracles import OraclePrice, Oracles, read_lazer, read_pyth
from sandbox.perps.terms import QUOTE_MARKET, Direction, Margin, MarketKind, OrderStatus, Trigger
from sandbox.solana.programs import Chain, InstructionContext, ProgramError

FRESH_SLOTS = 10


class Unpriced(Exception):
    """No usable oracle price, so keepers wait."""


class Sight:
    """A deployment's users, markets and oracles as they stand in a slot."""

    def __init__(self, chain: Chain, deployment: Deployment, *, unseen: frozenset[Pubkey]) -> None:
        self._chain = chain
        self._deployment = deployment
        self.slot = chain.clock.slot
        self.now = chain.clock.unix_timestamp
        state = chain.account(deployment.state)
        assert state is not None
        self.state = deployment.view("State", bytearray(state.data))
        self._markets: dict[int, PerpMarket] = {}
        self._frame: Frame | None = None
        self._unseen = unseen

    def users(self) -> Iterator[User]:
        """Everybody but those who are not to be seen: the sandbox's own accounts."""
        size = self._deployment.size("User")
        sign = self._deployment.discriminator("User")
        for key, account in list(self._chain.accounts_owned_by(self._deployment.program_id)):
            data = account.data
            if len(data) >= size and data[:8] == sign and key not in self._unseen:
                # Reading needs no copy: nothing is written through a keeper's view.
                yield cast("User", self._deployment.view("User", cast("bytearray", data), key))

    def open_orders(self, user: User) -> Iterator[Order]:
        """The user's open perp orders."""
        if user.has_open_order:
            for order in user.orders:
                if order.status == OrderStatus.OPEN and order.market_type == MarketKind.PERP:
                    yield order

    def market(self, index: int) -> PerpMarket:
        """A perp market with its curve moved to the oracle."""
        if index not in self._markets:
            view: Any = self._market_as_written(index)
            oracle = self.oracle(index)
            if oracle is not None and view.curve_update_intensity > 0:
                amm.follow_oracle(view, oracle.price)
                amm.update_spread_reserves(view)
            self._markets[index] = view
        return self._markets[index]

    def _market_as_written(self, index: int) -> Any:
        key = self._deployment.perp_market(index)
        account = self._chain.account(key)
        if account is None:
            raise Unpriced
        return self._deployment.view("PerpMarket", bytearray(account.data), key)

    def oracle(self, index: int) -> OraclePrice | None:
        """The oracle's price if it is fresh enough to fill by."""
        if index >= len(LISTINGS):
            return None
        address = oracle_address(self._chain, self._deployment, LISTINGS[index])
        account = self._chain.account(address)
        if account is None:
            return None
        read = read_lazer if self._deployment.uses_lazer else read_pyth
        price = read(bytes(account.data), self.slot)
        return price if price.delay <= FRESH_SLOTS else None

    def curve_may_fill(self, order: Order) -> bool:
        """Whether the order has stood as long as the curve must wait."""
        least = self.state.min_perp_auction_duration
        return bool(least == 0 or self.slot - order.slot > least)

    def limit(self, order: Order) -> int | None:
        """The order's limit now; raises Unpriced."""
        oracle = self.oracle(order.market_index)
        if oracle is None:
            raise Unpriced
        tick = self.market(order.market_index).order_tick_size
        return limit_price(order, slot=self.slot, tick=tick, oracle=oracle.price)

    def curve_crosses(self, order: Order) -> bool:
        """Whether the curve fills at least a step of the order at its limit."""
        market, limit = self.market(order.market_index), self.limit(order)
        if limit is None:
            return not order.post_only
        quoted = amm.quoted_price(market, amm.reserve_price(market), order.direction)
        if not crosses(Direction(order.direction).opposite, quoted, limit):
            return False
        if order.post_only:
            # The curve must earn the maker's rebate beside what it gives up.
            tier = self.state.perp_fee_structure.fee_tiers[0]
            rebate = limit * tier.maker_rebate_numerator // tier.maker_rebate_denominator
            limit += -rebate if order.direction == Direction.LONG else rebate
        return amm.base_up_to_limit(order, market, limit, None) >= int(market.order_step_size)

    def triggers(self, order: Order) -> bool:
        """Whether the oracle has passed a waiting order's price."""
        oracle = self.oracle(order.market_index)
        if oracle is None:
            return False
        if order.trigger_condition == Trigger.ABOVE:
            return bool(oracle.price > order.trigger_price)
        return bool(oracle.price < order.trigger_price)

    def funding_is_due(self, index: int) -> bool:
        """Whether a market's rate may be set now."""
        market = self._market_as_written(index)
        waiting = seconds_to_update(
            self.now, market.last_funding_rate_ts, int(market.funding_period)
        )
        return waiting == 0 and self.oracle(index) is not None

    def is_liquidatable(self, user: User) -> bool:
        """Whether the user's positions stand below their maintenance margin."""
        if not any(position.base_asset_amount for position in user.perp_positions):
            return False
        if user.is_bankrupt:
            return False
        try:
            return not calculate_margin(self._whole(), user, Margin.MAINTENANCE).is_met
        except ProgramError:
            return False

    def _whole(self) -> Frame:
        """Every market and oracle, as an instruction that names them all would see them."""
        if self._frame is None:
            frame = Frame(
                ctx=cast("InstructionContext", None),
                deployment=self._deployment,
                now=self.now,
                slot=self.slot,
                args=None,
                slots=(),
                named={},
                remaining=[],
            )
            frame.state = self.state
            frame.oracles = Oracles(self.state.oracle_guard_rails, slot=self.slot)
            for listing in LISTINGS:
                key = oracle_address(self._chain, self._deployment, listing)
                account = self._chain.account(key)
                if account is not None:
                    frame.oracles.raw[key] = (bytes(account.data), self._deployment.uses_lazer)
                frame.perp_markets[listing.index] = self.market(listing.index)
            for index in (QUOTE_MARKET, SOL_MARKET):
                key = self._deployment.spot_market(index)
                account = self._chain.account(key)
                if account is not None:
                    data = bytearray(account.data)
                    frame.spot_markets[index] = self._deployment.view("SpotMarket", data, key)
            self._frame = frame
        return self._frame
