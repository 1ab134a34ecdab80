"""The Privy stand-in is as strict as Privy: authentication, signatures, expiry, idempotency."""

from base64 import b64decode

import pytest
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from sandbox.privy.credentials import OWNER, TRADING_SIGNER, WITHDRAW_SIGNER, authorization_key
from tests.privy_caller import PrivyCaller
from tests.sandbox.privy_calls import code_of, rpc_path, sign_body
from tests.solana_transactions import as_text, sol_transfer, unsigned, venue_call

TRADING_KEY = TRADING_SIGNER.keys[0].private_key
WITHDRAW_KEY = WITHDRAW_SIGNER.keys[0].private_key
OWNER_KEYS = tuple(key.private_key for key in OWNER.keys)
STRANGER_KEY = authorization_key("a stranger").private_key
DAY = 24 * 3600


@pytest.mark.parametrize(
    "wrong",
    [{"app_secret": "guessed"}, {"app_id": "another-app"}],
    ids=["a wrong secret", "another app"],
)
def test_an_app_that_does_not_prove_itself_is_unauthorized(standin, wrong):
    response = PrivyCaller(standin.url, **wrong).call("GET", "/v1/wallets")

    assert response.status_code == 401
    assert response.json()["error"] == "Invalid app ID or app secret."


def test_the_app_id_header_is_required_beside_the_password(privy):
    response = privy.call("GET", "/v1/wallets", headers={"privy-app-id": "another"})

    assert response.status_code == 401
    assert "privy-app-id" in response.json()["error"]


@pytest.mark.parametrize("v0", [True, False], ids=["v0", "legacy"])
def test_a_transaction_comes_back_with_the_wallets_signature_in_its_place(privy, wallet, v0):
    sponsor, trader = Keypair(), Pubkey.from_string(wallet["address"])
    raw = unsigned([venue_call(trader)], sponsor.pubkey(), v0=v0)

    answer = privy.created(rpc_path(wallet), sign_body(raw), signed_by=(TRADING_KEY,))

    signed = VersionedTransaction.from_bytes(b64decode(answer["data"]["signed_transaction"]))
    message = to_bytes_versioned(signed.message)
    assert message == to_bytes_versioned(VersionedTransaction.from_bytes(raw).message)
    assert list(signed.message.account_keys).index(trader) == 1
    assert signed.signatures[1].verify(trader, message)
    assert bytes(signed.signatures[0]) == bytes(64)


def test_a_transaction_that_the_wallet_need_not_sign_is_refused(privy, wallet):
    stranger = Keypair().pubkey()
    raw = unsigned([sol_transfer(stranger, Pubkey.from_string(wallet["address"]))], stranger)

    response = privy.call("POST", rpc_path(wallet), sign_body(raw), signed_by=(TRADING_KEY,))

    assert code_of(response) == (400, "invalid_data")


@pytest.mark.parametrize(
    "change",
    [
        {"chain_type": "ethereum"},
        {"method": "eth_signTransaction"},
        {"params": {"transaction": "AAAA", "encoding": "base64"}},
        {"params": {"transaction": "not base64!", "encoding": "base64"}},
        {"params": {"transaction": as_text(b"\x81" + bytes(200)), "encoding": "base64"}},
        {"unknown": 1},
        {"address": str(Pubkey.default())},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_malformed_signing_request_is_refused(privy, wallet, change):
    trader = Pubkey.from_string(wallet["address"])
    body = sign_body(unsigned([venue_call(trader)], trader)) | change

    response = privy.call("POST", rpc_path(wallet), body, signed_by=(TRADING_KEY,))

    assert code_of(response) == (400, "invalid_data")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({}, "missing_or_empty_authorization_header"),
        ({"signed_by": (STRANGER_KEY,)}, "zero_correct_authorization_signatures"),
        ({"signed_by": (OWNER_KEYS[0],)}, "insufficient_correct_authorization_signatures"),
        (
            {"signed_by": (TRADING_KEY, WITHDRAW_KEY)},
            "incorrect_quantity_of_authorization_signatures",
        ),
        (
            {"signed_by": (TRADING_KEY,), "signed_changes": {"url": "https://api.privy.io/v1/x"}},
            "zero_correct_authorization_signatures",
        ),
        (
            {"signed_by": (TRADING_KEY,), "signed_changes": {"method": "PATCH"}},
            "zero_correct_authorization_signatures",
        ),
        (
            {"signed_by": (TRADING_KEY,), "signed_changes": {"body": {}}},
            "zero_correct_authorization_signatures",
        ),
    ],
    ids=[
        "nobody",
        "a stranger",
        "one of two owners",
        "two signers at once",
        "another url",
        "another method",
        "another body",
    ],
)
def test_signing_needs_exactly_the_signatures_of_one_party(privy, wallet, how, code):
    trader = Pubkey.from_string(wallet["address"])
    body = sign_body(unsigned([venue_call(trader)], trader))

    assert code_of(privy.call("POST", rpc_path(wallet), body, **how)) == (401, code)


def test_an_idempotency_key_that_was_sent_but_not_signed_spoils_the_signature(privy, wallet):
    trader = Pubkey.from_string(wallet["address"])
    body = sign_body(unsigned([venue_call(trader)], trader))

    response = privy.call(
        "POST",
        rpc_path(wallet),
        body,
        signed_by=(TRADING_KEY,),
        headers={"privy-idempotency-key": "added-later"},
    )

    assert code_of(response) == (401, "zero_correct_authorization_signatures")


def test_an_expired_request_is_refused_though_its_signature_is_right(privy, wallet):
    trader = Pubkey.from_string(wallet["address"])
    body = sign_body(unsigned([venue_call(trader)], trader))

    response = privy.call(
        "POST", rpc_path(wallet), body, signed_by=(TRADING_KEY,), expires_in_ms=-1
    )

    assert code_of(response) == (400, "request_expired")


