"""A deposit before it is placed: what it costs, who pays the way, what is missing."""

import uuid
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum

from accounts.enums import TradingState
from accounts.models import User
from chain.rpc import rpc
from core.errors import Refused
from core.money import ZERO
from core.roles import as_user
from markets.prices import read_prices
from trading.enums import StateScope
from trading.facts import Denial, DepositPreview
from trading.models import Sponsorship, TradingStateRow
from trading.risk import deny
from trading.services.small_limit import past_small_limit
from trading.services.venue_gates import read_venue_gate
from trading.venues.base import DepositCost, DepositRequest, Venue, get_venue
from wallets.facts import WalletFacts
from wallets.services import access_wallet, wraps_sol
from wallets.sponsor import sponsor_wallet
from wallets.tokens import BY_SYMBOL, FEE_FLOAT_LAMPORTS, LAMPORTS, SOL, SOL_DECIMALS

_PRIORITY_FEE_CAP_LAMPORTS = 500_000
_CENT = Decimal("0.01")


def preview_deposit(
    *, user_id: uuid.UUID, deployment: str, amount: Decimal, now: datetime, token_symbol: str = ""
) -> DepositPreview:
    """Read wallet and venue, and say what the deposit of `amount` of a token would take.

    Without `token_symbol` it is the venue's quote token, which alone may be sponsored. Raises
    NotFound (no wallet), Refused (no amount, a token that the venue does not take), Unavailable.
    """
    if not (amount.is_finite() and amount > 0):
        raise Refused("amount.not_positive")
    venue = get_venue(deployment)
    token = token_symbol or venue.quote_symbol
    if token not in venue.collateral_symbols:
        takes = ", ".join(venue.collateral_symbols) or "no deposits"
        raise Refused("venue.wrong_token", token=token[:20], takes=takes)
    wallet = access_wallet(user_id=user_id)
    cost = venue.deposit_cost(_request(wallet, token, amount, wallet.address, ZERO))
    own_way = _own_way(cost)
    denials: list[Denial] = []
    sponsored, fee = False, ZERO
    if not cost.fits:
        denials.append(deny("too_many_markets", token=token, quote=venue.quote_symbol))
    if token == SOL:
        denials += _of_sol(wallet, amount, cost)
    elif cost.wallet_lamports < own_way:
        # Another payer costs more: a second signature, perhaps its own token account.
        payer = sponsor_wallet().address
        cost = venue.deposit_cost(_request(wallet, venue.quote_symbol, amount, payer, ZERO))
        fee = _sponsor_fee(deployment, cost)
        reason = _why_not_sponsored(user_id, amount, fee, cost, now)
        sponsored = reason is None
        if reason is not None:
            missing = Decimal(own_way - cost.wallet_lamports) / LAMPORTS
            denials.append(deny(f"sol_missing_{reason.rule}", missing=missing, **reason.params))
            fee = ZERO
    denials += _denials(user_id, venue, token, wallet, amount, fee, cost, now)
    past = past_small_limit(
        user_id=user_id, deployment=deployment, token_symbol=token, amount=amount
    )
    if past:
        denials.append(deny("totp_needed", limit=settings.ENVIRONMENT.deposit_limit_without_totp))
    return DepositPreview(
        deployment=deployment,
        token_symbol=token,
        amount=amount,
        wallet_address=wallet.address,
        wallet_token=cost.wallet_token,
        wallet_sol=Decimal(cost.wallet_lamports) / LAMPORTS,
        initializes=cost.initializes,
        rent_sol=Decimal(cost.rent_lamports) / LAMPORTS,
        fee_sol=Decimal(cost.fee_lamports) / LAMPORTS,
        sponsored=sponsored,
        sponsored_lamports=sponsored_lamports(cost) if sponsored else 0,
        sponsor_fee=fee,
        stays_sol=_stays(token, amount, cost, sponsored=sponsored),
        denials=tuple(denials),
    )


def largest_deposit(*, user_id: uuid.UUID, deployment: str, token_symbol: str) -> Decimal:
    """All that the wallet holds of a token; of SOL, what is not for fees, rent and later trades.

    Raises NotFound, Refused, Unavailable.
    """
    venue, wallet = get_venue(deployment), access_wallet(user_id=user_id)
    cost = venue.deposit_cost(_request(wallet, token_symbol, ZERO, wallet.address, ZERO))
    return _most_sol(cost) if token_symbol == SOL else cost.wallet_token


def deposit_request(
    *, wallet: WalletFacts, token_symbol: str, amount: Decimal, sponsored: bool, fee: Decimal
) -> DepositRequest:
    """The request as the venue gets it, with the payer named."""
    payer = sponsor_wallet().address if sponsored else wallet.address
    return _request(wallet, token_symbol, amount, payer, fee)


def sponsored_lamports(cost: DepositCost) -> int:
    """All that the desk pays for a sponsored deposit, at most."""
    return cost.rent_lamports + cost.fee_lamports + _PRIORITY_FEE_CAP_LAMPORTS + FEE_FLOAT_LAMPORTS


def _request(
    wallet: WalletFacts, token_symbol: str, amount: Decimal, payer: str, fee: Decimal
) -> DepositRequest:
    return DepositRequest(
        wallet_address=wallet.address,
        token_symbol=token_symbol,
        amount=amount,
        payer=payer,
        sponsor_fee=fee,
        fee_float_lamports=FEE_FLOAT_LAMPORTS if payer != wallet.address else 0,
        priority_fee_cap_lamports=_PRIORITY_FEE_CAP_LAMPORTS,
    )


