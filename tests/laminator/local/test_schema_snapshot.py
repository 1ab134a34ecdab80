"""The written-down schema: of the present migrations, and the same as they make."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from laminator.local.postgres import programs_folder
from laminator.local.schema_snapshot import MARK, SNAPSHOT, digest_of_migrations, load_snapshot

ROOT = Path(__file__).resolve().parents[3]
MIGRATE = (
    "import os, django; django.setup()\n"
    "from django.core.management import call_command\n"
    "call_command('migrate', verbosity=1)\n"
)
LOAD = (
    "import os, django; django.setup()\n"
    "from laminator.local.schema_snapshot import load_snapshot\n"
    "assert load_snapshot(owner_url=os.environ['DATABASE_URL'])\n"
)


@contextmanager
def _empty_database(name: str):
    server_url = os.environ["SERVER_DATABASE_OWNER_URL"]
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield f"{server_url.rpartition('/')[0]}/{name}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database():
    with _empty_database(f"laminator_test_snapshot_{os.getpid()}") as url:
        yield url


@pytest.fixture
def another_empty_database():
    with _empty_database(f"laminator_test_stepwise_{os.getpid()}") as url:
        yield url


def run(code: str, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {
            "DATABASE_URL": url,
            "DATABASE_OWNER_URL": url,
            "DJANGO_SETTINGS_MODULE": "laminator.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def dump(url: str) -> list[str]:
    output = subprocess.run(
        [programs_folder() / "pg_dump", "--schema-only", "--restrict-key=x", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = output.splitlines()
    # A table's grants are listed in the order in which they were given, which says nothing.
    grants = sorted(line for line in lines if line.startswith("GRANT "))
    return [line for line in lines if not line.startswith("GRANT ")] + grants


def test_the_snapshot_is_of_the_present_migrations():
    mark, _, _ = SNAPSHOT.read_text().partition("\n")
    assert mark.startswith(f"{MARK}{digest_of_migrations()} "), "run `make schema` and commit it"


@pytest.mark.long
def test_the_snapshot_leaves_the_schema_that_all_migrations_leave(
    empty_database, another_empty_database
):
    assert "No migrations to apply" in run(LOAD + MIGRATE, empty_database)
    assert "Applying trading" in run(MIGRATE, another_empty_database)
    assert dump(empty_database) == dump(another_empty_database)


def test_a_database_that_holds_anything_is_left_to_the_migrations(empty_database):
    with psycopg.connect(empty_database, autocommit=True) as database:
        database.execute("CREATE TABLE something (id int)")
        assert load_snapshot(owner_url=empty_database) is False
        assert database.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone() == (1,)
