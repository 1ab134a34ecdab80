"""What one call of fill knows throughout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solders.pubkey import Pubkey

from sandbox.perps.auctions import auction_price, limit_price
from sandbox.perps.fees import Referral
from sandbox.perps.frame import Frame
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.terms import Direction


@dataclass(slots=True)
class Filling:
    """One call of fill: who fills whose order, and what holds throughout."""

    frame: Frame
    user: User
    stats: Any
    order: Order
    market: PerpMarket
    filler_key: Pubkey
    filler: User | None
    filler_stats: Any
    makers: dict[Pubkey, User]
    maker_stats: dict[Pubkey, Any]
    taking: bool
    direction: Direction = Direction.LONG
    """The taker's side, known also after a full fill freed the order's slot."""
    oracle: int = 0
    valid_oracle: int | None = None
    amm_open: bool = False
    middle: int = 0
    referral: Referral | None = None

    @property
    def structure(self) -> Any:
        return self.frame.state.perp_fee_structure

    def limit(self) -> int | None:
        """The taker's limit now; in place-and-take the end of its auction."""
        order, tick = self.order, self.market.order_tick_size
        slot = self.frame.slot
        if self.taking and order.has_auction:
            end = order.slot + order.auction_duration
            return auction_price(order, slot=end, tick=tick, oracle=self.valid_oracle)
        return limit_price(order, slot=slot, tick=tick, oracle=self.valid_oracle)
