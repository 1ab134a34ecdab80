"""Values of the drift_* tables."""

from django.db.models import TextChoices


class DriftOrderType(TextChoices):
    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT_MARKET = "take_profit_market"
    TAKE_PROFIT_LIMIT = "take_profit_limit"


class DriftMarketStatus(TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    MAINTENANCE = "maintenance"


class DriftTransactionType(TextChoices):
    INITIALIZE = "initialize"
    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    OPEN_POSITION = "open_position"
    CLOSE_POSITION = "close_position"
    PLACE_ORDER = "place_order"
    CANCEL_ORDER = "cancel_order"
    MODIFY_ORDER = "modify_order"
    SETTLE_PNL = "settle_pnl"
    LIQUIDATION = "liquidation"
