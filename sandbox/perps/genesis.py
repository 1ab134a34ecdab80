"""What a deployment holds when the sandbox's chain is new: state, markets, vaults, liquidity."""

from __future__ import annotations

import struct
from typing import Any

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.perps import amm
from sandbox.perps.deployment import TOKEN_PROGRAM, Deployment
from sandbox.perps.feeds import oracle_address
from sandbox.perps.listings import BY_SYMBOL, LISTINGS, WRAPPED_SOL, Listing
from sandbox.perps.terms import (
    INTEREST,
    ONE_HOUR,
    PERCENT,
    PRICE,
    QUOTE,
    QUOTE_MARKET,
    SPOT_WEIGHT,
)
from sandbox.perps.views import View
from sandbox.solana.programs import Chain

SOL_MARKET = 1
PNL_POOL = 2_000_000 * QUOTE
"""Quote units in each perp market from which gains are settled before anyone lost."""
LEAST_AUCTION_SLOTS = 10
FEE_TENTHS_OF_BP = (100, 90, 80, 70, 60, 50)
FEE_DENOMINATOR = 100_000
FLAT_FILLER_FEE = QUOTE // 100
MOST_REFERRER_REWARD = 4_000 * QUOTE
UNSTAKING_SECONDS = 13 * 24 * ONE_HOUR
_TOKEN_ACCOUNT = struct.Struct("<32s32sQI32sBIQQI32s")
_MINT = struct.Struct("<I32sQBBI32s")


def write_genesis(chain: Chain, deployment: Deployment) -> None:
    """Write the deployment's own accounts; oracles are published before."""
    _write_mint(chain, deployment.quote_mint, 6, chain.keypair("mint authority").pubkey())
    _write_mint(chain, WRAPPED_SOL, 9, None)
    _write_state(chain, deployment)
    pools = PNL_POOL * len(LISTINGS)
    _write_spot_market(chain, deployment, QUOTE_MARKET, pools)
    _write_spot_market(chain, deployment, SOL_MARKET, 0)
    for listing in LISTINGS:
        _write_perp_market(chain, deployment, listing)


def padded(name: str) -> bytes:
    """A name as accounts hold it."""
    return name.encode().ljust(32)


def new_account(deployment: Deployment, kind: str, key: Pubkey) -> Any:
    """A view of an empty account with its discriminator; `store` writes it."""
    data = bytearray(deployment.size(kind))
    data[:8] = deployment.discriminator(kind)
    return deployment.view(kind, data, key)


def store(chain: Chain, deployment: Deployment, view: View) -> None:
    """Write a view's bytes to the chain as an account of the program, exempt from rent."""
    assert view.key is not None
    account = Account(chain.rent(len(view.data)), bytes(view.data), deployment.program_id)
    chain.set_account(view.key, account)


def _write_mint(chain: Chain, mint: Pubkey, decimals: int, authority: Pubkey | None) -> None:
    if chain.account(mint) is not None:
        return
    has_authority = int(authority is not None)
    data = _MINT.pack(
        has_authority, bytes(authority or Pubkey.default()), 0, decimals, 1, 0, bytes(32)
    )
    chain.set_account(mint, Account(chain.rent(len(data)), data, TOKEN_PROGRAM))


def write_token_account(
    chain: Chain, key: Pubkey, *, mint: Pubkey, owner: Pubkey, amount: int
) -> None:
    """Write a token account; one of wrapped SOL holds the lamports too."""
    rent = chain.rent(_TOKEN_ACCOUNT.size)
    native = mint == WRAPPED_SOL
    data = _TOKEN_ACCOUNT.pack(
        bytes(mint),
        bytes(owner),
        amount,
        0,
        bytes(32),
        1,
        int(native),
        rent if native else 0,
        0,
        0,
        bytes(32),
    )
    lamports = rent + amount if native else rent
    chain.set_account(key, Account(lamports, data, TOKEN_PROGRAM))


