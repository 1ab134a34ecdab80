"""How much a person may bring here before they have an authenticator."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q, Sum

from accounts.models import User
from core.errors import Unavailable
from core.money import ZERO
from core.roles import acting, as_sync, as_user
from markets.prices import read_prices
from trading.enums import TransferKind, TransferStatus
from trading.models import VenueAccount, VenueTransfer
from wallets.limits import USD, unit_of
from wallets.models import WalletBalance
from wallets.tokens import SOL

_CAME_TO_NOTHING = (TransferStatus.FAILED, TransferStatus.NOT_EXECUTED)


def past_small_limit(
    *, user_id: uuid.UUID, deployment: str, token_symbol: str, amount: Decimal
) -> bool:
    """Whether all that was deposited, and this beside it, is more than goes without a device.

    What has no price counts as too much. In the caller's transaction, where there is one.
    """
    limit = settings.ENVIRONMENT.deposit_limit_without_totp
    if acting() is not None:
        return _past(user_id, deployment, token_symbol, amount, limit)
    with as_user(user_id):
        return _past(user_id, deployment, token_symbol, amount, limit)


def _past(
    user_id: uuid.UUID, deployment: str, token_symbol: str, amount: Decimal, limit: Decimal
) -> bool:
    if User.objects.filter(pk=user_id, two_factor_enabled=True).exists():
        return False
    deposited = (
        VenueTransfer.objects.filter(user_id=user_id, kind=TransferKind.DEPOSIT)
        .exclude(status__in=_CAME_TO_NOTHING)
        .values_list("token_symbol")
        .annotate(Sum("amount"))
    )
    sums: dict[str, Decimal] = dict(deposited)
    sums[token_symbol] = sums.get(token_symbol, ZERO) + amount
    worth = _dollars(sums, deployment)
    return worth is None or worth > limit


def holds_past_small_limit(user_id: uuid.UUID) -> bool:
    """Whether a person's wallet and venue accounts hold more than that, as last seen.

    What is between wallet and venue is seen in neither: while that could decide it, nobody can
    tell. Raises Unavailable then.
    """
    with as_sync():
        balances = WalletBalance.objects.filter(wallet__user_id=user_id, balance__gt=0)
        sums: dict[str, Decimal] = dict(
            balances.values_list("token_symbol").annotate(Sum("balance"))
        )
        accounts = VenueAccount.objects.filter(wallet__user_id=user_id)
        at_venues = sum(
            (each.collateral or ZERO)
            for each in accounts.exclude(deployment__in=list(settings.PAPER_VENUE))
        )
        moving = _on_its_way(user_id)
    deployment = settings.ENVIRONMENT.default_deployment
    worth, also = (_dollars(each, deployment) for each in (sums, moving))
    limit = settings.ENVIRONMENT.deposit_limit_without_totp
    if worth is None or worth + at_venues > limit:
        return True
    if also is None or worth + at_venues + also > limit:
        raise Unavailable("security.money_is_moving")
    return False


def _on_its_way(user_id: uuid.UUID) -> dict[str, Decimal]:
    """What has left one side and was not looked for on the other since, by token."""
    wallet_unseen = Q(wallet__last_synced_at=None) | Q(wallet__last_synced_at__lt=F("ended_at"))
    venue_unseen = Q(account__observed_at=None) | Q(account__observed_at__lt=F("ended_at"))
    is_out = Q(kind=TransferKind.WITHDRAWAL)
    moving = (
        VenueTransfer.objects.filter(user_id=user_id)
        .exclude(status__in=_CAME_TO_NOTHING)
        .filter(Q(ended_at=None) | (is_out & wallet_unseen) | (~is_out & venue_unseen))
        .values_list("token_symbol")
        .annotate(Sum("amount"))
    )
    return dict(moving)


def _dollars(sums: dict[str, Decimal], deployment: str) -> Decimal | None:
    """Together in dollars; None where one of them has no price."""
    total = ZERO
    for token, amount in sums.items():
        unit = unit_of(token)
        if unit == USD:
            total += amount
        elif unit == SOL and amount > 0:
            price = read_prices(source=deployment, tokens=[SOL]).get(SOL)
            if price is None:
                return None
            total += amount * price.price
    return total
