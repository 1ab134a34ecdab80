"""PostgreSQL, by a pool of persistent connections that are checked before use."""

import sys
from typing import Any

from psycopg.conninfo import conninfo_to_dict

# These change the schema, and so run as the role that owns it where the two differ.
_OWNERS_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "pgtrigger"}
_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def runs_as_owner() -> bool:
    """Whether this process is a command of the owner's."""
    return sys.argv[0].endswith("manage.py") and bool(_OWNERS_COMMANDS & set(sys.argv[1:2]))


def database(url: str, *, pool_size: int) -> dict[str, Any]:
    """Django's settings of the database at a `postgresql://` URL; no pool for size 0."""
    parts = conninfo_to_dict(url)
    settings: dict[str, Any] = {
        name: parts.pop(part) for part, name in _NAMES.items() if part in parts
    }
    return settings | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts
        | {
            "connect_timeout": 3,
            # A dead database must fail a request at once, not park every thread of the process.
            "pool": {"min_size": 1, "max_size": pool_size, "timeout": 5, "max_lifetime": 1800}
            if pool_size
            else False,
        },
    }