def _own_way(cost: DepositCost) -> int:
    """Lamports that the wallet must hold to go without a sponsor."""
    way = cost.rent_lamports + cost.fee_lamports + _PRIORITY_FEE_CAP_LAMPORTS
    return way + cost.returned_lamports


def _most_sol(cost: DepositCost) -> Decimal:
    """What can go beside fees, rent, an account's least and the fees of later trades."""
    kept = _own_way(cost) + rpc().rent(0) + FEE_FLOAT_LAMPORTS
    return _in_sol(max(0, cost.wallet_lamports - kept))


def _of_sol(wallet: WalletFacts, amount: Decimal, cost: DepositCost) -> list[Denial]:
    found = []
    if not wraps_sol(wallet=wallet):
        found.append(deny("not_signed", token=SOL))
    most = _most_sol(cost)
    if amount > most:
        found.append(deny("sol_missing_beside", missing=amount - most, most=most))
    return found


def _stays(token: str, amount: Decimal, cost: DepositCost, *, sponsored: bool) -> Decimal:
    if sponsored:
        return _in_sol(cost.wallet_lamports + FEE_FLOAT_LAMPORTS)
    left = _in_sol(cost.wallet_lamports - _own_way(cost) + cost.returned_lamports)
    return max(ZERO, left - amount if token == SOL else left)


def _in_sol(lamports: int) -> Decimal:
    return Decimal(lamports).scaleb(-SOL_DECIMALS)


def _sponsor_fee(deployment: str, cost: DepositCost) -> Decimal:
    """What the desk pays, in the quote token, rounded up to the cent. Without a price, none."""
    price = read_prices(source=deployment, tokens=[SOL]).get(SOL)
    if price is None:
        return ZERO
    paid = Decimal(sponsored_lamports(cost)) / LAMPORTS * price.price
    return Decimal(paid.quantize(_CENT, rounding=ROUND_UP))


def _why_not_sponsored(
    user_id: uuid.UUID, amount: Decimal, fee: Decimal, cost: DepositCost, now: datetime
) -> Denial | None:
    environment = settings.ENVIRONMENT
    if fee == 0:
        return deny("no_price")
    if amount < environment.sponsor_min_deposit:
        return deny("deposit_small", minimum=environment.sponsor_min_deposit)
    if rpc().balance(sponsor_wallet().address) < sponsored_lamports(cost):
        return deny("sponsor_empty")
    with as_user(user_id):
        return check_sponsor_caps(user_id=user_id, lamports=sponsored_lamports(cost), now=now)


def check_sponsor_caps(*, user_id: uuid.UUID, lamports: int, now: datetime) -> Denial | None:
    """Whether the day's caps still hold with this much more, as the open transaction sees it."""
    environment = settings.ENVIRONMENT
    since = now - timedelta(days=1)
    recent = Sponsorship.objects.filter(created_at__gt=since, counted=True)
    with connection.cursor() as cursor:
        # A person sees their own rows alone; of everybody's the database tells them the sum.
        cursor.execute("SELECT desk_sponsored_lamports(%s)", [since])
        (of_all,) = cursor.fetchone()
    of_user = recent.filter(user_id=user_id).aggregate(Sum("lamports"))["lamports__sum"] or 0
    if Decimal(of_user + lamports) / LAMPORTS > environment.sponsor_user_daily_cap_sol:
        return deny("user_cap")
    if Decimal(of_all + lamports) / LAMPORTS > environment.sponsor_daily_cap_sol:
        return deny("desk_cap")
    return None


def deposits_halted(*, user: User, deployment: str) -> bool:
    """Whether the person, the desk or the venue lets no money in now."""
    halted = TradingStateRow.objects.filter(
        Q(scope=StateScope.DESK, key="") | Q(scope=StateScope.VENUE, key=deployment),
        state=TradingState.HALTED,
    )
    return user.present_trading_state == TradingState.HALTED or halted.exists()


def _denials(
    user_id: uuid.UUID,
    venue: Venue,
    token: str,
    wallet: WalletFacts,
    amount: Decimal,
    fee: Decimal,
    cost: DepositCost,
    now: datetime,
) -> list[Denial]:
    denials = []
    gate = read_venue_gate(deployment=venue.deployment, now=now)
    if not gate.is_open:
        denials.append(deny("venue_read_only", reason=gate.reason))
    with as_user(user_id):
        user = User.objects.get(pk=user_id)
        if user.frozen_at is not None:
            denials.append(deny("frozen_by_you"))
        elif deposits_halted(user=user, deployment=venue.deployment):
            denials.append(deny("trading_halted"))
    places = SOL_DECIMALS if token == SOL else BY_SYMBOL[token].decimals
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        denials.append(deny("amount_too_fine", places=places, token=token))
    if amount + fee > cost.wallet_token:
        denials.append(
            deny(
                "token_missing",
                token=token,
                held=cost.wallet_token,
                needed=amount + fee,
            )
        )
        others = [
            balance.token_symbol
            for balance in wallet.balances
            if balance.token_symbol in ("USDC", "USDT")
            and balance.token_symbol not in venue.collateral_symbols
            and balance.balance >= amount
        ]
        if others:
            denials.append(deny("wrong_token", held=others[0], wanted=venue.quote_symbol))
    return denials
