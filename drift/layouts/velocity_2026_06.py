"""Velocity as its interface of June 2026 declares it.

The program's structs are laid out as C does it; the bytes that alignment leaves between and after
fields are spelled out here (`align_padding`, `tail_padding`), so that fields lie end to end.
"""

from drift.layouts import program_errors, shared, shared_instructions
from drift.layouts.schema import build_layout, instruction

TYPES = {
    "OrderFillerRewardStructure": (
        "time_based_reward_lower_bound:u128 reward_numerator:u32 reward_denominator:u32 "
        "padding:[u8;8]"
    ),
    "FeeStructure": (
        "fee_tiers:[FeeTier;10] filler_reward_structure:OrderFillerRewardStructure "
        "flat_filler_fee:u64 padding:u64"
    ),
    "PerpPosition": (
        "last_cumulative_funding_rate:i64 base_asset_amount:i64 quote_asset_amount:i64 "
        "quote_break_even_amount:i64 quote_entry_amount:i64 open_bids:i64 open_asks:i64 "
        "settled_pnl:i64 isolated_position_scaled_balance:u64 padding:[u8;2] max_margin_ratio:u16 "
        "market_index:u16 open_orders:u8 position_flag:u8"
    ),
    "Order": (
        "slot:u64 price:u64 base_asset_amount:u64 base_asset_amount_filled:u64 "
        "quote_asset_amount_filled:u64 trigger_price:u64 auction_start_price:i64 "
        "auction_end_price:i64 max_ts:i64 oracle_price_offset:i64 order_id:u32 market_index:u16 "
        "status:OrderStatus order_type:OrderType market_type:MarketType user_order_id:u8 "
        "existing_position_direction:PositionDirection direction:PositionDirection "
        "reduce_only:bool post_only:bool immediate_or_cancel:bool "
        "trigger_condition:OrderTriggerCondition auction_duration:u8 posted_slot_tail:u8 "
        "bit_flags:u8 padding:[u8;5]"
    ),
    "UserFees": (
        "total_fee_paid:u64 total_fee_rebate:u64 total_token_discount:u64 "
        "total_referee_discount:u64"
    ),
    "PoolBalance": "scaled_balance:u128 market_index:u16 padding:[u8;14]",
    "MarketStats": (
        "last_mark_price_twap:u64 last_mark_price_twap5min:u64 last_mark_price_twap_ts:i64 "
        "last_bid_price_twap:u64 last_ask_price_twap:u64 mark_std:u64 oracle_std:u64 "
        "last_oracle_conf_pct:u64 volume24h:u64 long_intensity_volume:u64 "
        "short_intensity_volume:u64 last_trade_ts:i64 last24h_avg_funding_rate:i64 "
        "funding_period:i64 min_order_size:u64 mm_oracle_price:i64 mm_oracle_slot:u64 "
        "mm_oracle_sequence_id:u64 last_oracle_normalised_price:i64 "
        "last_reference_price_offset:i32 last_oracle_valid:bool padding:[u8;11] "
        "historical_oracle_data:HistoricalOracleData"
    ),
    "AMM": (
        "fee_pool:PoolBalance base_asset_reserve:u128 quote_asset_reserve:u128 "
        "concentration_coef:u128 min_base_asset_reserve:u128 max_base_asset_reserve:u128 "
        "sqrt_k:u128 peg_multiplier:u128 terminal_quote_asset_reserve:u128 "
        "base_asset_amount_with_amm:i128 total_fee:i128 total_mm_fee:i128 "
        "total_fee_minus_distributions:i128 total_fee_withdrawn:u128 ask_base_asset_reserve:u128 "
        "ask_quote_asset_reserve:u128 bid_base_asset_reserve:u128 bid_quote_asset_reserve:u128 "
        "last_update_slot:u64 net_revenue_since_last_funding:i64 "
        "last_cumulative_funding_rate_long:i64 last_cumulative_funding_rate_short:i64 "
        "last_oracle_reserve_price_spread_pct:i64 last_spread_update_slot:u64 base_spread:u32 "
        "max_spread:u32 long_spread:u32 short_spread:u32 reference_price_offset:i32 "
        "max_fill_reserve_fraction:u16 max_slippage_ratio:u16 curve_update_intensity:u8 "
        "amm_jit_intensity:u8 amm_spread_adjustment:i8 amm_inventory_spread_adjustment:i8 "
        "reference_price_offset_deadband_pct:u8 padding_post_amm:[u8;3]"
    ),
    "HedgeConfig": (
        "pool_id:u8 status:u8 paused_operations:u8 exchange_fee_exclusion_scalar:u8 "
        "fee_transfer_scalar:u8 padding:[u8;11]"
    ),
    "LiquidatePerpRecord": (
        "market_index:u16 oracle_price:i64 base_asset_amount:i64 quote_asset_amount:i64 "
        "fill_record_id:u64 user_order_id:u32 liquidator_order_id:u32 liquidator_fee:u64 "
        "if_fee:u64"
    ),
    "OrderParams": (
        "order_type:OrderType market_type:MarketType direction:PositionDirection user_order_id:u8 "
        "base_asset_amount:u64 price:u64 market_index:u16 reduce_only:bool post_only:PostOnlyParam "
        "bit_flags:u8 max_ts:?i64 trigger_price:?u64 trigger_condition:OrderTriggerCondition "
        "oracle_price_offset:?i64 auction_duration:?u8 auction_start_price:?i64 "
        "auction_end_price:?i64 builder_idx:?u8 builder_fee_tenth_bps:?u16"
    ),
    "ModifyOrderParams": (
        "direction:?PositionDirection base_asset_amount:?u64 price:?u64 reduce_only:?bool "
        "post_only:?PostOnlyParam bit_flags:?u8 max_ts:?i64 trigger_price:?u64 "
        "trigger_condition:?OrderTriggerCondition oracle_price_offset:?i64 auction_duration:?u8 "
        "auction_start_price:?i64 auction_end_price:?i64 policy:?u8"
    ),
}

