"""The stand-in judges every instruction of a transaction by the policy of whoever asks."""

import pytest
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from sandbox.privy.credentials import OWNER, TRADING_SIGNER, WITHDRAW_SIGNER
from tests.privy_caller import PrivyCaller
from tests.privy_standin import serve_privy
from tests.solana_transactions import (
    TOKEN_PROGRAM,
    VENUE_PROGRAM,
    as_text,
    compute_limit,
    sol_transfer,
    token_instruction,
    unsigned,
    venue_call,
)

TRADING_KEY = TRADING_SIGNER.keys[0].private_key
WITHDRAW_KEY = WITHDRAW_SIGNER.keys[0].private_key
OWNER_KEYS = tuple(key.private_key for key in OWNER.keys)
VAULT = Keypair().pubkey()
SPONSOR = Keypair().pubkey()
COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111"


def condition(source: str, field: str, operator: str, value) -> dict:
    return {"field_source": source, "field": field, "operator": operator, "value": value}


def rule(name: str, *conditions: dict, action="ALLOW", method="signTransaction") -> dict:
    return {"name": name, "method": method, "action": action, "conditions": list(conditions)}


PROGRAMS = rule(
    "programs",
    condition(
        "solana_program_instruction", "programId", "in", [COMPUTE_BUDGET, str(VENUE_PROGRAM)]
    ),
)
FEES = rule(
    "fees",
    condition("solana_system_program_instruction", "Transfer.lamports", "lte", "1000"),
    condition("solana_system_program_instruction", "Transfer.to", "in", [str(SPONSOR)]),
)
DEPOSITS = rule(
    "deposits",
    condition("solana_token_program_instruction", "instructionName", "eq", "TransferChecked"),
    condition(
        "solana_token_program_instruction", "TransferChecked.destination", "in", [str(VAULT)]
    ),
)


@pytest.fixture(scope="module")
def privy():
    with serve_privy() as running:
        yield PrivyCaller(running.url)


def policy_body(*rules: dict) -> dict:
    return {"version": "1.0", "name": "a policy", "chain_type": "solana", "rules": list(rules)}


def policy_of(privy, *rules: dict) -> str:
    return privy.created("/v1/policies", {**policy_body(*rules), "owner_id": OWNER.id})["id"]


def wallet_with(privy, *rules: dict, withdraw_rules=()) -> dict:
    """A wallet whose trading signer is bound by these rules."""
    signers = [
        {"signer_id": TRADING_SIGNER.id, "override_policy_ids": [policy_of(privy, *rules)]},
        {
            "signer_id": WITHDRAW_SIGNER.id,
            "override_policy_ids": [policy_of(privy, *withdraw_rules)],
        },
    ]
    body = {"chain_type": "solana", "owner_id": OWNER.id, "additional_signers": signers}
    return privy.created("/v1/wallets", body)


def verdict(privy, wallet: dict, instructions, *, keys=(TRADING_KEY,), tables=()) -> str:
    """`signed`, or the code of the refusal."""
    trader = Pubkey.from_string(wallet["address"])
    body = {
        "method": "signTransaction",
        "params": {
            "transaction": as_text(unsigned(instructions(trader), trader, tables=tables)),
            "encoding": "base64",
        },
    }
    response = privy.call("POST", f"/v1/wallets/{wallet['id']}/rpc", body, signed_by=keys)
    if response.status_code == 200:
        return "signed"
    assert response.status_code == 400, response.text
    return response.json()["code"]


def test_a_policy_without_rules_denies_everything(privy):
    assert verdict(privy, wallet_with(privy), lambda me: [venue_call(me)]) == "policy_violation"


def test_each_instruction_needs_a_rule_that_allows_it(privy):
    wallet = wallet_with(privy, PROGRAMS, FEES)

    allowed = verdict(
        privy, wallet, lambda me: [compute_limit(), venue_call(me), sol_transfer(me, SPONSOR)]
    )
    one_too_many = verdict(
        privy, wallet, lambda me: [compute_limit(), venue_call(me), sol_transfer(me, VAULT)]
    )

    assert (allowed, one_too_many) == ("signed", "policy_violation")


def test_all_conditions_of_a_rule_must_hold_together(privy):
    wallet = wallet_with(privy, FEES)

    at_the_cap = verdict(privy, wallet, lambda me: [sol_transfer(me, SPONSOR, 1000)])
    above = verdict(privy, wallet, lambda me: [sol_transfer(me, SPONSOR, 1001)])
    elsewhere = verdict(privy, wallet, lambda me: [sol_transfer(me, VAULT, 1)])

    assert (at_the_cap, above, elsewhere) == ("signed", "policy_violation", "policy_violation")


def test_a_rule_that_denies_beats_any_that_allow(privy):
    deny = rule(
        "not to the vault",
        condition("solana_system_program_instruction", "Transfer.to", "eq", str(VAULT)),
        action="DENY",
    )
    any_system = rule(
        "system", condition("solana_program_instruction", "programId", "eq", "1" * 32)
    )
    wallet = wallet_with(privy, any_system, deny)

    assert verdict(privy, wallet, lambda me: [sol_transfer(me, SPONSOR)]) == "signed"
    assert verdict(privy, wallet, lambda me: [sol_transfer(me, VAULT)]) == "policy_violation"


