"""One process that migrates and prepares the desk as the owner of its tables.

It imports while the servers still start, and is then told the settings by its standard input:
a first line with the environment, a second one when the sandbox answers.
"""

import importlib
import json
import os
import sys
from io import StringIO

SAYS = "@prepare "


def say(word: str, text: str = "") -> None:
    """Tell the supervisor; its reader takes these lines out of the output."""
    print(f"{SAYS}{json.dumps([word, text])}", flush=True)


def main() -> None:
    """Migrate, say so; prepare once the sandbox is there, and say what it printed."""
    importlib.import_module("django.core.management.commands.migrate")
    importlib.import_module("django.db.backends.postgresql.base")
    os.environ.update(json.loads(sys.stdin.readline()))
    django = importlib.import_module("django")
    django.setup()
    management = importlib.import_module("django.core.management")
    management.call_command("migrate", interactive=False, verbosity=1)
    say("migrated")
    if not sys.stdin.readline():
        return
    told = StringIO()
    management.call_command("prepare_desk", stdout=told)
    say("prepared", told.getvalue().rstrip())


if __name__ == "__main__":
    main()