ENUMS = {
    "MarketStatus": "Initialized Active ReduceOnly Settlement Delisted",
    "ContractType": "Perpetual DeprecatedFuture DeprecatedPrediction",
    "OracleSource": (
        "Pyth DeprecatedSwitchboard QuoteAsset Pyth1K Pyth1M PythStableCoin Prelaunch PythPull "
        "Pyth1KPull Pyth1MPull PythStableCoinPull DeprecatedSwitchboardOnDemand PythLazer "
        "PythLazer1K PythLazer1M PythLazerStableCoin"
    ),
}

ACCOUNTS = {
    "State": (
        "cold_admin:pubkey warm_admin:pubkey pause_admin:pubkey hot_amm_crank:pubkey "
        "hot_lp_cache:pubkey hot_lp_swap:pubkey hot_lp_settle:pubkey hot_if_rebalance:pubkey "
        "hot_feature_flag:pubkey hot_fuel:pubkey hot_user_flag:pubkey hot_vault_deposit:pubkey "
        "hot_mm_oracle_crank:pubkey hot_amm_spread_adjust:pubkey whitelist_mint:pubkey "
        "discount_mint:pubkey signer:pubkey srm_vault:pubkey perp_fee_structure:FeeStructure "
        "spot_fee_structure:FeeStructure oracle_guard_rails:OracleGuardRails "
        "number_of_authorities:u64 number_of_sub_accounts:u64 liquidation_margin_buffer_ratio:u32 "
        "settlement_duration:u16 number_of_markets:u16 number_of_spot_markets:u16 signer_nonce:u8 "
        "min_perp_auction_duration:u8 default_market_order_time_in_force:u8 "
        "default_spot_auction_duration:u8 exchange_status:u8 liquidation_duration:u8 "
        "initial_pct_to_liquidate:u16 max_number_of_sub_accounts:u16 max_initialize_user_fee:u16 "
        "feature_bit_flags:u8 lp_pool_feature_bit_flags:u8 padding:[u8;272]"
    ),
    "User": (
        "authority:pubkey delegate:pubkey name:[u8;32] spot_positions:[SpotPosition;8] "
        "perp_positions:[PerpPosition;8] orders:[Order;32] total_deposits:u64 total_withdraws:u64 "
        "total_social_loss:u64 settled_perp_pnl:i64 cumulative_spot_fees:i64 "
        "cumulative_perp_funding:i64 liquidation_margin_freed:u64 last_active_slot:u64 "
        "next_order_id:u32 max_margin_ratio:u32 next_liquidation_id:u16 sub_account_id:u16 "
        "status:u8 is_margin_trading_enabled:bool idle:bool open_orders:u8 has_open_order:bool "
        "open_auctions:u8 has_open_auction:bool pool_id:u8 special_user_status:u8 padding:[u8;14] "
        "tail_padding:[u8;5]"
    ),
    "UserStats": (
        "authority:pubkey referrer:pubkey fees:UserFees maker_volume30d:u64 taker_volume30d:u64 "
        "filler_volume30d:u64 last_maker_volume30d_ts:i64 last_taker_volume30d_ts:i64 "
        "last_filler_volume30d_ts:i64 if_staked_quote_asset_amount:u64 number_of_sub_accounts:u16 "
        "number_of_sub_accounts_created:u16 referrer_status:u8 disable_update_perp_bid_ask_twap:u8 "
        "paused_operations:u8 align_padding:[u8;1] if_staked_gov_token_amount:u64 "
        "delegate_permissions:u8 padding:[u8;63]"
    ),
    "PerpMarket": (
        "pubkey:pubkey base_asset_amount_long:i128 base_asset_amount_short:i128 "
        "quote_asset_amount:i128 quote_entry_amount_long:i128 quote_entry_amount_short:i128 "
        "quote_break_even_amount_long:i128 quote_break_even_amount_short:i128 "
        "max_open_interest:u128 total_social_loss:u128 cumulative_funding_rate_long:i128 "
        "cumulative_funding_rate_short:i128 total_exchange_fee:u128 total_liquidation_fee:u128 "
        "oracle:pubkey pnl_pool:PoolBalance name:[u8;32] insurance_claim:InsuranceClaim "
        "last_funding_rate:i64 last_funding_rate_long:i64 last_funding_rate_short:i64 "
        "last_funding_rate_ts:i64 net_unsettled_funding_pnl:i64 last_funding_oracle_twap:i64 "
        "order_step_size:u64 order_tick_size:u64 unrealized_pnl_max_imbalance:u64 expiry_ts:i64 "
        "expiry_price:i64 next_fill_record_id:u64 next_funding_rate_record_id:u64 imf_factor:u32 "
        "unrealized_pnl_imf_factor:u32 liquidator_fee:u32 if_liquidation_fee:u32 "
        "margin_ratio_initial:u32 margin_ratio_maintenance:u32 "
        "unrealized_pnl_initial_asset_weight:u32 unrealized_pnl_maintenance_asset_weight:u32 "
        "number_of_users_with_base:u32 number_of_users:u32 market_index:u16 status:MarketStatus "
        "contract_type:ContractType contract_tier:ContractTier paused_operations:u8 "
        "quote_spot_market_index:u16 fee_adjustment:i16 padding_align_lfp:[u8;6] "
        "last_fill_price:u64 pool_id:u8 padding_pmm:[u8;2] padding_hedge:[u8;5] market_config:u8 "
        "oracle_source:OracleSource oracle_slot_delay_override:i8 "
        "oracle_low_risk_slot_delay_override:i8 padding:[u8;36] market_stats:MarketStats "
        "padding_align_amm:[u8;8] amm:AMM hedge_config:HedgeConfig"
    ),
    "SpotMarket": (
        "pubkey:pubkey oracle:pubkey mint:pubkey vault:pubkey name:[u8;32] "
        "insurance_fund:InsuranceFund total_spot_fee:u128 deposit_balance:u128 borrow_balance:u128 "
        "cumulative_deposit_interest:u128 cumulative_borrow_interest:u128 total_social_loss:u128 "
        "total_quote_social_loss:u128 revenue_pool:PoolBalance spot_fee_pool:PoolBalance "
        "historical_oracle_data:HistoricalOracleData historical_index_data:HistoricalIndexData "
        "withdraw_guard_threshold:u64 max_token_deposits:u64 deposit_token_twap:u64 "
        "borrow_token_twap:u64 utilization_twap:u64 last_interest_ts:u64 last_twap_ts:u64 "
        "expiry_ts:i64 order_step_size:u64 order_tick_size:u64 min_order_size:u64 "
        "max_position_size:u64 next_fill_record_id:u64 next_deposit_record_id:u64 "
        "initial_asset_weight:u32 maintenance_asset_weight:u32 initial_liability_weight:u32 "
        "maintenance_liability_weight:u32 imf_factor:u32 liquidator_fee:u32 if_liquidation_fee:u32 "
        "optimal_utilization:u32 optimal_borrow_rate:u32 max_borrow_rate:u32 decimals:u32 "
        "market_index:u16 orders_enabled:bool oracle_source:OracleSource status:MarketStatus "
        "asset_tier:AssetTier paused_operations:u8 if_paused_operations:u8 fee_adjustment:i16 "
        "max_token_borrows_fraction:u16 flash_loan_amount:u64 flash_loan_initial_token_amount:u64 "
        "total_swap_fee:u64 scale_initial_asset_weight_start:u64 min_borrow_rate:u8 "
        "token_program_flag:u8 pool_id:u8 padding:[u8;56] tail_padding:[u8;5]"
    ),
}

