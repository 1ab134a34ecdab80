"""compose.yaml and the Dockerfile against what `make run` starts, as far as no engine is needed."""

import ast
import os
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import psycopg
import pytest
import yaml

from laminator.local.postgres import EmbeddedPostgres, programs_folder
from laminator.local.processes import (
    OWNERS_OWN,
    PROCESSES,
    SANDBOX,
    SIGNING,
    STORED_SECRETS,
)
from laminator.settings.environment import parse_environment, variable_names
from laminator.settings.given import FILE_SUFFIX
from laminator.start_check import _REQUIRED

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
RUNNING = [process for process in PROCESSES if process is not SANDBOX]
SERVERS = {"postgres", "redis"}
ONCE = {"migrate", "prepare"}
PLACES = {"python": "python", "laminator_host": "0.0.0.0", "laminator_port": "8000"}
# What the settings' own file says, as it is no secret.
FROM_THE_FILE = {
    "PRIVY_APP_ID", "PRIVY_TRADING_SIGNER_ID", "PRIVY_WITHDRAW_SIGNER_ID", "PRIVY_OWNER_QUORUM_ID",
}  # fmt: skip


def told(service):
    """The names of the settings that a service is given in files."""
    return {
        name.removesuffix(FILE_SUFFIX)
        for name in SERVICES[service].get("environment", {})
        if name.removesuffix(FILE_SUFFIX) in variable_names()
    }


def test_there_is_one_service_for_each_process_of_make_run_and_no_other():
    assert set(SERVICES) == {process.name for process in RUNNING} | SERVERS | ONCE


@pytest.mark.parametrize("process", RUNNING, ids=lambda process: process.name)
def test_a_process_is_started_by_the_same_command(process):
    assert SERVICES[process.name]["command"] == process.command_line(PLACES)


@pytest.mark.parametrize("process", RUNNING, ids=lambda process: process.name)
def test_a_process_is_told_what_it_needs_and_nothing_that_is_kept_from_it(process):
    assert told(process.name) & process.withheld == set()
    needed = set(_REQUIRED.get(process.name, ())) - FROM_THE_FILE
    assert needed - told(process.name) == set()


def test_the_owner_of_the_tables_and_the_withdraw_signer_are_known_to_one_service_each():
    known_by = {
        name: {service for service in SERVICES if name in told(service)}
        for name in OWNERS_OWN | SIGNING | STORED_SECRETS
    }
    assert known_by["DATABASE_OWNER_URL"] == {"migrate"}
    assert known_by["PRIVY_WITHDRAW_SIGNER_KEY"] == {"withdrawals"}
    assert known_by["ENCRYPTION_KEYS"] == {"web"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_only_files_that_it_was_given(name):
    service = SERVICES[name]
    given = set(service.get("secrets", ()))
    read = {
        Path(value).name
        for key, value in service.get("environment", {}).items()
        if key.endswith(FILE_SUFFIX)
    }
    assert read <= given <= set(COMPOSE["secrets"])
    if name not in SERVERS:
        assert read == given, "a secret that nothing reads"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - SERVERS))
def test_a_process_can_write_nowhere_but_where_it_must_and_has_no_privileges(name):
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONCE))
def test_each_running_service_says_how_it_is_asked_whether_it_works(name):
    assert SERVICES[name]["healthcheck"]["test"]
    if name not in SERVERS:
        assert SERVICES[name]["healthcheck"]["test"][1:] == [
            "python", "-m", "laminator.alive", name,
        ]  # fmt: skip


