"""Instructions that every supported build takes alike: name, arguments, accounts in order."""

from drift.layouts.schema import instruction

INSTRUCTIONS = (
    instruction(
        "deposit",
        "market_index:u16 amount:u64 reduce_only:bool",
        "state user:w user_stats:w authority:s spot_market_vault:w user_token_account:w "
        "token_program",
    ),
    instruction(
        "transfer_deposit",
        "market_index:u16 amount:u64",
        "from_user:w to_user:w user_stats:w authority:s state spot_market_vault",
    ),
    instruction("place_perp_order", "params:OrderParams", "state user:w authority:s"),
    instruction("place_orders", "params:*OrderParams", "state user:w authority:s"),
    instruction(
        "place_and_take_perp_order",
        "params:OrderParams success_condition:?u32",
        "state user:w user_stats:w authority:s",
    ),
    instruction(
        "modify_order",
        "order_id:?u32 modify_order_params:ModifyOrderParams",
        "state user:w authority:s",
    ),
    instruction(
        "modify_order_by_user_id",
        "user_order_id:u8 modify_order_params:ModifyOrderParams",
        "state user:w authority:s",
    ),
    instruction("cancel_order", "order_id:?u32", "state user:w authority:s"),
    instruction("cancel_order_by_user_id", "user_order_id:u8", "state user:w authority:s"),
    instruction(
        "cancel_orders",
        "market_type:?MarketType market_index:?u16 direction:?PositionDirection",
        "state user:w authority:s",
    ),
    instruction("cancel_orders_by_ids", "order_ids:*u32", "state user:w authority:s"),
    instruction("settle_pnl", "market_index:u16", "state user:w authority:s spot_market_vault"),
    instruction(
        "settle_multiple_pnls",
        "market_indexes:*u16 mode:SettlePnlMode",
        "state user:w authority:s spot_market_vault",
    ),
    instruction("update_user_name", "sub_account_id:u16 name:[u8;32]", "user:w authority:s"),
    instruction(
        "update_user_custom_margin_ratio",
        "sub_account_id:u16 margin_ratio:u32",
        "user:w authority:s",
    ),
    instruction(
        "update_user_perp_position_custom_margin_ratio",
        "sub_account_id:u16 perp_market_index:u16 margin_ratio:u16",
        "user:w authority:s",
    ),
    instruction(
        "update_user_margin_trading_enabled",
        "sub_account_id:u16 margin_trading_enabled:bool",
        "user:w authority:s",
    ),
    instruction("update_user_delegate", "sub_account_id:u16 delegate:pubkey", "user:w authority:s"),
    instruction(
        "update_user_reduce_only", "sub_account_id:u16 reduce_only:bool", "user:w authority:s"
    ),
    instruction("delete_user", "", "user:w user_stats:w state:w authority:sw"),
    instruction(
        "fill_perp_order",
        "order_id:?u32 maker_order_id:?u32",
        "state authority:s filler:w filler_stats:w user:w user_stats:w",
    ),
    instruction("trigger_order", "order_id:u32", "state authority:s filler:w user:w"),
    instruction("force_cancel_orders", "", "state authority:s filler:w user:w"),
    instruction(
        "liquidate_perp",
        "market_index:u16 liquidator_max_base_asset_amount:u64 limit_price:?u64",
        "state authority:s liquidator:w liquidator_stats:w user:w user_stats:w",
    ),
    instruction("update_funding_rate", "market_index:u16", "state perp_market:w oracle"),
    instruction("settle_funding_payment", "", "state user:w"),
    instruction(
        "update_spot_market_cumulative_interest", "", "state spot_market:w oracle spot_market_vault"
    ),
    instruction("update_perp_auction_duration", "min_perp_auction_duration:u8", "admin:s state:w"),
    instruction(
        "update_withdraw_guard_threshold",
        "withdraw_guard_threshold:u64",
        "admin:s state spot_market:w",
    ),
    instruction(
        "update_spot_market_max_token_deposits",
        "max_token_deposits:u64",
        "admin:s state spot_market:w",
    ),
    instruction("update_exchange_status", "exchange_status:u8", "admin:s state:w"),
)