EVENTS = {
    "DepositRecord": (
        "ts:i64 user_authority:pubkey user:pubkey direction:DepositDirection deposit_record_id:u64 "
        "amount:u64 market_index:u16 oracle_price:i64 market_deposit_balance:u128 "
        "market_withdraw_balance:u128 market_cumulative_deposit_interest:u128 "
        "market_cumulative_borrow_interest:u128 total_deposits_after:u64 total_withdraws_after:u64 "
        "explanation:DepositExplanation transfer_user:?pubkey signer:?pubkey "
        "user_token_amount_after:i128"
    ),
    "FundingRateRecord": (
        "ts:i64 record_id:u64 market_index:u16 funding_rate:i64 funding_rate_long:i128 "
        "funding_rate_short:i128 cumulative_funding_rate_long:i128 "
        "cumulative_funding_rate_short:i128 oracle_price_twap:i64 mark_price_twap:u64 "
        "base_asset_amount_with_amm:i128"
    ),
    "LiquidationRecord": (
        "ts:i64 liquidation_type:LiquidationType user:pubkey liquidator:pubkey "
        "margin_requirement:u128 total_collateral:i128 margin_freed:u64 liquidation_id:u16 "
        "bankrupt:bool canceled_order_ids:*u32 liquidate_perp:LiquidatePerpRecord "
        "liquidate_spot:LiquidateSpotRecord "
        "liquidate_borrow_for_perp_pnl:LiquidateBorrowForPerpPnlRecord "
        "liquidate_perp_pnl_for_deposit:LiquidatePerpPnlForDepositRecord "
        "perp_bankruptcy:PerpBankruptcyRecord spot_bankruptcy:SpotBankruptcyRecord bit_flags:u8"
    ),
}