def test_the_same_key_and_body_replay_the_answer_for_a_day(privy, standin):
    body = {"chain_type": "solana"}

    first = privy.created("/v1/wallets", body, idempotency_key="wallet-of-7")
    again = privy.created("/v1/wallets", body, idempotency_key="wallet-of-7")
    standin.state.clock.offset_seconds = DAY + 1
    next_day = privy.created("/v1/wallets", body, idempotency_key="wallet-of-7")

    assert again == first
    assert next_day["id"] != first["id"]


def test_the_same_key_with_another_body_is_refused(privy):
    privy.created("/v1/wallets", {"chain_type": "solana"}, idempotency_key="used")

    response = privy.call(
        "POST",
        "/v1/wallets",
        {"chain_type": "solana", "display_name": "other"},
        idempotency_key="used",
    )

    assert code_of(response) == (400, "invalid_data")
    assert response.json()["error"].startswith("Idempotency key was reused")


def test_a_replay_needs_a_valid_signature_of_its_own(privy, wallet):
    trader = Pubkey.from_string(wallet["address"])
    body = sign_body(unsigned([venue_call(trader)], trader))
    privy.created(rpc_path(wallet), body, signed_by=(TRADING_KEY,), idempotency_key="once")

    response = privy.call(
        "POST", rpc_path(wallet), body, signed_by=(STRANGER_KEY,), idempotency_key="once"
    )

    assert response.status_code == 401


def test_an_external_id_is_unique_and_names_its_wallet(privy):
    body = {"chain_type": "solana", "external_id": "trader_7-main"}
    made = privy.created("/v1/wallets", body)

    named = privy.call("GET", "/v1/wallets/ext_wal_trader_7-main").json()
    listed = privy.call("GET", "/v1/wallets?external_id=trader_7-main").json()["data"]
    by_address = privy.created("/v1/wallets/address", {"address": made["address"]})
    second = privy.call("POST", "/v1/wallets", body)

    assert named == made
    assert listed == [made]
    assert by_address == made
    assert code_of(second) == (400, "invalid_data")


@pytest.mark.parametrize("external_id", ["", "a" * 65, "with space", "ümlaut", 7])
def test_a_badly_shaped_external_id_is_refused(privy, external_id):
    body = {"chain_type": "solana", "external_id": external_id}

    assert code_of(privy.call("POST", "/v1/wallets", body)) == (400, "invalid_data")


def test_wallets_are_listed_page_by_page(privy):
    for _ in range(3):
        privy.created("/v1/wallets", {"chain_type": "solana"})

    listed, path = [], "/v1/wallets?limit=2"
    while path:
        page = privy.call("GET", path).json()
        listed += [wallet["id"] for wallet in page["data"]]
        cursor = page["next_cursor"]
        path = f"/v1/wallets?limit=2&cursor={cursor}" if cursor else None

    everything = privy.call("GET", "/v1/wallets?limit=100").json()["data"]
    assert listed == [wallet["id"] for wallet in everything]
    assert len(listed) == len(set(listed)) >= 3


def test_only_both_owners_together_can_change_a_wallet(privy, wallet):
    path, change = f"/v1/wallets/{wallet['id']}", {"additional_signers": []}

    by_signer = privy.call("PATCH", path, change, signed_by=(TRADING_KEY,))
    by_one_owner = privy.call("PATCH", path, change, signed_by=OWNER_KEYS[:1])
    by_owners = privy.call("PATCH", path, change, signed_by=OWNER_KEYS)

    assert (by_signer.status_code, by_one_owner.status_code) == (401, 401)
    assert by_owners.json()["additional_signers"] == []


def test_a_wallets_key_is_never_exported(privy, wallet):
    path = f"/v1/wallets/{wallet['id']}/export"
    body = {"encryption_type": "HPKE", "recipient_public_key": OWNER.keys[0].public_key}

    by_signer = privy.call("POST", path, body, signed_by=(TRADING_KEY,))
    by_owners = privy.call("POST", path, body, signed_by=OWNER_KEYS)

    assert by_signer.status_code == 401
    assert by_owners.status_code == 403


def test_an_archived_wallet_is_hidden_and_signs_nothing(privy, wallet):
    trader = Pubkey.from_string(wallet["address"])
    path = f"/v1/wallets/{wallet['id']}"
    privy.created(f"{path}/archive", {}, signed_by=OWNER_KEYS)
    body = sign_body(unsigned([venue_call(trader)], trader))

    assert privy.call("GET", path).status_code == 404
    assert privy.call("GET", f"{path}?include_archived=true").status_code == 200
    assert privy.call("POST", f"{path}/rpc", body, signed_by=(TRADING_KEY,)).status_code == 404


def test_every_call_is_logged_without_any_secret(privy, standin):
    since = max((call.number for call in standin.state.calls.select()), default=0)
    privy.created("/v1/wallets", {"chain_type": "solana"}, idempotency_key="logged")

    (call,) = standin.state.calls.select(service="privy", since=since)

    assert (call.method, call.params["idempotency_key"]) == ("create_wallet", "logged")
    assert privy.app_secret not in str(call.params)


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/policies"])
def test_an_unknown_route_is_a_json_404(privy, path):
    assert code_of(privy.call("GET", path)) == (404, "not_found")


@pytest.mark.parametrize("sent", [b"{", b"[]", b'"text"'])
def test_a_body_that_is_no_json_object_is_refused(privy, sent):
    headers = {"privy-app-id": privy.app_id, "content-type": "application/json"}

    response = privy.send("POST", "/v1/wallets", content=sent, headers=headers)

    assert code_of(response) == (400, "invalid_data")
