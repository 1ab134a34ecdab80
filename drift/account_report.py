"""A user account in the desk's own words, valued at the oracle prices of the same read."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from chain.rpc import AccountData
from drift.accounts import BANKRUPT, OpenOrder, PerpPosition, UserAccount
from drift.margin import (
    Valuation,
    account_unrealized_pnl,
    entry_price,
    free_collateral,
    funding_pnl,
    health,
    leverage,
    liquidation_price,
)
from drift.margin_weights import BASE_PRECISION, MarginCategory, margin_ratio, signed_token_amount
from drift.markets import token_symbol
from drift.order_words import direction_word, order_type_word, taken_by
from drift.snapshot import Snapshot, is_absent
from drift.spot_margin import spot_values
from drift.units import RATIO_PLACES, from_base, from_price, from_quote, from_units
from trading.enums import Side, VenueAccountStatus
from trading.venues.reports import AccountReport, BalanceState, OrderState, PositionState

_CENTS = Decimal("0.01")
_SCALED_PLACES = 9
_INDEX_PLACES = 10
# The width of the column for leverages.
_MOST_LEVERAGE = Decimal("999999.99")


def account_report(snapshot: Snapshot, place: int, address: str) -> AccountReport:
    """The account at that place of those the snapshot was asked for. Raises Unavailable."""
    raw = snapshot.accounts[place]
    account = snapshot.user(place)
    if account is None or is_absent(raw):
        return _absent(snapshot, address)
    assert raw is not None
    snapshot.check_priced(account)
    valuation = snapshot.valuation()
    return AccountReport(
        address=address,
        slot=snapshot.slot,
        observed_at=snapshot.read_at,
        exists=True,
        status=_status(account),
        bytes_hash=_hash(raw),
        counters=counters(account),
        tokens=_tokens(snapshot, account),
        collateral=from_quote(net_value(account, valuation)),
        free_collateral=from_quote(free_collateral(account, valuation, MarginCategory.INITIAL)),
        health=Decimal(health(account, valuation)),
        leverage=leverage_of(account, valuation),
        positions=tuple(
            _position(account, position, valuation) for position in account.perp_positions
        ),
        orders=tuple(open_order(order) for order in account.orders if order.market_type == "Perp"),
        balances=_balances(snapshot, account),
    )


def counters(account: UserAccount | None) -> dict[str, str]:
    """What a message of the account moves if it lands, and only then."""
    if account is None:
        return {}
    return {
        "next_order_id": str(account.next_order_id),
        "total_deposits": str(account.total_deposits),
        "total_withdraws": str(account.total_withdraws),
    }


def net_value(account: UserAccount, valuation: Valuation) -> int:
    """What the account is worth, unweighted: tokens, less what is borrowed, and unrealised PnL."""
    assets, borrows = spot_values(account, valuation, None)
    return assets - borrows + account_unrealized_pnl(account, valuation, None)


def leverage_of(account: UserAccount, valuation: Valuation) -> Decimal:
    """The account's leverage; the most there is a column for where it is worth nothing."""
    if net_value(account, valuation) <= 0 and account.perp_positions:
        return _MOST_LEVERAGE
    return min(from_units(leverage(account, valuation), RATIO_PLACES), _MOST_LEVERAGE)


def open_order(order: OpenOrder) -> OrderState:
    return OrderState(
        venue_order_id=str(order.order_id),
        label=order.user_order_id,
        market_index=order.market_index,
        direction=direction_word(order.direction),
        size=from_base(order.base_asset_amount),
        filled_size=from_base(order.base_asset_amount_filled),
        price=from_price(order.price) if order.price else None,
        reduce_only=order.reduce_only,
        order_type=order_type_word(order.order_type, order.trigger_condition, order.direction),
        expires_at=taken_by(order.max_ts),
        trigger_price=from_price(order.trigger_price) if order.trigger_price else None,
        has_triggered=order.trigger_condition.startswith("Triggered"),
        post_only=order.post_only,
        oracle_offset=from_price(order.oracle_price_offset) if order.oracle_price_offset else None,
    )


def _absent(snapshot: Snapshot, address: str) -> AccountReport:
    zero = Decimal(0)
    return AccountReport(
        address=address,
        slot=snapshot.slot,
        observed_at=snapshot.read_at,
        exists=False,
        status=VenueAccountStatus.ABSENT,
        bytes_hash="",
        counters={},
        tokens={},
        collateral=zero,
        free_collateral=zero,
        health=Decimal(100),
        leverage=zero,
        positions=(),
        orders=(),
    )


def _status(account: UserAccount) -> str:
    if account.status & BANKRUPT:
        return VenueAccountStatus.BANKRUPT
    if account.is_being_liquidated:
        return VenueAccountStatus.BEING_LIQUIDATED
    return VenueAccountStatus.ACTIVE


def _hash(raw: AccountData) -> str:
    return hashlib.sha256(raw.data).hexdigest()


def _tokens(snapshot: Snapshot, account: UserAccount) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for position in account.spot_positions:
        market = snapshot.spot_markets[position.market_index]
        amount = from_units(signed_token_amount(position, market), market.decimals)
        symbol = token_symbol(market)
        amounts[symbol] = amounts.get(symbol, Decimal(0)) + amount
    return amounts


def _balances(snapshot: Snapshot, account: UserAccount) -> dict[str, BalanceState]:
    balances = {}
    for position in account.spot_positions:
        market = snapshot.spot_markets[position.market_index]
        is_deposit = position.balance_type == "Deposit"
        scaled = from_units(position.scaled_balance, _SCALED_PLACES)
        balances[token_symbol(market)] = BalanceState(
            scaled=scaled if is_deposit else -scaled,
            deposit_index=from_units(market.cumulative_deposit_interest, _INDEX_PLACES),
            borrow_index=from_units(market.cumulative_borrow_interest, _INDEX_PLACES),
            unit=from_units(1, market.decimals),
        )
    return balances


def _position(account: UserAccount, position: PerpPosition, valuation: Valuation) -> PositionState:
    market = valuation.perp_markets[position.market_index]
    price = valuation.perp_price(market)
    base = position.base_asset_amount
    value = base * price // BASE_PRECISION
    funding = funding_pnl(position, market)
    ratio = margin_ratio(
        market=market,
        size=abs(base),
        category=MarginCategory.INITIAL,
        custom_ratio=max(account.max_margin_ratio, position.max_margin_ratio),
        high_leverage=account.margin_mode == "HighLeverage",
    )
    liquidation = liquidation_price(account, valuation, position.market_index)
    return PositionState(
        market_index=position.market_index,
        side=Side.LONG if base >= 0 else Side.SHORT,
        size=from_base(abs(base)),
        entry_price=from_price(entry_price(position)),
        quote_asset_amount=from_quote(position.quote_asset_amount),
        mark_price=from_price(price),
        # By the price paid, without the fees and settlements that the running sum holds too.
        unrealized_pnl=from_quote(value + position.quote_entry_amount + funding if base else 0),
        unsettled_funding=from_quote(funding),
        margin=from_quote(abs(value) * ratio // 10**RATIO_PLACES),
        leverage=_share(abs(value), net_value(account, valuation)),
        liquidation_price=None if liquidation is None else from_price(liquidation),
    )


def _share(value: int, net: int) -> Decimal:
    if value == 0:
        return Decimal(0)
    if net <= 0:
        return _MOST_LEVERAGE
    return min((Decimal(value) / net).quantize(_CENTS), _MOST_LEVERAGE)
