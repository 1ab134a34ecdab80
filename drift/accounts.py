"""The venue's accounts as typed facts, the same for every deployment, read from their bytes.

Integers are the program's base units: base 1e9, prices, quote and PnL 1e6, ratios and weights 1e4,
scaled balances 1e9, cumulative interest 1e10, funding rates 1e9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from solders.pubkey import Pubkey

BEING_LIQUIDATED = 1
BANKRUPT = 2
REDUCE_ONLY = 4


class SpotPosition(NamedTuple):
    """A deposit or a borrow; `balance_type` is "Deposit" or "Borrow"."""

    scaled_balance: int
    open_bids: int
    open_asks: int
    cumulative_deposits: int
    market_index: int
    balance_type: str
    open_orders: int


class PerpPosition(NamedTuple):
    """`base_asset_amount` is negative for a short; `quote_asset_amount` is what closes it to PnL.

    `isolated_scaled_balance` is zero where the deployment knows no isolated positions,
    `lp_shares` where it knows no liquidity shares.
    """

    last_cumulative_funding_rate: int
    base_asset_amount: int
    quote_asset_amount: int
    quote_break_even_amount: int
    quote_entry_amount: int
    open_bids: int
    open_asks: int
    settled_pnl: int
    market_index: int
    open_orders: int
    max_margin_ratio: int
    lp_shares: int
    isolated_scaled_balance: int


class OpenOrder(NamedTuple):
    """An order that rests in the account; an expired one stays until someone touches it."""

    slot: int
    price: int
    base_asset_amount: int
    base_asset_amount_filled: int
    quote_asset_amount_filled: int
    trigger_price: int
    auction_start_price: int
    auction_end_price: int
    max_ts: int
    oracle_price_offset: int
    order_id: int
    market_index: int
    order_type: str
    market_type: str
    user_order_id: int
    existing_position_direction: str
    direction: str
    reduce_only: bool
    post_only: bool
    immediate_or_cancel: bool
    trigger_condition: str
    auction_duration: int

    @property
    def remaining_base_asset_amount(self) -> int:
        return self.base_asset_amount - self.base_asset_amount_filled

    def is_expired(self, chain_timestamp: int) -> bool:
        """Whether its time has passed on the chain's clock; it may still stand in the account."""
        return self.max_ts != 0 and chain_timestamp > self.max_ts


@dataclass(frozen=True, slots=True)
class UserAccount:
    """One sub-account; positions are those in use, orders those that are open.

    `margin_mode` is "Default" where the deployment knows no other.
    """

    authority: Pubkey
    delegate: Pubkey
    sub_account_id: int
    status: int
    is_margin_trading_enabled: bool
    max_margin_ratio: int
    margin_mode: str
    pool_id: int
    next_order_id: int
    next_liquidation_id: int
    total_deposits: int
    total_withdraws: int
    total_social_loss: int
    settled_perp_pnl: int
    cumulative_spot_fees: int
    cumulative_perp_funding: int
    last_active_slot: int
    open_orders: int
    spot_positions: tuple[SpotPosition, ...]
    perp_positions: tuple[PerpPosition, ...]
    orders: tuple[OpenOrder, ...]

    @property
    def is_being_liquidated(self) -> bool:
        return self.status & (BEING_LIQUIDATED | BANKRUPT) != 0

    @property
    def is_reduce_only(self) -> bool:
        return self.status & REDUCE_ONLY != 0

    def spot_position(self, market_index: int) -> SpotPosition | None:
        return next((p for p in self.spot_positions if p.market_index == market_index), None)

    def perp_position(self, market_index: int) -> PerpPosition | None:
        return next((p for p in self.perp_positions if p.market_index == market_index), None)


