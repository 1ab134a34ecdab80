"""A wallet's balance, as the sandbox's own Solana node has it."""

import aiohttp

from sandbox.privy.errors import PrivyError, invalid_data
from sandbox.privy.exchange import Answer, Exchange
from sandbox.privy.wallets import wallet_of
from sandbox.state import Json

SOL_DECIMALS = 9
TOKENS = {
    "usdc": ("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6),
    "usdt": ("Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", 6),
}


async def get_balance(exchange: Exchange) -> Answer:
    """GET /v1/wallets/{wallet}/balance, of one `asset` of Solana or one `token=solana:<mint>`"""
    wallet = wallet_of(exchange)
    query = exchange.request.query
    asset, token = query.get("asset"), query.get("token")
    if (asset is None) == (token is None):
        raise invalid_data("Exactly one of `asset` and `token` must be given")
    if asset is not None and query.get("chain") != "solana":
        raise invalid_data("`asset` needs `chain=solana`")
    rpc_url = exchange.state.options.rpc_url
    if asset == "sol":
        found = await _call(rpc_url, "getBalance", [wallet["address"]])
        amount, decimals = int(found["value"]), SOL_DECIMALS
    elif asset in TOKENS:
        amount, decimals = await _token_balance(rpc_url, wallet["address"], *TOKENS[asset])
    elif token is not None and token.startswith("solana:"):
        mint = token.removeprefix("solana:")
        amount, decimals = await _token_balance(rpc_url, wallet["address"], mint, 0)
    else:
        raise invalid_data("The stand-in knows no such asset")
    balance: dict[str, Json] = {
        "chain": "solana",
        "asset": asset or token,
        "raw_value": str(amount),
        "raw_value_decimals": decimals,
        "display_values": {},
    }
    return 200, {"balances": [balance]}


async def _token_balance(rpc_url: str, address: str, mint: str, decimals: int) -> tuple[int, int]:
    found = await _call(
        rpc_url, "getTokenAccountsByOwner", [address, {"mint": mint}, {"encoding": "jsonParsed"}]
    )
    amounts = [
        account["account"]["data"]["parsed"]["info"]["tokenAmount"] for account in found["value"]
    ]
    if amounts:
        decimals = int(amounts[0]["decimals"])
    return sum(int(amount["amount"]) for amount in amounts), decimals


async def _call(rpc_url: str, method: str, params: Json) -> Json:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.post(rpc_url, json=body) as response,
        ):
            reply = await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise PrivyError(502, "internal", "The chain does not answer") from error
    if "result" not in reply:
        raise invalid_data("The chain does not know this token")
    return reply["result"]
