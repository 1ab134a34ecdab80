"""One process that migrates and prepares the desk as the owner of its tables.

It imports while the servers still start; a first line on its standard input tells that they
answer, a second one that the sandbox does.
"""

import json
import os
import sys
from importlib import import_module
from io import StringIO

import django
from django.core.management import call_command

from laminator.local.processes import SAYS
from laminator.local.schema_snapshot import load_snapshot


def say(word: str, text: str = "") -> None:
    """Tell the supervisor; its reader takes these lines out of the output."""
    print(f"{SAYS}{json.dumps([word, text])}", flush=True)


def main() -> None:
    """Migrate, say so; prepare once the sandbox is there, and say what it printed."""
    django.setup()
    import_module("django.core.management.commands.migrate")
    import_module("django.contrib.admin.sites")
    if not sys.stdin.readline():
        return
    load_snapshot(owner_url=os.environ["DATABASE_URL"])
    call_command("migrate", interactive=False, verbosity=1)
    say("migrated")
    if not sys.stdin.readline():
        return
    told = StringIO()
    call_command("prepare_desk", stdout=told)
    say("prepared", told.getvalue().rstrip())


if __name__ == "__main__":
    main()
