"""Both embedded servers together, and the settings by which the desk finds them."""

import importlib
import json
from dataclasses import dataclass
from pathlib import Path

from laminator.local.errors import CannotStart
from laminator.local.generated_secrets import GeneratedSecrets
from laminator.local.ports import LOOPBACK
from laminator.local.postgres import SUPERUSER, EmbeddedPostgres
from laminator.local.redis import EmbeddedRedis


@dataclass
class EmbeddedServers:
    """PostgreSQL and Redis under one folder; leave out either when there is one elsewhere."""

    folder: Path
    secrets: GeneratedSecrets
    durable: bool = True
    with_postgres: bool = True
    with_redis: bool = True

    def __post_init__(self) -> None:
        logs, ports = self.folder / "log", self._last_ports()
        self.postgres = EmbeddedPostgres(
            folder=self.folder / "postgres",
            log_file=logs / "postgres.log",
            superuser_password=self.secrets.postgres_superuser,
            durable=self.durable,
            preferred_port=ports.get("postgres"),
        )
        self.redis = EmbeddedRedis(
            folder=self.folder / "redis",
            log_file=logs / "redis.log",
            password=self.secrets.redis,
            durable=self.durable,
            preferred_port=ports.get("redis"),
        )

    def start(self) -> None:
        """Start both, wait for both, and make the database and its roles."""
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        """Begin to start both; `environment` is known from now on."""
        try:
            if self.with_postgres:
                self.postgres.begin()
            if self.with_redis:
                self.redis.begin()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self) -> None:
        """Wait for both, and make the database and its roles.

        Where a port was taken at the last moment, `environment` has changed.
        """
        try:
            if self.with_postgres:
                self.postgres.wait_until_ready()
                self._make_database()
            if self.with_redis:
                self.redis.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._ports_file.write_text(
            json.dumps({"postgres": self.postgres.port, "redis": self.redis.port})
        )

    def stop(self) -> None:
        """Stop both; safe to call again."""
        self.redis.stop()
        self.postgres.stop()

    def revive(self) -> bool:
        """Start a server again that crashed, where it was; the processes find it by themselves.

        Says whether there was one. Raises CannotStart when its port was taken meanwhile: they
        would not find it elsewhere.
        """
        revived = False
        for name, server in self._wanted().items():
            if server.port and not server.running():
                port = server.preferred_port = server.port
                server.start()
                if server.port != port:
                    raise CannotStart(f"{name} crashed, and its port {port} was taken meanwhile")
                revived = True
        return revived

    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs."""
        return {name: each.pid for name, each in self._wanted().items() if each.pid}

    def _wanted(self) -> dict[str, EmbeddedPostgres | EmbeddedRedis]:
        wanted: dict[str, EmbeddedPostgres | EmbeddedRedis] = {}
        if self.with_postgres:
            wanted["postgres"] = self.postgres
        if self.with_redis:
            wanted["redis"] = self.redis
        return wanted

    def environment(self) -> dict[str, str]:
        """Return the settings that lead the desk's processes to these servers."""
        found = {}
        if self.with_postgres:
            found["DATABASE_OWNER_URL"] = self._url("desk_owner", self.secrets.database_owner)
            found["DATABASE_URL"] = self._url("desk_login", self.secrets.database_login)
        if self.with_redis:
            found["REDIS_URL"] = self.redis.url
        return found

    def _make_database(self) -> None:
        # Imported here: the driver costs 0.1 s, which passes while the servers start.
        roles = importlib.import_module("laminator.local.database_roles")
        roles.make_database(
            superuser_url=self._url(SUPERUSER, self.secrets.postgres_superuser, "postgres"),
            owner_password=self.secrets.database_owner,
            login_password=self.secrets.database_login,
        )

    def _url(self, user: str, password: str, database: str = "laminator") -> str:
        return f"postgresql://{user}:{password}@{LOOPBACK}:{self.postgres.port}/{database}"

    @property
    def _ports_file(self) -> Path:
        return self.folder / "ports.json"

    def _last_ports(self) -> dict[str, int]:
        """Ports of the last start: the same again where they are free, for tools that know them."""
        try:
            found: dict[str, int] = json.loads(self._ports_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found
