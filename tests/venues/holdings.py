"""Holdings at venues that the desk only reads, set in a sandbox for wallets with real addresses."""

from solders.keypair import Keypair

from tests import factories
from tests.sandbox.solana_calls import wait_for

LONG_SOL = {
    "asset": "SOL",
    "side": "long",
    "size_usd": "1500",
    "collateral_usd": "300",
    "entry_price": "150",
}
SHORT_BTC = {
    "asset": "BTC",
    "side": "short",
    "size_usd": "7000",
    "collateral_usd": "1000",
    "entry_price": "70000",
    "collateral": "USDT",
}


def solana_wallet(**columns):
    return factories.wallet(wallet_address=str(Keypair().pubkey()), **columns)


def put(sandbox, venue, wallet, *positions):
    """Replace what a wallet holds there; of the chain, once a node shows it as confirmed."""
    address = wallet if isinstance(wallet, str) else wallet.wallet_address
    sandbox.control("PUT", f"/elsewhere/{venue}/{address}", {"positions": list(positions)})
    if venue == "jupiter":
        slot = sandbox.rpc("getSlot", {"commitment": "processed"})
        wait_for(lambda: sandbox.rpc("getSlot", {"commitment": "confirmed"}) >= slot)
