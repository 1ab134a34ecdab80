"""The few instructions of administrators that a sandbox or a recording needs."""

from __future__ import annotations

from sandbox.perps.errors import Error, require
from sandbox.perps.frame import Frame

ROLES = ("admin", "cold_admin", "warm_admin", "pause_admin")


def _require_admin(frame: Frame) -> None:
    signer, state = frame.key("admin"), frame.state
    held = [getattr(state, role) for role in ROLES if hasattr(type(state), role)]
    require(signer in held, Error.CONSTRAINT_HAS_ONE)


def update_exchange_status(frame: Frame) -> None:
    """Pause parts of the exchange, or open them again."""
    _require_admin(frame)
    frame.state.exchange_status = frame.args.exchange_status


def update_perp_auction_duration(frame: Frame) -> None:
    """Set the least number of slots that an auction lasts."""
    _require_admin(frame)
    frame.state.min_perp_auction_duration = frame.args.min_perp_auction_duration


def update_withdraw_guard_threshold(frame: Frame) -> None:
    """Set the tokens below which withdrawals are not limited."""
    _require_admin(frame)
    market = frame.views["spot_market"]
    market.withdraw_guard_threshold = frame.args.withdraw_guard_threshold


def update_spot_market_max_token_deposits(frame: Frame) -> None:
    """Cap a spot market's deposits."""
    _require_admin(frame)
    frame.views["spot_market"].max_token_deposits = frame.args.max_token_deposits
