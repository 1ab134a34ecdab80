"""The desk's custodian at Privy: users and wallets made once, messages signed and verified."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from core.errors import Misconfigured, Refused, Unavailable
from sandbox.privy.credentials import (
    OWNER,
    TRADING_SIGNER,
    WITHDRAW_SIGNER,
)
from tests.privy_caller import PrivyCaller
from tests.solana_transactions import (
    sol_transfer,
    token_instruction,
    unsigned,
    venue_call,
)
from tests.wallets.privy.signing import (
    DAY,
    QUOTE_MINT,
    calls_since,
    custodian_with,
    hash_of,
    key_of,
    last_call,
    sign,
    trade,
)
from wallets.custody.base import SignerRole
from wallets.tokens import FEE_FLOAT_LAMPORTS


def test_a_user_is_made_once_however_many_ask_at_once(standin, custodian):
    ada = {"telegram_id": 9001, "username": "ada", "first_name": "Ada <3"}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: custodian.ensure_user(**ada), range(8)))
    renamed = custodian.ensure_user(telegram_id=9001, username="eve")

    assert len({*answers, renamed}) == 1
    user = PrivyCaller(standin.url).call("GET", f"/v1/users/{renamed}").json()
    (account,) = user["linked_accounts"]
    assert (account["telegram_user_id"], account["first_name"]) == ("9001", "Ada <3")


def test_a_person_without_a_username_gets_a_user_too(custodian):
    made = custodian.ensure_user(telegram_id=9002, username=None, first_name="")

    assert made.startswith("did:privy:")


def test_a_wallet_is_made_once_however_many_ask_at_once(standin, custodian):
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: custodian.ensure_wallet(external_id="rush"), range(8)))

    assert len(made) == 1
    listed = PrivyCaller(standin.url).call("GET", "/v1/wallets?external_id=rush").json()["data"]
    assert [each["address"] for each in listed] == [made.pop().address]


@pytest.mark.parametrize("external_id", ["", "a" * 65, "a/../b", "ümlaut", "a b"])
def test_a_name_that_the_custodian_cannot_keep_is_refused_before_it_is_asked(
    standin, custodian, external_id
):
    before = last_call(standin)

    with pytest.raises(Refused, match=r"custody\.external_id_malformed"):
        custodian.ensure_wallet(external_id=external_id)

    assert last_call(standin) == before


def test_a_wallet_whose_making_was_not_answered_is_the_one_found_later(standin):
    with custodian_with(standin.url, timeout=0.3) as impatient:
        impatient.ensure_policies()
        standin.state.faults.set("privy.answer_lost", count=1, action="create_wallet")
        with pytest.raises(Unavailable):
            impatient.ensure_wallet(external_id="unanswered")
        found = impatient.ensure_wallet(external_id="unanswered")

    listed = PrivyCaller(standin.url).call("GET", "/v1/wallets?external_id=unanswered").json()
    assert [each["id"] for each in listed["data"]] == [found.id]


def test_a_wallet_is_owned_by_the_offline_quorum_and_used_by_two_bound_signers(standin, wallet):
    caller = PrivyCaller(standin.url)
    kept = caller.call("GET", f"/v1/wallets/{wallet.id}").json()

    signers = {
        each["signer_id"]: each["override_policy_ids"] for each in kept["additional_signers"]
    }
    assert kept["owner_id"] == OWNER.id
    assert set(signers) == {TRADING_SIGNER.id, WITHDRAW_SIGNER.id}
    assert all(len(policies) == 1 for policies in [*signers.values(), kept["policy_ids"]])
    for (policy_id,) in [*signers.values(), kept["policy_ids"]]:
        policy = caller.call("GET", f"/v1/policies/{policy_id}").json()
        assert policy["owner_id"] == OWNER.id
        denied = {each["method"] for each in policy["rules"] if each["action"] == "DENY"}
        allowed = {each["method"] for each in policy["rules"] if each["action"] == "ALLOW"}
        assert denied == {"exportPrivateKey", "exportSeedPhrase"}
        assert allowed == {"signTransaction"}


def test_policies_are_found_again_by_another_process_and_on_another_day(standin, custodian):
    custodian.ensure_wallet(external_id="first-of-all")
    first = custodian.ensure_policies()
    standin.state.clock.offset_seconds = DAY + 60

    with custodian_with(standin.url) as later:
        assert later.ensure_policies() == first
    assert len(set(first)) == 2


def test_another_ones_wallet_under_our_name_is_reported_and_not_used(standin, custodian):
    caller = PrivyCaller(standin.url)
    caller.created("/v1/wallets", {"chain_type": "solana", "external_id": "foreign"})

    with pytest.raises(Misconfigured, match=r"custody\.wallet_not_ours"):
        custodian.ensure_wallet(external_id="foreign")


def test_a_trade_is_signed_and_the_sponsors_signature_stays(custodian, wallet):
    sponsor, trader = Keypair(), Pubkey.from_string(wallet.address)
    raw = unsigned([venue_call(trader)], sponsor.pubkey())
    message = raw[1 + 64 * raw[0] :]
    raw = raw[:1] + bytes(sponsor.sign_message(message)) + raw[65:]

    signed = sign(custodian, wallet, raw)

    assert signed.verify_with_results() == [True, True]
    assert bytes(signed)[1 + 128 :] == message


def test_two_wallets_sign_one_message_in_either_order(custodian, wallet):
    sponsor = custodian.ensure_wallet(external_id="sponsor")
    payer, trader = Pubkey.from_string(sponsor.address), Pubkey.from_string(wallet.address)
    raw = unsigned([venue_call(trader)], payer)

    sponsor_first = sign(custodian, wallet, bytes(sign(custodian, sponsor, raw)))
    trader_first = sign(custodian, sponsor, bytes(sign(custodian, wallet, raw)))

    assert sponsor_first.verify_with_results() == [True, True]
    assert bytes(sponsor_first) == bytes(trader_first)


@pytest.mark.parametrize("v0", [True, False], ids=["v0", "legacy"])
def test_both_transaction_formats_are_signed(custodian, wallet, v0):
    trader = Pubkey.from_string(wallet.address)

    signed = sign(custodian, wallet, unsigned([venue_call(trader)], trader, v0=v0))

    assert signed.verify_with_results() == [True]


def test_the_request_carries_the_message_hash_and_expires_within_half_a_minute(
    standin, custodian, wallet
):
    raw = trade(wallet, salt=1)
    before = last_call(standin)

    sign(custodian, wallet, raw)
    (call,) = calls_since(standin, "signTransaction", before)
    standin.state.clock.offset_seconds = 31
    with pytest.raises(Unavailable, match=r"custody\.request_expired"):
        sign(custodian, wallet, raw)

    assert call.params["idempotency_key"] == f"sign-{hash_of(raw)}-{wallet.address}"


def test_the_trading_signer_pays_the_sponsor_up_to_the_cap_and_nobody_else(custodian, wallet):
    trader = Pubkey.from_string(wallet.address)
    sponsor = Pubkey.from_string(custodian.ensure_wallet(external_id="sponsor").address)
    stranger = Keypair().pubkey()

    sign(custodian, wallet, unsigned([sol_transfer(trader, sponsor, 50_000_000)], trader))

    for forbidden in (
        sol_transfer(trader, sponsor, 50_000_001),
        sol_transfer(trader, stranger, 1),
        token_instruction(4, [stranger, stranger], trader, 1),
        token_instruction(6, [stranger], trader, 1),
        token_instruction(12, [stranger, Pubkey.from_string(QUOTE_MINT), stranger], trader, 1),
    ):
        with pytest.raises(Refused, match=r"custody\.policy_violation"):
            sign(custodian, wallet, unsigned([venue_call(trader), forbidden], trader))


def test_only_the_holder_of_the_withdraw_key_moves_quote_out(standin, custodian, wallet):
    trader, mint = Pubkey.from_string(wallet.address), Pubkey.from_string(QUOTE_MINT)
    own, theirs = Keypair().pubkey(), Keypair().pubkey()
    leaves = unsigned([token_instruction(12, [own, mint, theirs], trader, 5)], trader)
    approves = unsigned([token_instruction(4, [own, theirs], trader, 5)], trader)

    with pytest.raises(Misconfigured, match=r"custody\.signer_key_missing"):
        sign(custodian, wallet, leaves, role=SignerRole.WITHDRAWAL)
    with custodian_with(standin.url, withdraw_signer_key=key_of(WITHDRAW_SIGNER)) as worker:
        signed = sign(worker, wallet, leaves, role=SignerRole.WITHDRAWAL)
        with pytest.raises(Refused, match=r"custody\.policy_violation"):
            sign(worker, wallet, approves, role=SignerRole.WITHDRAWAL)

    assert signed.verify_with_results() == [True]


def test_the_sponsors_wallet_gives_a_float_and_not_a_lamport_more(custodian):
    sponsor = custodian.ensure_wallet(external_id="sponsor")
    payer, trader = Pubkey.from_string(sponsor.address), Keypair().pubkey()
    given = unsigned([sol_transfer(payer, trader, FEE_FLOAT_LAMPORTS)], payer)
    assert sign(custodian, sponsor, given).verify_with_results() == [True]

    more = unsigned([sol_transfer(payer, trader, FEE_FLOAT_LAMPORTS + 1)], payer)
    with pytest.raises(Refused, match=r"custody\.policy_violation"):
        sign(custodian, sponsor, more)


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (lambda raw, wallet: {"message_hash": "0" * 64}, "custody.message_hash_differs"),
        (
            lambda raw, wallet: {"address": str(Keypair().pubkey())},
            "custody.not_a_signer",
        ),
        (lambda raw, wallet: {"raw_transaction": raw + b"\0"}, "custody.transaction_malformed"),
        (lambda raw, wallet: {"raw_transaction": b""}, "custody.transaction_malformed"),
    ],
    ids=["another hash", "no signer", "trailing bytes", "nothing"],
)
def test_what_is_not_ours_to_sign_is_refused_before_anybody_is_asked(
    standin, custodian, wallet, bend, code
):
    raw = trade(wallet)
    request = {
        "wallet_id": wallet.id,
        "address": wallet.address,
        "raw_transaction": raw,
        "message_hash": hash_of(raw),
    }
    before = last_call(standin)

    with pytest.raises(Refused) as refusal:
        custodian.sign(**{**request, **bend(raw, wallet)})

    assert refusal.value.code == code
    assert last_call(standin) == before
