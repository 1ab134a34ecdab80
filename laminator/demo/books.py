"""What the desk's books say after the day: rows a table, both identities, what must be so."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings

from accounts.models import Intent
from audit.models import AuditLog
from chain.models import Submission
from core.roles import as_admin
from trading.identities import Identity
from trading.models import Difference, Fill, VenueAccount
from trading.services.check_identities import compute_identities
from trading.venues.base import get_venue, open_venues
from wallets.models import Wallet

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
        accounts = list(
            VenueAccount.objects.filter(
                wallet__user_id=user_id, deployment__in=list(settings.VENUES)
            )
        )
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


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the day: what it was for, how it stands, its name on the chain."""

    act: str
    state: str
    signature: str


def read_messages(user_id: uuid.UUID) -> list[Sent]:
    """The person's messages in the order in which they were made."""
    with as_admin():
        own = Submission.objects.filter(wallet_id__in=_wallets(user_id)).order_by("created_at")
        kinds = dict(
            model_row
            for model in _transaction_models()
            for model_row in model.objects.filter(user_id=user_id).values_list("id", "tx_type")
        )
        return [Sent(kinds.get(row.id, "?"), row.state, row.signature or "") for row in own]


def check_books(user_id: uuid.UUID) -> list[Check]:
    """Everything that must hold once the day is over: a deposit, an open, two closes."""
    sent = read_messages(user_id)
    finalized = [message for message in sent if message.state == "finalized"]
    with as_admin():
        intents = Intent.objects.filter(user_id=user_id)
        executed = intents.filter(status="executed").count()
        signings = AuditLog.objects.filter(
            action="submission.signed",
            resource_type="submissions",
            resource_id__in=[
                str(key)
                for key in Submission.objects.filter(wallet_id__in=_wallets(user_id)).values_list(
                    "id", flat=True
                )
            ],
        ).count()
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
        asked = intents.count()
    return [
        Check("four acts were asked for and executed", f"{executed} of {asked}",
              executed == asked == 4),
        Check("one message an act, each final", f"{len(finalized)} of {len(sent)}",
              len(finalized) == len(sent) == 4),
        Check("each was signed once, by the log", f"{signings} signings", signings == 4),
        Check("all that was bought was sold", f"{bought:f} and {sold:f}", bought == sold != 0),
        Check("no position is open", f"{still_open} open", still_open == 0),
        Check("books and venue agree", f"{differences} differences", differences == 0),
    ]  # fmt: skip


def _wallets(user_id: uuid.UUID) -> list[uuid.UUID]:
    return list(Wallet.objects.filter(user_id=user_id).values_list("id", flat=True))


def _transaction_models() -> list[Any]:
    return list(dict.fromkeys(venue.transaction_model for venue in open_venues()))


def _position_models() -> list[Any]:
    return list(dict.fromkeys(venue.position_model for venue in open_venues()))