INSTRUCTIONS = (
    instruction(
        "initialize_user_stats", "", "user_stats:w state:w authority payer:sw rent system_program"
    ),
    instruction(
        "initialize_user",
        "sub_account_id:u16 name:[u8;32]",
        "user:w user_stats:w state:w authority payer:sw rent system_program",
    ),
    instruction(
        "withdraw",
        "market_index:u16 amount:u64 reduce_only:bool",
        "state user:w user_stats:w authority:s spot_market_vault:w velocity_signer "
        "user_token_account:w token_program",
    ),
    instruction(
        "initialize",
        "",
        "admin:sw state:w quote_asset_mint velocity_signer rent system_program token_program",
    ),
    instruction(
        "initialize_spot_market",
        "optimal_utilization:u32 optimal_borrow_rate:u32 max_borrow_rate:u32 "
        "oracle_source:OracleSource initial_asset_weight:u32 maintenance_asset_weight:u32 "
        "initial_liability_weight:u32 maintenance_liability_weight:u32 imf_factor:u32 "
        "liquidator_fee:u32 if_liquidation_fee:u32 active_status:bool asset_tier:AssetTier "
        "scale_initial_asset_weight_start:u64 withdraw_guard_threshold:u64 order_tick_size:u64 "
        "order_step_size:u64 if_total_factor:u32 name:[u8;32]",
        "spot_market:w spot_market_mint spot_market_vault:w insurance_fund_vault:w velocity_signer "
        "state:w oracle admin:sw rent system_program token_program",
    ),
    instruction(
        "initialize_perp_market",
        "market_index:u16 amm_base_asset_reserve:u128 amm_quote_asset_reserve:u128 "
        "amm_periodicity:i64 amm_peg_multiplier:u128 oracle_source:OracleSource "
        "contract_tier:ContractTier margin_ratio_initial:u32 margin_ratio_maintenance:u32 "
        "liquidator_fee:u32 if_liquidation_fee:u32 imf_factor:u32 active_status:bool "
        "base_spread:u32 max_spread:u32 max_open_interest:u128 max_revenue_withdraw_per_period:u64 "
        "quote_max_insurance:u64 order_step_size:u64 order_tick_size:u64 min_order_size:u64 "
        "concentration_coef_scale:u128 curve_update_intensity:u8 amm_jit_intensity:u8 name:[u8;32] "
        "lp_pool_id:u8",
        "admin:sw state:w perp_market:w oracle rent system_program",
    ),
)

VELOCITY_2026_06 = build_layout(
    version="velocity_2026_06",
    accounts_may_grow=True,
    types=shared.TYPES | TYPES,
    enums=shared.ENUMS | ENUMS,
    accounts=shared.ACCOUNTS | ACCOUNTS,
    instructions=shared_instructions.INSTRUCTIONS + INSTRUCTIONS,
    events=shared.EVENTS | EVENTS,
    errors=program_errors.ERRORS
    | {6342: "Unauthorized", 6345: "InvalidIsolatedPerpMarket", 6351: "InvalidAdminTier"},
)
