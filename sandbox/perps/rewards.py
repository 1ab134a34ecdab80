"""What keepers get at once for cleaning up orders."""

from __future__ import annotations

from sandbox.perps.filling import Filling
from sandbox.perps.frame import Frame
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.orders import cancel_order
from sandbox.perps.positions import add_quote, add_quote_and_break_even
from sandbox.perps.terms import Explanation
from sandbox.solana.programs import ProgramError


def cancel_for_reward(
    filling: Filling, owner: User, order: Order, explanation: Explanation
) -> None:
    """Cancel an order at its owner's cost."""
    reward = pay_flat_reward(filling.frame, owner, filling.filler, filling.market)
    cancel_order(
        filling.frame,
        owner,
        order,
        explanation=explanation,
        filler=filling.filler_key,
        filler_reward=reward,
    )


def pay_flat_reward(frame: Frame, owner: User, filler: User | None, market: PerpMarket) -> int:
    """Charge the owner a keeper's flat fee; gives what the keeper got."""
    if filler is None:
        return 0
    reward = int(frame.state.perp_fee_structure.flat_filler_fee)
    add_quote_and_break_even(owner.position(market.market_index), market, -reward)
    filler.touch(frame.slot)
    try:
        position = filler.force_position(market.market_index)
    except ProgramError:
        return 0
    add_quote(position, market, reward)
    return reward
