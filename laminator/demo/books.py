"""What the desk's books say after the day: rows a table, both identities, what must be so."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings

from chain.enums import ENDED
from chain.models import Submission
from core.roles import as_admin
from trading.identities import Identity
from trading.models import Difference, Fill, VenueAccount
from trading.services.check_identities import compute_identities
from trading.venues.base import get_venue

_ROOMS = ("accounts", "audit", "wallets", "markets", "chain", "trading", "drift", "alerts", "bot")


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must be so, and how it is."""

    what: str
    found: str
    holds: bool


def count_rows() -> dict[str, int]:
    """Table → rows, of every table of the desk's own rooms."""
    counts: dict[str, int] = {}
    with as_admin():
        for room in _ROOMS:
            for model in apps.get_app_config(room).get_models():
                counts[model._meta.db_table] = model._default_manager.count()
    return dict(sorted(counts.items()))


def read_identities(user_id: uuid.UUID) -> list[tuple[str, Identity]]:
    """Deployment and sum, for every account of the person, read from the chain now."""
    with as_admin():
        accounts = list(VenueAccount.objects.filter(wallet__user_id=user_id))
    found: list[tuple[str, Identity]] = []
    for account in accounts:
        venue = get_venue(account.deployment)
        report = venue.read_accounts([account.address])[0]
        with as_admin():
            markets = {
                row.market_index: row
                for row in venue.market_model.objects.filter(
                    deployment=account.deployment, market_type="perpetual"
                )
            }
            found += [
                (account.deployment, identity)
                for identity in compute_identities(
                    venue=venue, account=account, report=report, markets=markets
                )
            ]
    return found


def check_books(user_id: uuid.UUID) -> list[Check]:
    """Everything that must hold once the day is over."""
    with as_admin():
        own = Submission.objects.filter(wallet_id__in=_wallets(user_id))
        under_way = own.exclude(state__in=ENDED | {"confirmed"}).count()
        fills = Fill.objects.filter(user_id=user_id)
        bought = sum(fill.size for fill in fills if fill.direction == "buy")
        sold = sum(fill.size for fill in fills if fill.direction == "sell")
        still_open = sum(
            model.objects.filter(user_id=user_id, status="open").count()
            for model in _position_models()
        )
        differences = Difference.objects.filter(
            account__wallet__user_id=user_id, resolved_at__isnull=True
        ).count()
    return [
        Check("no message is left unexplained", f"{under_way} under way", under_way == 0),
        Check("all that was bought was sold", f"{bought} and {sold}", bought == sold != 0),
        Check("no position is open", f"{still_open} open", still_open == 0),
        Check("books and venue agree", f"{differences} differences", differences == 0),
    ]


def _wallets(user_id: uuid.UUID) -> list[uuid.UUID]:
    from wallets.models import Wallet

    return list(Wallet.objects.filter(user_id=user_id).values_list("id", flat=True))


def _position_models() -> list[Any]:
    return list(dict.fromkeys(get_venue(key).position_model for key in settings.VENUES))
