"""The desk's own schema in the servers that the environment names."""

import os
import subprocess
import sys
from functools import cache

import django
import psycopg


@cache
def prepare() -> None:
    """Migrate as the owner and set Django up as the processes' login role, once."""
    if "DATABASE_OWNER_URL" not in os.environ:
        raise SystemExit("this benchmark needs servers: run it by `make bench`")
    django.setup()
    from laminator.local.schema_snapshot import load_snapshot

    load_snapshot(owner_url=os.environ["DATABASE_OWNER_URL"])
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)


def owner() -> psycopg.Connection:
    """A connection of the tables' owner that commits each statement."""
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)
