"""The numbers and precisions that both programs share."""

from __future__ import annotations

from enum import IntEnum
from math import isqrt

BASE = 10**9
QUOTE = 10**6
PRICE = 10**6
PERCENT = 10**6
MARGIN = 10**4
SPOT_WEIGHT = 10**4
INTEREST = 10**10
IF_FACTOR = 10**6
OPEN_ORDER_MARGIN = QUOTE // 100
MAX_INITIAL_UPNL = 100 * QUOTE
U64_MAX = 2**64 - 1
U32_MAX = 2**32 - 1
QUOTE_MARKET = 0
ONE_HOUR = 3600
ONE_DAY = 24 * ONE_HOUR
FIVE_MINUTES = 300
THIRTEEN_DAYS = 13 * ONE_DAY
THIRTY_DAYS = 30 * ONE_DAY
ONE_YEAR = 31_536_000


class Direction(IntEnum):
    LONG = 0
    SHORT = 1

    @property
    def opposite(self) -> Direction:
        return Direction(1 - self)


class MarketKind(IntEnum):
    SPOT = 0
    PERP = 1


class OrderStatus(IntEnum):
    INIT = 0
    OPEN = 1
    FILLED = 2
    CANCELED = 3


class OrderType(IntEnum):
    MARKET = 0
    LIMIT = 1
    TRIGGER_MARKET = 2
    TRIGGER_LIMIT = 3
    ORACLE = 4


class Trigger(IntEnum):
    ABOVE = 0
    BELOW = 1
    TRIGGERED_ABOVE = 2
    TRIGGERED_BELOW = 3


class PostOnly(IntEnum):
    NONE = 0
    MUST = 1
    TRY = 2
    SLIDE = 3


class Balance(IntEnum):
    DEPOSIT = 0
    BORROW = 1


class Action(IntEnum):
    PLACE = 0
    CANCEL = 1
    FILL = 2
    TRIGGER = 3
    EXPIRE = 4


class Explanation(IntEnum):
    NONE = 0
    INSUFFICIENT_FREE_COLLATERAL = 1
    ORACLE_PRICE_BREACHED_LIMIT_PRICE = 2
    MARKET_ORDER_FILLED_TO_LIMIT_PRICE = 3
    ORDER_EXPIRED = 4
    LIQUIDATION = 5
    FILLED_WITH_AMM = 6
    FILLED_WITH_AMM_JIT = 7
    FILLED_WITH_MATCH = 8
    FILLED_WITH_MATCH_JIT = 9
    MARKET_EXPIRED = 10
    RISK_INCREASING = 11
    REDUCE_ONLY_INCREASED_POSITION = 12


class DepositExplanation(IntEnum):
    NONE = 0
    TRANSFER = 1
    BORROW = 2
    REPAY_BORROW = 3


class Margin(IntEnum):
    INITIAL = 0
    FILL = 1
    MAINTENANCE = 2


class UserStatus(IntEnum):
    BEING_LIQUIDATED = 1
    BANKRUPT = 2
    REDUCE_ONLY = 4


class Paused(IntEnum):
    """Bits of State.exchange_status."""

    DEPOSIT = 1
    WITHDRAW = 2
    AMM = 4
    FILL = 8
    LIQUIDATION = 16
    FUNDING = 32
    SETTLE_PNL = 64
    ALL = 127


class PerpPaused(IntEnum):
    """Bits of PerpMarket.paused_operations."""

    UPDATE_FUNDING = 1
    AMM_FILL = 2
    FILL = 4
    SETTLE_PNL = 8
    SETTLE_PNL_WITH_POSITION = 16
    LIQUIDATION = 32


class SpotPaused(IntEnum):
    """Bits of SpotMarket.paused_operations."""

    UPDATE_INTEREST = 1
    FILL = 2
    WITHDRAW = 4
    LIQUIDATION = 8


class Tier(IntEnum):
    """Contract tier of a perp market."""

    A = 0
    B = 1
    C = 2
    SPECULATIVE = 3
    HIGHLY_SPECULATIVE = 4
    ISOLATED = 5


class AssetTier(IntEnum):
    COLLATERAL = 0
    PROTECTED = 1
    CROSS = 2
    ISOLATED = 3
    UNLISTED = 4


def quotient(dividend: int, divisor: int) -> int:
    """Integer division toward zero, as the programs' machines do it."""
    whole = abs(dividend) // abs(divisor)
    return whole if (dividend >= 0) == (divisor >= 0) else -whole


def ceiling(dividend: int, divisor: int) -> int:
    """Integer division of non-negative numbers, rounded up."""
    return -(-dividend // divisor)


def fourth_root(number: int) -> int:
    """The whole part of the fourth root."""
    return isqrt(isqrt(number))
