"""What every test stands on: real servers, emptied after each; no network beyond this machine."""

import os
import socket

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connections
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from tests.database import COPY, desk_database, make_template
from tests.sharing import FilesTogether, place, plays_on_processes

# How long an example takes says more about the machine than about the code.
hypothesis_settings.register_profile("desk", deadline=None)
hypothesis_settings.load_profile("desk")

_NO_SERVERS = "this test needs the servers that `make test` (or `make servers`) starts"
_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}


def pytest_configure(config):
    """Lead settings and child processes to the databases of this run, before anything connects."""
    settings.PASSWORD_HASHERS = ["tests.fast_passwords.OneRound"]
    if "DATABASE_OWNER_URL" not in os.environ:
        return
    for variable in ("DATABASE_OWNER_URL", "DATABASE_URL", "REDIS_URL"):
        # A process of several that share the tests inherits what the first one has set.
        os.environ.setdefault(f"SERVER_{variable}", os.environ[variable])
    if not hasattr(config, "workerinput"):
        make_template(os.environ["SERVER_DATABASE_OWNER_URL"])
    for variable in ("DATABASE_OWNER_URL", "DATABASE_URL"):
        server, _, _ = os.environ[f"SERVER_{variable}"].rpartition("/")
        os.environ[variable] = f"{server}/{COPY}{os.getpid()}"
    settings.DATABASES["default"]["NAME"] = f"{COPY}{os.getpid()}"
    url = _claim_redis_database(os.environ["SERVER_REDIS_URL"])
    os.environ["REDIS_URL"] = settings.REDIS_URL = settings.CELERY_BROKER_URL = url


def pytest_collection_modifyitems(items):
    items.sort(key=place)
    for item in items:
        if plays_on_processes(item):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return FilesTogether(config, log)


def _claim_redis_database(url: str) -> str:
    """Runs that share a server must not empty each other's database."""
    with redis.Redis.from_url(url, protocol=2) as server:
        for number in range(1, 16):
            if server.set(f"test-run:{number}", os.getpid(), nx=True, ex=3600):
                return f"{url.rpartition('/')[0]}/{number}"
    raise pytest.UsageError("fifteen test runs share this Redis already")


def pytest_unconfigure(config):
    url = os.environ.get("REDIS_URL", "")
    if "SERVER_DATABASE_URL" not in os.environ:
        return
    server, _, number = url.rpartition("/")
    with redis.Redis.from_url(f"{server}/0", protocol=2) as claims:
        claims.delete(f"test-run:{number}")


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def _database(django_db_blocker):
    owner_url = os.environ.get("SERVER_DATABASE_OWNER_URL")
    if owner_url is None:
        pytest.fail(_NO_SERVERS)
    with desk_database(
        owner_url=owner_url, login_url=os.environ["SERVER_DATABASE_URL"]
    ) as database:
        yield database
        with django_db_blocker.unblock():
            connections["default"].close()
            connections["default"].close_pool()


@pytest.fixture(scope="session")
def django_db_setup(_database):
    """Stands in for pytest-django's: no role of the product may make a database."""


@pytest.fixture
def _django_db_helper(_database, django_db_blocker, redis_server):
    """What `db`, `transactional_db` and the marker `django_db` mean here: commits, then emptying.

    The product's processes set roles for a transaction each; a transaction around the whole test
    would hide whether they commit.
    """
    with django_db_blocker.unblock():
        _open_gates()
        yield
        connections["default"].close()
        _database.empty()


def _open_gates():
    """Every venue was looked at and found fit, as on a desk that runs."""
    from core.roles import as_sync
    from trading.models import VenueGate

    now = timezone.now()
    with as_sync():
        VenueGate.objects.bulk_create(
            VenueGate(deployment=key, is_open=True, checked_at=now, tried_at=now, changed_at=now)
            for key in ("drift", "velocity", "hand")
        )


@pytest.fixture
def desk_database_urls(_database, db):
    """(owner's, login role's) connection strings of this run's database."""
    return _database.owner_url, _database.login_url


@pytest.fixture
def owner_sql(_database, db):
    """A psycopg connection of the tables' owner, committing each statement."""
    with psycopg.connect(_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def login_sql(_database, db):
    """A psycopg connection of the processes' login role, committing each statement."""
    with psycopg.connect(_database.login_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def redis_server():
    """A client of this run's Redis database, which is emptied after the test."""
    if "SERVER_DATABASE_URL" not in os.environ:
        pytest.fail(_NO_SERVERS)
    with redis.Redis.from_url(settings.REDIS_URL, protocol=2) as client:
        yield client
        client.flushdb()


class NetworkUsed(BaseException):
    """A test reached beyond this machine; nothing of the product may swallow that."""


def _is_local(host) -> bool:
    return host in _LOCAL_NAMES or str(host).startswith("127.")


@pytest.fixture(autouse=True, scope="session")
def _network_stays_local():
    """Sockets may reach this machine alone."""
    connect, connect_ex, lookup = (
        socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo,
    )  # fmt: skip

    def guard(original):
        def guarded(sock, address):
            if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
                raise NetworkUsed(f"{address[0]}:{address[1]}")
            return original(sock, address)

        return guarded

    def guarded_lookup(host, *args, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_local(name):
            raise NetworkUsed(str(name))
        return lookup(host, *args, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guard(connect))
    patch.setattr(socket.socket, "connect_ex", guard(connect_ex))
    patch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def desk_sandbox_process():
    """The one sandbox of this run that the product is led to; custodians remember its address."""
    from tests.sandbox_server import running_sandbox

    with running_sandbox(slot_ms=50) as handle:
        handle.advance(40)  # so that what was there from the first slot on is confirmed
        yield handle


@pytest.fixture
def desk(db, desk_sandbox_process, settings):
    """That sandbox without faults, the product's settings leading to it, and its markets read."""
    from drift.services import sync_all_markets
    from tests.desk import led_to

    desk_sandbox_process.clear_faults()
    desk_sandbox_process.clear_calls()
    with led_to(desk_sandbox_process, settings):
        sync_all_markets()
        yield desk_sandbox_process
        desk_sandbox_process.clear_faults()
