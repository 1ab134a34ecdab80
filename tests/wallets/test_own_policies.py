"""Each wallet's own trading policy: SOL into its own wrapped account and back, and no theft."""

import io

import pytest
from django.core.management import CommandError, call_command
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from core import registry
from core.errors import Misconfigured, Refused, Unavailable
from laminator.settings.environment import parse_environment
from sandbox.__main__ import main
from sandbox.environment import environment
from sandbox.privy.credentials import OWNER, TRADING_SIGNER, WITHDRAW_SIGNER
from tests.privy_caller import PrivyCaller
from tests.privy_standin import serve_privy
from tests.solana_transactions import sol_transfer, token_instruction, unsigned, venue_call
from tests.wallets.privy.signing import calls_since, custodian_with, last_call, sign
from wallets.custody.policies import trading_policy
from wallets.custody.privy_own_policies import own_accounts
from wallets.custody.privy_settings import PrivySettings

OWNER_KEYS = tuple(key.private_key for key in OWNER.keys)
ATA_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
STRANGER = Keypair().pubkey()


@pytest.fixture(scope="module")
def server():
    with serve_privy() as running:
        yield running


@pytest.fixture
def standin(server):
    server.state.faults.clear()
    return server


@pytest.fixture
def privy(standin):
    return PrivyCaller(standin.url)


@pytest.fixture
def custodian(standin):
    with custodian_with(standin.url) as made:
        yield made


@pytest.fixture
def wallet(custodian):
    return custodian.ensure_wallet(external_id="trader")


def wrapped(wallet) -> Pubkey:
    return Pubkey.from_string(own_accounts(wallet.address).wrapped_sol)


def made(wallet) -> Instruction:
    metas = [AccountMeta(Pubkey.from_string(wallet.address), True, True)]
    return Instruction(ATA_PROGRAM, b"\x01", [*metas, AccountMeta(wrapped(wallet), False, True)])


def policy_of(privy, wallet) -> dict:
    kept = privy.call("GET", f"/v1/wallets/{wallet.id}").json()
    [policy_id] = next(
        each["override_policy_ids"]
        for each in kept["additional_signers"]
        if each["signer_id"] == TRADING_SIGNER.id
    )
    return privy.call("GET", f"/v1/policies/{policy_id}").json()


def test_sol_is_wrapped_into_the_own_account_and_comes_back_from_it(custodian, wallet):
    trader, place = Pubkey.from_string(wallet.address), wrapped(wallet)
    back = token_instruction(9, [place, trader], trader)

    sent = sol_transfer(trader, place, 10**9)
    deposit = [made(wallet), back, sent, made(wallet), venue_call(trader), back]

    signed = sign(custodian, wallet, unsigned(deposit, trader))

    assert signed.verify_with_results() == [True]
    assert custodian.wraps_sol(wallet_id=wallet.id, address=wallet.address)


def thefts(wallet, other) -> dict[str, Instruction]:
    trader, place = Pubkey.from_string(wallet.address), wrapped(wallet)
    elsewhere = Pubkey.from_string(own_accounts(str(STRANGER)).wrapped_sol)
    return {
        "SOL to a stranger": sol_transfer(trader, STRANGER),
        "SOL into a stranger's wrapped account": sol_transfer(trader, elsewhere),
        "SOL into another trader's wrapped account": sol_transfer(trader, wrapped(other)),
        "the wrapped account closed to a stranger": token_instruction(9, [place, STRANGER], trader),
        "another account closed": token_instruction(9, [elsewhere, trader], trader),
        "wrapped SOL sent away": token_instruction(3, [place, elsewhere], trader, 1),
        "wrapped SOL sent away, checked": token_instruction(12, [place, place, elsewhere], trader),
        "approve": token_instruction(4, [place, STRANGER], trader, 1),
        "approve, checked": token_instruction(13, [place, place, STRANGER], trader, 1),
        "set authority": token_instruction(6, [place], trader, 1),
        "lamports counted": token_instruction(17, [place], trader),
    }


@pytest.mark.parametrize("hidden", [False, True], ids=["alone", "in a message of the venue"])
def test_the_policy_denies_every_theft(standin, custodian, wallet, hidden):
    trader = Pubkey.from_string(wallet.address)
    other = custodian.ensure_wallet(external_id="another")

    for name, theft in thefts(wallet, other).items():
        beside = [made(wallet), venue_call(trader)] if hidden else []
        with pytest.raises(Refused) as refusal:
            sign(custodian, wallet, unsigned([*beside, theft], trader))
        assert refusal.value.code == "custody.policy_violation", name


def test_once_born_no_online_key_changes_a_wallets_policy(privy, wallet):
    policy = policy_of(privy, wallet)
    online = (TRADING_SIGNER.keys[0].private_key, WITHDRAW_SIGNER.keys[0].private_key)

    for keys in ((), online, OWNER_KEYS[:1]):
        changed = privy.call("PATCH", f"/v1/policies/{policy['id']}", {"rules": []}, signed_by=keys)
        assert changed.status_code in (401, 403), changed.text

    assert policy["owner_id"] == OWNER.id
    assert policy_of(privy, wallet) == policy


