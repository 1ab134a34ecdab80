"""One process that migrates as the owner of the tables, and prepares the desk as all others run.

It imports while the servers still start; a first line on its standard input tells that they
answer, a second one that the sandbox does.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO

import django
from django.core.management import call_command
from django.db import connections

from core.errors import DeskError
from laminator.local.processes import SAYS
from laminator.local.schema_snapshot import load_snapshot
from laminator.settings.databases import database


def say(word: str, text: str = "") -> None:
    """Tell the supervisor; its reader takes these lines out of the output."""
    print(f"{SAYS}{json.dumps([word, text])}", flush=True)


@contextmanager
def as_owner(owner_url: str) -> Iterator[None]:
    """Connect as the role that owns the tables; as the processes' login role again afterwards."""
    connection = connections["default"]
    login = connection.settings_dict
    connection.settings_dict = login | database(owner_url, pool_size=0)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = login


def sponsor_address() -> str:
    """Return the address of the wallet that the sandbox's faucet is to fill."""
    from wallets.sponsor import sponsor_wallet

    try:
        return sponsor_wallet().address
    except DeskError:
        return ""  # custody does not answer, as the preparation has said


def main() -> None:
    """Migrate, say so; prepare once the sandbox is there, and say what it printed."""
    django.setup()
    import_module("django.core.management.commands.migrate")
    import_module("django.contrib.admin.sites")
    import_module("laminator.management.commands.prepare_desk")
    if not sys.stdin.readline():
        return
    owner_url = os.environ["DATABASE_OWNER_URL"]
    with as_owner(owner_url):
        load_snapshot(owner_url=owner_url)
        call_command("migrate", interactive=False, verbosity=1)
    say("migrated")
    if not sys.stdin.readline():
        return
    told = StringIO()
    call_command("prepare_desk", stdout=told)
    say("sponsor", sponsor_address())
    say("prepared", told.getvalue().rstrip())


if __name__ == "__main__":
    main()
