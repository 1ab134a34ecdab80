"""The official client, unmodified, works against the stand-in."""

from base64 import b64decode

import privy
import pytest
from privy import PrivyAPI
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from sandbox.privy.credentials import APP_ID, APP_SECRET, OWNER, TRADING_SIGNER, authorization_key
from tests.privy_standin import serve_privy
from tests.solana_transactions import as_text, sol_transfer, unsigned, venue_call

TRADING_KEY = TRADING_SIGNER.keys[0].private_key
VENUE_RULE = {
    "name": "venue",
    "method": "signTransaction",
    "action": "ALLOW",
    "conditions": [
        {
            "field_source": "solana_program_instruction",
            "field": "programId",
            "operator": "eq",
            "value": "dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH",
        }
    ],
}


@pytest.fixture(scope="module")
def standin():
    with serve_privy() as running:
        yield running


@pytest.fixture
def client(standin):
    standin.state.faults.clear()
    with PrivyAPI(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        base_url=standin.url,
        authorization_key=f"wallet-auth:{TRADING_KEY}",
        max_retries=0,
    ) as made:
        yield made


@pytest.fixture
def wallet(client):
    policy = client.policies.create(
        chain_type="solana", name="trading", version="1.0", rules=[VENUE_RULE], owner_id=OWNER.id
    )
    return client.wallets.create(
        chain_type="solana",
        owner_id=OWNER.id,
        additional_signers=[{"signer_id": TRADING_SIGNER.id, "override_policy_ids": [policy.id]}],
    )


def sign(client, wallet, raw: bytes, **how):
    return client.wallets.rpc(
        wallet.id,
        method="signTransaction",
        chain_type="solana",
        params={"transaction": as_text(raw), "encoding": "base64"},
        **how,
    )


def test_it_makes_a_user_with_a_telegram_account(client):
    account = {"type": "telegram", "telegram_user_id": "501", "username": "ada"}
    user = client.users.create(linked_accounts=[account])

    assert user.linked_accounts[0].telegram_user_id == "501"
    assert client.users.get(user.id) == user
    assert user.id in [each.id for each in client.users.list()]


def test_it_makes_a_wallet_and_reads_it_back(client, wallet):
    assert client.wallets.get(wallet.id) == wallet
    assert wallet.owner_id == OWNER.id
    assert [signer.signer_id for signer in wallet.additional_signers] == [TRADING_SIGNER.id]


def test_it_pages_through_all_wallets(client, wallet):
    client.wallets.create(chain_type="solana")
    client.wallets.create(chain_type="solana")

    listed = [each.id for each in client.wallets.list(limit=2, chain_type="solana")]

    assert wallet.id in listed
    assert len(listed) == len(set(listed)) >= 3


def test_the_same_idempotency_key_makes_one_wallet_and_refuses_another_body(client):
    first = client.wallets.create(chain_type="solana", privy_idempotency_key="one")
    again = client.wallets.create(chain_type="solana", privy_idempotency_key="one")

    assert again.id == first.id
    with pytest.raises(privy.BadRequestError, match="Idempotency key was reused"):
        client.wallets.create(chain_type="solana", owner_id=OWNER.id, privy_idempotency_key="one")


def test_its_own_authorization_signature_gets_a_transaction_signed(client, wallet):
    trader = Pubkey.from_string(wallet.address)

    answer = sign(client, wallet, unsigned([venue_call(trader)], trader))

    signed = VersionedTransaction.from_bytes(b64decode(answer.data.signed_transaction))
    assert signed.verify_with_results() == [True]


def test_a_policy_denial_is_a_bad_request_with_its_code(client, wallet):
    trader = Pubkey.from_string(wallet.address)
    raw = unsigned([sol_transfer(trader, Keypair().pubkey())], trader)

    with pytest.raises(privy.BadRequestError) as refusal:
        sign(client, wallet, raw)

    assert refusal.value.body["code"] == "policy_violation"


def test_an_expiry_in_the_past_is_refused(client, wallet):
    trader = Pubkey.from_string(wallet.address)

    with pytest.raises(privy.BadRequestError, match="request_expired"):
        sign(
            client,
            wallet,
            unsigned([venue_call(trader)], trader),
            extra_headers={"privy-request-expiry": "1700000000000"},
        )


def test_another_key_is_no_authorization(client, wallet):
    trader = Pubkey.from_string(wallet.address)
    client.update_authorization_key(authorization_key("a stranger").private_key)

    with pytest.raises(privy.AuthenticationError, match="zero_correct_authorization_signatures"):
        sign(client, wallet, unsigned([venue_call(trader)], trader))


def test_it_makes_a_key_quorum_and_reads_it_back(client):
    keys = [authorization_key(label).public_key for label in ("one", "two")]
    quorum = client.key_quorums.create(public_keys=keys, authorization_threshold=2)

    assert client.key_quorums.get(quorum.id) == quorum
    assert [key.public_key for key in quorum.authorization_keys] == keys


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("privy.rate_limited", privy.RateLimitError),
        ("privy.server_error", privy.InternalServerError),
    ],
)
def test_it_sees_an_injected_failure_as_the_real_one(client, standin, fault, error):
    standin.state.faults.set(fault, count=1, action="create_wallet")

    with pytest.raises(error):
        client.wallets.create(chain_type="solana")

    assert client.wallets.create(chain_type="solana").chain_type == "solana"


def test_its_retries_ride_out_a_short_outage(client, standin):
    standin.state.faults.set("privy.server_error", count=1)

    made = client.with_options(max_retries=1).wallets.create(chain_type="solana")

    assert made.chain_type == "solana"


def test_a_wallet_made_but_never_answered_is_given_when_asked_again(client, standin):
    standin.state.faults.set("privy.answer_lost", count=1, action="create_wallet")
    how = {"chain_type": "solana", "privy_idempotency_key": "lost"}

    with pytest.raises(privy.APITimeoutError):
        client.wallets.create(timeout=0.3, **how)
    before = {each.id for each in client.wallets.list()}
    made = client.wallets.create(**how)

    assert made.id in before
