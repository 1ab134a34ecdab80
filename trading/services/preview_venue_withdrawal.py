"""A withdrawal from a venue before it is placed: what can leave, and what bounds it."""

import uuid
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from chain.rpc import rpc
from core.errors import Refused
from core.money import ZERO
from core.roles import as_user
from trading.facts import Denial, VenueWithdrawalPreview
from trading.risk import deny
from trading.venues.base import VenueCapability, get_venue
from wallets.services import access_wallet, wraps_sol
from wallets.tokens import BY_SYMBOL, LAMPORTS, SOL

PRIORITY_FEE_CAP_LAMPORTS = 200_000
_SIGNATURE_LAMPORTS = 5_000


def preview_venue_withdrawal(
    *,
    user_id: uuid.UUID,
    deployment: str,
    token_symbol: str,
    amount: Decimal,
    now: datetime,  # noqa: ARG001
) -> VenueWithdrawalPreview:
    """Read what can leave the venue account now. Profit that is not settled is settled first.

    Raises NotFound (no wallet), Refused (no amount), Unavailable.
    """
    if not (amount.is_finite() and amount > 0):
        raise Refused("amount.not_positive", typed=str(amount))
    venue = get_venue(deployment)
    wallet = access_wallet(user_id=user_id)
    found = venue.withdrawable(wallet_address=wallet.address, token_symbol=token_symbol)
    settles = amount > found.amount and found.unsettled > ZERO
    most = found.amount + (found.unsettled if settles else ZERO)
    denials: list[Denial] = []
    if VenueCapability.WITHDRAW not in venue.capabilities:
        denials.append(deny("not_here", venue=venue.display_name))
    if token_symbol not in venue.collateral_symbols:
        denials.append(deny("wrong_token", token=token_symbol, venue=venue.display_name))
    places = BY_SYMBOL[token_symbol].decimals if token_symbol in BY_SYMBOL else 9
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        denials.append(deny("amount_too_fine", places=places, token=token_symbol))
    if amount > most:
        denials.append(deny("too_much", most=most, token=token_symbol))
    if not found.fits:
        denials.append(deny("too_many_markets", token=token_symbol, venue=venue.display_name))
    with as_user(user_id):
        if User.objects.get(pk=user_id).frozen_at is not None:
            denials.append(deny("frozen"))
    if token_symbol == SOL and not wraps_sol(wallet=wallet):
        denials.append(deny("not_signed", token=token_symbol))
    fee = (_SIGNATURE_LAMPORTS + PRIORITY_FEE_CAP_LAMPORTS) * (2 if settles else 1)
    # Also where SOL comes back: it is there only after the message has been paid for.
    needed = fee + found.rent_lamports + rpc().rent(0)
    lamports = rpc().balance(wallet.address)
    if lamports < needed:
        denials.append(deny("sol_missing", missing=Decimal(needed - lamports) / LAMPORTS))
    return VenueWithdrawalPreview(
        deployment=deployment,
        token_symbol=token_symbol,
        amount=amount,
        wallet_address=wallet.address,
        deposited=found.deposited,
        free_collateral=found.free_collateral,
        market_limit=found.market_limit,
        unsettled=found.unsettled,
        withdrawable=found.amount,
        settles=settles,
        fee_sol=Decimal(fee) / LAMPORTS,
        denials=tuple(denials),
    )
