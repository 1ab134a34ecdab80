"""solana-py, which nobody here wrote, works unmodified against the node."""

import asyncio

import pytest
from solana.rpc.api import Client
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Finalized, Processed
from solana.rpc.core import RPCException
from solana.rpc.types import MemcmpOpts, TokenAccountOpts, TxOpts
from solana.rpc.websocket_api import connect
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.rpc.config import RpcTransactionLogsFilterMentions
from solders.signature import Signature
from spl.token.client import Token
from spl.token.constants import TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID
from spl.token.instructions import get_associated_token_address

from tests.sandbox.solana_calls import SOL, funded, memo, move, signed

OPTIONS = TxOpts(preflight_commitment=Processed)


@pytest.fixture
def client(sandbox):
    client = Client(sandbox.rpc_url, commitment=Processed)
    yield client
    client._provider.session.close()


def transfer_of(client, payer, to, lamports):
    blockhash = client.get_latest_blockhash().value.blockhash
    return signed([move(payer, to, lamports), memo(payer)], payer, blockhash)


def test_a_transfer_is_sent_confirmed_and_found(sandbox, client):
    payer, to = funded(sandbox), Keypair().pubkey()
    transaction = transfer_of(client, payer, to, SOL)

    signature = client.send_raw_transaction(bytes(transaction), OPTIONS).value
    confirmed = client.confirm_transaction(signature, Finalized, sleep_seconds=0.02)

    assert signature == transaction.signatures[0]
    assert confirmed.value[0].err is None
    assert client.get_balance(to).value == SOL
    assert client.get_balance(payer.pubkey()).value == 9 * SOL - 5000
    found = client.get_transaction(
        signature, commitment=Confirmed, max_supported_transaction_version=0
    ).value
    assert found.transaction.meta.fee == 5000
    assert found.transaction.meta.pre_balances[:2] == [10 * SOL, 0]
    assert found.transaction.meta.post_balances[:2] == [9 * SOL - 5000, SOL]
    history = client.get_signatures_for_address(to, commitment=Confirmed).value
    assert [item.signature for item in history] == [signature]
    assert history[0].memo.startswith("[")


@pytest.mark.parametrize("encoding", ["json", "base64", "jsonParsed"])
def test_a_transaction_is_shown_in_every_encoding(sandbox, client, encoding):
    payer = funded(sandbox)
    transaction = transfer_of(client, payer, Keypair().pubkey(), SOL)
    signature = client.send_raw_transaction(bytes(transaction), OPTIONS).value
    client.confirm_transaction(signature, Confirmed, sleep_seconds=0.02)

    found = client.get_transaction(signature, encoding, Confirmed, 0).value

    assert found.transaction.meta.err is None
    assert found.transaction.version == 0


def test_a_failing_transaction_is_refused_by_preflight_with_its_logs(sandbox, client):
    payer = funded(sandbox)
    transaction = transfer_of(client, payer, Keypair().pubkey(), 100 * SOL)

    with pytest.raises(RPCException) as refused:
        client.send_raw_transaction(bytes(transaction), OPTIONS)

    failure = refused.value.args[0]
    assert failure.message.endswith("Error processing Instruction 0: custom program error: 0x1")
    assert any("insufficient lamports" in line for line in failure.data.logs)
    assert client.get_balance(payer.pubkey()).value == 10 * SOL


def test_simulation_changes_nothing(sandbox, client):
    payer, to = funded(sandbox), Keypair().pubkey()

    simulated = client.simulate_transaction(transfer_of(client, payer, to, SOL), sig_verify=True)

    assert simulated.value.err is None
    assert simulated.value.units_consumed > 0
    assert client.get_balance(to).value == 0


def test_tokens_are_minted_transferred_and_listed(sandbox, client):
    payer, to = funded(sandbox), Keypair().pubkey()
    token = Token.create_mint(client, payer, payer.pubkey(), 6, TOKEN_PROGRAM_ID)
    source = token.create_associated_token_account(payer.pubkey())
    target = token.create_associated_token_account(to)
    token.mint_to(source, payer, 5_000_000)
    token.transfer(source, target, payer, 1_250_000)

    amount = client.get_token_account_balance(target).value
    assert (amount.amount, amount.ui_amount_string) == ("1250000", "1.25")
    assert client.get_token_supply(token.pubkey).value.amount == "5000000"
    held = client.get_token_accounts_by_owner_json_parsed(to, TokenAccountOpts(mint=token.pubkey))
    info = held.value[0].account.data.parsed["info"]
    assert info["tokenAmount"]["amount"] == "1250000"
    assert held.value[0].pubkey == target == get_associated_token_address(to, token.pubkey)
    by_program = TokenAccountOpts(program_id=TOKEN_2022_PROGRAM_ID)
    assert client.get_token_accounts_by_owner(to, by_program).value == []


