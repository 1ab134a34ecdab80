"""What wallets hold, read from the chain in batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from solders.pubkey import Pubkey

from chain.rpc import AccountData, rpc
from wallets.tokens import LAMPORTS, SOL, TOKENS, Token

TOKEN_PROGRAM = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022_PROGRAM = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
_ATA_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")


@dataclass(frozen=True, slots=True)
class ChainBalances:
    """A wallet's tokens at one slot, zero where there is no account."""

    slot: int
    amounts: dict[str, Decimal]


def token_account(*, owner: str, mint: str, program: Pubkey = TOKEN_PROGRAM) -> str:
    """The owner's associated token account of a mint."""
    seeds = [bytes(Pubkey.from_string(owner)), bytes(program), bytes(Pubkey.from_string(mint))]
    return str(Pubkey.find_program_address(seeds, _ATA_PROGRAM)[0])


def read_chain_balances(addresses: Sequence[str]) -> dict[str, ChainBalances]:
    """SOL and every known token of each wallet, by as few batched reads as possible.

    Raises Unavailable if no node answers; then nothing is known, not zero.
    """
    wanted: list[tuple[str, Token | None, str]] = []
    for address in addresses:
        wanted.append((address, None, address))
        wanted += [
            (address, token, token_account(owner=address, mint=token.mint)) for token in TOKENS
        ]
    slot, accounts = rpc().accounts([place for _, _, place in wanted])
    amounts: dict[str, dict[str, Decimal]] = {address: {} for address in addresses}
    for (address, token, _), account in zip(wanted, accounts, strict=True):
        if token is None:
            lamports = account.lamports if account else 0
            amounts[address][SOL] = Decimal(lamports) / LAMPORTS
        else:
            amounts[address][token.symbol] = _amount(account, token, address)
    return {address: ChainBalances(slot, held) for address, held in amounts.items()}


def known_symbols() -> Iterable[str]:
    return [SOL, *(token.symbol for token in TOKENS)]


def _amount(account: AccountData | None, token: Token, owner: str) -> Decimal:
    """The amount of a token account that is what it should be; anything else counts nothing."""
    programs = (str(TOKEN_PROGRAM), str(TOKEN_2022_PROGRAM))
    if account is None or account.owner not in programs or len(account.data) < 72:
        return Decimal(0)
    mint, holder = Pubkey(account.data[:32]), Pubkey(account.data[32:64])
    if str(mint) != token.mint or str(holder) != owner:
        return Decimal(0)
    units = int.from_bytes(account.data[64:72], "little")
    return Decimal(units).scaleb(-token.decimals)
