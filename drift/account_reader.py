"""Reads account bytes of one deployment into typed facts, fast enough for thousands a second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from drift.accounts import (
    FeeTier,
    OpenOrder,
    PerpMarketAccount,
    PerpPosition,
    SpotMarketAccount,
    SpotPosition,
    StateAccount,
    UserAccount,
    UserStatsAccount,
)
from drift.codec import LayoutMismatch, Projection, codec_for, locate
from drift.layouts.deployments import Deployment
from drift.layouts.schema import Layout

# Where a layout keeps a fact that is not under the fact's own name. None: the layout has no such
# fact, and it reads as zero.
Paths = Mapping[str, str | None]


def _under(parent: str, names: str) -> dict[str, str]:
    return {name: f"{parent}.{name}" for name in names.split()}


_TWAPS = "last_oracle_price_twap last_oracle_price_twap5min last_oracle_price_twap_ts"
_MARKET_STATS = (
    "min_order_size last24h_avg_funding_rate funding_period last_mark_price_twap "
    "last_bid_price_twap last_ask_price_twap volume24h"
)
_AMM = (
    "oracle oracle_source order_step_size order_tick_size cumulative_funding_rate_long "
    "cumulative_funding_rate_short last_funding_rate last_funding_rate_long "
    "last_funding_rate_short last_funding_rate_ts base_asset_amount_long base_asset_amount_short "
    "base_asset_amount_with_amm quote_asset_amount max_open_interest"
)
_SPOT_MARKET: Paths = _under("historical_oracle_data", _TWAPS + " last_oracle_price")
_USER_STATS: Paths = _under("fees", "total_fee_paid total_fee_rebate")
_PERP_MARKET_DRIFT: Paths = (
    _under("amm", _AMM)
    | _under("amm", _MARKET_STATS)
    | _under("amm.historical_oracle_data", _TWAPS)
    | {"pnl_pool_scaled_balance": "pnl_pool.scaled_balance"}
)
_PERP_MARKET_VELOCITY: Paths = {
    **_under("market_stats", _MARKET_STATS),
    **_under("market_stats.historical_oracle_data", _TWAPS),
    "pnl_pool_scaled_balance": "pnl_pool.scaled_balance",
    "base_asset_amount_with_amm": "amm.base_asset_amount_with_amm",
    "high_leverage_margin_ratio_initial": None,
    "high_leverage_margin_ratio_maintenance": None,
}
_PERP_MARKET: Mapping[str, Paths] = {
    "drift_v2": _PERP_MARKET_DRIFT,
    "drift_v2_2024_10": _PERP_MARKET_DRIFT,
    "velocity_2026_06": _PERP_MARKET_VELOCITY,
}
_PERP_POSITION: Mapping[str, Paths] = {
    "drift_v2": {"isolated_scaled_balance": None},
    "drift_v2_2024_10": {"isolated_scaled_balance": None, "max_margin_ratio": None},
    "velocity_2026_06": {
        "isolated_scaled_balance": "isolated_position_scaled_balance",
        "lp_shares": None,
    },
}
_USER: Mapping[str, Paths] = {
    "drift_v2": {},
    "drift_v2_2024_10": {},
    "velocity_2026_06": {"margin_mode": None},
}
_USER_LISTS = ("spot_positions", "perp_positions", "orders")
_USER_FACTS = [field.name for field in fields(UserAccount) if field.name not in _USER_LISTS]
_READERS: dict[tuple[str, str], AccountReader] = {}


def reader_for(deployment: Deployment) -> AccountReader:
    """One compiled reader a deployment, made on first use."""
    key = (deployment.program_id, deployment.layout.version)
    reader = _READERS.get(key)
    if reader is None:
        reader = _READERS[key] = AccountReader(deployment)
    return reader


class AccountReader:
    """Every method takes the account's owner too, and raises LayoutMismatch where anything is off:
    equal discriminators stand over different bytes in the deployments."""

    def __init__(self, deployment: Deployment) -> None:
        layout = deployment.layout
        version = layout.version
        self._program_id = deployment.program_id
        self._codec = codec_for(layout)
        self._user = _project(layout, "User", _USER_FACTS, _USER[version])
        self._spot = _SlotList(layout, "spot_positions", SpotPosition._fields, {})
        self._perp = _SlotList(
            layout, "perp_positions", PerpPosition._fields, _PERP_POSITION[version]
        )
        self._order = _SlotList(layout, "orders", OpenOrder._fields, {})
        self._order_status = locate(layout, "Order", "status")[0]
        self._open = layout.enums["OrderStatus"].index("Open")
        self._perp_market = _project(
            layout, "PerpMarket", _names(PerpMarketAccount), _PERP_MARKET[version]
        )
        self._spot_market = _project(layout, "SpotMarket", _names(SpotMarketAccount), _SPOT_MARKET)
        self._user_stats = _project(layout, "UserStats", _names(UserStatsAccount), _USER_STATS)

    def user(self, *, owner: str, data: bytes) -> UserAccount:
        """Positions in use and open orders alone, some 20 µs for a usual account."""
        self._check("User", owner, data)
        facts = self._user.read(data)
        mode = _USER_FACTS.index("margin_mode")
        facts[mode] = facts[mode] or "Default"
        facts += [*self._positions(data), self._open_orders(data)]
        return UserAccount(*facts)

    def perp_market(self, *, owner: str, data: bytes) -> PerpMarketAccount:
        self._check("PerpMarket", owner, data)
        return PerpMarketAccount(**_with_name(PerpMarketAccount, self._perp_market.read(data)))

    def spot_market(self, *, owner: str, data: bytes) -> SpotMarketAccount:
        self._check("SpotMarket", owner, data)
        return SpotMarketAccount(**_with_name(SpotMarketAccount, self._spot_market.read(data)))

    def user_stats(self, *, owner: str, data: bytes) -> UserStatsAccount:
        self._check("UserStats", owner, data)
        return UserStatsAccount(*self._user_stats.read(data))

    def state(self, *, owner: str, data: bytes) -> StateAccount:
        self._check("State", owner, data)
        values = self._codec.decode_account("State", data)
        fees = values["perp_fee_structure"]
        tiers = tuple(
            FeeTier(**{name: tier[name] for name in _names(FeeTier)}) for tier in fees["fee_tiers"]
        )
        own = {
            "perp_fee_tiers": tiers,
            "perp_flat_filler_fee": fees["flat_filler_fee"],
        } | values["oracle_guard_rails"]["validity"]
        return StateAccount(
            **{name: own.get(name, values.get(name)) for name in _names(StateAccount)}
        )

    def _check(self, name: str, owner: str, data: bytes) -> None:
        if owner != self._program_id:
            raise LayoutMismatch(f"{name} is owned by {owner}, not by {self._program_id}")
        self._codec.check_account(name, data)

    def _positions(self, data: bytes) -> tuple[tuple[SpotPosition, ...], tuple[PerpPosition, ...]]:
        spot = [SpotPosition._make(slot) for slot in self._spot.read(data)]
        perp = [PerpPosition._make(slot) for slot in self._perp.read(data)]
        return (
            tuple(p for p in spot if p.scaled_balance or p.open_orders),
            tuple(
                p
                for p in perp
                if p.base_asset_amount
                or p.quote_asset_amount
                or p.open_orders
                or p.lp_shares
                or p.isolated_scaled_balance
            ),
        )

    def _open_orders(self, data: bytes) -> tuple[OpenOrder, ...]:
        slots, status, is_open = self._order, self._order_status, self._open
        return tuple(
            OpenOrder._make(slots.projection.read(data, offset))
            for offset in slots.offsets
            if data[offset + status] == is_open
        )


class _SlotList:
    """A list of fixed length inside the User account."""

    def __init__(self, layout: Layout, path: str, names: Iterable[str], paths: Paths) -> None:
        start, kind = locate(layout, "User", path)
        if isinstance(kind, str) or len(kind) != 3:
            raise LayoutMismatch(f"{path} is no list")
        element = str(kind[1][1])
        size = layout.fixed_size(kind[1])
        self.projection = _project(layout, element, names, paths)
        self.offsets = [start + size * index for index in range(kind[2])]

    def read(self, data: bytes) -> list[list[Any]]:
        return [self.projection.read(data, offset) for offset in self.offsets]


def _project(layout: Layout, name: str, names: Iterable[str], paths: Paths) -> Projection:
    return Projection(layout, name, [paths.get(fact, fact) for fact in names])


def _names(facts: type) -> list[str]:
    return [field.name for field in fields(facts)]


def _with_name(facts: type, values: list[Any]) -> dict[str, Any]:
    named = dict(zip(_names(facts), values, strict=True))
    named["name"] = named["name"].decode("utf-8", "replace").strip(" \0")
    return named