def _write_state(chain: Chain, deployment: Deployment) -> None:
    state = new_account(deployment, "State", deployment.state)
    admin = chain.keypair(f"{deployment.key} admin").pubkey()
    for role in ("admin", "cold_admin", "warm_admin", "pause_admin"):
        if hasattr(type(state), role):
            setattr(state, role, admin)
    state.signer, state.signer_nonce = deployment.signer()
    _set_fees(state.perp_fee_structure)
    _set_fees(state.spot_fee_structure)
    rails = state.oracle_guard_rails
    rails.price_divergence.mark_oracle_percent_divergence = PERCENT // 10
    rails.price_divergence.oracle_twap5min_percent_divergence = PERCENT // 2
    rails.validity.slots_before_stale_for_amm = 10
    rails.validity.slots_before_stale_for_margin = 120
    rails.validity.confidence_interval_max_size = 20_000
    rails.validity.too_volatile_ratio = 5
    state.liquidation_margin_buffer_ratio = 200
    state.number_of_markets = len(LISTINGS)
    state.number_of_spot_markets = 2
    state.min_perp_auction_duration = LEAST_AUCTION_SLOTS
    state.default_market_order_time_in_force = 60
    state.default_spot_auction_duration = 10
    state.liquidation_duration = 150
    state.initial_pct_to_liquidate = 1_000
    state.max_number_of_sub_accounts = 1_500
    store(chain, deployment, state)


def _set_fees(structure: Any) -> None:
    for number, tier in enumerate(structure.fee_tiers):
        listed = number < len(FEE_TENTHS_OF_BP)
        tier.fee_numerator = FEE_TENTHS_OF_BP[number] if listed else 0
        tier.fee_denominator = FEE_DENOMINATOR
        tier.maker_rebate_numerator = 20 if listed else 0
        tier.maker_rebate_denominator = FEE_DENOMINATOR
        tier.referrer_reward_numerator = 15 if listed else 0
        tier.referrer_reward_denominator = 100
        tier.referee_fee_numerator = 5 if listed else 0
        tier.referee_fee_denominator = 100
    structure.filler_reward_structure.reward_numerator = 10
    structure.filler_reward_structure.reward_denominator = 100
    structure.filler_reward_structure.time_based_reward_lower_bound = FLAT_FILLER_FEE
    structure.flat_filler_fee = FLAT_FILLER_FEE
    if hasattr(type(structure), "referrer_reward_epoch_upper_bound"):
        structure.referrer_reward_epoch_upper_bound = MOST_REFERRER_REWARD


def _write_spot_market(chain: Chain, deployment: Deployment, index: int, pooled: int) -> None:
    market = new_account(deployment, "SpotMarket", deployment.spot_market(index))
    quote = index == QUOTE_MARKET
    sources = deployment.layout.enums["OracleSource"]
    market.pubkey = market.key
    market.market_index = index
    market.mint = deployment.quote_mint if quote else WRAPPED_SOL
    market.vault = deployment.vault(index)
    market.name = padded(deployment.declared.quote_symbol if quote else "SOL")
    market.decimals = 6 if quote else 9
    market.status = market.statuses.active
    price = PRICE
    if quote:
        market.oracle_source = sources.index("QuoteAsset")
    else:
        listing = BY_SYMBOL["SOL"]
        market.oracle = oracle_address(chain, deployment, listing)
        market.oracle_source = sources.index("PythLazer" if deployment.uses_lazer else "Pyth")
        market.orders_enabled = True
        price = int(listing.first_price * PRICE)
    _set_history(market.historical_oracle_data, price, chain.clock.unix_timestamp)
    _set_spot_terms(market, quote=quote)
    now = chain.clock.unix_timestamp
    market.last_interest_ts = market.last_twap_ts = now
    market.insurance_fund.vault = deployment.insurance_vault(index)
    market.insurance_fund.unstaking_period = UNSTAKING_SECONDS
    market.revenue_pool.market_index = index
    market.deposit_balance = pooled * 1_000
    market.deposit_token_twap = pooled
    store(chain, deployment, market)
    owner = deployment.signer()[0]
    for key, amount in ((market.vault, pooled), (market.insurance_fund.vault, 0)):
        write_token_account(chain, key, mint=market.mint, owner=owner, amount=amount)


