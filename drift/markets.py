"""The deployment's markets in the desk's own words."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from drift.accounts import PerpMarketAccount, SpotMarketAccount
from drift.enums import DriftMarketStatus
from drift.layouts.deployments import Deployment
from drift.snapshot import Snapshot
from drift.units import from_base, from_price, from_units
from markets.enums import MarketType
from trading.venues.reports import MarketReport
from wallets.tokens import BY_MINT, SOL

_WRAPPED_SOL = "WSOL"
_RATIO_ONE = Decimal(10_000)
# The program's bits of what is paused in a market.
_AMM_FILL, _FILL = 2, 4
_TRADED = {"Active", "FundingPaused", "WithdrawPaused"}
_HELD = {"AmmPaused", "FillPaused", "ReduceOnly"}
# The kind of asset, which the chain does not know.
_CATEGORIES = {
    "SOL": "layer 1",
    "BTC": "layer 1",
    "ETH": "layer 1",
    "HYPE": "layer 1",
    "ZEC": "layer 1",
    "USDC": "stable coin",
    "USDT": "stable coin",
    "DUSDT": "stable coin",
}


def market_reports(snapshot: Snapshot) -> list[MarketReport]:
    """Every perp and spot market, the closed ones too."""
    deployment = snapshot.deployment
    reports = [
        *(_perp_report(deployment, market) for market in snapshot.perp_markets.values()),
        *(_spot_report(deployment, market) for market in snapshot.spot_markets.values()),
    ]
    taken: set[str] = set()
    for place, report in enumerate(reports):
        # Pools list the same token once more; each market has a symbol of its own here.
        if report.symbol in taken:
            reports[place] = replace(report, symbol=f"{report.symbol}-{report.market_index}")
        taken.add(reports[place].symbol)
    return reports


def token_symbol(market: SpotMarketAccount) -> str:
    """The desk's symbol of a spot market's token, by its mint; wrapped SOL is SOL at the venue."""
    known = BY_MINT.get(str(market.mint))
    symbol = known.symbol if known else market.name
    return SOL if symbol == _WRAPPED_SOL else symbol


def base_asset(market: PerpMarketAccount) -> str:
    return market.name.removesuffix("-PERP")


def _perp_report(deployment: Deployment, market: PerpMarketAccount) -> MarketReport:
    base = base_asset(market)
    leverage = _RATIO_ONE / max(market.margin_ratio_initial, 1)
    return MarketReport(
        market_index=market.market_index,
        market_type=MarketType.PERPETUAL,
        symbol=market.name,
        base_asset=base,
        quote_asset=deployment.quote_symbol,
        status=_status(market.status, market.paused_operations),
        min_order_size=from_base(market.min_order_size),
        tick_size=from_price(market.order_tick_size),
        step_size=from_base(market.order_step_size),
        max_leverage=leverage.quantize(Decimal("0.01"), rounding=ROUND_DOWN),
        max_order_size=None,
        category=_CATEGORIES.get(base),
        oracle_source=market.oracle_source,
        oracle_address=str(market.oracle),
        metadata={
            "contract_tier": market.contract_tier,
            "program_status": market.status,
            "initial_ratio": str(market.margin_ratio_initial / _RATIO_ONE),
            "maintenance_ratio": str(market.margin_ratio_maintenance / _RATIO_ONE),
        },
    )


def _spot_report(deployment: Deployment, market: SpotMarketAccount) -> MarketReport:
    symbol = token_symbol(market)
    return MarketReport(
        market_index=market.market_index,
        market_type=MarketType.SPOT,
        symbol=symbol,
        base_asset=symbol,
        quote_asset=deployment.quote_symbol,
        status=_status(market.status, market.paused_operations),
        min_order_size=from_units(market.min_order_size, market.decimals),
        tick_size=from_price(market.order_tick_size),
        step_size=from_units(market.order_step_size, market.decimals),
        max_leverage=Decimal(1),
        max_order_size=None,
        category=_CATEGORIES.get(symbol),
        oracle_source=market.oracle_source,
        oracle_address=str(market.oracle),
        metadata={"mint": str(market.mint), "program_status": market.status},
    )


def _status(status: str, paused: int) -> str:
    if status in _HELD or (status in _TRADED and paused & (_AMM_FILL | _FILL)):
        return DriftMarketStatus.MAINTENANCE
    return DriftMarketStatus.ACTIVE if status in _TRADED else DriftMarketStatus.INACTIVE
