"""The embedded servers: their start, their end, who may enter, and what they keep."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from laminator.local.child import LAUNCHER, is_alive
from laminator.local.errors import CannotStart
from laminator.local.generated_secrets import new_secrets, stored_secrets
from laminator.local.postgres import EmbeddedPostgres
from laminator.local.servers import EmbeddedServers

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that only this user can enter, as root's own are."""
    path = tmp_path_factory.mktemp("servers") / "only ours"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(scope="module")
def secrets():
    return new_secrets()


@pytest.fixture(scope="module")
def servers(folder, secrets):
    started = EmbeddedServers(folder=folder, secrets=secrets, durable=True)
    started.start()
    yield started
    started.stop()


def test_the_processes_log_in_as_a_role_that_owns_and_inherits_nothing(servers):
    with psycopg.connect(servers.environment()["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == ("desk_login", False, False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (id int)")


def test_the_owner_is_no_superuser_and_may_make_roles_and_databases(servers):
    with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, True, True)


@pytest.mark.parametrize("role", ["postgres", "desk_owner", "desk_login"])
def test_no_role_enters_postgres_without_its_password(servers, role):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            f"postgresql://{role}:wrong@127.0.0.1:{servers.postgres.port}/laminator"
        ).close()


def test_redis_is_closed_without_its_password(servers):
    with (
        redis.Redis(port=servers.redis.port, retry=None) as stranger,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        stranger.ping()


def test_passwords_stand_in_no_list_of_processes(servers, secrets):
    for pid in servers.pids().values():
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        for secret in (secrets.redis, secrets.postgres_superuser, secrets.database_owner):
            assert secret not in shown


def test_postgres_does_not_run_as_root(servers):
    programs = servers.postgres.place.programs
    refused = subprocess.run(
        [programs / "postgres", "-D", servers.postgres.data], capture_output=True, check=False
    )
    if os.geteuid() == 0:
        assert b"root" in refused.stderr
    assert servers.postgres.running()


def test_a_warm_start_goes_on_from_the_data_on_the_same_ports(servers):
    owner_url = servers.environment()["DATABASE_OWNER_URL"]
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")
    with redis.Redis.from_url(servers.environment()["REDIS_URL"]) as client:
        client.set("kept", "here")
    before = servers.environment()

    servers.stop()
    again = EmbeddedServers(folder=servers.folder, secrets=servers.secrets, durable=True)
    again.start()
    try:
        assert again.environment() == before
        with psycopg.connect(again.environment()["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SELECT word FROM kept").fetchall() == [("here",)]
        with redis.Redis.from_url(again.environment()["REDIS_URL"]) as client:
            assert client.get("kept") == b"here"
    finally:
        again.stop()
    servers.start()


def test_a_lock_file_that_names_a_foreign_process_does_not_keep_the_server_down(servers):
    servers.stop()
    (servers.postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")
    servers.start()
    with psycopg.connect(servers.environment()["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_left_behind_by_a_killed_start_is_ended_and_its_data_used(servers, folder):
    left_behind = servers.postgres
    again = EmbeddedPostgres(
        folder=left_behind.folder,
        log_file=left_behind.log_file,
        superuser_password=left_behind.superuser_password,
    )
    again.start()
    try:
        assert not left_behind.running()
        assert again.running()
    finally:
        again.stop()
    servers.postgres.start()


def test_a_crashed_server_comes_back_on_its_port(servers):
    before = servers.environment()
    os.kill(servers.redis.pid, signal.SIGKILL)
    while servers.redis.running():
        time.sleep(0.01)
    assert servers.revive()
    assert servers.environment() == before
    with redis.Redis.from_url(before["REDIS_URL"]) as client:
        assert client.ping()
    assert not servers.revive()


def test_a_broken_cluster_is_reported_with_the_end_of_its_log(tmp_path):
    server = EmbeddedPostgres(
        folder=tmp_path / "postgres",
        log_file=tmp_path / "log" / "postgres.log",
        superuser_password="irrelevant",
        durable=False,
    )
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(CannotStart, match="did not start"):
        server.start()
    assert not server.running()


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path):
    path = tmp_path / "var" / "secrets.json"
    made = stored_secrets(path)
    assert stored_secrets(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.redis not in repr(made)
    path.write_text("{")
    with pytest.raises(CannotStart, match="not JSON"):
        stored_secrets(path)


def test_servers_start_for_a_user_without_privileges():
    command = [sys.executable, "-m", "laminator.local", "servers", "--", sys.executable, "-c"]
    command += ["import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']); print('in')"]
    if os.geteuid() == 0:  # an unmapped user: not root to itself, and without root's powers
        launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), "9", "namespace"]
        if subprocess.run(
            [*launch, "--", "/bin/true"], capture_output=True, check=False
        ).returncode:
            pytest.skip("this machine forbids user namespaces")
        command = [*launch, "--", *command]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout == "in\n", ran.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_no_server_outlives_a_killed_parent(tmp_path):
    script = (
        "import sys, time; from pathlib import Path;"
        "from laminator.local.servers import EmbeddedServers;"
        "from laminator.local.generated_secrets import new_secrets;"
        "s = EmbeddedServers(folder=Path(sys.argv[1]), secrets=new_secrets(), durable=False);"
        "s.start(); print(*s.pids().values(), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with parent, parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    deadline = time.monotonic() + 90
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, pids))
