"""Small real Solana transactions for tests of whoever signs them."""

from base64 import b64encode

from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from chain.messages import MEMO_PROGRAM

TOKEN_PROGRAM = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
VENUE_PROGRAM = Pubkey.from_string("dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH")
BLOCKHASH = Hash.new_unique()


def unsigned(
    instructions: list[Instruction], payer: Pubkey, *, v0: bool = True, tables=(), salt: int = 0
) -> bytes:
    """A transaction with empty signatures, as it is handed to a signer."""
    blockhash = Hash(bytes(BLOCKHASH)[:31] + bytes([salt]))
    if v0:
        message = MessageV0.try_compile(payer, instructions, list(tables), blockhash)
    else:
        message = Message.new_with_blockhash(instructions, payer, blockhash)
    empty = [Signature.default()] * message.header.num_required_signatures
    return bytes(VersionedTransaction.populate(message, empty))


def sol_transfer(source: Pubkey, destination: Pubkey, lamports: int = 1) -> Instruction:
    return transfer(TransferParams(from_pubkey=source, to_pubkey=destination, lamports=lamports))


def venue_call(*signers: Pubkey) -> Instruction:
    """Any instruction of the venue's program."""
    accounts = [AccountMeta(signer, is_signer=True, is_writable=True) for signer in signers]
    return Instruction(VENUE_PROGRAM, b"12345678", accounts)


def compute_limit() -> Instruction:
    return set_compute_unit_limit(200_000)


def token_instruction(tag: int, accounts: list[Pubkey], signer: Pubkey, amount: int = 0):
    """An SPL Token instruction by its number, e.g. 4 Approve, 12 TransferChecked."""
    metas = [AccountMeta(account, is_signer=False, is_writable=True) for account in accounts]
    metas.append(AccountMeta(signer, is_signer=True, is_writable=False))
    data = bytes([tag]) + amount.to_bytes(8, "little") + (b"\x06" if tag == 12 else b"")
    return Instruction(TOKEN_PROGRAM, data, metas)


def as_text(transaction: bytes) -> str:
    return b64encode(transaction).decode()


def pay_with_memo(desk, address: str, memo: str) -> None:
    """A stranger's payment to the address, whose memo says what it likes."""
    stranger = Keypair()
    desk.airdrop(stranger.pubkey(), 10**9)
    blockhash = desk.rpc("getLatestBlockhash", {"commitment": "processed"})["value"]["blockhash"]
    said = Instruction(Pubkey.from_string(MEMO_PROGRAM), memo.encode(), [])
    paid = sol_transfer(stranger.pubkey(), Pubkey.from_string(address), 5000)
    message = MessageV0.try_compile(
        stranger.pubkey(), [paid, said], [], Hash.from_string(blockhash)
    )
    raw = bytes(VersionedTransaction(message, [stranger]))
    desk.rpc("sendTransaction", as_text(raw), {"encoding": "base64", "skipPreflight": True})
