"""What an account's booked rows add up to, summed by the database."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum

from core.money import ZERO
from trading.enums import Direction
from trading.models import AccountEntry, Fill

# (kind, market index or none, token): what entries are told apart by.
Kind = tuple[str, int | None, str]


@dataclass(slots=True)
class Moved:
    """Entries of one kind: their sum, and how many they are."""

    amount: Decimal = ZERO
    rows: int = 0


@dataclass(slots=True)
class Filled:
    """What was filled of one order; `under` tells it apart by the venue's ids of the order."""

    quote: Decimal = ZERO
    fee: Decimal = ZERO
    at: datetime | None = None
    under: dict[str, Decimal] = field(default_factory=dict)

    @property
    def size(self) -> Decimal:
        return sum(self.under.values(), ZERO)

    def add(
        self, venue_order_id: str, size: Decimal, quote: Decimal, fee: Decimal, at: datetime
    ) -> None:
        self.under[venue_order_id] = self.under.get(venue_order_id, ZERO) + size
        self.quote += quote
        self.fee += fee
        self.at = at if self.at is None else max(self.at, at)


def quote_flow(direction: str, quote: Decimal, fee: Decimal) -> Decimal:
    """What a fill added to the running sum of its market, after its fee."""
    return (quote if direction == Direction.SELL else -quote) - fee


def read_flows(
    *, deployment: str, addresses: Collection[str]
) -> dict[str, dict[uuid.UUID, Decimal]]:
    """Account → catalogue's market → the sum of its fills' flows; no key where there is none."""
    return read_runs(deployment=deployment, addresses=addresses)[0]


def read_runs(
    *, deployment: str, addresses: Collection[str]
) -> tuple[dict[str, dict[uuid.UUID, Decimal]], dict[tuple[str, uuid.UUID], int]]:
    """The flows as above, and (account, catalogue's market) → the slot of its last fill."""
    rows = (
        Fill.objects.filter(account__in=addresses, deployment=deployment)
        .values_list("account", "market_id")
        .annotate(
            sold=Sum("quote", filter=Q(direction=Direction.SELL)),
            bought=Sum("quote", filter=Q(direction=Direction.BUY)),
            fees=Sum("fee"),
            latest=Max("slot"),
        )
    )
    flows: dict[str, dict[uuid.UUID, Decimal]] = {}
    latest: dict[tuple[str, uuid.UUID], int] = {}
    for account, market, sold, bought, fees, slot in rows:
        flows.setdefault(account, {})[market] = (sold or ZERO) - (bought or ZERO) - fees
        latest[account, market] = slot or 0
    return flows, latest


def read_moved(*, accounts: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[Kind, Moved]]:
    """Account → its entries' sums by kind."""
    rows = (
        AccountEntry.objects.filter(account__in=accounts)
        .values_list("account_id", "kind", "market_index", "token_symbol")
        .annotate(amount=Sum("amount"), rows=Count("id"))
    )
    found: dict[uuid.UUID, dict[Kind, Moved]] = {key: {} for key in accounts}
    for account, kind, index, token, amount, count in rows:
        found[account][kind, index, token] = Moved(amount, count)
    return found


def read_filled(orders: Iterable[uuid.UUID]) -> dict[uuid.UUID, Filled]:
    """Order → what was filled of it; an order without fills has zeros."""
    found = {key: Filled() for key in orders}
    rows = (
        Fill.objects.filter(order_id__in=list(found))
        .values_list("order_id", "venue_order_id")
        .annotate(size=Sum("size"), quote=Sum("quote"), fee=Sum("fee"), at=Max("filled_at"))
    )
    for order_id, *rest in rows:
        found[order_id].add(*rest)
    return found


def read_fills(
    *,
    deployment: str,
    addresses: Collection[str],
    markets: Collection[uuid.UUID],
    names: Collection[str],
) -> dict[tuple[uuid.UUID, str, str], bool]:
    """(catalogue's market, the venue's name of the fill, account) of those that are booked →
    whether it has its order."""
    if not names:
        return {}
    rows = Fill.objects.filter(
        deployment=deployment, market_id__in=markets, venue_fill_id__in=names, account__in=addresses
    ).values_list("market_id", "venue_fill_id", "account", "order_id")
    return {
        (market, name, account): order_id is not None for market, name, account, order_id in rows
    }
