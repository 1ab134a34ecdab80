"""The markets on the chain, into the catalogue and the venue's own table."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.db import models
from django.utils import timezone

from core.errors import Unavailable
from core.roles import as_sync
from drift.enums import DriftMarketStatus
from drift.layouts.deployments import DEPLOYMENTS
from drift.models import DriftMarket
from markets.models import Market
from trading.services import mirror_paper_markets
from trading.venues.base import get_venue
from trading.venues.reports import MarketReport

log = structlog.get_logger(__name__)

_SHARED = (
    "symbol",
    "base_asset",
    "quote_asset",
    "market_type",
    "status",
    "min_order_size",
    "max_order_size",
    "tick_size",
    "step_size",
    "max_leverage",
)
_OWN = ("category", "oracle_source", "oracle_address", "metadata")


def sync_all_markets() -> dict[str, Any]:
    """Sync every deployment; one that cannot be read does not keep the others waiting.

    What is traded on paper follows them.
    """
    outcome: dict[str, Any] = {}
    for deployment in settings.VENUES:
        if deployment not in DEPLOYMENTS:
            continue
        try:
            outcome[deployment] = sync_markets(deployment=deployment)
        except Unavailable as error:
            log.warning("market_sync_waits", deployment=deployment, reason=error.code)
            outcome[deployment] = error.code
    outcome["paper"] = mirror_paper_markets(now=timezone.now())
    return outcome


def sync_markets(*, deployment: str) -> int:
    """Add, change and close markets as the chain shows them; returns how many it shows.

    Nothing is ever deleted: a market that is gone is inactive. Rows that agree are not written.
    Raises Unavailable.
    """
    reports = get_venue(deployment).read_markets()
    with as_sync():
        known = {
            (row.market_type, row.market_index): row
            for row in DriftMarket.objects.select_for_update(of=("self",))
            .select_related("catalogue")
            .filter(deployment=deployment)
        }
        for report in reports:
            row = known.pop((report.market_type, report.market_index), None)
            if row is None:
                _add(deployment, report)
            else:
                _change(row, report)
        for row in known.values():
            _write(row, {"status": DriftMarketStatus.INACTIVE})
            _write(row.catalogue, {"status": DriftMarketStatus.INACTIVE})
    return len(reports)


def _add(deployment: str, report: MarketReport) -> None:
    shared = {name: getattr(report, name) for name in _SHARED}
    catalogue = Market.objects.filter(symbol=report.symbol, dex_name=deployment).first()
    if catalogue is None:
        catalogue = Market(dex_name=deployment, **shared)
        catalogue.save(force_insert=True)
    else:
        _write(catalogue, shared)
    DriftMarket(
        catalogue=catalogue,
        deployment=deployment,
        market_index=report.market_index,
        **shared,
        **{name: getattr(report, name) for name in _OWN},
    ).save(force_insert=True)


def _change(row: DriftMarket, report: MarketReport) -> None:
    shared = {name: getattr(report, name) for name in _SHARED}
    _write(row.catalogue, shared)
    _write(row, shared | {name: getattr(report, name) for name in _OWN})


def _write(row: models.Model, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=[*changed, "updated_at"])
