"""What the node tells: accounts in every encoding, tables, history, blocks; and bad questions."""

import asyncio
import base64
import json
import struct
import urllib.request

import pytest
from aiohttp import ClientSession
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from tests.sandbox.solana_calls import (
    SOL,
    balance,
    funded,
    latest_blockhash,
    memo,
    move,
    send,
    signed,
    status,
)
from tests.sandbox_server import ControlRefused

PROCESSED = {"commitment": "processed"}
LOOKUP_TABLE_PROGRAM = "AddressLookupTab1e1111111111111111111111111"
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"
TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"


def put(sandbox, data, owner, address=None):
    """An account with these bytes, written directly."""
    address = address or Keypair().pubkey()
    account = {"data": base64.b64encode(data).decode(), "owner": str(owner)}
    sandbox.rpc("sandbox_setAccount", str(address), account)
    return address


def lookup_table(sandbox, addresses):
    slot = sandbox.rpc("getSlot", PROCESSED)
    header = struct.pack("<IQQBB32sH", 1, 2**64 - 1, slot - 1, 0, 1, bytes(32), 0)
    return put(sandbox, header + b"".join(map(bytes, addresses)), LOOKUP_TABLE_PROGRAM)


def test_addresses_come_out_of_a_lookup_table(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    table = lookup_table(sandbox, [Keypair().pubkey(), to])
    known = AddressLookupTableAccount(table, [Keypair().pubkey(), to])
    message = MessageV0.try_compile(
        payer.pubkey(), [move(payer, to, SOL)], [known], latest_blockhash(sandbox)
    )
    assert to not in message.account_keys

    signature = send(sandbox, VersionedTransaction(message, [payer]))
    sandbox.advance(3)

    assert balance(sandbox, to) == SOL
    settings = {"commitment": "confirmed", "maxSupportedTransactionVersion": 0}
    shown = sandbox.rpc("getTransaction", signature, settings)
    assert shown["meta"]["loadedAddresses"] == {"writable": [str(to)], "readonly": []}
    assert shown["transaction"]["message"]["addressTableLookups"][0]["writableIndexes"] == [1]
    assert SOL in shown["meta"]["postBalances"]


def test_a_place_outside_the_lookup_table_is_refused(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    table = lookup_table(sandbox, [Keypair().pubkey()])
    known = AddressLookupTableAccount(table, [Keypair().pubkey(), to])
    message = MessageV0.try_compile(
        payer.pubkey(), [move(payer, to, SOL)], [known], latest_blockhash(sandbox)
    )

    with pytest.raises(ControlRefused, match="invalid index"):
        send(sandbox, VersionedTransaction(message, [payer]))


def test_accounts_are_shown_in_each_encoding_and_in_slices(sandbox):
    address = put(sandbox, bytes(range(100)), LOOKUP_TABLE_PROGRAM)

    def shown(**settings):
        return sandbox.rpc("getAccountInfo", str(address), {**PROCESSED, **settings})["value"]

    whole = shown(encoding="base64")
    assert base64.b64decode(whole["data"][0]) == bytes(range(100))
    assert (whole["space"], whole["owner"]) == (100, LOOKUP_TABLE_PROGRAM)
    assert whole["lamports"] == sandbox.rpc("getMinimumBalanceForRentExemption", 100)
    assert shown(encoding="base58")["data"][1] == "base58"
    assert isinstance(shown()["data"], str)
    sliced = shown(encoding="base64", dataSlice={"offset": 10, "length": 3})
    assert base64.b64decode(sliced["data"][0]) == bytes([10, 11, 12])
    assert shown(encoding="jsonParsed")["data"] == whole["data"]


def test_large_accounts_are_not_shown_in_base58(sandbox):
    address = put(sandbox, bytes(129), LOOKUP_TABLE_PROGRAM)

    with pytest.raises(ControlRefused, match="Base64 encoding"):
        sandbox.rpc("getAccountInfo", str(address), {**PROCESSED, "encoding": "base58"})


def test_tokens_of_both_programs_are_found(sandbox):
    owner, old_mint, new_mint = (Keypair().pubkey() for _ in range(3))
    sandbox.mint(old_mint, owner, 5_000_000)
    mint_data = struct.pack("<I32sQBBI32s", 1, bytes(32), 0, 2, 1, 0, bytes(32))
    put(sandbox, mint_data, TOKEN_2022, new_mint)
    new = sandbox.mint(new_mint, owner, 150)

    def held(program):
        settings = {**PROCESSED, "encoding": "jsonParsed"}
        which = {"programId": program}
        return sandbox.rpc("getTokenAccountsByOwner", str(owner), which, settings)["value"]

    assert len(held(TOKEN)) == 1
    [account] = held(TOKEN_2022)
    assert account["pubkey"] == new
    assert account["account"]["data"]["program"] == "spl-token-2022"
    info = account["account"]["data"]["parsed"]["info"]
    assert info["tokenAmount"] == {
        "amount": "150",
        "decimals": 2,
        "uiAmount": 1.5,
        "uiAmountString": "1.5",
    }
    assert sandbox.rpc("getTokenSupply", str(new_mint), PROCESSED)["value"]["amount"] == "150"
    largest = sandbox.rpc("getTokenLargestAccounts", str(new_mint), PROCESSED)["value"]
    assert [item["address"] for item in largest] == [new]
    mint = sandbox.rpc("getAccountInfo", str(old_mint), {**PROCESSED, "encoding": "jsonParsed"})
    assert mint["value"]["data"]["parsed"]["type"] == "mint"


def test_token_questions_about_other_things_are_refused(sandbox):
    owner = Keypair().pubkey()
    sandbox.airdrop(owner, SOL)

    for method, arguments, words in (
        ("getTokenAccountBalance", [str(owner)], "not a Token account"),
        ("getTokenAccountBalance", [str(Keypair().pubkey())], "could not find account"),
        ("getTokenSupply", [str(owner)], "not a Token mint"),
        ("getTokenAccountsByOwner", [str(owner), {"mint": str(owner)}], "could not find mint"),
        ("getTokenAccountsByOwner", [str(owner), {"programId": str(owner)}], "unrecognized"),
    ):
        with pytest.raises(ControlRefused, match=words):
            sandbox.rpc(method, *arguments, PROCESSED)


def test_history_is_paged_newest_first(sandbox):
    payer = funded(sandbox)
    blockhash = latest_blockhash(sandbox)
    sent = [send(sandbox, signed([memo(payer, f"{n}")], payer, blockhash)) for n in range(5)]
    sandbox.advance(3)

    def history(**settings):
        entries = sandbox.rpc(
            "getSignaturesForAddress",
            str(payer.pubkey()),
            {"commitment": "confirmed", **settings},
        )
        return [entry["signature"] for entry in entries]

    newest_first = sent[::-1]
    assert history() == newest_first
    assert history(limit=2) == newest_first[:2]
    assert history(before=newest_first[1]) == newest_first[2:]
    assert history(until=newest_first[3]) == newest_first[:3]
    assert history(before=newest_first[0], until=newest_first[4]) == newest_first[1:4]


def test_a_status_is_found_by_history_when_the_cache_forgot_it(sandbox):
    payer = funded(sandbox)
    signature = send(sandbox, signed([memo(payer)], payer, latest_blockhash(sandbox)))
    sandbox.advance(200)

    assert status(sandbox, signature) is None
    found = status(sandbox, signature, searchTransactionHistory=True)
    assert (found["confirmationStatus"], found["err"]) == ("finalized", None)


def test_a_block_has_its_transactions(sandbox):
    payer = funded(sandbox)
    signature = send(sandbox, signed([memo(payer)], payer, latest_blockhash(sandbox)))
    slot = status(sandbox, signature)["slot"]
    sandbox.advance(40)

    settings = {"maxSupportedTransactionVersion": 0, "transactionDetails": "signatures"}
    block = sandbox.rpc("getBlock", slot, settings)
    assert signature in block["signatures"]
    assert block["blockHeight"] == slot - 21_000_000
    full = sandbox.rpc("getBlock", slot, {"maxSupportedTransactionVersion": 0})
    assert len(full["transactions"]) == len(block["signatures"])
    assert slot in sandbox.rpc("getBlocks", slot - 2, slot + 2)
    with pytest.raises(ControlRefused, match="not available"):
        sandbox.rpc("getBlock", slot + 1_000_000)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getBalance", []),
        ("getBalance", ["not an address"]),
        ("getBalance", [7]),
        ("getBalance", [str(Pubkey.default()), "confirmed"]),
        ("getBalance", [str(Pubkey.default()), {"commitment": "soon"}]),
        ("getBalance", [str(Pubkey.default()), {}, {}, {}]),
        ("getMultipleAccounts", [[str(Pubkey.default())] * 101]),
        ("getMultipleAccounts", ["x"]),
        ("getSignatureStatuses", [["x"]]),
        ("getSignatureStatuses", [["1" * 64] * 257]),
        ("getSignaturesForAddress", [str(Pubkey.default()), {"limit": 1001}]),
        ("getSignaturesForAddress", [str(Pubkey.default()), {"commitment": "processed"}]),
        ("getTransaction", ["1" * 10]),
        ("getProgramAccounts", [str(Pubkey.default()), {"filters": [{"dataSize": 1}] * 5}]),
        ("getProgramAccounts", [str(Pubkey.default()), {"filters": [{"size": 1}]}]),
        ("getBlockTime", ["x"]),
        ("isBlockhashValid", ["x"]),
        ("getFeeForMessage", ["AAAA"]),
        ("requestAirdrop", [str(Pubkey.default()), -5]),
        ("simulateTransaction", [None]),
        ("sandbox_airdrop", [str(Pubkey.default()), -(10**30)]),
        ("sandbox_advanceSlots", [0]),
        ("sandbox_setOraclePrice", ["SOL", "NaN"]),
        ("sandbox_setOraclePrice", ["DOGE", "1"]),
        ("sandbox_faults", ["set", "no.such"]),
        ("sandbox_faults", ["set", "solana.busy", {"count": "x"}]),
    ],
)
def test_a_bad_question_is_answered_as_a_node_does(sandbox, method, params):
    with pytest.raises(ControlRefused) as refused:
        sandbox.rpc(method, *params)

    assert refused.value.args[0]["code"] == -32602


