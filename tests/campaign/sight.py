"""What one person's run left is no other's to see: by table, by view, by service."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from core.errors import NotFound
from core.roles import NOBODY, as_sync, as_user
from laminator.database import VIEWS
from laminator.database.policies import RULES
from tests.campaign.people import CampaignTrader
from trading.models import OrderChange, VenueTransfer
from trading.services import list_orders, read_change, read_order, read_transfer
from wallets.models import Withdrawal
from wallets.services import list_withdrawals, read_withdrawal


def check_sight(trader: CampaignTrader, stranger: Any) -> list[str]:
    """`stranger` is another person of this desk, or None if there is none yet."""
    wrong = []
    tables = [name for name, rule in RULES.items() if rule.own and "SELECT" in rule.user]
    # What the open transaction itself writes into its history's context is its own.
    tables.remove("pghistory_context")
    with as_user(NOBODY), connection.cursor() as cursor:
        for name in [*tables, *VIEWS]:
            cursor.execute(f"SELECT count(*) FROM {name}")
            if cursor.fetchone()[0]:
                wrong.append(f"{name} shows rows to nobody")
    if stranger is None:
        return wrong
    with as_user(stranger), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'user_id'"
        )
        owned = {name for (name,) in cursor.fetchall()}
        for name in [*tables, *VIEWS]:
            if name in owned:
                cursor.execute(f"SELECT count(*) FROM {name} WHERE user_id = %s", [trader.user_id])
                if cursor.fetchone()[0]:
                    wrong.append(f"{name} shows rows to another")
    return wrong + _by_services(trader, stranger)


def _by_services(trader: CampaignTrader, stranger: Any) -> list[str]:
    mine = {"user_id": trader.user_id}
    orders = list_orders(user_id=trader.user_id, limit=200)
    with as_sync():
        changes = list(OrderChange.objects.filter(**mine).values_list("id", flat=True))
        transfers = list(VenueTransfer.objects.filter(**mine).values_list("id", flat=True))
        withdrawals = list(Withdrawal.objects.filter(**mine).values_list("id", flat=True))
    asked: list[tuple[Callable[..., Any], str, list[Any]]] = [
        (read_order, "order_id", [order.id for order in orders]),
        (read_change, "change_id", changes),
        (read_transfer, "transfer_id", transfers),
        (read_withdrawal, "withdrawal_id", withdrawals),
    ]
    wrong = []
    for service, name, ids in asked:
        for each in ids:
            try:
                service(user_id=stranger, **{name: each})
            except NotFound:
                continue
            wrong.append(f"{service.__name__} shows {each} to another")
    listed = {order.id for order in list_orders(user_id=stranger, limit=200)}
    listed |= {row.id for row in list_withdrawals(user_id=stranger, limit=200)}
    seen = listed & {*(order.id for order in orders), *withdrawals}
    return wrong + [f"{each} is in another's list" for each in seen]
