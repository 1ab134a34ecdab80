"""What can leave an account now, in the desk's own words, with the profit that is not settled."""

from __future__ import annotations

from decimal import Decimal

from drift.layouts.deployments import Collateral
from drift.margin import unsettled_profit
from drift.snapshot import Snapshot
from drift.units import from_quote, from_units
from drift.withdrawals import market_withdraw_limit, withdrawable
from trading.venues.base import Withdrawable


def withdrawable_report(
    snapshot: Snapshot, token: Collateral, *, rent_lamports: int
) -> Withdrawable:
    """Of the account that the snapshot read first. Raises Unavailable without a price."""
    account = snapshot.user(0)
    market = snapshot.spot_markets[token.market_index]
    limit = from_units(market_withdraw_limit(market), token.decimals)
    if account is None:
        zero = Decimal(0)
        return Withdrawable(
            token_symbol=token.symbol,
            deposited=zero,
            free_collateral=zero,
            market_limit=limit,
            unsettled=zero,
            amount=zero,
            rent_lamports=rent_lamports,
        )
    snapshot.check_priced(account)
    valuation = snapshot.valuation()
    found = withdrawable(account, valuation, token.market_index)
    free = found.deposited if found.free is None else found.free
    quote = token.symbol == snapshot.deployment.quote_symbol
    return Withdrawable(
        token_symbol=token.symbol,
        deposited=from_units(found.deposited, token.decimals),
        free_collateral=from_units(free, token.decimals),
        market_limit=limit,
        unsettled=from_quote(unsettled_profit(account, valuation)) if quote else Decimal(0),
        amount=from_units(found.amount, token.decimals),
        rent_lamports=rent_lamports,
    )
