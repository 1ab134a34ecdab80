"""Logging is set up by core.logs, for every process alike."""

from typing import Any

from core.logs import secret_texts
from laminator.settings.environment import Environment

LOGGING_CONFIG = "core.logs.configure"


def logging_settings(environment: Environment) -> dict[str, Any]:
    """What core.logs is told: how much to log, and what never to show."""
    return {"level": environment.log_level, "secrets": tuple(secret_texts(environment))}
