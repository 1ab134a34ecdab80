"""The written-down schema: of the present migrations, and the same as they make."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from laminator.local.postgres import programs_folder
from laminator.local.schema_snapshot import MARK, SNAPSHOT, digest_of_migrations, load_snapshot

ROOT = Path(__file__).resolve().parents[3]
NAME = f"laminator_test_snapshot_{os.getpid()}"
LOAD = (
    "import os, django; django.setup()\n"
    "from django.core.management import call_command\n"
    "from laminator.local.schema_snapshot import load_snapshot\n"
    "assert load_snapshot(owner_url=os.environ['DATABASE_URL'])\n"
    "call_command('migrate', verbosity=1)\n"
)


@pytest.fixture
def empty_database():
    server_url = os.environ["SERVER_DATABASE_OWNER_URL"]
    name = sql.Identifier(NAME)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield f"{server_url.rpartition('/')[0]}/{NAME}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def dump(url: str) -> list[str]:
    output = subprocess.run(
        [programs_folder() / "pg_dump", "--schema-only", "--restrict-key=x", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return output.splitlines()


def test_the_snapshot_is_of_the_present_migrations():
    mark, _, _ = SNAPSHOT.read_text().partition("\n")
    assert mark.startswith(f"{MARK}{digest_of_migrations()} "), "run `make schema` and commit it"


def test_the_snapshot_leaves_the_schema_that_all_migrations_leave(
    desk_database_urls, empty_database
):
    owner_url, _ = desk_database_urls
    assert conninfo_to_dict(owner_url)["dbname"] != NAME
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=ROOT,
        env=os.environ | {
            "DATABASE_URL": empty_database,
            "DATABASE_OWNER_URL": empty_database,
            "DJANGO_SETTINGS_MODULE": "laminator.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert "No migrations to apply" in loaded.stdout, loaded.stderr
    assert dump(empty_database) == dump(owner_url)


def test_a_database_that_holds_anything_is_left_to_the_migrations(empty_database):
    with psycopg.connect(empty_database, autocommit=True) as database:
        database.execute("CREATE TABLE something (id int)")
        assert load_snapshot(owner_url=empty_database) is False
        assert database.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone() == (1,)
