"""What one screen needs, by one call into the desk: from the books or, without them, the chain."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import redis as redis_errors
from django.conf import settings
from django.db import connection

from chain.rpc import rpc
from core.errors import DeskError, Refused, Unavailable
from core.logs import get_logger
from core.redis import redis
from trading.facts import AccountFacts, ElsewhereFacts, MarketFacts, OrderFacts, PositionFacts
from trading.services import (
    list_elsewhere,
    list_markets,
    list_orders,
    list_positions,
    read_account,
    read_live_account,
    read_live_elsewhere,
    read_venue_gate,
)
from trading.services.venue_gates import VenueGateFacts
from trading.venues.base import get_venue
from wallets.facts import IncomingFacts, WalletFacts
from wallets.services import find_wallet, list_incoming, read_live_wallet, refresh_wallet
from wallets.services.read_wallet import remember_address

log = get_logger("desk.bot")
# As many as three venues hold of a person.
_MOST_ORDERS = 96


@dataclass(frozen=True, slots=True)
class Holdings:
    """A person's wallet and their money at each venue."""

    wallet: WalletFacts | None
    accounts: tuple[AccountFacts, ...] = ()
    # What came lately, and what is of no use and still here.
    incoming: tuple[IncomingFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Positions:
    """Open positions, `live` if read without the books."""

    positions: tuple[PositionFacts, ...]
    live: bool = False
    # Held at venues that are only read.
    elsewhere: tuple[ElsewhereFacts, ...] = ()
    # Stops and targets that have not ended; None where the books could not be asked.
    stops: tuple[OrderFacts, ...] | None = ()

    def guarding(self, position: PositionFacts) -> tuple[OrderFacts, ...]:
        """Those of this position that the venue holds, oldest first."""
        of = (position.deployment, position.market, position.side)
        return tuple(
            stop
            for stop in self.stops or ()
            if (stop.deployment, stop.market, stop.side) == of and stop.venue_order_id is not None
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """How the parts of the desk do; an empty text is well."""

    parts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarketPage:
    """`closed` is why the venue takes no new risk now, "" while it does."""

    markets: tuple[MarketFacts, ...]
    closed: str


def deployments() -> tuple[str, ...]:
    """The deployments that are open here, the default one first."""
    first = settings.ENVIRONMENT.default_deployment
    return (first, *(key for key in settings.ENVIRONMENT.venue_deployments if key != first))


def venues() -> tuple[str, ...]:
    """The open deployments, and the one that is played on."""
    return (*deployments(), *settings.PAPER_VENUE)


def check_tradable(deployment: str) -> None:
    """Raises Refused for a venue that is only read, and for one that is none."""
    if deployment not in (*venues(), *settings.READ_ONLY_VENUES):
        raise Refused("button.unknown")
    get_venue(deployment)


def quote_symbol(deployment: str) -> str:
    return get_venue(deployment).quote_symbol


def collateral(deployment: str) -> tuple[str, ...]:
    """The tokens that may be deposited there."""
    return get_venue(deployment).collateral_symbols


def read_wallet(*, user_id: uuid.UUID, telegram_id: int) -> WalletFacts | None:
    """The wallet from the books; its address is remembered for when they cannot be reached."""
    wallet = find_wallet(user_id=user_id)
    if wallet is not None:
        _remember(telegram_id, wallet)
    return wallet


def read_fresh_wallet(*, user_id: uuid.UUID, telegram_id: int, now: datetime) -> WalletFacts | None:
    """The wallet with its balances as the chain shows them now. Raises Unavailable."""
    wallet = read_wallet(user_id=user_id, telegram_id=telegram_id)
    if wallet is None:
        return None
    refresh_wallet(wallet_id=wallet.id, now=now)
    return find_wallet(user_id=user_id)


def read_holdings(
    *, user_id: uuid.UUID, telegram_id: int, now: datetime, fresh: bool = False
) -> Holdings:
    """Wallet and venue money from the books; `fresh` looks at the wallet's chain first."""
    if fresh:
        wallet = read_fresh_wallet(user_id=user_id, telegram_id=telegram_id, now=now)
    else:
        wallet = read_wallet(user_id=user_id, telegram_id=telegram_id)
    if wallet is None:
        return Holdings(None)
    found = [read_account(user_id=user_id, deployment=key) for key in venues()]
    accounts = tuple(account for account in found if account is not None)
    return Holdings(wallet, accounts, _incoming(user_id, now))


def _incoming(user_id: uuid.UUID, now: datetime) -> tuple[IncomingFacts, ...]:
    """The newest five: of the last day, and before it what can still be sent back."""
    found = list_incoming(user_id=user_id, limit=50)
    day = now - timedelta(days=1)
    shown = [each for each in found if each.may_return or each.occurred_at >= day]
    return tuple(shown[:5])


def read_live_holdings(*, telegram_id: int, now: datetime) -> Holdings:
    """The same without the database, from the chain. Raises Unavailable."""
    wallet = _live_wallet(telegram_id, now)
    accounts = [
        read_live_account(wallet_address=wallet.address, deployment=key)[0] for key in deployments()
    ]
    return Holdings(wallet, tuple(account for account in accounts if account.exists))


def read_positions(*, user_id: uuid.UUID) -> Positions:
    held = list_positions(user_id=user_id)
    orders = list_orders(user_id=user_id, open_only=True, limit=_MOST_ORDERS) if held else ()
    stops = tuple(order for order in reversed(orders) if order.role != "entry")
    return Positions(held, elsewhere=list_elsewhere(user_id=user_id), stops=stops)


def read_live_positions(*, telegram_id: int, now: datetime) -> Positions:
    """Open positions without the database, from the chain. Raises Unavailable."""
    wallet = _live_wallet(telegram_id, now)
    found: list[PositionFacts] = []
    for key in deployments():
        found += read_live_account(wallet_address=wallet.address, deployment=key)[1]
    return Positions(tuple(found), live=True, stops=None)


def read_elsewhere_without_books(
    *, telegram_id: int, deployment: str, now: datetime
) -> ElsewhereFacts:
    """What is held at a venue that is only read, without the database. Raises Unavailable."""
    wallet = _live_wallet(telegram_id, now)
    return read_live_elsewhere(wallet_address=wallet.address, deployment=deployment, now=now)


def read_markets(*, deployment: str, now: datetime) -> tuple[MarketFacts, ...]:
    """The open markets of a deployment."""
    markets = list_markets(deployment=deployment, now=now)
    return tuple(market for market in markets if market.status in ("active", "reduce_only"))


def read_market_page(*, deployment: str, now: datetime) -> MarketPage:
    """The open markets of a deployment, and why it takes no new risk, if it does not."""
    return MarketPage(
        markets=read_markets(deployment=deployment, now=now),
        closed=read_venue_gate(deployment=deployment, now=now).reason,
    )


def read_condition(*, now: datetime) -> Condition:
    """Ask each part of the desk how it does; none of the answers raises."""
    parts: dict[str, str] = {}
    parts["Books (database)"] = _try(_ask_database)
    parts["Short-term memory (Redis)"] = _try(lambda: redis().ping())
    parts["Solana"] = _try(lambda: rpc().balance("11111111111111111111111111111111"))
    for key in deployments():
        parts[f"{key.capitalize()} prices"] = _try(lambda key=key: _check_prices(key))
        parts[f"{key.capitalize()} trading"] = _gate(key, now)
    return Condition(parts)


def _gate(deployment: str, now: datetime) -> str:
    """What a trader may do there now, in the words of the look that closed it."""
    found: list[VenueGateFacts] = []
    told = _try(lambda: found.append(read_venue_gate(deployment=deployment, now=now)))
    if not found:
        return told
    [gate] = found
    return "ok, open" if gate.is_open else f"closing only. {' '.join(gate.reasons)}"


def _ask_database() -> None:
    connection.ensure_connection()
    if not connection.is_usable():
        raise Unavailable("database.down")


def _check_prices(deployment: str) -> None:
    if not get_venue(deployment).oracle_prices():
        raise Unavailable("venue.no_price")


def _try(ask: object) -> str:
    started = time.monotonic()
    try:
        ask()  # type: ignore[operator]
    except (DeskError, redis_errors.RedisError, OSError) as error:
        return f"not reachable ({type(error).__name__})"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and nothing else
        return f"not well ({type(error).__name__})"
    return f"ok, {Decimal(time.monotonic() - started).quantize(Decimal('0.001'))} s"


def _live_wallet(telegram_id: int, now: datetime) -> WalletFacts:
    try:
        return read_live_wallet(telegram_id=telegram_id, now=now)
    except redis_errors.RedisError as error:
        raise Unavailable("database.down") from error


def _remember(telegram_id: int, wallet: WalletFacts) -> None:
    try:
        remember_address(telegram_id=telegram_id, wallet=wallet)
    except redis_errors.RedisError as error:
        log.warning("an address is not remembered", error=type(error).__name__)