def test_token_instructions_are_told_apart_by_name_and_account(privy):
    wallet = wallet_with(privy, DEPOSITS)
    source, mint = Keypair().pubkey(), Keypair().pubkey()

    to_vault = verdict(
        privy, wallet, lambda me: [token_instruction(12, [source, mint, VAULT], me, 5)]
    )
    elsewhere = verdict(
        privy, wallet, lambda me: [token_instruction(12, [source, mint, SPONSOR], me, 5)]
    )
    approval = verdict(privy, wallet, lambda me: [token_instruction(4, [source, VAULT], me, 5)])

    assert (to_vault, elsewhere, approval) == ("signed", "policy_violation", "policy_violation")


def test_allowing_the_token_program_by_its_id_alone_also_allows_approvals(privy):
    """As at Privy: the reason why the desk's policies never do so."""
    careless = rule(
        "tokens", condition("solana_program_instruction", "programId", "eq", str(TOKEN_PROGRAM))
    )
    wallet = wallet_with(privy, careless)
    source = Keypair().pubkey()

    approval = verdict(privy, wallet, lambda me: [token_instruction(4, [source, VAULT], me, 5)])

    assert approval == "signed"


def test_an_address_behind_a_lookup_table_fails_the_condition_that_needs_it(privy):
    wallet = wallet_with(privy, FEES)
    table = AddressLookupTableAccount(key=Keypair().pubkey(), addresses=[SPONSOR])

    hidden = verdict(privy, wallet, lambda me: [sol_transfer(me, SPONSOR)], tables=[table])

    assert hidden == "policy_violation"


def test_each_signer_is_bound_by_its_own_policy_and_the_owner_by_the_wallets(privy):
    wallet = wallet_with(privy, PROGRAMS, withdraw_rules=[FEES])

    def trade(me):
        return [venue_call(me)]

    def pay(me):
        return [sol_transfer(me, SPONSOR)]

    assert verdict(privy, wallet, trade, keys=(TRADING_KEY,)) == "signed"
    assert verdict(privy, wallet, trade, keys=(WITHDRAW_KEY,)) == "policy_violation"
    assert verdict(privy, wallet, pay, keys=(WITHDRAW_KEY,)) == "signed"
    assert verdict(privy, wallet, pay, keys=OWNER_KEYS) == "signed"


def test_a_rule_speaks_for_its_own_method_only(privy):
    wallet = wallet_with(privy, PROGRAMS)
    trader = Pubkey.from_string(wallet["address"])
    path = f"/v1/wallets/{wallet['id']}/rpc"
    transaction = {
        "transaction": as_text(unsigned([venue_call(trader)], trader)),
        "encoding": "base64",
    }
    send = {
        "method": "signAndSendTransaction",
        "caip2": "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
        "params": transaction,
    }
    message = {"method": "signMessage", "params": {"message": "aGk=", "encoding": "base64"}}

    for body in (send, message):
        response = privy.call("POST", path, body, signed_by=(TRADING_KEY,))
        assert (response.status_code, response.json()["code"]) == (400, "policy_violation")


def test_a_message_is_signed_where_a_rule_says_so(privy):
    wallet = wallet_with(privy, rule("messages", method="signMessage"))
    body = {"method": "signMessage", "params": {"message": "aGk=", "encoding": "base64"}}

    answer = privy.created(f"/v1/wallets/{wallet['id']}/rpc", body, signed_by=(TRADING_KEY,))

    assert answer["data"]["encoding"] == "base64"


def test_a_rule_can_end_at_a_moment(privy):
    until_2020 = condition("system", "current_unix_timestamp", "lt", "1577836800")
    wallet = wallet_with(privy, rule("old", *PROGRAMS["conditions"], until_2020))

    assert verdict(privy, wallet, lambda me: [venue_call(me)]) == "policy_violation"


def test_a_policy_is_loosened_by_its_owners_only(privy):
    policy_id = policy_of(privy)
    path, change = f"/v1/policies/{policy_id}", {"rules": [PROGRAMS]}

    by_app = privy.call("PATCH", path, change)
    by_signer = privy.call("PATCH", path, change, signed_by=(TRADING_KEY,))
    by_owners = privy.call("PATCH", path, change, signed_by=OWNER_KEYS)

    assert (by_app.status_code, by_signer.status_code) == (401, 401)
    assert [each["name"] for each in by_owners.json()["rules"]] == ["programs"]
    assert privy.call("DELETE", path, signed_by=OWNER_KEYS).status_code == 200
    assert privy.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    "broken",
    [
        {"action": "ASK"},
        {"method": "eth_signTransaction"},
        {"conditions": [condition("solana_program_instruction", "program", "eq", "x")]},
        {"conditions": [condition("solana_program_instruction", "programId", "in", "x")]},
        {"conditions": [condition("solana_program_instruction", "programId", "like", "x")]},
        {
            "conditions": [
                condition("solana_system_program_instruction", "Transfer.lamports", "lte", 5)
            ]
        },
        {"conditions": [condition("solana_instruction_data", "instructionName", "eq", "x")]},
        {"surplus": True},
    ],
    ids=str,
)
def test_a_policy_in_another_shape_is_refused(privy, broken):
    response = privy.call("POST", "/v1/policies", policy_body({**PROGRAMS, **broken}))

    assert (response.status_code, response.json()["code"]) == (400, "invalid_data")
