"""What a source of live prices is to the process that runs it."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any, Protocol

from markets.prices import Price


class Feed(Protocol):
    """One source, or several of a kind; `settings.FEEDS` names them by key."""

    # A price that is older stands still: it is told as stale and shown to nobody.
    lifetime: timedelta

    def stream(self) -> AsyncGenerator[list[Price], None]:
        """Batches of prices as they come, for ever; it connects again by itself."""

    def facts(self) -> dict[str, Any]:
        """How the source fares, for a sign of life (JSON data)."""
