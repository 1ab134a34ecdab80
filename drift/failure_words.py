"""What the program's errors are called here: a stable code and a plain sentence for each that an
act of a user can meet."""

from __future__ import annotations

from collections.abc import Mapping

# Program error name → (code, sentence). Others get a code made from their name.
PROGRAM_FAILURES: Mapping[str, tuple[str, str]] = {
    "InsufficientCollateral": (
        "venue.insufficient_collateral",
        "The account's collateral does not cover the margin of this order.",
    ),
    "InsufficientDeposit": (
        "venue.insufficient_deposit",
        "The account does not hold that much of the token.",
    ),
    "InvalidOrderForInitialMarginReq": (
        "venue.insufficient_collateral",
        "The account's collateral does not cover the margin of this order.",
    ),
    "MaxNumberOfPositions": (
        "venue.too_many_positions",
        "The account already has as many positions as the venue allows.",
    ),
    "MaxNumberOfOrders": (
        "venue.too_many_orders",
        "The account already has as many open orders as the venue allows.",
    ),
    "MaxNumberOfUsers": (
        "venue.no_room_for_accounts",
        "The venue takes no new accounts at the moment.",
    ),
    "UserOrderIdAlreadyInUse": (
        "venue.label_in_use",
        "The account still has an open order under the same label.",
    ),
    "ExchangePaused": ("venue.paused", "The venue has paused this at the moment."),
    "MarketActionPaused": ("venue.market_paused", "The venue has paused this in the market."),
    "MarketPlaceOrderPaused": ("venue.market_paused", "The venue takes no orders in the market."),
    "MarketFillOrderPaused": ("venue.market_paused", "The venue fills no orders in the market."),
    "MarketWithdrawPaused": ("venue.market_paused", "The venue has paused withdrawals of it."),
    "MarketDelisted": ("venue.market_closed", "The market has been closed."),
    "MarketBeingInitialized": ("venue.market_closed", "The market is not open yet."),
    "InvalidOracle": ("venue.oracle_invalid", "The venue does not trust its price at the moment."),
    "OracleStaleForMargin": ("venue.oracle_stale", "The venue's price is too old at the moment."),
    "OracleStaleForAMM": ("venue.oracle_stale", "The venue's price is too old at the moment."),
    "OracleTooUncertain": ("venue.oracle_invalid", "The venue's price is too uncertain now."),
    "OracleTooVolatile": ("venue.oracle_invalid", "The venue's price moves too fast now."),
    "OracleNonPositive": ("venue.oracle_invalid", "The venue has no valid price at the moment."),
    "PriceBandsBreached": (
        "venue.price_bands",
        "The price is further from the oracle's than the venue allows.",
    ),
    "OrderBreachesOraclePriceLimits": (
        "venue.price_bands",
        "The price is further from the oracle's than the venue allows.",
    ),
    "SlippageOutsideLimit": (
        "venue.slippage",
        "The market moved past the worst price that was accepted.",
    ),
    "ImpossibleFill": (
        "venue.nothing_to_take",
        "There was nothing to fill the order with at once.",
    ),
    "InvalidOrderMaxTs": ("venue.order_expired", "The order's time had already passed."),
    "InvalidOrderMinOrderSize": ("venue.size_too_small", "The order is smaller than the minimum."),
    "InvalidOrderSizeTooSmall": ("venue.size_too_small", "The order is smaller than the minimum."),
    "OrderAmountTooSmall": ("venue.size_too_small", "The order is smaller than the minimum."),
    "InvalidOrderNotStepSizeMultiple": (
        "venue.size_off_step",
        "The order's size is not a multiple of the market's step.",
    ),
    "InvalidOrderAuction": ("venue.auction_invalid", "The order's auction prices do not fit."),
    "InvalidOrderNotRiskReducing": (
        "venue.only_reducing",
        "The market takes only orders that reduce a position at the moment.",
    ),
    "PlacePostOnlyLimitFailure": (
        "venue.would_cross",
        "The order would have filled at once, which it was not to do.",
    ),
    "OrderDoesNotExist": ("venue.order_gone", "The order is no longer there."),
    "UserHasNoOrder": ("venue.order_gone", "The order is no longer there."),
    "OrderNotOpen": ("venue.order_gone", "The order is no longer open."),
    "UserIsBeingLiquidated": (
        "venue.being_liquidated",
        "The account is being liquidated; the venue takes no orders from it.",
    ),
    "UserBankrupt": ("venue.bankrupt", "The account owes more than it holds."),
    "UserReduceOnly": (
        "venue.account_reduce_only",
        "The account may only reduce its positions at the venue.",
    ),
    "MaxOpenInterest": ("venue.open_interest_full", "The market takes no larger positions now."),
    "MaxDeposit": ("venue.deposits_full", "The venue takes no more deposits of this token."),
    "DailyWithdrawLimit": (
        "venue.daily_withdraw_limit",
        "The venue's withdrawals of this token are at their limit for today.",
    ),
    "SpotMarketReduceOnly": (
        "venue.deposits_closed",
        "The venue takes no deposits of this token at the moment.",
    ),
    "InvalidUserSubAccountId": (
        "venue.account_was_deleted",
        "The account was deleted once, and the venue does not make it again.",
    ),
    "CantPayUserInitFee": (
        "venue.init_fee_missing",
        "There is not enough SOL for the venue's fee for a new account.",
    ),
    "Unauthorized": ("venue.unauthorized", "The venue does not let this wallet do that."),
    "AccountNotInitialized": (
        "venue.no_account",
        "The wallet has no account at the venue yet.",
    ),
    "NoUnsettledPnl": (
        "venue.nothing_to_settle",
        "There is no profit or loss that could be settled.",
    ),
    "UserHasNoPositionInMarket": (
        "venue.nothing_to_settle",
        "There is no profit or loss that could be settled.",
    ),
    "PnlPoolCantSettleUser": ("venue.pool_empty", "The market's pool cannot pay that profit now."),
    "InsufficientCollateralForSettlingPNL": (
        "venue.settle_needs_collateral",
        "A loss is settled only while the account carries its margin.",
    ),
    "InvalidMarketStatusToSettlePnl": (
        "venue.settling_paused",
        "The market settles no profit or loss at the moment.",
    ),
    "InvalidOracleForSettlePnl": (
        "venue.settling_paused",
        "The market settles no profit or loss at the moment.",
    ),
    "AMMNotUpdatedInSameSlot": (
        "venue.settling_paused",
        "The market settles no profit or loss at the moment.",
    ),
    "UserMustSettleTheirOwnPositiveUnsettledPNL": (
        "venue.settling_paused",
        "The market settles no profit or loss at the moment.",
    ),
    "InvalidOrderLimitPrice": ("venue.price_not_taken", "The order's price does not fit its type."),
    "InvalidPricePrecision": ("venue.price_not_taken", "The order's price does not fit its type."),
    "UnableToGetLimitPrice": ("venue.price_not_taken", "The order's price does not fit its type."),
    "InvalidOrderTrigger": (
        "venue.trigger_not_taken",
        "The order's trigger does not fit its type.",
    ),
    "InvalidTriggerOrderCondition": (
        "venue.trigger_not_taken",
        "The order's trigger does not fit its type.",
    ),
    "OrderNotTriggerable": (
        "venue.trigger_not_taken",
        "The order's trigger does not fit its type.",
    ),
    "OrderDidNotSatisfyTriggerCondition": (
        "venue.trigger_not_taken",
        "The order's trigger does not fit its type.",
    ),
    "OrderMustBeTriggeredFirst": (
        "venue.trigger_not_taken",
        "The order's trigger does not fit its type.",
    ),
    "InvalidOrder": (
        "venue.flags_not_taken",
        "The venue does not take that combination of order flags.",
    ),
    "InvalidOrderIOC": (
        "venue.flags_not_taken",
        "The venue does not take that combination of order flags.",
    ),
    "InvalidOrderPostOnly": (
        "venue.flags_not_taken",
        "The venue does not take that combination of order flags.",
    ),
    "InvalidOrderIOCPostOnly": (
        "venue.flags_not_taken",
        "The venue does not take that combination of order flags.",
    ),
    "InvalidOrderMarketType": (
        "venue.flags_not_taken",
        "The venue does not take that combination of order flags.",
    ),
    "InvalidOrderBaseQuoteAsset": (
        "venue.flags_not_taken",
        "The venue does not take that combination of order flags.",
    ),
    "InvalidOrderOracleOffset": (
        "venue.offset_not_taken",
        "The venue does not take that offset from its price.",
    ),
    "InvalidOracleOffset": (
        "venue.offset_not_taken",
        "The venue does not take that offset from its price.",
    ),
    "PlaceAndTakeOrderSuccessConditionFailed": (
        "venue.not_filled_enough",
        "The order did not fill as far as it had to.",
    ),
    "RevertFill": ("venue.not_filled_enough", "The order did not fill as far as it had to."),
    "TradeSizeTooLarge": ("venue.size_too_large", "The order is larger than the market takes."),
    "ReduceOnlyWithdrawIncreasedRisk": (
        "venue.nothing_to_withdraw",
        "The account holds none of that token to withdraw.",
    ),
    "CouldNotFindSpotPosition": (
        "venue.nothing_to_withdraw",
        "The account holds none of that token to withdraw.",
    ),
    "ReduceOnlyOrderIncreasedRisk": (
        "venue.reduce_only_increases",
        "A reduce-only order would have increased the risk.",
    ),
    "SpotMarketInsufficientDeposits": (
        "venue.vault_short",
        "The venue does not hold enough of the token at the moment.",
    ),
    "SpotMarketVaultInvariantViolated": (
        "venue.vault_short",
        "The venue does not hold enough of the token at the moment.",
    ),
    "SpotMarketBalanceInvariantViolated": (
        "venue.vault_short",
        "The venue does not hold enough of the token at the moment.",
    ),
    "MaxBorrows": (
        "venue.vault_short",
        "The venue does not hold enough of the token at the moment.",
    ),
    "IsolatedAssetTierViolation": (
        "venue.tier_isolated",
        "That market cannot be held beside what the account holds.",
    ),
    "ProtectedAssetTierViolation": (
        "venue.tier_isolated",
        "That market cannot be held beside what the account holds.",
    ),
    "InvalidPoolId": (
        "venue.tier_isolated",
        "That market cannot be held beside what the account holds.",
    ),
    "MarginTradingDisabled": (
        "venue.tier_isolated",
        "That market cannot be held beside what the account holds.",
    ),
    "NoSpotPositionAvailable": (
        "venue.too_many_tokens",
        "The account already holds as many tokens as the venue allows.",
    ),
    "UserHasInvalidBorrow": (
        "venue.account_bad",
        "The venue found the account's balances out of order.",
    ),
    "InvalidPerpPositionDetected": (
        "venue.account_bad",
        "The venue found the account's balances out of order.",
    ),
    "InvalidSpotPositionDetected": (
        "venue.account_bad",
        "The venue found the account's balances out of order.",
    ),
    "InvalidSpotPosition": (
        "venue.account_bad",
        "The venue found the account's balances out of order.",
    ),
    "InvalidPerpPosition": (
        "venue.account_bad",
        "The venue found the account's balances out of order.",
    ),
    "OrderSizeTooSmall": ("venue.size_too_small", "The order is smaller than the minimum."),
    "UnableToLoadOracle": (
        "venue.oracle_invalid",
        "The venue does not trust its price at the moment.",
    ),
    "OracleNotFound": ("venue.oracle_invalid", "The venue does not trust its price at the moment."),
    "OracleInsufficientDataPoints": (
        "venue.oracle_invalid",
        "The venue does not trust its price at the moment.",
    ),
    "UnableToParsePullOracleMessage": (
        "venue.oracle_invalid",
        "The venue does not trust its price at the moment.",
    ),
    "OracleUpdatesNotMonotonic": (
        "venue.oracle_invalid",
        "The venue does not trust its price at the moment.",
    ),
    "InvalidMarketStatusForFills": (
        "venue.market_paused",
        "The venue has paused this in the market.",
    ),
    "LiquidationsOngoing": ("venue.market_paused", "The venue has paused this in the market."),
    "InvalidOrderFillPrice": (
        "venue.price_bands",
        "The price is further from the oracle's than the venue allows.",
    ),
    "UserCantBeDeleted": (
        "venue.account_not_deletable",
        "The account still holds something and cannot be deleted.",
    ),
    "CantDeleteUserWithCollateral": (
        "venue.account_not_deletable",
        "The account still holds something and cannot be deleted.",
    ),
    "CantReclaimRent": (
        "venue.account_not_deletable",
        "The account still holds something and cannot be deleted.",
    ),
    "NonZeroTransferFee": ("venue.token_not_taken", "The venue does not take tokens of that kind."),
    "UnsupportedSpotMarket": (
        "venue.token_not_taken",
        "The venue does not take tokens of that kind.",
    ),
}
