"""Tables of the desk."""

from trading.models.abstract import AbstractOrder, AbstractPosition, AbstractTransaction
from trading.models.account import AccountEntry, Difference, VenueAccount
from trading.models.change import OrderChange, VenueOrderId, YoungMove
from trading.models.fill import Fill
from trading.models.gate import VenueGate
from trading.models.generic import Order, Position, Transaction
from trading.models.paper import (
    PaperAccount,
    PaperEvent,
    PaperMarket,
    PaperOrder,
    PaperPosition,
)
from trading.models.transfer import Sponsorship, TradingStateRow, VenueTransfer

__all__ = [
    "AbstractOrder",
    "AbstractPosition",
    "AbstractTransaction",
    "AccountEntry",
    "Difference",
    "Fill",
    "Order",
    "OrderChange",
    "PaperAccount",
    "PaperEvent",
    "PaperMarket",
    "PaperOrder",
    "PaperPosition",
    "Position",
    "Sponsorship",
    "TradingStateRow",
    "Transaction",
    "VenueAccount",
    "VenueGate",
    "VenueOrderId",
    "VenueTransfer",
    "YoungMove",
]
