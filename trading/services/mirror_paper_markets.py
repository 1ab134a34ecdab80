"""The paper venue's markets, kept true to those of the desk's default deployment."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from core.roles import as_sync
from markets.enums import MarketStatus, MarketType
from trading.models import PaperMarket
from trading.paper.book import DEPLOYMENT
from trading.paper.ledger import PLAY_MONEY
from trading.venues.base import get_venue

DEX_NAME = "Paper"
_SAME = (
    "base_asset", "status", "min_order_size", "max_order_size", "tick_size", "step_size",
    "max_leverage",
)  # fmt: skip
_HALF = Decimal("0.5")


def mirror_paper_markets(*, now: datetime) -> int:  # noqa: ARG001 - rows keep their own times
    """Add, change and close paper markets as the venue's are; returns how many are open.

    By symbol: a market keeps its number here, whatever number another deployment has for it.
    Rows that agree are not written.
    """
    if DEPLOYMENT not in settings.VENUES:
        return 0
    venue = get_venue(settings.ENVIRONMENT.default_deployment)
    with as_sync():
        sources = venue.market_model.objects.filter(
            deployment=venue.deployment, market_type=MarketType.PERPETUAL
        ).order_by("market_index")
        known = {row.symbol: row for row in PaperMarket.objects.select_for_update(of=("self",))}
        taken = {row.market_index for row in known.values()}
        for source in sources:
            row = known.pop(source.symbol, None)
            if row is None:
                row = _new(source, taken)
                taken.add(row.market_index)
            _write(row, _wanted(source))
        for row in known.values():
            _write(row, {"status": MarketStatus.INACTIVE})
    return len(sources)


def _new(source: Any, taken: set[int]) -> PaperMarket:
    index = source.market_index
    return PaperMarket(
        symbol=source.symbol,
        dex_name=DEX_NAME,
        deployment=DEPLOYMENT,
        quote_asset=PLAY_MONEY,
        market_type=MarketType.PERPETUAL,
        market_index=index if index not in taken else max(taken) + 1,
    )


def _wanted(source: Any) -> dict[str, Any]:
    """The venue's own ratios where it names them; maintenance is half of initial otherwise."""
    told = source.metadata
    initial = Decimal(told.get("initial_ratio") or 1 / max(source.max_leverage, Decimal(1)))
    maintenance = Decimal(told.get("maintenance_ratio") or initial * _HALF)
    ratios = {
        "initial_ratio": initial.quantize(Decimal("0.000001")),
        "maintenance_ratio": min(maintenance, initial).quantize(Decimal("0.000001")),
    }
    return {name: getattr(source, name) for name in _SAME} | ratios


def _write(row: PaperMarket, values: dict[str, Any]) -> None:
    adding = row._state.adding
    changed = [name for name, value in values.items() if adding or getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=None if adding else [*changed, "updated_at"])
