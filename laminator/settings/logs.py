"""Logging is set up by core.logs, for every process alike."""

LOGGING_CONFIG = None
