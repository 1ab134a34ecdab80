"""The address lookup tables in which clients of Drift expect its markets."""

from __future__ import annotations

import struct

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.perps.deployment import Deployment
from sandbox.perps.feeds import oracle_address
from sandbox.perps.genesis import SOL_MARKET
from sandbox.perps.listings import LISTINGS
from sandbox.perps.terms import QUOTE_MARKET, U64_MAX
from sandbox.solana.programs import Chain

LOOKUP_TABLE_PROGRAM = Pubkey.from_string("AddressLookupTab1e1111111111111111111111111")
TABLES = (
    "Fpys8GRa5RBWfyeN7AaDUwFGD1zkDCA4z3t4CJLV8dfL",
    "EiWSskK5HXnBTptiS5DH6gpAJRVNQ3cAhTKBGaiaysAb",
)
_HEADER = struct.Struct("<IQQBB32sH")


def write_lookup_tables(chain: Chain, deployment: Deployment) -> None:
    """Write the tables: markets, vaults and oracles in the first, the state in the second."""
    markets = [deployment.perp_market(listing.index) for listing in LISTINGS]
    oracles = [oracle_address(chain, deployment, listing) for listing in LISTINGS]
    spot = (QUOTE_MARKET, SOL_MARKET)
    first = [*markets, *oracles, *map(deployment.spot_market, spot), *map(deployment.vault, spot)]
    for address, keys in zip(TABLES, (first, [deployment.state]), strict=True):
        header = _HEADER.pack(1, U64_MAX, 0, 0, 0, bytes(32), 0)
        data = header + b"".join(map(bytes, keys))
        account = Account(chain.rent(len(data)), data, LOOKUP_TABLE_PROGRAM)
        chain.set_account(Pubkey.from_string(address), account)
