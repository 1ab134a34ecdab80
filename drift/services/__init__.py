"""What the room does, one verb a file."""

from drift.services.check_gates import check_gates
from drift.services.sync_markets import sync_all_markets, sync_markets

__all__ = ["check_gates", "sync_all_markets", "sync_markets"]
