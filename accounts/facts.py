"""What leaves the room about people: frozen facts, never rows."""

import uuid
from dataclasses import dataclass
from typing import Any

from accounts.models import User


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A person as other rooms and the edges see them."""

    id: uuid.UUID
    telegram_id: int | None
    first_name: str | None
    username: str | None
    status: str
    trading_state: str
    tier: str
    settings: dict[str, Any]


def user_facts(user: User, settings: dict[str, Any]) -> UserFacts:
    return UserFacts(
        id=user.id,
        telegram_id=user.telegram_id,
        first_name=user.telegram_first_name,
        username=user.telegram_username,
        status=user.status,
        trading_state=user.present_trading_state,
        tier=user.subscription_tier,
        settings=settings,
    )
