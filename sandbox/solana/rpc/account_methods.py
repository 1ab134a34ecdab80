"""Methods that read accounts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable

import base58
from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.solana.known import TOKEN_PROGRAMS
from sandbox.solana.rpc.encoding import account_json
from sandbox.solana.rpc.errors import invalid_params
from sandbox.solana.rpc.registry import MAX_ADDRESSES, RpcCall, pubkey, rpc_method
from sandbox.solana.tokens import read_mint, read_token_account, ui_amount
from sandbox.state import Json

MAX_FILTERS = 4
LARGEST_ACCOUNTS = 20


def _encode(call: RpcCall, account: Account | None, config: Json, commitment: str) -> Json:
    settings = config or {}
    return account_json(
        account,
        encoding=settings.get("encoding"),
        data_slice=settings.get("dataSlice"),
        read=lambda key: call.view.account(key, commitment),
    )


@rpc_method("getAccountInfo")
def get_account_info(call: RpcCall, address: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    account = call.view.account(pubkey(address), commitment)
    return call.view.with_context(_encode(call, account, config, commitment), commitment)


@rpc_method("getMultipleAccounts")
def get_multiple_accounts(call: RpcCall, addresses: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    if not isinstance(addresses, list):
        raise invalid_params("Invalid params: expected a list of addresses")
    if len(addresses) > MAX_ADDRESSES:
        raise invalid_params(f"Too many inputs provided; max {MAX_ADDRESSES}")
    found = [call.view.account(pubkey(address), commitment) for address in addresses]
    # This method alone encodes as base64 unless told otherwise.
    settings = {"encoding": "base64", **(config or {})}
    return call.view.with_context(
        [_encode(call, account, settings, commitment) for account in found], commitment
    )


@rpc_method("getBalance")
def get_balance(call: RpcCall, address: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    account = call.view.account(pubkey(address), commitment)
    return call.view.with_context(account.lamports if account else 0, commitment)


@rpc_method("getProgramAccounts")
def get_program_accounts(call: RpcCall, program: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    settings = config or {}
    matches = account_filter(settings.get("filters"))
    found = [
        {"pubkey": str(key), "account": _encode(call, account, settings, commitment)}
        for key, account in call.view.accounts_of_program(pubkey(program), commitment)
        if matches(account)
    ]
    return call.view.with_context(found, commitment) if settings.get("withContext") else found


def account_filter(filters: Json) -> Callable[[Account], bool]:
    """One test out of a list of filters; raises RpcError for one that makes no sense."""
    if len(filters or []) > MAX_FILTERS:
        raise invalid_params(f"Too many filters provided; max {MAX_FILTERS}")
    tests = [_one_filter(item) for item in filters or []]
    return lambda account: all(test(account) for test in tests)


def _one_filter(item: Json) -> Callable[[Account], bool]:
    if isinstance(item, dict) and "dataSize" in item:
        size = item["dataSize"]
        return lambda account: len(account.data) == size
    if isinstance(item, dict) and "memcmp" in item:
        offset, wanted = item["memcmp"].get("offset", 0), _memcmp_bytes(item["memcmp"])
        return lambda account: account.data[offset : offset + len(wanted)] == wanted
    if (isinstance(item, dict) and "tokenAccountState" in item) or item == "tokenAccountState":
        return lambda account: read_token_account(account) is not None
    raise invalid_params(f"Invalid params: unknown filter {item!r}")


def _memcmp_bytes(memcmp: dict[str, Json]) -> bytes:
    given: Json = memcmp.get("bytes", "")
    try:
        if isinstance(given, list):
            return bytes(given)
        if memcmp.get("encoding") == "base64":
            return base64.b64decode(given, validate=True)
        return base58.b58decode(given)
    except (ValueError, TypeError, binascii.Error) as error:
        raise invalid_params(f"Invalid param: memcmp bytes: {error}") from error


@rpc_method("getTokenAccountsByOwner")
def get_token_accounts_by_owner(
    call: RpcCall, owner: Json, which: Json, config: Json = None
) -> Json:
    commitment = call.commitment(config)
    wanted = _token_filter(call, which, commitment)
    accounts = call.chain.accounts.token_accounts_of(pubkey(owner), slot=call.view.slot(commitment))
    return call.view.with_context(
        [
            {"pubkey": str(key), "account": _encode(call, account, config, commitment)}
            for key, account in accounts
            if wanted(account)
        ],
        commitment,
    )


@rpc_method("getTokenAccountsByDelegate")
def get_token_accounts_by_delegate(
    call: RpcCall, delegate: Json, which: Json, config: Json = None
) -> Json:
    commitment = call.commitment(config)
    wanted = _token_filter(call, which, commitment)
    holder = pubkey(delegate)
    return call.view.with_context(
        [
            {"pubkey": str(key), "account": _encode(call, account, config, commitment)}
            for key, account in _all_token_accounts(call, commitment)
            if wanted(account)
            and (held := read_token_account(account)) is not None
            and held.delegate == holder
        ],
        commitment,
    )


def _all_token_accounts(call: RpcCall, commitment: str) -> Iterable[tuple[Pubkey, Account]]:
    for program in TOKEN_PROGRAMS:
        yield from call.view.accounts_of_program(program, commitment)


def _token_filter(call: RpcCall, which: Json, commitment: str) -> Callable[[Account], bool]:
    if not isinstance(which, dict) or not {"mint", "programId"} & which.keys():
        raise invalid_params("Invalid params: expected `mint` or `programId`")
    if "mint" in which:
        mint = pubkey(which["mint"])
        if read_mint(call.view.account(mint, commitment)) is None:
            raise invalid_params("Invalid param: could not find mint")
        return lambda account: account.data[:32] == bytes(mint)
    program = pubkey(which["programId"])
    if program not in TOKEN_PROGRAMS:
        raise invalid_params("Invalid param: unrecognized Token program id")
    return lambda account: account.owner == program


@rpc_method("getTokenAccountBalance")
def get_token_account_balance(call: RpcCall, address: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    account = call.view.account(pubkey(address), commitment)
    if account is None:
        raise invalid_params("Invalid param: could not find account")
    held = read_token_account(account)
    if held is None:
        raise invalid_params("Invalid param: not a Token account")
    mint = read_mint(call.view.account(held.mint, commitment))
    decimals = mint.decimals if mint else 0
    return call.view.with_context(ui_amount(held.amount, decimals), commitment)


@rpc_method("getTokenSupply")
def get_token_supply(call: RpcCall, address: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    account = call.view.account(pubkey(address), commitment)
    if account is None:
        raise invalid_params("Invalid param: could not find account")
    mint = read_mint(account)
    if mint is None:
        raise invalid_params("Invalid param: not a Token mint")
    return call.view.with_context(ui_amount(mint.supply, mint.decimals), commitment)


@rpc_method("getTokenLargestAccounts")
def get_token_largest_accounts(call: RpcCall, address: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    mint_key = pubkey(address)
    mint = read_mint(call.view.account(mint_key, commitment))
    if mint is None:
        raise invalid_params("Invalid param: not a Token mint")
    held = [
        (token.amount, str(key))
        for key, account in _all_token_accounts(call, commitment)
        if (token := read_token_account(account)) is not None and token.mint == mint_key
    ]
    largest = sorted(held, reverse=True)[:LARGEST_ACCOUNTS]
    return call.view.with_context(
        [{"address": key, **ui_amount(amount, mint.decimals)} for amount, key in largest],
        commitment,
    )


@rpc_method("getMinimumBalanceForRentExemption")
def get_minimum_balance(call: RpcCall, size: Json, _config: Json = None) -> Json:
    if not isinstance(size, int) or size < 0:
        raise invalid_params("Invalid params: expected a size in bytes")
    return call.chain.rent(size)