@dataclass(frozen=True, slots=True)
class PerpMarketAccount:
    pubkey: Pubkey
    market_index: int
    name: str
    status: str
    contract_type: str
    contract_tier: str
    paused_operations: int
    quote_spot_market_index: int
    oracle: Pubkey
    oracle_source: str
    order_step_size: int
    order_tick_size: int
    min_order_size: int
    margin_ratio_initial: int
    margin_ratio_maintenance: int
    high_leverage_margin_ratio_initial: int
    high_leverage_margin_ratio_maintenance: int
    imf_factor: int
    unrealized_pnl_imf_factor: int
    unrealized_pnl_max_imbalance: int
    unrealized_pnl_initial_asset_weight: int
    unrealized_pnl_maintenance_asset_weight: int
    liquidator_fee: int
    if_liquidation_fee: int
    fee_adjustment: int
    expiry_ts: int
    expiry_price: int
    next_fill_record_id: int
    number_of_users: int
    cumulative_funding_rate_long: int
    cumulative_funding_rate_short: int
    last_funding_rate: int
    last_funding_rate_long: int
    last_funding_rate_short: int
    last_funding_rate_ts: int
    last24h_avg_funding_rate: int
    funding_period: int
    base_asset_amount_long: int
    base_asset_amount_short: int
    base_asset_amount_with_amm: int
    quote_asset_amount: int
    max_open_interest: int
    pnl_pool_scaled_balance: int
    last_oracle_price_twap: int
    last_oracle_price_twap5min: int
    last_oracle_price_twap_ts: int
    last_mark_price_twap: int
    last_bid_price_twap: int
    last_ask_price_twap: int
    volume24h: int


@dataclass(frozen=True, slots=True)
class SpotMarketAccount:
    pubkey: Pubkey
    market_index: int
    name: str
    mint: Pubkey
    vault: Pubkey
    oracle: Pubkey
    oracle_source: str
    decimals: int
    status: str
    asset_tier: str
    paused_operations: int
    deposit_balance: int
    borrow_balance: int
    cumulative_deposit_interest: int
    cumulative_borrow_interest: int
    initial_asset_weight: int
    maintenance_asset_weight: int
    initial_liability_weight: int
    maintenance_liability_weight: int
    imf_factor: int
    scale_initial_asset_weight_start: int
    withdraw_guard_threshold: int
    max_token_deposits: int
    deposit_token_twap: int
    borrow_token_twap: int
    utilization_twap: int
    last_interest_ts: int
    last_twap_ts: int
    optimal_utilization: int
    optimal_borrow_rate: int
    max_borrow_rate: int
    min_borrow_rate: int
    order_step_size: int
    order_tick_size: int
    min_order_size: int
    next_deposit_record_id: int
    pool_id: int
    token_program_flag: int
    last_oracle_price: int
    last_oracle_price_twap: int
    last_oracle_price_twap5min: int
    last_oracle_price_twap_ts: int


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Fee and rebate as fractions of the quote amount."""

    fee_numerator: int
    fee_denominator: int
    maker_rebate_numerator: int
    maker_rebate_denominator: int


@dataclass(frozen=True, slots=True)
class StateAccount:
    """`exchange_status` is a bit set; zero is active."""

    signer: Pubkey
    exchange_status: int
    number_of_markets: int
    number_of_spot_markets: int
    number_of_sub_accounts: int
    max_number_of_sub_accounts: int
    max_initialize_user_fee: int
    min_perp_auction_duration: int
    default_market_order_time_in_force: int
    liquidation_margin_buffer_ratio: int
    initial_pct_to_liquidate: int
    liquidation_duration: int
    settlement_duration: int
    perp_fee_tiers: tuple[FeeTier, ...]
    perp_flat_filler_fee: int
    slots_before_stale_for_amm: int
    slots_before_stale_for_margin: int
    confidence_interval_max_size: int
    too_volatile_ratio: int


@dataclass(frozen=True, slots=True)
class UserStatsAccount:
    authority: Pubkey
    referrer: Pubkey
    total_fee_paid: int
    total_fee_rebate: int
    maker_volume30d: int
    taker_volume30d: int
    last_maker_volume30d_ts: int
    last_taker_volume30d_ts: int
    number_of_sub_accounts: int
    number_of_sub_accounts_created: int
    if_staked_quote_asset_amount: int
