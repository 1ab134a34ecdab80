"""The tests' own database: copied from a migrated template, emptied after each test.

The template is made once for each state of the migrations and kept in the server; the product's
code then logs in to the copy as the role that its processes use, and commits for real.
"""

import hashlib
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from laminator.local.schema_snapshot import load_snapshot

ROOT = Path(__file__).resolve().parents[1]
_SCHEMA_SOURCES = (
    "*/migrations/*.py", "laminator/database/**/*", "laminator/settings/apps.py",
    "laminator/settings/desk.py", "core/partitions.py", "core/constraints.py", "core/fields.py",
    "laminator/schedule.py", "laminator/apps.py", "laminator/local/schema_snapshot.sql",
    "requirements.txt",
)  # fmt: skip
TEMPLATE = "laminator_template_"
COPY = "laminator_test_"
# Any number, the same for all who make or copy templates in one server.
_MAKING = 7_301_544
# Below so many rows a table is emptied row by row, which is cheaper than new files for it.
_MANY_ROWS = 2000


class DeskDatabase:
    """A copy of the template, an owner's connection to it, and the way to empty it."""

    def __init__(self, *, owner_url: str, login_url: str) -> None:
        self.name = f"{COPY}{os.getpid()}"
        self._server_url = owner_url
        self.owner_url = make_conninfo(owner_url, dbname=self.name)
        self.login_url = make_conninfo(login_url, dbname=self.name)

    def start(self) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as server:
            # Nobody may be connected to a template while it is copied.
            server.execute("SELECT pg_advisory_lock(%s)", [_MAKING])
            template = _template(server, self._server_url)
            self._drop_abandoned(server)
            server.execute(_create(self.name, template))
            self.owner = psycopg.connect(self.owner_url, autocommit=True)
        self.owner.execute("SET lock_timeout = '5s'")
        self._learn_tables()

    def stop(self) -> None:
        self.owner.close()
        with psycopg.connect(self._server_url, autocommit=True) as server:
            _drop(server, self.name)

    def empty(self) -> None:
        """Take away every row that was not there after the migration."""
        filled = dict(self.owner.execute(self._which_hold_rows).fetchall())
        if not filled:
            return
        with self.owner.transaction():
            large = [name for name, is_large in filled.items() if is_large]
            if large:
                tables = sql.SQL(", ").join(map(sql.Identifier, large))
                self.owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
            self.owner.execute(
                sql.SQL("; ").join(
                    sql.SQL("DELETE FROM {}").format(sql.Identifier(name))
                    for name in self._emptying_order
                    # Deleting from the tables of people and trades fills those of their history.
                    if name in filled or name in self._written_by_triggers
                )
            )

    def _learn_tables(self) -> None:
        tables = [
            name
            for (name,) in self.owner.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
            )
        ]
        kept = {name for name in tables if self.owner.execute(_rows_in(name)).fetchone()}
        kept |= {"django_migrations"}
        # What the migration itself wrote into the log is no test's.
        kept -= {"audit_logs", "audit_unsealed", "pghistory_context"}
        ours = [name for name in tables if name not in kept]
        self._which_hold_rows = sql.SQL(" UNION ALL ").join(map(_rows_in, ours))
        self._written_by_triggers = {"transaction_hashes", "pghistory_context"} | {
            name for name in ours if name.endswith("event")
        }
        self._emptying_order = self._referrers_first(ours)
        self.empty()

    def _referrers_first(self, tables: list[str]) -> list[str]:
        """Rows that refer go before rows referred to; what triggers write goes last of all."""
        refers_to: dict[str, set[str]] = {name: set() for name in tables}
        for referrer, referred in self.owner.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid <> confrelid"
        ):
            if referrer in refers_to and referred in refers_to:
                refers_to[referrer].add(referred)
        order: list[str] = []
        while refers_to:
            referred_to = set().union(*refers_to.values())
            free = [name for name in refers_to if name not in referred_to] or list(refers_to)
            order += free
            for name in free:
                del refers_to[name]
        last = [name for name in order if name in self._written_by_triggers]
        last.sort(key=lambda name: name == "pghistory_context")
        return [name for name in order if name not in last] + last

    def _drop_abandoned(self, server: psycopg.Connection) -> None:
        """Copies of runs that were killed: a live run always holds a connection to its own."""
        abandoned = server.execute(
            "SELECT datname FROM pg_database d WHERE datname LIKE %s AND NOT EXISTS"
            " (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
            [COPY + "%"],
        ).fetchall()
        for (name,) in abandoned:
            _drop(server, name)


def make_template(owner_url: str) -> None:
    """Make the template if it is missing, before any test's clock runs."""
    with psycopg.connect(owner_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_MAKING])
        _template(server, owner_url)


@contextmanager
def desk_database(*, owner_url: str, login_url: str):
    """A migrated database of this run's own, gone afterwards."""
    database = DeskDatabase(owner_url=owner_url, login_url=login_url)
    database.start()
    try:
        yield database
    finally:
        database.stop()


def _template(server: psycopg.Connection, server_url: str) -> str:
    """The name of a database that is migrated to the present sources; made if missing."""
    name = TEMPLATE + _state_of_schema()
    if _exists(server, name):
        return name
    making = f"{name}_making"
    _drop(server, making)
    server.execute(_create(making, "template1"))
    url = _url(server_url, making)
    # As `make run` does it: what the written-down schema holds, where it is up to date, is there.
    load_snapshot(owner_url=url)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_OWNER_URL": url, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the test database cannot be migrated:\n{done.stderr[-4000:]}")
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(making), sql.Identifier(name)
        )
    )
    return name


def _state_of_schema() -> str:
    # The month too: a migration makes the partitions of the months that are near.
    digest = hashlib.sha256(datetime.now(tz=UTC).strftime("%Y-%m").encode())
    for pattern in _SCHEMA_SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and path.suffix in (".py", ".sql", ".txt"):
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _url(server_url: str, database: str) -> str:
    return server_url.rsplit("/", 1)[0] + f"/{database}"


def _exists(server: psycopg.Connection, name: str) -> bool:
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _create(name: str, template: str) -> sql.Composed:
    return sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )


def _drop(server: psycopg.Connection, name: str) -> None:
    """Drop a database; where the server's own vacuum is in it, wait until that has left."""
    wanted = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for _ in range(50):
        try:
            server.execute(wanted)
        except psycopg.errors.InsufficientPrivilege:  # may not end a process of the superuser's
            time.sleep(0.1)
        else:
            return
    server.execute(wanted)


def _rows_in(name: str) -> sql.Composed:
    """One row (name, whether there are many) if the table holds any, else none."""
    table = sql.Identifier(name)
    return sql.SQL(
        "SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) first_rows) = {}"
        " WHERE EXISTS (SELECT 1 FROM {})"
    ).format(sql.Literal(name), table, _MANY_ROWS, _MANY_ROWS, table)
