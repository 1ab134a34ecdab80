"""The schema as all migrations leave it, in one file: an empty database takes it in 0.3 s, not 5.

`make schema` writes it; it counts only for exactly the migrations that it was made from, and for
the embedded server's version. Everything else migrates step by step, with the same result.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from laminator.local.postgres import programs_folder

SNAPSHOT = Path(__file__).with_name("schema_snapshot.sql")
ROOT = SNAPSHOT.parents[2]
MARK = "-- made from migrations "
# Their rows come from migrations; those of all other tables come after a migrate, as always.
PSQL_WORDS = ("\\restrict ", "\\unrestrict ")
FILLED = ("partitioned_tables",)


def digest_of_migrations() -> str:
    """Return a digest of all apps' migrations, the libraries' too."""
    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda each: each.label):
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label} {path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def load_snapshot(*, owner_url: str) -> bool:
    """Fill a database from the snapshot if it is empty and the snapshot fits; say whether.

    The ordinary `migrate` belongs after it: it finds nothing to apply and does all the rest.
    """
    if not SNAPSHOT.exists():
        return False
    mark, _, body = SNAPSHOT.read_text().partition("\n")
    # A connection of its own, for the dump changes its session's settings.
    with psycopg.connect(owner_url, autocommit=True) as database:
        empty = database.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        ).fetchone()
        if empty != (True,) or mark != _mark(database.info.server_version):
            return False
        # One string without parameters: one round trip, and one transaction.
        database.execute(body.encode())
    return True


def make_snapshot(*, owner_url: str) -> None:
    """Migrate the empty default database and write its schema down."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())  # without what follows a migrate
    applied = ",\n".join(
        f"  ('{app}', '{name}')" for app, name in MigrationRecorder(connection).applied_migrations()
    )
    with psycopg.connect(owner_url) as database:
        mark = _mark(database.info.server_version)
    SNAPSHOT.write_text(
        f"{mark}\n{_dump(owner_url)}\n"
        "INSERT INTO public.django_migrations (app, name, applied)\n"
        f"SELECT app, name, now() FROM (VALUES\n{applied}\n) AS done (app, name);\n"
    )


def _mark(server_version: int) -> str:
    return f"{MARK}{digest_of_migrations()} for PostgreSQL {server_version // 10000}"


def _dump(owner_url: str) -> str:
    """Return what pg_dump says, without its words to psql."""
    program = str(programs_folder() / "pg_dump")
    command = [program, "--no-owner", "--inserts", "--restrict-key=x", f"--dbname={owner_url}"]
    schema = _output_of([*command, "--schema-only"])
    rows = _output_of([*command, "--data-only", *(f"--table={name}" for name in FILLED)])
    lines = f"{schema}\n{rows}".splitlines()
    return "\n".join(line for line in lines if not line.startswith(PSQL_WORDS))


def _output_of(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
    django.setup()
    make_snapshot(owner_url=os.environ["DATABASE_OWNER_URL"])
    print(f"Wrote {SNAPSHOT.relative_to(ROOT)}.")
