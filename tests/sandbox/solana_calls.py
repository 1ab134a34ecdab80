"""Transactions and waiting, for the tests of the Solana stand-in."""

import base64
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from tests.sandbox_server import SandboxHandle

MEMO_PROGRAM = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
SOL = 1_000_000_000
_numbers = itertools.count(1)


def funded(sandbox: SandboxHandle, lamports: int = 10 * SOL) -> Keypair:
    """A new wallet with lamports."""
    keypair = Keypair()
    sandbox.airdrop(keypair.pubkey(), lamports)
    return keypair


def move(payer: Keypair, to: Pubkey, lamports: int) -> Instruction:
    return transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=to, lamports=lamports))


def memo(payer: Keypair, text: str | None = None) -> Instruction:
    words = text or f"memo {next(_numbers)}"
    return Instruction(MEMO_PROGRAM, words.encode(), [AccountMeta(payer.pubkey(), True, False)])


def latest_blockhash(sandbox: SandboxHandle, commitment: str = "processed") -> Hash:
    answer = sandbox.rpc("getLatestBlockhash", {"commitment": commitment})
    return Hash.from_string(answer["value"]["blockhash"])


def signed(
    instructions: Sequence[Instruction],
    payer: Keypair,
    blockhash: Hash,
    *signers: Keypair,
    legacy: bool = False,
) -> VersionedTransaction:
    if legacy:
        message: Any = Message.new_with_blockhash(instructions, payer.pubkey(), blockhash)
    else:
        message = MessageV0.try_compile(payer.pubkey(), instructions, [], blockhash)
    return VersionedTransaction(message, [payer, *signers])


def encoded(transaction: VersionedTransaction) -> str:
    return base64.b64encode(bytes(transaction)).decode()


def send(sandbox: SandboxHandle, transaction: VersionedTransaction, **settings: Any) -> str:
    config = {"encoding": "base64", "preflightCommitment": "processed", **settings}
    return sandbox.rpc("sendTransaction", encoded(transaction), config)


def status(sandbox: SandboxHandle, signature: str, *, node: str = "", **settings: Any) -> Any:
    answer = sandbox.rpc("getSignatureStatuses", [signature], settings, node=node)
    return answer["value"][0]


def balance(sandbox: SandboxHandle, address: Pubkey, commitment: str = "processed") -> int:
    return sandbox.rpc("getBalance", str(address), {"commitment": commitment})["value"]


def wait_for(condition: Callable[[], Any], seconds: float = 45) -> Any:
    """The first true answer of a condition; fails after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.01)
    raise AssertionError(f"nothing came of {condition} in {seconds} seconds")
