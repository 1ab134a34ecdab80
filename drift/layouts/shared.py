"""What every supported build of the program declares alike: facts of its binary interface."""

TYPES = {
    "FeeTier": (
        "fee_numerator:u32 fee_denominator:u32 maker_rebate_numerator:u32 "
        "maker_rebate_denominator:u32 referrer_reward_numerator:u32 "
        "referrer_reward_denominator:u32 referee_fee_numerator:u32 referee_fee_denominator:u32"
    ),
    "PriceDivergenceGuardRails": (
        "mark_oracle_percent_divergence:u64 oracle_twap5min_percent_divergence:u64"
    ),
    "ValidityGuardRails": (
        "slots_before_stale_for_amm:i64 slots_before_stale_for_margin:i64 "
        "confidence_interval_max_size:u64 too_volatile_ratio:i64"
    ),
    "OracleGuardRails": "price_divergence:PriceDivergenceGuardRails validity:ValidityGuardRails",
    "SpotPosition": (
        "scaled_balance:u64 open_bids:i64 open_asks:i64 cumulative_deposits:i64 market_index:u16 "
        "balance_type:SpotBalanceType open_orders:u8 padding:[u8;4]"
    ),
    "HistoricalOracleData": (
        "last_oracle_price:i64 last_oracle_conf:u64 last_oracle_delay:i64 "
        "last_oracle_price_twap:i64 last_oracle_price_twap5min:i64 last_oracle_price_twap_ts:i64"
    ),
    "InsuranceClaim": (
        "revenue_withdraw_since_last_settle:i64 max_revenue_withdraw_per_period:u64 "
        "quote_max_insurance:u64 quote_settled_insurance:u64 last_revenue_withdraw_ts:i64"
    ),
    "HistoricalIndexData": (
        "last_index_bid_price:u64 last_index_ask_price:u64 last_index_price_twap:u64 "
        "last_index_price_twap5min:u64 last_index_price_twap_ts:i64"
    ),
    "InsuranceFund": (
        "vault:pubkey total_shares:u128 user_shares:u128 shares_base:u128 unstaking_period:i64 "
        "last_revenue_settle_ts:i64 revenue_settle_period:i64 total_factor:u32 user_factor:u32"
    ),
    "LiquidateSpotRecord": (
        "asset_market_index:u16 asset_price:i64 asset_transfer:u128 liability_market_index:u16 "
        "liability_price:i64 liability_transfer:u128 if_fee:u64"
    ),
    "LiquidateBorrowForPerpPnlRecord": (
        "perp_market_index:u16 market_oracle_price:i64 pnl_transfer:u128 "
        "liability_market_index:u16 liability_price:i64 liability_transfer:u128"
    ),
    "LiquidatePerpPnlForDepositRecord": (
        "perp_market_index:u16 market_oracle_price:i64 pnl_transfer:u128 asset_market_index:u16 "
        "asset_price:i64 asset_transfer:u128"
    ),
    "PerpBankruptcyRecord": (
        "market_index:u16 pnl:i128 if_payment:u128 clawback_user:?pubkey "
        "clawback_user_payment:?u128 cumulative_funding_rate_delta:i128"
    ),
    "SpotBankruptcyRecord": (
        "market_index:u16 borrow_amount:u128 if_payment:u128 cumulative_deposit_interest_delta:u128"
    ),
}

