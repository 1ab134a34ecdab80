"""A process that is set up wrongly says what and how to mend it, and does not start half."""

import pytest

from tests.broken_servers import free_port

pytestmark = pytest.mark.journey

_COMMANDS = {
    "bot": ("manage.py", "run_bot"),
    "worker": ("manage.py", "run_worker"),
    "beat": ("manage.py", "run_beat"),
    "feed": ("manage.py", "run_feed"),
    "subscriptions": ("manage.py", "run_subscriptions"),
}


def _refusal(house, process: str, **settings: str) -> str:
    """What a process says that must not start with these settings."""
    ended = house.run(*_COMMANDS[process], **settings)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 78, said[-2000:]
    assert "Traceback" not in said
    assert "is up" not in said
    assert house.sandbox.calls(service="telegram", method="getMe") == []
    return said


def also(*values):
    """One more process of which the suite has shown another."""
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.mark.parametrize("process", ["worker", also("bot"), also("feed"), also("subscriptions")])
def test_a_node_of_another_chain_is_named_with_both_hashes(servers_alone, process):
    genesis = servers_alone.sandbox.rpc("getGenesisHash")
    said = _refusal(servers_alone, process, SOLANA_GENESIS_HASH="9" * 44)
    assert f"the {process} cannot start" in said
    for number in (1, 2):
        assert f"SOLANA_RPC_URLS: node {number} (127.0.0.1) is of the chain {genesis}" in said
    assert "SOLANA_GENESIS_HASH says " + "9" * 44 in said


@pytest.mark.parametrize("process", ["worker", also("bot"), also("beat")])
def test_the_owner_of_the_tables_may_not_run_processes(servers_alone, process):
    owner = servers_alone.environment()["DATABASE_OWNER_URL"]
    said = _refusal(servers_alone, process, DATABASE_URL=owner)
    assert "DATABASE_URL: this role owns tables" in said
    assert owner.split("@")[0].rpartition(":")[2] not in said


def test_everything_that_is_wrong_is_said_at_once(servers_alone):
    environment = servers_alone.environment()
    said = _refusal(
        servers_alone,
        "worker",
        DATABASE_URL=_with_password(environment["DATABASE_URL"], "no-password-of-theirs"),
        REDIS_URL=_with_password(environment["REDIS_URL"], "no-password-of-theirs"),
        PRIVY_APP_SECRET="no-secret-of-theirs",
    )
    assert "DATABASE_URL: the server refuses this login" in said
    assert "REDIS_URL: the server refuses this password" in said
    assert "PRIVY_APP_ID and PRIVY_APP_SECRET: " in said
    assert "of-theirs" not in said


def test_a_signers_key_of_another_signer_is_named(servers_alone):
    from sandbox.privy.credentials import WITHDRAW_SIGNER

    key = WITHDRAW_SIGNER.keys[0].private_key
    said = _refusal(servers_alone, "bot", PRIVY_TRADING_SIGNER_KEY=key)
    assert "PRIVY_TRADING_SIGNER_KEY: " in said
    assert key not in said


@pytest.mark.parametrize(
    ("process", "missing"),
    [
        ("bot", "TELEGRAM_BOT_TOKEN"),
        also("worker", "PRIVY_TRADING_SIGNER_KEY"),
        also("beat", "DATABASE_URL"),
        also("feed", "SOLANA_RPC_URLS"),
    ],
)
def test_a_missing_setting_is_named_with_its_meaning(servers_alone, process, missing):
    assert f"{missing} is missing: " in _refusal(servers_alone, process, **{missing: ""})


def test_a_database_without_tables_is_told_from_one_that_is_wrong(servers_alone):
    empty = servers_alone.environment()["DATABASE_URL"].rpartition("/")[0] + "/template1"
    assert "run `manage.py migrate`" in _refusal(servers_alone, "beat", DATABASE_URL=empty)


def test_what_does_not_answer_is_waited_for(servers_alone):
    """An outage at the moment of a start is no fault of the settings."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    servers_alone.start("bot", SOLANA_RPC_URLS=nowhere, PRIVY_BASE_URL=nowhere)
    said = servers_alone.said("bot")
    assert "not reachable at the start" in said
    assert servers_alone.stop("bot") == 0


def _with_password(url: str, password: str) -> str:
    start, _, place = url.rpartition("@")
    return f"{start.rpartition(':')[0]}:{password}@{place}"