def test_program_accounts_are_filtered(sandbox, client):
    owner, mint = Keypair().pubkey(), Keypair().pubkey()
    account = sandbox.mint(mint, owner, 7)
    sandbox.mint(mint, Keypair().pubkey(), 8)

    found = client.get_program_accounts(
        TOKEN_PROGRAM_ID,
        encoding="base64",
        filters=[165, MemcmpOpts(offset=32, bytes=str(owner))],
    ).value

    assert [str(item.pubkey) for item in found] == [account]
    assert found[0].account.data[64:72] == (7).to_bytes(8, "little")


def test_the_node_tells_of_itself(client):
    assert client.is_connected()
    assert client.get_version().value.solana_core
    assert client.get_genesis_hash().value
    height = client.get_block_height().value
    latest = client.get_latest_blockhash().value
    assert 149 <= latest.last_valid_block_height - height <= 151
    epoch = client.get_epoch_info().value
    assert epoch.absolute_slot - epoch.block_height == 21_000_000
    assert client.get_minimum_balance_for_rent_exemption(165).value == 2_039_280
    assert client.get_first_available_block().value == 300_000_000
    assert client.get_recent_performance_samples(1).value[0].num_slots == 3000
    blocktime = client.get_block_time(client.get_slot(Finalized).value).value
    assert blocktime > 1_700_000_000
    assert len(client.get_multiple_accounts([Pubkey.default(), Keypair().pubkey()]).value) == 2


def test_an_airdrop_lands_as_a_transaction(client):
    to = Keypair().pubkey()

    signature = client.request_airdrop(to, SOL).value
    client.confirm_transaction(signature, Confirmed, sleep_seconds=0.02)

    assert client.get_balance(to, Confirmed).value == SOL


def test_the_fee_of_a_message_is_told(sandbox, client):
    payer = funded(sandbox)
    transaction = transfer_of(client, payer, Keypair().pubkey(), SOL)

    assert client.get_fee_for_message(transaction.message).value == 5000


def test_the_async_client_sends_and_waits_for_the_signature_on_a_websocket(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()

    async def run():
        async with AsyncClient(sandbox.rpc_url) as client, connect(sandbox.websocket_url) as socket:
            blockhash = (await client.get_latest_blockhash(Processed)).value.blockhash
            transaction = signed([move(payer, to, SOL)], payer, blockhash)
            await socket.signature_subscribe(transaction.signatures[0], Confirmed)
            assert (await socket.recv())[0].result
            await client.send_raw_transaction(bytes(transaction), OPTIONS)
            message = await asyncio.wait_for(socket.recv(), 10)
            return message[0].result.value.err, (await client.get_balance(to, Confirmed)).value

    assert asyncio.run(run()) == (None, SOL)


def test_websockets_tell_of_accounts_logs_programs_and_slots(sandbox, client):
    payer, to = funded(sandbox), Keypair().pubkey()
    owner, mint = Keypair().pubkey(), Keypair().pubkey()

    async def run():
        async with connect(sandbox.rpc_url.replace("http", "ws")) as socket:
            await socket.account_subscribe(to, Processed, "base64")
            await socket.logs_subscribe(RpcTransactionLogsFilterMentions(to), Processed)
            await socket.program_subscribe(
                TOKEN_PROGRAM_ID, Processed, "base64", filters=[MemcmpOpts(32, str(owner))]
            )
            await socket.slot_subscribe()
            transaction = transfer_of(client, payer, to, SOL)
            client.send_raw_transaction(bytes(transaction), OPTIONS)
            sandbox.mint(mint, owner, 5)
            heard = {}
            while len(heard) < 4:
                for message in await asyncio.wait_for(socket.recv(), 10):
                    if "Notification" in type(message).__name__:
                        heard[type(message).__name__] = message.result
            return transaction.signatures[0], heard

    signature, heard = asyncio.run(run())
    assert heard["AccountNotification"].value.lamports == SOL
    assert heard["LogsNotification"].value.signature == signature
    assert isinstance(signature, Signature)
    assert heard["ProgramNotification"].value.account.data[64:72] == (5).to_bytes(8, "little")
    assert heard["SlotNotification"].slot - heard["SlotNotification"].root == 32
