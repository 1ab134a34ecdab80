"""Each fault of the node strikes as its meaning says, and the call log tells what was asked."""

import http.client
import json
import urllib.error
import urllib.request

import pytest
from solders.keypair import Keypair

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


def raw_call(sandbox, method, *params, node=""):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    request = urllib.request.Request(
        f"{sandbox.rpc_url}/{node}",
        data=body.encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def ready(sandbox, lamports=SOL):
    payer, to = funded(sandbox), Keypair().pubkey()
    return to, signed([move(payer, to, lamports), memo(payer)], payer, latest_blockhash(sandbox))


def test_dropped_sends_are_answered_and_never_land(sandbox):
    to, transaction = ready(sandbox)
    sandbox.set_fault("solana.drop_sends", count=2)

    for _ in range(2):
        assert send(sandbox, transaction, skipPreflight=True) == str(transaction.signatures[0])
    assert status(sandbox, str(transaction.signatures[0])) is None
    send(sandbox, transaction, skipPreflight=True)

    assert balance(sandbox, to) == SOL
    assert sandbox.faults() == {}


def test_a_percentage_is_the_seeds_chance(sandbox):
    sandbox.set_fault("solana.server_error", percent=50, method="getVersion")

    statuses = [raw_call(sandbox, "getVersion")[0] for _ in range(60)]

    assert 10 < statuses.count(503) < 50
    assert statuses.count(200) == 60 - statuses.count(503)


def test_a_lost_answer_hides_a_send_that_was_accepted(sandbox):
    to, transaction = ready(sandbox)
    sandbox.set_fault("solana.lost_answer", method="sendTransaction", count=1)

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        send(sandbox, transaction)

    assert balance(sandbox, to) == SOL
    assert [call["params"]["worked"] for call in sandbox.calls(method="sendTransaction")] == [True]


def test_a_cut_connection_does_nothing(sandbox):
    to, transaction = ready(sandbox)
    sandbox.set_fault("solana.reset", method="sendTransaction", count=1)

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        send(sandbox, transaction)

    assert balance(sandbox, to) == 0


def test_rate_limits_errors_pages_and_half_answers_come_as_told(sandbox):
    sandbox.set_fault("solana.rate_limit", method="getSlot", count=1, retry_after=7)
    sandbox.set_fault("solana.server_error", method="getBalance", count=1, status=502)
    sandbox.set_fault("solana.html", method="getVersion", count=1)
    sandbox.set_fault("solana.truncated", method="getEpochInfo", count=1)

    limited = raw_call(sandbox, "getSlot")
    assert (limited[0], limited[1]["Retry-After"]) == (429, "7")
    assert raw_call(sandbox, "getBalance", str(Keypair().pubkey()))[0] == 502
    assert raw_call(sandbox, "getVersion")[2].startswith(b"<!DOCTYPE html>")
    with pytest.raises(ValueError):
        json.loads(raw_call(sandbox, "getEpochInfo")[2])
    assert sandbox.rpc("getSlot") > 0


def test_a_lagging_node_knows_only_the_past(sandbox):
    to, transaction = ready(sandbox)
    signature = send(sandbox, transaction)
    sandbox.set_fault("solana.node_lag", node="slow", slots=100)

    assert status(sandbox, signature, node="slow") is None
    account = sandbox.rpc("getAccountInfo", str(to), {"commitment": "processed"}, node="slow")
    assert account["value"] is None
    assert status(sandbox, signature)["err"] is None
    heights = [
        sandbox.rpc("getBlockHeight", {"commitment": "processed"}, node=n) for n in ("slow", "")
    ]
    assert 95 < heights[1] - heights[0] <= 110
    fresh = encoded(ready(sandbox)[1])
    settings = {"encoding": "base64", "preflightCommitment": "processed"}
    with pytest.raises(ControlRefused, match="Blockhash not found"):
        sandbox.rpc("sendTransaction", fresh, settings, node="slow")


def test_nodes_behind_one_address_disagree_in_turn(sandbox):
    sandbox.set_fault("solana.nodes", nodes=[{"lag": 0}, {"lag": 100}])

    slots = [sandbox.rpc("getSlot", {"commitment": "processed"}) for _ in range(4)]

    assert slots[0] - slots[1] > 80
    assert slots[2] - slots[3] > 80


def test_a_restored_node_has_no_history(sandbox):
    to, transaction = ready(sandbox)
    signature = send(sandbox, transaction)
    sandbox.advance(40)
    sandbox.set_fault("solana.no_history", node="restored")

    ask = {"searchTransactionHistory": True}
    answer = sandbox.rpc("getSignatureStatuses", [signature], ask, node="restored")
    assert answer["value"] == [None]
    assert sandbox.rpc("getSignaturesForAddress", str(to), node="restored") == []
    settings = {"maxSupportedTransactionVersion": 0}
    assert sandbox.rpc("getTransaction", signature, settings, node="restored") is None
    first = sandbox.rpc("getFirstAvailableBlock", node="restored")
    assert first > sandbox.rpc("getFirstAvailableBlock")
    assert first > sandbox.rpc("getTransaction", signature, settings)["slot"]
    assert sandbox.rpc("getBalance", str(to), node="restored")["value"] == SOL


def test_a_fork_shows_an_error_that_becomes_a_success(sandbox):
    to, transaction = ready(sandbox)
    sandbox.set_fault("solana.fork", shows="error", commitment="confirmed", slots=20, count=1)

    signature = send(sandbox, transaction)
    seen = status(sandbox, signature)
    assert seen["err"] == {"InstructionError": [0, {"Custom": 1}]}
    assert balance(sandbox, to) == 0
    sandbox.advance(25)

    assert status(sandbox, signature)["err"] is None
    assert balance(sandbox, to) == SOL


@pytest.mark.parametrize("becomes", ["error", "dropped"])
def test_a_fork_shows_a_success_that_comes_to_nothing(sandbox, becomes):
    to, transaction = ready(sandbox)
    sandbox.set_fault("solana.fork", shows="success", becomes=becomes, slots=20, count=1)

    signature = send(sandbox, transaction)
    assert status(sandbox, signature)["err"] is None
    assert status(sandbox, signature)["confirmationStatus"] == "processed"
    sandbox.advance(25)

    final = status(sandbox, signature)
    assert (final is None) if becomes == "dropped" else (final["err"] is not None)
    assert balance(sandbox, to) == 0


def test_a_send_may_land_late(sandbox):
    to, transaction = ready(sandbox)
    sandbox.set_fault("solana.land_late", slots=30, count=1)

    signature = send(sandbox, transaction)
    assert status(sandbox, signature) is None

    assert wait_for(lambda: status(sandbox, signature))["err"] is None
    assert balance(sandbox, to) == SOL


def test_statuses_may_be_hidden_and_commitments_may_stall(sandbox):
    _, transaction = ready(sandbox)
    signature = send(sandbox, transaction)
    sandbox.set_fault("solana.hide_statuses", count=1)
    assert status(sandbox, signature) is None
    assert status(sandbox, signature) is not None

    sandbox.set_fault("solana.stalled_commitment")
    before = sandbox.rpc("getSlot", {"commitment": "finalized"})
    sandbox.advance(50)
    after = sandbox.rpc("getSlot", {"commitment": "finalized"})
    assert sandbox.rpc("getSlot", {"commitment": "processed"}) - after >= 50
    assert after - before <= 32


def test_a_stale_blockhash_is_nearly_used_up(sandbox):
    sandbox.set_fault("solana.stale_blockhash", blocks=145, count=1)

    latest = sandbox.rpc("getLatestBlockhash", {"commitment": "processed"})["value"]

    height = sandbox.rpc("getBlockHeight", {"commitment": "processed"})
    assert latest["lastValidBlockHeight"] - height <= 5


def test_an_unknown_fault_is_refused_with_the_names_that_exist(sandbox):
    with pytest.raises(ControlRefused, match=r"solana\.drop_sends"):
        sandbox.set_fault("solana.droop")


def test_the_log_of_calls_tells_what_was_and_was_not_sent(sandbox):
    sandbox.rpc("getSlot")
    mark = sandbox.calls()[-1]["number"]
    sandbox.rpc("getBalance", str(Keypair().pubkey()))

    assert [call["method"] for call in sandbox.calls(service="solana", since=mark)] == [
        "getBalance"
    ]
    assert sandbox.calls(method="sendTransaction") == []


@pytest.mark.parametrize("becomes", ["dropped", "error", "success"])
def test_a_fork_takes_back_all_that_a_confirmed_success_did(sandbox, becomes):
    payer, to, other = funded(sandbox), Keypair().pubkey(), funded(sandbox)
    fork = {"shows": "success", "commitment": "confirmed", "becomes": becomes, "slots": 20}
    sandbox.set_fault("solana.fork", count=1, **fork)
    words = [move(payer, to, SOL), memo(payer)]
    signature = send(sandbox, signed(words, payer, latest_blockhash(sandbox)))
    slot = status(sandbox, signature)["slot"]
    beside = send(sandbox, signed([move(other, to, SOL)], other, latest_blockhash(sandbox)))
    sandbox.advance(5)
    assert status(sandbox, signature)["confirmationStatus"] == "confirmed"
    assert balance(sandbox, to, "confirmed") == 2 * SOL
    history = sandbox.rpc("getSignaturesForAddress", str(to), {"commitment": "confirmed"})
    assert [entry["signature"] for entry in history] == [beside, signature]

    sandbox.advance(20)

    # What the other branch has too is in a later block of it.
    assert status(sandbox, beside)["slot"] > slot
    assert balance(sandbox, to) == SOL + (SOL if becomes == "success" else 0)
    paid = balance(sandbox, payer.pubkey())
    fee = {"dropped": 0, "error": 5000, "success": 5000 + SOL}[becomes]
    assert paid == 10 * SOL - fee
    final = status(sandbox, signature)
    if becomes == "dropped":
        assert final is None
    else:
        assert (final["err"] is None, final["slot"] > slot) == (becomes == "success", True)


def test_no_fork_takes_back_what_is_final(sandbox):
    to, transaction = ready(sandbox)
    slot = status(sandbox, send(sandbox, transaction))["slot"]
    sandbox.advance(40)

    with pytest.raises(ControlRefused, match="final"):
        sandbox.rpc("sandbox_fork", slot - 1)
    assert balance(sandbox, to) == SOL


def test_where_slots_stand_still_they_pass_by_command_alone(sandbox):
    sandbox.set_fault("solana.standstill")
    before = sandbox.rpc("getSlot", {"commitment": "processed"})
    payer, to = funded(sandbox), Keypair().pubkey()
    words = signed([move(payer, to, SOL)], payer, latest_blockhash(sandbox))
    signature = send(sandbox, words)
    assert sandbox.rpc("getSlot", {"commitment": "processed"}) == before
    sandbox.advance(2)
    assert status(sandbox, signature)["confirmationStatus"] == "confirmed"

    sandbox.rpc("sandbox_fork", before - 1, [signature])

    assert status(sandbox, signature) is None
    # What was not sent in a transaction is no part of a block.
    assert (balance(sandbox, to), balance(sandbox, payer.pubkey())) == (0, 10 * SOL)
    assert send(sandbox, words) == signature
    assert balance(sandbox, to) == SOL