def test_what_a_service_waits_for_is_there():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def _is_in_the_image(path):
    """As .dockerignore has it: from the top, or anywhere behind `**/`; the last line decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, anywhere = line.removeprefix("!"), line.startswith("**/")
        parts = path.split("/")
        if anywhere:
            fits = any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
        else:
            fits = pattern == "*" or f"{path}/".startswith(f"{pattern}/")
        if fits:
            kept = line.startswith("!")
    return kept


def test_the_image_has_every_room_and_nothing_that_only_developers_need():
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    inside = {file for file in files if _is_in_the_image(file)}
    rooms = {file.partition("/")[0] for file in inside}
    assert rooms == {
        "manage.py", "requirements-image.txt", "accounts", "alerts", "audit", "bot", "chain",
        "core", "drift", "laminator", "markets", "trading", "wallets",
    }  # fmt: skip
    assert not [file for file in inside if file.startswith("laminator/local/")]
    assert "laminator/alive.py" in inside


def test_all_that_the_rooms_import_is_in_the_image_in_the_version_that_was_tested():
    locked, image = _locked("requirements.txt"), _locked("requirements-image.txt")
    assert image.items() <= locked.items()
    known = packages_distributions()
    lacking = {
        (module, file)
        for file, module in _imports()
        if module in known and not {_plain(each) for each in known[module]} & set(image)
    }
    assert lacking == set()
    assert not {"pytest", "playwright", "driftpy", "mypy"} & set(image)


def _locked(name):
    lines = (ROOT / name).read_text().splitlines()
    pairs = [line.split(" ")[0].split("==") for line in lines if "==" in line and line[0].isalpha()]
    return {_plain(package): version for package, version in pairs}


def _plain(name):
    return name.lower().replace("_", "-").replace(".", "-")


def _imports():
    own = {"tests", "sandbox", "benchmarks"}
    for room in ("accounts", "alerts", "audit", "bot", "chain", "core", "drift", "laminator",
                 "markets", "trading", "wallets"):  # fmt: skip
        for file in (ROOT / room).rglob("*.py"):
            if (ROOT / "laminator/local") in file.parents:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    names = [node.module]
                for name in names:
                    top = name.partition(".")[0]
                    assert top not in own, f"{file} imports {name}"
                    if top not in sys.stdlib_module_names:
                        yield str(file.relative_to(ROOT)), top


def test_the_databases_first_script_makes_an_owner_who_is_no_superuser_and_a_bare_login(tmp_path):
    passwords = {"owner": "it's the owner's", "login": "a \\ and :'x'"}
    for role, password in passwords.items():
        (tmp_path / f"database_{role}_password").write_text(password)
    server = EmbeddedPostgres(
        folder=tmp_path / "server", log_file=tmp_path / "log", superuser_password="the top",
        durable=False,
    )  # fmt: skip
    (tmp_path / "server").mkdir()
    server.start()
    try:
        subprocess.run(
            ["sh", ROOT / "deploy/make-roles.sh"],
            env=os.environ | {
                "SECRETS_DIR": str(tmp_path), "PATH": f"{programs_folder()}:{os.environ['PATH']}",
                "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": "the top",
            },
            check=True,
        )  # fmt: skip
        found = {}
        for role, password in passwords.items():
            with psycopg.connect(
                host="127.0.0.1", port=server.port, dbname="laminator", user=f"desk_{role}",
                password=password,
            ) as connection:  # fmt: skip
                found[role] = connection.execute(
                    "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles "
                    "WHERE rolname = current_user"
                ).fetchone()
                if role == "owner":
                    # As the migrations do it: a role of the desk's, that the login may act as.
                    connection.execute("CREATE ROLE desk_some NOLOGIN")
                    connection.execute("GRANT desk_some TO desk_login")
                    connection.execute("CREATE TABLE owned (id int)")
        assert found == {"owner": (False, True, False), "login": (False, False, False)}
    finally:
        server.stop()
        server.remove_data()


def test_secrets_are_made_once_and_what_others_give_is_named(tmp_path):
    folder = tmp_path / "deploy"
    folder.mkdir()
    script = folder / "make-secrets.sh"
    script.write_text((ROOT / "deploy/make-secrets.sh").read_text())

    said = subprocess.run(["sh", script], capture_output=True, text=True, check=True).stdout
    first = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    (folder / "secrets/telegram_bot_token").chmod(0o600)
    (folder / "secrets/telegram_bot_token").write_text("123456:" + "a" * 35)
    again = subprocess.run(["sh", script], capture_output=True, text=True, check=True).stdout
    second = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}

    assert set(first) == set(COMPOSE["secrets"])
    assert second == first | {"telegram_bot_token": "123456:" + "a" * 35}
    assert "telegram_bot_token" in said
    assert "telegram_bot_token" not in again
    assert (folder / "secrets").stat().st_mode & 0o077 == 0
    # As the settings want them.
    given = {name.upper(): value for name, value in second.items() if value}
    parse_environment({name: given[name] for name in variable_names() if name in given})
