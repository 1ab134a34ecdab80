"""Which tokens the venues take, asked of the room above by its dotted path."""

import uuid

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.services import read_settings


def venues_tokens() -> dict[str, tuple[str, ...]]:
    """Deployment → symbols of the tokens that it takes, of all that are open here."""
    found: dict[str, tuple[str, ...]] = import_string(settings.COLLATERAL)()
    return found


def is_taken(token_symbol: str) -> bool:
    """Whether any venue that is open here takes it."""
    return any(token_symbol in taken for taken in venues_tokens().values())


def venue_of(user_id: uuid.UUID) -> str:
    """Where the person's deposits go; paper takes none, so behind it is their deployment."""
    chosen = read_settings(user_id=user_id)["trading"].get("deployment")
    return str(chosen or settings.ENVIRONMENT.default_deployment)


def is_taken_for(*, user_id: uuid.UUID, token_symbol: str) -> bool:
    """Whether the person's own venue takes it."""
    return token_symbol in venues_tokens().get(venue_of(user_id), ())
