"""What the room does, one verb a file."""

from drift.services.sync_markets import sync_all_markets, sync_markets

__all__ = ["sync_all_markets", "sync_markets"]
