"""What custody is configured with is checked at the start, and its secrets stay hidden."""

from dataclasses import replace

import pytest

from core.errors import Misconfigured
from laminator.settings.environment import parse_environment
from sandbox.environment import environment
from sandbox.privy.credentials import APP_SECRET, OWNER, TRADING_SIGNER, WITHDRAW_SIGNER
from tests.privy_standin import serve_privy
from wallets.custody.privy import PrivyCustodian
from wallets.custody.privy_api import AuthorizationKey
from wallets.custody.privy_settings import PrivySettings
from wallets.custody.registry import check_custodians, get_custodian

TRADING_KEY = TRADING_SIGNER.keys[0].private_key


@pytest.fixture(scope="module")
def standin():
    with serve_privy() as running:
        yield running


@pytest.fixture
def configured(settings, standin):
    """Django's settings as the sandbox's environment makes them."""
    ours = {name: value for name, value in environment(8800).items() if name.startswith("PRIVY_")}
    settings.ENVIRONMENT = parse_environment({**ours, "PRIVY_BASE_URL": standin.url})
    return settings


def check_with(**changes) -> None:
    custodian = PrivyCustodian(replace(PrivySettings.read(), **changes))
    try:
        custodian.check()
    finally:
        custodian.close()


def key(private_key: str) -> AuthorizationKey:
    return AuthorizationKey(private_key, setting="A_KEY")


def test_the_sandboxes_environment_passes_the_check(configured):
    check_with()
    check_with(withdraw_signer_key=key(WITHDRAW_SIGNER.keys[0].private_key))


def test_the_withdraw_key_is_not_in_the_environment_of_the_trading_processes():
    withdraw_key = WITHDRAW_SIGNER.keys[0].private_key

    assert withdraw_key not in environment(8800).values()
    assert TRADING_KEY in environment(8800).values()


@pytest.mark.parametrize(
    ("changes", "code", "setting"),
    [
        ({"owner_quorum_id": "none"}, "custody.quorum_unknown", "PRIVY_OWNER_QUORUM_ID"),
        ({"trading_signer_id": "none"}, "custody.quorum_unknown", "PRIVY_TRADING_SIGNER_ID"),
        ({"withdraw_signer_id": "none"}, "custody.quorum_unknown", "PRIVY_WITHDRAW_SIGNER_ID"),
        (
            {"withdraw_signer_id": TRADING_SIGNER.id},
            "custody.signers_not_apart",
            "PRIVY_WITHDRAW_SIGNER_ID",
        ),
        (
            {"trading_signer_key": key(WITHDRAW_SIGNER.keys[0].private_key)},
            "custody.key_not_of_signer",
            "PRIVY_TRADING_SIGNER_KEY",
        ),
        (
            {"withdraw_signer_key": key(TRADING_KEY)},
            "custody.key_not_of_signer",
            "PRIVY_WITHDRAW_SIGNER_KEY",
        ),
        (
            {
                "trading_signer_id": OWNER.id,
                "trading_signer_key": key(OWNER.keys[1].private_key),
            },
            "custody.owner_key_online",
            "PRIVY_OWNER_QUORUM_ID",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_check_names_the_setting_that_is_wrong(configured, changes, code, setting):
    with pytest.raises(Misconfigured) as raised:
        check_with(**changes)

    assert (raised.value.code, raised.value.params["setting"]) == (code, setting)


@pytest.mark.parametrize(
    "name",
    [
        "PRIVY_APP_ID",
        "PRIVY_APP_SECRET",
        "PRIVY_TRADING_SIGNER_ID",
        "PRIVY_TRADING_SIGNER_KEY",
        "PRIVY_WITHDRAW_SIGNER_ID",
        "PRIVY_OWNER_QUORUM_ID",
    ],
)
def test_a_missing_setting_is_named(configured, name):
    environment_without = configured.ENVIRONMENT.model_copy(update={name.lower(): None})
    configured.ENVIRONMENT = environment_without

    with pytest.raises(Misconfigured) as raised:
        PrivySettings.read()

    assert (raised.value.code, raised.value.params) == (
        "custody.setting_missing",
        {"setting": name},
    )


@pytest.mark.parametrize("text", ["", "not base64", "AAAA", OWNER.keys[0].public_key])
def test_a_malformed_key_is_named_and_not_shown(text):
    with pytest.raises(Misconfigured) as raised:
        AuthorizationKey(text, setting="PRIVY_TRADING_SIGNER_KEY")

    assert str(raised.value) == "custody.key_malformed (setting=PRIVY_TRADING_SIGNER_KEY)"


def test_a_key_may_carry_the_dashboards_prefix():
    prefixed = key(f"wallet-auth:{TRADING_KEY}\n")

    assert prefixed.public_key == TRADING_SIGNER.keys[0].public_key


def test_no_secret_shows_in_the_settings_repr(configured):
    shown = repr(PrivySettings.read())

    assert APP_SECRET not in shown
    assert TRADING_KEY not in shown


def test_the_registry_gives_one_custodian_a_process_and_knows_no_default(configured, settings):
    # Under a name of its own: this process keeps the real one for whoever comes after.
    settings.CUSTODIANS = {"privy_of_this_test": settings.CUSTODIANS["privy"]}
    assert get_custodian("privy_of_this_test") is get_custodian("privy_of_this_test")
    check_custodians()
    with pytest.raises(Misconfigured) as raised:
        get_custodian("phantom")

    assert raised.value.code == "registry.unknown_key"
    get_custodian("privy_of_this_test").close()
