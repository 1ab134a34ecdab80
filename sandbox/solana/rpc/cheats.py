"""Methods that no real node has, all named `sandbox_…`: they set the scene for tests and demos."""

from __future__ import annotations

import base64
import binascii

from solders.account import Account

from sandbox.prices import BadPrice, parse_price
from sandbox.solana.rpc.errors import invalid_params
from sandbox.solana.rpc.registry import RpcCall, pubkey, rpc_method
from sandbox.state import BadFault, Json

MAX_ADVANCE = 10_000_000
MAX_VERSION = 127


@rpc_method("sandbox_airdrop")
def airdrop(call: RpcCall, address: Json, lamports: Json) -> Json:
    """Give lamports without a transaction; the new balance."""
    key = pubkey(address)
    call.chain.airdrop(key, int(lamports))
    account = call.chain.account(key)
    return account.lamports if account else 0


@rpc_method("sandbox_mint")
def mint(call: RpcCall, mint: Json, owner: Json, amount: Json, decimals: Json = 6) -> Json:
    """Give base units of a mint to an owner; the token account."""
    address = call.chain.mint_tokens(
        mint=pubkey(mint), owner=pubkey(owner), amount=int(amount), decimals=int(decimals)
    )
    return str(address)


@rpc_method("sandbox_setAccount")
def set_account(call: RpcCall, address: Json, account: Json) -> Json:
    """Write an account: {lamports, data (base64), owner, executable}; null removes it."""
    key = pubkey(address)
    if account is None:
        call.chain.set_account(key, None)
        return True
    try:
        data = account.get("data", "")
        raw = base64.b64decode(data[0] if isinstance(data, list) else data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_params(f"data is not base64: {error}") from error
    lamports = account.get("lamports")
    call.chain.set_account(
        key,
        Account(
            call.chain.rent(len(raw)) if lamports is None else int(lamports),
            raw,
            pubkey(account.get("owner", "11111111111111111111111111111111")),
            bool(account.get("executable", False)),
        ),
    )
    return True


@rpc_method("sandbox_advanceSlots")
def advance_slots(call: RpcCall, slots: Json = 1) -> Json:
    """Let slots pass at once; the new slot."""
    if not isinstance(slots, int) or not 1 <= slots <= MAX_ADVANCE:
        raise invalid_params(f"expected a number of slots from 1 to {MAX_ADVANCE}")
    call.chain.advance(slots)
    return call.chain.slots.slot


@rpc_method("sandbox_fork")
def fork(call: RpcCall, slot: Json, without: Json = ()) -> Json:
    """Let another branch win that left this one after `slot`, without some transactions."""
    if not isinstance(slot, int):
        raise invalid_params("expected a slot")
    try:
        call.chain.fork(slot, without=[str(name) for name in without])
    except ValueError as error:
        raise invalid_params(str(error)) from error
    return call.chain.slots.slot


@rpc_method("sandbox_setTransactionVersion")
def set_transaction_version(call: RpcCall, signature: Json, version: Json) -> Json:
    """Show a transaction that landed as one of a newer version, which clients may not know."""
    if not isinstance(version, int) or not 1 <= version <= MAX_VERSION:
        raise invalid_params(f"expected a version from 1 to {MAX_VERSION}")
    try:
        call.chain.ledger.show_as(str(signature), version)
    except KeyError as error:
        raise invalid_params(f"no transaction has the signature {signature}") from error
    return None


@rpc_method("sandbox_setTime")
def set_time(call: RpcCall, unix_timestamp: Json) -> Json:
    """Move the sandbox's clock; it goes on from there."""
    clock = call.chain.state.clock
    clock.offset_seconds += int(unix_timestamp) - clock.unix()
    return clock.unix()


@rpc_method("sandbox_setOraclePrice")
def set_oracle_price(call: RpcCall, symbol: Json, price: Json, hold: Json = True) -> Json:
    """Move a price; held until set again unless `hold` is false."""
    exchange = call.chain.exchange
    if exchange is None:
        raise invalid_params("no exchange is loaded, so there are no prices")
    try:
        exchange.set_price(call.chain, str(symbol), parse_price(price), hold=bool(hold))
    except BadPrice as error:
        raise invalid_params(str(error)) from error
    except KeyError as error:
        known = ", ".join(sorted(exchange.prices()))
        raise invalid_params(f"no price is named {symbol!r}; there are: {known}") from error
    return {name: str(value) for name, value in exchange.prices().items()}


@rpc_method("sandbox_prices")
def prices(call: RpcCall) -> Json:
    """All prices now."""
    exchange = call.chain.exchange
    return {name: str(value) for name, value in exchange.prices().items()} if exchange else {}


@rpc_method("sandbox_faults")
def faults(
    call: RpcCall, action: Json = "show", name: Json = None, parameters: Json = None
) -> Json:
    """`show`, `set` a fault with its parameters, or `clear` one or all; what is set then."""
    registry = call.chain.state.faults
    if action == "set":
        try:
            registry.set(str(name), **{"at_slot": call.chain.slots.slot, **(parameters or {})})
        except (BadFault, TypeError) as error:
            raise invalid_params(str(error)) from error
    elif action == "clear":
        registry.clear(name)
    elif action != "show":
        raise invalid_params("the action is show, set or clear")
    return registry.show()


@rpc_method("sandbox_runScript")
def run_script(call: RpcCall, text: Json, repeats: Json = False) -> Json:
    """Play a script of prices, faults and waits; its number of lines."""
    if call.chain.play_script is None:
        raise invalid_params("nobody plays scripts here")
    return call.chain.play_script(str(text), bool(repeats))
