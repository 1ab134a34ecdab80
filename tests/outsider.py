"""Somebody outside the desk who sends money to its wallets, by transactions of their own."""

from base64 import b64encode

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from wallets.chain_balances import token_account
from wallets.tokens import BY_SYMBOL
from wallets.transfers import MintFacts, plan_token

TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"


class Outsider:
    """A wallet with SOL, and with as much of a token as it is asked to send."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.key = Keypair()
        self.address = str(self.key.pubkey())
        sandbox.rpc("sandbox_airdrop", self.address, 100 * 10**9)

    def sol(self, to, lamports):
        """The instruction of a transfer of SOL."""
        return transfer(
            TransferParams(
                from_pubkey=self.key.pubkey(),
                to_pubkey=Pubkey.from_string(to),
                lamports=lamports,
            )
        )

    def tokens(self, to, units, symbol="USDC", *, mint=None, decimals=6):
        """The instructions of a checked transfer; the receiver's account is made if missing."""
        mint = mint or BY_SYMBOL[symbol].mint
        self.sandbox.rpc("sandbox_mint", mint, self.address, units, decimals)
        facts = MintFacts(mint, TOKEN_PROGRAM, decimals)
        return plan_token(wallet=self.address, to=to, mint=facts, units=units).instructions

    def send(self, *instructions):
        """Send them as one transaction, which is final when this returns; its signature."""
        found = self.sandbox.rpc("getLatestBlockhash", {"commitment": "processed"})
        blockhash = Hash.from_string(found["value"]["blockhash"])
        message = MessageV0.try_compile(self.key.pubkey(), list(instructions), [], blockhash)
        raw = bytes(VersionedTransaction(message, [self.key]))
        options = {"encoding": "base64", "skipPreflight": True}
        signature = self.sandbox.rpc("sendTransaction", b64encode(raw).decode(), options)
        self.settle()
        return signature

    def settle(self):
        """What was sent lands in a block, and that block becomes final."""
        self.sandbox.advance(2)
        self.sandbox.advance(40)

    def old_transfer(self, to, units, symbol="USDC"):
        """The plain transfer without the mint's name, as older wallets still send it."""
        mint = BY_SYMBOL[symbol].mint
        self.sandbox.rpc("sandbox_mint", mint, self.address, units, 6)
        source, target = (token_account(owner=each, mint=mint) for each in (self.address, to))
        metas = [
            AccountMeta(Pubkey.from_string(source), is_signer=False, is_writable=True),
            AccountMeta(Pubkey.from_string(target), is_signer=False, is_writable=True),
            AccountMeta(self.key.pubkey(), is_signer=True, is_writable=False),
        ]
        data = bytes([3]) + units.to_bytes(8, "little")
        return Instruction(Pubkey.from_string(TOKEN_PROGRAM), data, metas)