ENUMS = {
    "SpotBalanceType": "Deposit Borrow",
    "OrderStatus": "Init Open Filled Canceled",
    "OrderType": "Market Limit TriggerMarket TriggerLimit Oracle",
    "MarketType": "Spot Perp",
    "PositionDirection": "Long Short",
    "OrderTriggerCondition": "Above Below TriggeredAbove TriggeredBelow",
    "ContractTier": "A B C Speculative HighlySpeculative Isolated",
    "AssetTier": "Collateral Protected Cross Isolated Unlisted",
    "DepositDirection": "Deposit Withdraw",
    "DepositExplanation": "None Transfer Borrow RepayBorrow Reward",
    "OrderAction": "Place Cancel Fill Trigger Expire",
    "OrderActionExplanation": (
        "None InsufficientFreeCollateral OraclePriceBreachedLimitPrice "
        "MarketOrderFilledToLimitPrice OrderExpired Liquidation OrderFilledWithAMM "
        "OrderFilledWithAMMJit OrderFilledWithMatch OrderFilledWithMatchJit MarketExpired "
        "RiskingIncreasingOrder ReduceOnlyOrderIncreasedPosition OrderFillWithSerum "
        "NoBorrowLiquidity OrderFillWithPhoenix OrderFilledWithAMMJitLPSplit OrderFilledWithLPJit "
        "DeriskLp OrderFilledWithOpenbookV2 TransferPerpPosition"
    ),
    "LiquidationType": (
        "LiquidatePerp LiquidateSpot LiquidateBorrowForPerpPnl LiquidatePerpPnlForDeposit "
        "PerpBankruptcy SpotBankruptcy"
    ),
    "SettlePnlExplanation": "None ExpiredPosition",
    "PostOnlyParam": "None MustPostOnly TryPostOnly Slide",
    "SettlePnlMode": "MustSettle TrySettle",
}

ACCOUNTS = {
    "PythLazerOracle": (
        "price:i64 publish_time:u64 posted_slot:u64 exponent:i32 padding:[u8;4] conf:u64"
    ),
}

EVENTS = {
    "NewUserRecord": (
        "ts:i64 user_authority:pubkey user:pubkey sub_account_id:u16 name:[u8;32] referrer:pubkey"
    ),
    "DeleteUserRecord": (
        "ts:i64 user_authority:pubkey user:pubkey sub_account_id:u16 keeper:?pubkey"
    ),
    "SpotInterestRecord": (
        "ts:i64 market_index:u16 deposit_balance:u128 cumulative_deposit_interest:u128 "
        "borrow_balance:u128 cumulative_borrow_interest:u128 optimal_utilization:u32 "
        "optimal_borrow_rate:u32 max_borrow_rate:u32"
    ),
    "FundingPaymentRecord": (
        "ts:i64 user_authority:pubkey user:pubkey market_index:u16 funding_payment:i64 "
        "base_asset_amount:i64 user_last_cumulative_funding:i64 amm_cumulative_funding_long:i128 "
        "amm_cumulative_funding_short:i128"
    ),
    "OrderRecord": "ts:i64 user:pubkey order:Order",
    "OrderActionRecord": (
        "ts:i64 action:OrderAction action_explanation:OrderActionExplanation market_index:u16 "
        "market_type:MarketType filler:?pubkey filler_reward:?u64 fill_record_id:?u64 "
        "base_asset_amount_filled:?u64 quote_asset_amount_filled:?u64 taker_fee:?u64 "
        "maker_fee:?i64 referrer_reward:?u32 quote_asset_amount_surplus:?i64 "
        "spot_fulfillment_method_fee:?u64 taker:?pubkey taker_order_id:?u32 "
        "taker_order_direction:?PositionDirection taker_order_base_asset_amount:?u64 "
        "taker_order_cumulative_base_asset_amount_filled:?u64 "
        "taker_order_cumulative_quote_asset_amount_filled:?u64 maker:?pubkey maker_order_id:?u32 "
        "maker_order_direction:?PositionDirection maker_order_base_asset_amount:?u64 "
        "maker_order_cumulative_base_asset_amount_filled:?u64 "
        "maker_order_cumulative_quote_asset_amount_filled:?u64 oracle_price:i64 bit_flags:u8 "
        "taker_existing_quote_entry_amount:?u64 taker_existing_base_asset_amount:?u64 "
        "maker_existing_quote_entry_amount:?u64 maker_existing_base_asset_amount:?u64 "
        "trigger_price:?u64 builder_idx:?u8 builder_fee:?u64"
    ),
    "SettlePnlRecord": (
        "ts:i64 user:pubkey market_index:u16 pnl:i128 base_asset_amount:i64 "
        "quote_asset_amount_after:i64 quote_entry_amount:i64 settle_price:i64 "
        "explanation:SettlePnlExplanation"
    ),
}