def test_a_birth_that_was_cut_off_goes_on_and_nobody_has_the_address_before(standin, privy):
    standin.state.faults.set("privy.server_error", count=1, action="update_policy")
    with custodian_with(standin.url) as custodian:
        with pytest.raises(Unavailable):
            custodian.ensure_wallet(external_id="cut-off")
        wallet = custodian.ensure_wallet(external_id="cut-off")
        assert custodian.wraps_sol(wallet_id=wallet.id, address=wallet.address)

    assert policy_of(privy, wallet)["owner_id"] == OWNER.id


@pytest.mark.parametrize("owner_id", [None, OWNER.id], ids=["left open", "made the owner's"])
def test_what_somebody_wrote_into_an_unborn_policy_never_binds_a_wallet(standin, privy, owner_id):
    name = f"bent-{'open' if owner_id is None else 'owned'}"
    standin.state.faults.set("privy.server_error", count=1, action="update_policy")
    with custodian_with(standin.url) as custodian:
        with pytest.raises(Unavailable):
            custodian.ensure_wallet(external_id=name)
        [kept] = privy.call("GET", f"/v1/wallets?external_id={name}").json()["data"]
        policy_id = kept["additional_signers"][0]["override_policy_ids"][0]
        everything = {"name": "all", "method": "*", "action": "ALLOW", "conditions": []}
        bent = {"rules": [everything]} | ({"owner_id": owner_id} if owner_id else {})
        assert privy.call("PATCH", f"/v1/policies/{policy_id}", bent).status_code == 200
        if owner_id is None:
            wallet = custodian.ensure_wallet(external_id=name)
            assert len(policy_of(privy, wallet)["rules"]) == 8
        else:
            with pytest.raises(Misconfigured, match=r"custody\.policy_not_ours"):
                custodian.ensure_wallet(external_id=name)


# Wallets of before.


@pytest.fixture
def other_standin():
    """With no wallets of other tests in it."""
    with serve_privy() as running:
        yield running


@pytest.fixture
def configured(settings, other_standin):
    """Django's settings as the sandbox's environment makes them, and a custodian of their own."""
    ours = {name: value for name, value in environment(8800).items() if name.startswith("PRIVY_")}
    settings.ENVIRONMENT = parse_environment({**ours, "PRIVY_BASE_URL": other_standin.url})
    settings.CUSTODIANS = {"privy_to_renew": settings.CUSTODIANS["privy"]}
    custodian = registry.provider("CUSTODIANS", "privy_to_renew")
    yield custodian
    custodian.close()
    registry._of_process.cache_clear()


def of_before(custodian, external_id):
    """A wallet as it was made while all shared one trading policy."""
    configured = PrivySettings.read()
    sponsor = custodian.ensure_wallet(external_id=configured.sponsor_external_id)
    privy = PrivyCaller(configured.access.base_url)
    shared = trading_policy(configured.terms, configured.fees(sponsor.address), None)
    policy = privy.created("/v1/policies", {**shared, "owner_id": OWNER.id})
    signers = [
        {"signer_id": TRADING_SIGNER.id, "override_policy_ids": [policy["id"]]},
        {"signer_id": WITHDRAW_SIGNER.id, "override_policy_ids": []},
    ]
    body = {"chain_type": "solana", "external_id": external_id, "owner_id": OWNER.id}
    privy.created("/v1/wallets", {**body, "additional_signers": signers})
    return custodian.ensure_wallet(external_id=external_id)


def renew(*arguments):
    said = io.StringIO()
    call_command("renew_policies", *arguments, stdout=said)
    return said.getvalue()


def test_wallets_of_before_are_renewed_by_the_owners_keys_alone_and_once(
    configured, other_standin, tmp_path, monkeypatch, capsys
):
    wallet = of_before(configured, "of-before")
    assert not configured.wraps_sol(wallet_id=wallet.id, address=wallet.address)
    assert "1 wait" in renew()
    one_of_two = tmp_path / "keys"
    one_of_two.write_text(OWNER_KEYS[0])
    with pytest.raises(CommandError, match="not_authorized"):
        renew("--owner-keys", str(one_of_two))
    assert not configured.wraps_sol(wallet_id=wallet.id, address=wallet.address)

    assert main(["owner-keys"]) == 0
    both = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(both))
    assert "1 renewed, 0 wait" in renew("--owner-keys", "-")
    before = last_call(other_standin)
    monkeypatch.setattr("sys.stdin", io.StringIO(both))
    assert "0 renewed, 0 wait" in renew("--owner-keys", "-")

    assert not calls_since(other_standin, "update_wallet", before)
    assert configured.wraps_sol(wallet_id=wallet.id, address=wallet.address)
    assert configured.ensure_wallet(external_id="of-before") == wallet
    trader = Pubkey.from_string(wallet.address)
    raw = unsigned([sol_transfer(trader, wrapped(wallet), 5)], trader)
    assert sign(configured, wallet, raw).verify_with_results() == [True]
