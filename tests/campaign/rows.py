"""What is in the books of a run that failed, for whoever looks for the reason."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Intent
from chain.models import Submission
from core.roles import as_sync
from tests.campaign.people import CampaignTrader
from trading.models import Fill, OrderChange, VenueTransfer
from trading.venues.base import get_venue

_ORDER = (
    "id", "parent_id", "order_type", "role", "status", "status_reason", "side", "size",
    "filled_size", "reduce_only", "venue_order_id", "venue_label", "created_at",
)  # fmt: skip


def rows_of(trader: CampaignTrader) -> dict[str, list[str]]:
    """One text a row, in the order in which they were made."""
    mine = {"user_id": trader.user_id}
    orders = get_venue(trader.deployment).order_model._default_manager.filter(**mine)
    with as_sync():
        return {
            "intents": _told(
                Intent.objects.filter(**mine)
                .order_by("id")
                .values_list("id", "kind", "status", "channel", "idempotency_key", "deadline")
            ),
            "orders": _told(orders.order_by("id").values_list(*_ORDER)),
            "changes": _told(
                OrderChange.objects.filter(**mine)
                .order_by("id")
                .values_list(
                    "id", "kind", "status", "status_reason", "order_ids", "parent_id", "metadata"
                )
            ),
            "transfers": _told(
                VenueTransfer.objects.filter(**mine)
                .order_by("id")
                .values_list("id", "kind", "status", "status_reason", "amount", "booked_amount")
            ),
            "fills": _told(
                Fill.objects.filter(**mine)
                .order_by("id")
                .values_list(
                    "order_id", "venue_order_id", "direction", "size", "quote", "slot", "is_final"
                )
            ),
            "messages": [
                f"{each.id} {each.state} attempt {each.attempt} {each.signature} landed "
                f"{each.landed_slot} {each.error} "
                f"{[(str(act.subject_id), act.subject_type, act.step) for act in each.acts.all()]}"
                for each in Submission.objects.filter(wallet_id=trader.wallet_id)
                .order_by("created_at")
                .prefetch_related("acts")
            ],
        }


def _told(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    return [" ".join(map(str, row)) for row in rows]
