"""The node is as strict as a real one about what may be sent, and charges as the chain does."""

import base64

import pytest
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from tests.sandbox.solana_calls import (
    SOL,
    balance,
    encoded,
    funded,
    latest_blockhash,
    memo,
    move,
    send,
    signed,
    status,
    wait_for,
)
from tests.sandbox_server import ControlRefused

RENT_OF_NOTHING = 890_880


def refusal(sandbox, transaction, **settings):
    with pytest.raises(ControlRefused) as refused:
        send(sandbox, transaction, **settings)
    return refused.value.args[0]


def test_a_false_signature_is_refused_even_without_preflight(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    good = signed([move(payer, to, SOL)], payer, latest_blockhash(sandbox))
    forged = VersionedTransaction.populate(good.message, [Signature.new_unique()])

    error = refusal(sandbox, forged, skipPreflight=True)

    assert error == {"code": -32003, "message": "Transaction signature verification failure"}
    assert balance(sandbox, to) == 0


def test_an_unknown_blockhash_is_named_by_preflight_and_dropped_silently_without(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    transaction = signed([move(payer, to, SOL)], payer, Hash.new_unique())

    error = refusal(sandbox, transaction)
    signature = send(sandbox, transaction, skipPreflight=True)

    assert error["code"] == -32002
    assert error["message"] == "Transaction simulation failed: Blockhash not found"
    assert error["data"]["err"] == "BlockhashNotFound"
    assert status(sandbox, signature, searchTransactionHistory=True) is None
    assert balance(sandbox, payer.pubkey()) == 10 * SOL


def test_a_blockhash_is_good_for_150_blocks_and_no_longer(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    blockhash = latest_blockhash(sandbox)
    early = signed([memo(payer)], payer, blockhash)
    late = signed([move(payer, to, SOL)], payer, blockhash)

    sandbox.advance(120)
    send(sandbox, early)
    sandbox.advance(40)
    send(sandbox, late, skipPreflight=True)

    assert status(sandbox, str(early.signatures[0]))["err"] is None
    assert refusal(sandbox, late)["data"]["err"] == "BlockhashNotFound"
    assert balance(sandbox, to) == 0
    valid = sandbox.rpc("isBlockhashValid", str(blockhash), {"commitment": "processed"})
    assert valid["value"] is False


def test_the_same_bytes_twice_move_money_once(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    transaction = signed([move(payer, to, SOL)], payer, latest_blockhash(sandbox))

    first = send(sandbox, transaction)
    second = send(sandbox, transaction, skipPreflight=True)
    third = refusal(sandbox, transaction)

    assert first == second == str(transaction.signatures[0])
    assert third["data"]["err"] == "AlreadyProcessed"
    assert balance(sandbox, to) == SOL


def test_equal_instructions_on_one_blockhash_are_one_transaction_unless_a_memo_differs(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    blockhash = latest_blockhash(sandbox)

    for text in ("a", "a", "b"):
        send(
            sandbox,
            signed([move(payer, to, SOL), memo(payer, text)], payer, blockhash),
            skipPreflight=True,
        )

    assert balance(sandbox, to) == 2 * SOL


def test_a_failure_costs_its_fee_and_nothing_else(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    instructions = [move(payer, to, SOL), move(payer, to, 100 * SOL)]
    transaction = signed(instructions, payer, latest_blockhash(sandbox))

    signature = send(sandbox, transaction, skipPreflight=True)

    assert status(sandbox, signature)["err"] == {"InstructionError": [1, {"Custom": 1}]}
    assert balance(sandbox, payer.pubkey()) == 10 * SOL - 5000
    assert balance(sandbox, to) == 0


def test_the_priority_fee_is_price_times_limit_rounded_up(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    budget = [set_compute_unit_limit(50_001), set_compute_unit_price(1_234)]
    transaction = signed([*budget, move(payer, to, SOL)], payer, latest_blockhash(sandbox))
    fee = 5000 + 62  # 50001 x 1234 / 1e6 = 61.7

    message = base64.b64encode(to_bytes_versioned(transaction.message)).decode()
    told = sandbox.rpc("getFeeForMessage", message, {"commitment": "processed"})["value"]
    send(sandbox, transaction)

    assert told == fee
    assert balance(sandbox, payer.pubkey()) == 9 * SOL - fee
    fees = sandbox.rpc("getRecentPrioritizationFees", [str(to)])
    assert max(item["prioritizationFee"] for item in fees) == 1_234
    assert len(fees) == 150


def test_each_signature_is_charged(sandbox):
    payer, other = funded(sandbox), funded(sandbox)
    instructions = [move(payer, other.pubkey(), SOL), memo(other)]

    send(sandbox, signed(instructions, payer, latest_blockhash(sandbox), other))

    assert balance(sandbox, payer.pubkey()) == 9 * SOL - 10_000


def test_no_account_may_be_left_below_its_rent(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    poor = signed([move(payer, to, RENT_OF_NOTHING - 1)], payer, latest_blockhash(sandbox))
    enough = signed([move(payer, to, RENT_OF_NOTHING)], payer, latest_blockhash(sandbox))

    error = refusal(sandbox, poor)
    send(sandbox, enough)

    assert error["data"]["err"] == {"InsufficientFundsForRent": {"account_index": 1}}
    assert balance(sandbox, to) == RENT_OF_NOTHING


@pytest.mark.parametrize(
    ("lamports", "error"),
    [
        (0, "AccountNotFound"),
        (4_999, "InsufficientFundsForFee"),
        (RENT_OF_NOTHING + 4_999, {"InsufficientFundsForRent": {"account_index": 0}}),
    ],
)
def test_a_payer_who_cannot_pay_never_gets_into_a_block(sandbox, lamports, error):
    payer = funded(sandbox, lamports) if lamports else Keypair()
    transaction = signed([memo(payer)], payer, latest_blockhash(sandbox))

    assert refusal(sandbox, transaction)["data"]["err"] == error
    signature = send(sandbox, transaction, skipPreflight=True)
    assert status(sandbox, signature) is None
    assert balance(sandbox, payer.pubkey()) == lamports


def test_a_program_that_does_not_exist_is_refused(sandbox):
    payer = funded(sandbox)
    call = Instruction(Keypair().pubkey(), b"", [])

    error = refusal(sandbox, signed([call], payer, latest_blockhash(sandbox)))

    assert error["data"]["err"] == "ProgramAccountNotFound"


def test_legacy_transactions_are_taken_and_shown_to_every_client(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    transaction = signed([move(payer, to, SOL)], payer, latest_blockhash(sandbox), legacy=True)

    signature = send(sandbox, transaction)
    shown = wait_for(lambda: sandbox.rpc("getTransaction", signature, {"commitment": "confirmed"}))

    assert balance(sandbox, to) == SOL
    assert shown["meta"]["fee"] == 5000
    assert "version" not in shown


def test_a_versioned_transaction_needs_a_client_that_knows_versions(sandbox):
    payer = funded(sandbox)
    signature = send(sandbox, signed([memo(payer)], payer, latest_blockhash(sandbox)))
    wait_for(lambda: status(sandbox, signature)["confirmationStatus"] == "confirmed")

    with pytest.raises(ControlRefused) as refused:
        sandbox.rpc("getTransaction", signature, {"commitment": "confirmed"})

    assert refused.value.args[0]["code"] == -32015
    settings = {"commitment": "confirmed", "maxSupportedTransactionVersion": 1}
    assert sandbox.rpc("getTransaction", signature, settings)["version"] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!!!", "invalid base64 encoding"),
        ("AAAA", "failed to deserialize"),
        (base64.b64encode(bytes(1233)).decode(), "too large"),
        ("A" * 1_648, "too large"),
    ],
)
def test_what_is_no_transaction_is_refused_with_the_reason(sandbox, text, words):
    with pytest.raises(ControlRefused) as refused:
        sandbox.rpc("sendTransaction", text, {"encoding": "base64"})

    assert refused.value.args[0]["code"] == -32602
    assert words in refused.value.args[0]["message"]


def test_bytes_behind_the_transaction_are_refused(sandbox):
    payer = funded(sandbox)
    raw = bytes(signed([memo(payer)], payer, latest_blockhash(sandbox))) + b"\0"

    with pytest.raises(ControlRefused, match="deserialize"):
        sandbox.rpc("sendTransaction", base64.b64encode(raw).decode(), {"encoding": "base64"})


def test_simulation_can_replace_the_blockhash_and_show_accounts_after(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    transaction = signed([move(payer, to, SOL)], payer, Hash.new_unique())
    settings = {
        "encoding": "base64",
        "commitment": "processed",
        "replaceRecentBlockhash": True,
        "accounts": {"encoding": "base64", "addresses": [str(to), str(payer.pubkey())]},
    }

    value = sandbox.rpc("simulateTransaction", encoded(transaction), settings)["value"]

    assert value["err"] is None
    assert value["accounts"][0]["lamports"] == SOL
    assert value["accounts"][1]["lamports"] == 9 * SOL - 5000
    assert value["replacementBlockhash"]["lastValidBlockHeight"] > 279_000_000
    assert balance(sandbox, to) == 0


def test_a_node_that_is_not_there_yet_says_so(sandbox):
    slot = sandbox.rpc("getSlot", {"commitment": "processed"})
    settings = {"commitment": "finalized", "minContextSlot": slot + 1000}

    with pytest.raises(ControlRefused) as refused:
        sandbox.rpc("getAccountInfo", str(Pubkey.default()), settings)

    assert refused.value.args[0]["code"] == -32016
    assert refused.value.args[0]["data"]["contextSlot"] < slot + 1000


def test_money_is_seen_at_each_commitment_in_its_time(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    signature = send(sandbox, signed([move(payer, to, SOL)], payer, latest_blockhash(sandbox)))

    assert balance(sandbox, to, "processed") == SOL
    assert balance(sandbox, to, "finalized") == 0
    assert status(sandbox, signature)["confirmationStatus"] != "finalized"
    sandbox.advance(32)

    assert balance(sandbox, to, "finalized") == SOL
    final = status(sandbox, signature)
    assert (final["confirmationStatus"], final["confirmations"]) == ("finalized", None)
