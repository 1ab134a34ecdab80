"""Made-up Drift markets and users: a few of each, with everything margin depends on."""

from typing import Any

from solders.pubkey import Pubkey

from drift.layouts.deployments import DRIFT
from drift.pdas import perp_market_address, spot_market_address, spot_market_vault_address
from tests.drift.reference import World
from tests.drift.samples import encoded, padded

LAYOUT = DRIFT.layout
ORACLES = [Pubkey.from_bytes(bytes([7, number] + [1] * 30)) for number in range(8)]
AUTHORITY = Pubkey.from_bytes(bytes([5] * 32))


def perp_market(index: int, oracle: Pubkey, **values: Any) -> bytes:
    return encoded(
        LAYOUT,
        "PerpMarket",
        **{
            "pubkey": perp_market_address(DRIFT, index),
            "market_index": index,
            "status": "Active",
            "amm__oracle": oracle,
            "amm__order_step_size": 10**7,
            "margin_ratio_initial": 1000,
            "margin_ratio_maintenance": 500,
            "unrealized_pnl_initial_asset_weight": 10_000,
            "unrealized_pnl_maintenance_asset_weight": 10_000,
            **values,
        },
    )


def spot_market(index: int, oracle: Pubkey, decimals: int, **values: Any) -> bytes:
    return encoded(
        LAYOUT,
        "SpotMarket",
        **{
            "pubkey": spot_market_address(DRIFT, index),
            "vault": spot_market_vault_address(DRIFT, index),
            "mint": Pubkey.from_bytes(bytes([9, index] + [2] * 30)),
            "oracle": oracle,
            "oracle_source": "Pyth",
            "market_index": index,
            "decimals": decimals,
            "status": "Active",
            "cumulative_deposit_interest": 10**10,
            "cumulative_borrow_interest": 10**10,
            "initial_asset_weight": 10_000,
            "maintenance_asset_weight": 10_000,
            "initial_liability_weight": 10_000,
            "maintenance_liability_weight": 10_000,
            **values,
        },
    )


def quote_market(**values: Any) -> bytes:
    return spot_market(0, Pubkey.default(), 6, **{"oracle_source": "QuoteAsset", **values})


def user(*, spot: list[dict[str, Any]], perp: list[dict[str, Any]], **values: Any) -> bytes:
    return encoded(
        LAYOUT,
        "User",
        **{
            "authority": AUTHORITY,
            "spot_positions": padded(LAYOUT, "SpotPosition", spot, 8),
            "perp_positions": padded(LAYOUT, "PerpPosition", perp, 8),
            **values,
        },
    )


def trading_world(**user_values: Any) -> World:
    """Three perp and three spot markets; the second spot market shares the first perp's oracle."""
    return World(
        perp_markets=[
            perp_market(0, ORACLES[0]),
            perp_market(1, ORACLES[1], amm__oracle_source="Prelaunch"),
            perp_market(2, ORACLES[2]),
        ],
        spot_markets=[
            quote_market(),
            spot_market(1, ORACLES[0], 9),
            spot_market(2, ORACLES[3], 8),
        ],
        user=user(**user_values),
        perp_prices={0: 150 * 10**6, 1: 2 * 10**6, 2: 60_000 * 10**6},
        spot_prices={0: 10**6, 1: 150 * 10**6, 2: 60_000 * 10**6},
    )
