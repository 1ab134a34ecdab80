"""The Privy stand-in's users and what they may do with their wallets; a restart keeps them."""

from base64 import b64decode

from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from sandbox.privy.credentials import OWNER, TRADING_SIGNER, WITHDRAW_SIGNER, authorization_key
from sandbox.state import SandboxState
from tests.privy_caller import PrivyCaller
from tests.privy_standin import serve_privy
from tests.sandbox.privy_calls import code_of, rpc_path, sign_body
from tests.solana_transactions import unsigned, venue_call

TRADING_KEY = TRADING_SIGNER.keys[0].private_key
WITHDRAW_KEY = WITHDRAW_SIGNER.keys[0].private_key
OWNER_KEYS = tuple(key.private_key for key in OWNER.keys)
STRANGER_KEY = authorization_key("a stranger").private_key
DAY = 24 * 3600


def test_a_telegram_account_belongs_to_one_user(privy):
    account = {"type": "telegram", "telegram_user_id": "70001", "username": "ada"}
    made = privy.created("/v1/users", {"linked_accounts": [account]})

    lookup = "/v1/users/telegram/telegram_user_id"
    found = privy.created(lookup, {"telegram_user_id": "70001"})
    missing = privy.call("POST", lookup, {"telegram_user_id": "70002"})
    second = privy.call("POST", "/v1/users", {"linked_accounts": [account]})

    assert found == made
    assert privy.call("GET", f"/v1/users/{made['id']}").json() == made
    assert code_of(missing) == (404, "not_found")
    assert code_of(second) == (422, "input_conflict")


def test_no_more_than_240_users_are_made_in_a_minute():
    with serve_privy() as crowded:
        caller = PrivyCaller(crowded.url)

        def make(number: int) -> int:
            account = {"type": "telegram", "telegram_user_id": str(number)}
            return caller.call("POST", "/v1/users", {"linked_accounts": [account]}).status_code

        assert {make(number) for number in range(240)} == {200}
        assert make(240) == 429
        crowded.state.clock.offset_seconds = 61
        assert make(240) == 200


def test_a_user_gets_a_wallet_that_only_the_user_or_a_signer_can_use(privy):
    account = {"type": "telegram", "telegram_user_id": "70010"}
    user = privy.created("/v1/users", {"linked_accounts": [account]})

    changed = privy.created(
        f"/v1/users/{user['id']}/wallets",
        {
            "wallets": [
                {
                    "chain_type": "solana",
                    "additional_signers": [{"signer_id": TRADING_SIGNER.id}],
                }
            ]
        },
    )
    listed = privy.call("GET", f"/v1/wallets?user_id={user['id']}").json()["data"]

    assert changed["linked_accounts"][1]["address"] == listed[0]["address"]
    trader = Pubkey.from_string(listed[0]["address"])
    body = sign_body(unsigned([venue_call(trader)], trader))
    path = rpc_path(listed[0])
    assert privy.call("POST", path, body, signed_by=(TRADING_KEY,)).status_code == 200
    assert privy.call("POST", path, body, signed_by=(STRANGER_KEY,)).status_code == 401


def test_a_restarted_standin_goes_on_with_the_same_users_wallets_and_keys():
    first_state = SandboxState()
    with serve_privy(first_state) as first:
        caller = PrivyCaller(first.url)
        body = {"chain_type": "solana", "external_id": "kept"}
        made = caller.created("/v1/wallets", body, idempotency_key="kept")
    second_state = SandboxState()
    second_state.restore(first_state.snapshot())

    with serve_privy(second_state) as second:
        caller = PrivyCaller(second.url)
        kept = caller.call("GET", "/v1/wallets/ext_wal_kept").json()
        replayed = caller.created("/v1/wallets", body, idempotency_key="kept")
        trader = Pubkey.from_string(made["address"])
        raw = unsigned([venue_call(trader)], trader)
        signed = caller.created(rpc_path(made), sign_body(raw))

    assert kept == replayed == made
    transaction = VersionedTransaction.from_bytes(b64decode(signed["data"]["signed_transaction"]))
    assert transaction.verify_with_results() == [True]