def post(sandbox, text):
    request = urllib.request.Request(sandbox.rpc_url, data=text.encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_batches_unknown_methods_and_broken_requests_are_answered(sandbox):
    batch = [{"jsonrpc": "2.0", "id": n, "method": "getSlot"} for n in (1, 2)]

    answers = post(sandbox, json.dumps([*batch, {"id": 3, "method": "getLuck"}, 7]))

    assert [answer["id"] for answer in answers] == [1, 2, 3, None]
    assert answers[2]["error"]["code"] == -32601
    assert answers[3]["error"]["code"] == -32600
    assert post(sandbox, "{")["error"]["code"] == -32700


def test_a_websocket_refuses_and_ends_subscriptions(sandbox):
    async def run():
        answers = []
        async with ClientSession() as session, session.ws_connect(sandbox.websocket_url) as socket:

            async def ask(method, *params):
                call = {"jsonrpc": "2.0", "id": method, "method": method, "params": list(params)}
                await socket.send_json(call)
                while True:
                    answer = await socket.receive_json(timeout=60)
                    if answer.get("id") == method:
                        answers.append(answer.get("result", answer.get("error")))
                        return answers[-1]

            number = await ask("slotSubscribe")
            assert await ask("slotUnsubscribe", number) is True
            await ask("slotUnsubscribe", number)
            await ask("accountSubscribe", "nonsense")
            await ask("voteSubscribe")
            await ask("getSlot")
        return answers[2:]

    ended, bad, unknown, slot = asyncio.run(run())
    assert ended["message"] == "Invalid subscription id."
    assert bad["code"] == -32602
    assert unknown["code"] == -32601
    assert slot > 300_000_000


def test_the_clock_is_the_one_of_the_slot_that_answers(sandbox):
    answer = sandbox.rpc(
        "getAccountInfo",
        "SysvarC1ock11111111111111111111111111111111",
        {"encoding": "base64", "commitment": "confirmed"},
    )
    data = base64.b64decode(answer["value"]["data"][0])
    slot, _, _, _, unix_timestamp = struct.unpack("<QqQQq", data)
    assert slot == answer["context"]["slot"]
    assert unix_timestamp == sandbox.rpc("getBlockTime", slot)