def _set_spot_terms(market: Any, *, quote: bool) -> None:
    market.cumulative_deposit_interest = market.cumulative_borrow_interest = INTEREST
    weights = (SPOT_WEIGHT,) * 4 if quote else (8_000, 9_000, 12_000, 11_000)
    market.initial_asset_weight, market.maintenance_asset_weight = weights[:2]
    market.initial_liability_weight, market.maintenance_liability_weight = weights[2:]
    market.optimal_utilization = 800_000
    market.optimal_borrow_rate = 100_000
    market.max_borrow_rate = 1_000_000
    unit = 10**market.decimals
    market.withdraw_guard_threshold = (10_000_000 if quote else 100_000) * unit
    market.order_step_size = market.order_tick_size = market.min_order_size = 1
    market.next_fill_record_id = market.next_deposit_record_id = 1


def _set_history(history: Any, price: int, now: int) -> None:
    history.last_oracle_price = price
    history.last_oracle_price_twap = price
    history.last_oracle_price_twap5min = price
    history.last_oracle_price_twap_ts = now


def _write_perp_market(chain: Chain, deployment: Deployment, listing: Listing) -> None:
    key = deployment.perp_market(listing.index)
    market = new_account(deployment, "PerpMarket", key)
    price, now = int(listing.first_price * PRICE), chain.clock.unix_timestamp
    sources = deployment.layout.enums["OracleSource"]
    market.pubkey = key
    market.market_index = listing.index
    market.name = padded(listing.name)
    market.status = market.statuses.active
    market.contract_tier = listing.tier
    market.oracle = oracle_address(chain, deployment, listing)
    market.oracle_source = sources.index("PythLazer" if deployment.uses_lazer else "Pyth")
    market.margin_ratio_initial = listing.initial_ratio
    market.margin_ratio_maintenance = listing.maintenance_ratio
    market.liquidator_fee = market.if_liquidation_fee = 10_000
    market.unrealized_pnl_maintenance_asset_weight = SPOT_WEIGHT
    market.order_step_size, market.order_tick_size = listing.step, listing.tick
    market.min_order_size = listing.least_size
    market.next_fill_record_id = market.next_funding_rate_record_id = 1
    if hasattr(type(market), "next_curve_record_id"):
        market.next_curve_record_id = 1
    market.insurance_claim.max_revenue_withdraw_per_period = 1_000_000 * QUOTE
    market.insurance_claim.quote_max_insurance = 1_000_000 * QUOTE
    market.pnl_pool.scaled_balance = PNL_POOL * 1_000
    market.funding_period = ONE_HOUR
    market.last_funding_rate_ts = now - now % ONE_HOUR
    _set_history(market.historical_oracle_data, price, now)
    _set_curve(market, listing, price)
    for average in ("last_mark_price_twap", "last_mark_price_twap5min"):
        setattr(market, average, price)
    market.last_bid_price_twap = market.last_ask_price_twap = price
    market.last_mark_price_twap_ts = market.last_trade_ts = now
    market.last_oracle_normalised_price = price
    market.last_update_slot = chain.clock.slot
    store(chain, deployment, market)


def _set_curve(market: Any, listing: Listing, price: int) -> None:
    depth = listing.depth
    market.base_asset_reserve = market.quote_asset_reserve = market.sqrt_k = depth
    market.terminal_quote_asset_reserve = depth
    market.peg_multiplier = price
    market.concentration_coef = 1_414_200
    market.min_base_asset_reserve = depth * PERCENT // 1_414_200
    market.max_base_asset_reserve = depth * 1_414_200 // PERCENT
    market.base_spread = listing.spread
    market.max_spread = listing.initial_ratio * 100 - 1
    market.long_spread = market.short_spread = listing.spread // 2
    market.max_fill_reserve_fraction = 100
    market.max_slippage_ratio = 50
    market.curve_update_intensity = 100
    amm.update_spread_reserves(market)
