"""What can be the address of somebody's own wallet, as far as the chain shows."""

from solders.pubkey import Pubkey

from chain.rpc import AccountData, rpc
from core.errors import Refused
from wallets.tokens import BY_MINT
from wallets.transfers import SYSTEM_PROGRAM, TOKEN_PROGRAMS


def check_form(text: str) -> str:
    """The address in its one written form. Raises Refused: no address, or none with a key."""
    text = text.strip()
    try:
        key = Pubkey.from_string(text)
    except ValueError as error:
        raise Refused("address.malformed", typed=text[:60]) from error
    if str(key) != text:
        raise Refused("address.malformed", typed=text[:60])
    if not key.is_on_curve():
        # Derived addresses (vaults, token accounts) have no key: what is sent there is lost.
        raise Refused("address.not_a_wallet", why="no key belongs to it")
    if text in BY_MINT:
        raise Refused("address.not_a_wallet", why="it is a token's mint")
    return text


def check_is_wallet(address: str) -> None:
    """Ask the chain what stands there. Raises Refused for what is no wallet, Unavailable."""
    _, [account] = rpc().accounts([address])
    refuse_unless_wallet(account)


def refuse_unless_wallet(account: AccountData | None) -> None:
    """An address that holds nothing yet may be a new wallet; a program or a token account is none.

    A token account with a key of its own would not be found out by the curve.
    """
    if account is None or account.owner == SYSTEM_PROGRAM:
        return
    if account.owner in TOKEN_PROGRAMS:
        raise Refused("address.not_a_wallet", why="it is a token account; give its owner's address")
    raise Refused("address.not_a_wallet", why="it belongs to a program")
