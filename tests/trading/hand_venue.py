"""A venue whose account, history and prices are what a test puts there; it speaks to nobody."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from core.errors import Unavailable
from drift.models import DriftMarket, DriftOrder, DriftPosition, DriftTransaction
from trading.venues.base import DepositCost, VenueCapability, VenueMessage
from trading.venues.reports import AccountReport, Quote, TransactionReport

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
HAND = "hand"


def empty_report(address: str, *, slot: int = 1000, **changes) -> AccountReport:
    named = {
        "address": address,
        "slot": slot,
        "observed_at": START,
        "exists": True,
        "status": "active",
        "bytes_hash": "",
        "counters": {},
        "tokens": {},
        "collateral": Decimal(1000),
        "free_collateral": Decimal(1000),
        "health": Decimal(100),
        "leverage": Decimal(0),
        "positions": (),
        "orders": (),
    }
    return AccountReport(**named | changes)


@dataclass(repr=False)
class HandVenue:
    """Drift's tables, and reports by hand."""

    deployment: str = HAND
    display_name: str = "By hand"
    quote_symbol: str = "USDC"
    quote_step: Decimal = Decimal("0.000001")
    capabilities: frozenset = frozenset(VenueCapability)
    settles_on_chain: bool = True
    collateral_symbols: tuple = ("USDC",)
    market_model = DriftMarket
    order_model = DriftOrder
    position_model = DriftPosition
    transaction_model = DriftTransaction
    reports: dict[str, AccountReport] = field(default_factory=dict)
    histories: dict[str, list[TransactionReport]] = field(default_factory=dict)
    price: Decimal = Decimal(100)
    free: Decimal = Decimal(1000)
    quote_changes: dict = field(default_factory=dict)
    cost: DepositCost | None = None
    is_down: bool = False
    quoted: int = 0
    # What messages were asked for, in the order of the asking.
    planned: list = field(default_factory=list)

    @classmethod
    def from_settings(cls, key: str) -> "HandVenue":
        return _venues.setdefault(key, cls(deployment=key))

    def reset(self) -> None:
        fresh = HandVenue(deployment=self.deployment)
        self.__dict__.update(fresh.__dict__)

    def account_address(self, wallet_address: str) -> str:
        return f"account of {wallet_address}"

    def read_markets(self):
        return []

    def read_accounts(self, addresses, *, commitment="confirmed", min_slot=None):
        self._answer()
        found = [self.reports.get(address) or empty_report(address) for address in addresses]
        if any(report.slot < (min_slot or 0) for report in found):
            raise Unavailable("chain.unavailable")
        return found

    def read_history(self, address, *, after, min_slot=None):
        self._answer()
        history = self.histories.get(address, [])
        signatures = [report.signature for report in history]
        return history[signatures.index(after) + 1 :] if after in signatures else list(history)

    def deposit_cost(self, request) -> DepositCost:
        self._answer()
        return self.cost or DepositCost(
            initializes=True,
            rent_lamports=30_000_000,
            fee_lamports=10_000,
            wallet_lamports=0,
            wallet_token=Decimal(500),
        )

    def plan_orders(self, requests) -> VenueMessage:
        self.planned += requests
        return VenueMessage(instructions=(), allowed=(), counters={})

    def plan_modify(self, request) -> VenueMessage:
        self.planned.append(request)
        return VenueMessage(instructions=(), allowed=(), counters={})

    def plan_deposit(self, request) -> VenueMessage:
        return VenueMessage(instructions=(), allowed=(), counters={})

    def plan_cancel(self, *, wallet_address, venue_order_ids) -> VenueMessage:
        self.planned += venue_order_ids
        return VenueMessage(instructions=(), allowed=(), counters={})

    def quote(self, request, *, slippage) -> Quote:
        self._answer()
        self.quoted += 1
        report = self.reports.get(self.account_address(request.wallet_address))
        held = report.positions[0] if report and report.positions else None
        away = self.price * slippage / 100
        notional = request.size * self.price
        named = {
            "oracle_price": self.price,
            "oracle_slot": 1000,
            "price_age_seconds": Decimal(1),
            "expected_price": self.price,
            "worst_price": self.price + (away if request.direction == "buy" else -away),
            "size": request.size,
            "notional": notional,
            "fee": notional / 1000,
            "initial_margin": notional / 10,
            "free_collateral": self.free,
            "collateral": self.free,
            "leverage_after": notional / self.free,
            "health_before": Decimal(100),
            "health_after": Decimal(90),
            "liquidation_price": None,
            "open_orders": 0,
            "open_positions": 1 if held else 0,
            "position_side": held.side if held else None,
            "position_size": held.size if held else Decimal(0),
        }
        return Quote(**named | self.quote_changes)

    def oracle_prices(self):
        self._answer()
        return {0: (self.price, 1000, START)}

    def explain_error(self, error, logs=()):
        return "venue.said_no", str(error)

    def _answer(self) -> None:
        if self.is_down:
            raise Unavailable("chain.unavailable")


# One a process, whoever asks for it, as tests put into it what it is to tell.
_venues: dict[str, HandVenue] = {}
