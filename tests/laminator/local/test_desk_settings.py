"""With which settings a local desk's processes run, and in which order they stop."""

import os

import pytest

from laminator.local.desk import _waves
from laminator.local.desk_settings import (
    LIVE_NEEDED,
    DeskSettings,
    begin_sandbox_environment,
    read_desk_settings,
    take_sandbox_environment,
)
from laminator.local.errors import CannotStart
from laminator.local.processes import PROCESSES
from laminator.settings.environment import parse_environment, variable_names

LIVE = {
    "TELEGRAM_BOT_TOKEN": "123456:abcdefghijklmnopqrstuvwxyz",
    "SOLANA_RPC_URLS": "https://rpc.example",
} | {name: "given" for name in LIVE_NEEDED if name.startswith("PRIVY_")}


def settings(**given):
    return DeskSettings(given=given, checked=parse_environment(given))


@pytest.fixture
def only(monkeypatch):
    """Give exactly these settings to the process."""

    def give(**given):
        for name in variable_names():
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LAMINATOR_ENV_FILE", os.devnull)
        for name, value in given.items():
            monkeypatch.setenv(name, value)

    return give


def test_without_settings_the_sandbox_is_used(only):
    only()
    assert read_desk_settings().live is False


def test_all_live_services_together_leave_the_sandbox_out(only):
    only(**LIVE)
    assert read_desk_settings().live is True


@pytest.mark.parametrize("missing", LIVE_NEEDED)
def test_one_live_service_too_few_is_named(only, missing):
    only(**{name: value for name, value in LIVE.items() if name != missing})
    with pytest.raises(CannotStart, match=rf"missing are:\n    {missing}: "):
        read_desk_settings()


def test_an_owner_s_url_alone_gives_the_processes_a_login_of_their_own():
    given = settings(DATABASE_URL="postgresql://owner:secret@db.example:5433/desk?sslmode=require")
    assert given.derived_login("a/b") == {
        "DATABASE_OWNER_URL": "postgresql://owner:secret@db.example:5433/desk?sslmode=require",
        "DATABASE_URL": "postgresql://desk_login:a%2Fb@db.example:5433/desk?sslmode=require",
    }


def test_both_urls_are_taken_as_they_are():
    given = settings(
        DATABASE_URL="postgresql://login@db/desk", DATABASE_OWNER_URL="postgresql://owner@db/desk"
    )
    assert given.derived_login("unused") == {}


def test_an_owner_without_a_login_is_refused(only):
    only(DATABASE_OWNER_URL="postgresql://owner@db/desk")
    with pytest.raises(CannotStart, match="without DATABASE_URL"):
        read_desk_settings()


def test_processes_get_the_given_settings_and_read_no_file_themselves(only):
    only(LOG_LEVEL="DEBUG")
    environment = read_desk_settings().environment({"REDIS_URL": "redis://x"})
    assert environment["LOG_LEVEL"] == "DEBUG"
    assert environment["REDIS_URL"] == "redis://x"
    assert environment["LAMINATOR_ENV_FILE"] == os.devnull
    assert environment["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_the_sandbox_names_only_settings_that_there_are():
    offered = take_sandbox_environment(begin_sandbox_environment(9100))
    assert set(offered) <= set(variable_names())
    assert set(LIVE_NEEDED) <= set(offered)
    parse_environment(offered)


def test_the_sandbox_stops_after_all_that_need_it():
    assert _waves(PROCESSES) == [
        ["web", "worker", "withdrawals", "beat", "bot", "feed", "subscriptions"],
        ["sandbox"],
    ]
