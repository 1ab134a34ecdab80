"""What a finalized transaction did to one account of a wallet, read from its record. Pure."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import base58

from wallets.transfers import SYSTEM_PROGRAM, TOKEN_PROGRAMS

# An inner instruction is counted behind the outer one that made it.
_PLACES = 1_000
_SOL_TRANSFER = 2
_SOL_TRANSFER_WITH_SEED = 11
_TOKEN_TRANSFER = 3
_TOKEN_MINT = 7
_TOKEN_TRANSFER_CHECKED = 12
_TOKEN_MINT_CHECKED = 14


@dataclass(frozen=True, slots=True)
class Arrival:
    """One transfer into the account; `sender` is empty where nobody in particular sent it."""

    index: int
    units: int
    sender: str


@dataclass(frozen=True, slots=True)
class Effect:
    """By how much the account changed, and what came in.

    `is_own`: the wallet signed it, so that nothing in it came from outside.
    """

    delta: int
    decimals: int
    is_own: bool
    arrivals: tuple[Arrival, ...]


def read_effect(record: Mapping[str, Any], *, account: str, wallet: str, mint: str) -> Effect:
    """The effect on `account`, which is the wallet itself where `mint` is empty.

    The record's balances are what counts. Where its transfers into the account add up to them,
    each is an arrival of its own; else all of it is one, of the one sender that there is.
    """
    meta, message = record["meta"], record["transaction"]["message"]
    loaded = meta.get("loadedAddresses") or {}
    keys = [*message["accountKeys"], *loaded.get("writable", ()), *loaded.get("readonly", ())]
    is_own = wallet in keys[: message["header"]["numRequiredSignatures"]]
    if account not in keys:
        return Effect(0, 0, is_own, ())
    place = keys.index(account)
    if mint:
        held = _token_units(meta.get("preTokenBalances"), place, mint)
        holds = _token_units(meta.get("postTokenBalances"), place, mint)
        decimals = max(held[1], holds[1])
        delta = holds[0] - held[0]
    else:
        delta, decimals = meta["postBalances"][place] - meta["preBalances"][place], 9
    if is_own or delta <= 0 or meta.get("err") is not None:
        return Effect(delta, decimals, is_own, ())
    owners = _owners(meta, keys)
    found = tuple(
        arrival
        for index, program, accounts, data in _instructions(message, meta, keys)
        if (arrival := _arrival(index, program, accounts, data, account, owners, bool(mint)))
    )
    if sum(each.units for each in found) != delta:
        senders = {each.sender for each in found}
        one = senders.pop() if len(senders) == 1 else ""
        found = (Arrival(found[0].index if found else 0, delta, one),)
    return Effect(delta, decimals, is_own, found)


def _token_units(balances: Sequence[Any] | None, place: int, mint: str) -> tuple[int, int]:
    """(units, decimals) of the account; nothing where it was not there."""
    for each in balances or ():
        if each["accountIndex"] == place and each["mint"] == mint:
            told = each["uiTokenAmount"]
            return int(told["amount"]), int(told["decimals"])
    return 0, 0


def _owners(meta: Mapping[str, Any], keys: Sequence[str]) -> dict[str, str]:
    """Whose the token accounts of the transaction were."""
    told = [*(meta.get("postTokenBalances") or ()), *(meta.get("preTokenBalances") or ())]
    return {keys[each["accountIndex"]]: str(each.get("owner") or "") for each in told}


def _instructions(
    message: Mapping[str, Any], meta: Mapping[str, Any], keys: Sequence[str]
) -> Iterator[tuple[int, str, list[str], bytes]]:
    """(index, program, accounts, data) of each instruction, inner ones behind their outer one."""
    inner = {each["index"]: each["instructions"] for each in meta.get("innerInstructions") or ()}
    for number, outer in enumerate(message["instructions"]):
        for within, each in enumerate([outer, *inner.get(number, ())]):
            yield (
                number * _PLACES + within,
                keys[each["programIdIndex"]],
                [keys[index] for index in each["accounts"]],
                base58.b58decode(each["data"]),
            )


def _arrival(
    index: int,
    program: str,
    accounts: Sequence[str],
    data: bytes,
    account: str,
    owners: Mapping[str, str],
    is_token: bool,
) -> Arrival | None:
    read = _of_token(accounts, data, owners) if is_token else _of_sol(accounts, data)
    fits = program in TOKEN_PROGRAMS if is_token else program == SYSTEM_PROGRAM
    if not fits or read is None:
        return None
    target, units, sender = read
    # What the account sends to itself is nothing that came.
    if target != account or units <= 0 or accounts[0] == account:
        return None
    return Arrival(index, units, sender)


def _of_sol(accounts: Sequence[str], data: bytes) -> tuple[str, int, str] | None:
    if len(data) < 12 or len(accounts) < 2:
        return None
    kind, lamports = struct.unpack_from("<IQ", data)
    if kind == _SOL_TRANSFER:
        return accounts[1], lamports, accounts[0]
    if kind == _SOL_TRANSFER_WITH_SEED and len(accounts) >= 3:
        # Out of an account that has no key of its own: its base has one.
        return accounts[2], lamports, accounts[1]
    return None


def _of_token(
    accounts: Sequence[str], data: bytes, owners: Mapping[str, str]
) -> tuple[str, int, str] | None:
    if len(data) < 9 or len(accounts) < 3:
        return None
    kind, units = struct.unpack_from("<BQ", data)
    if kind == _TOKEN_TRANSFER:
        return accounts[1], units, owners.get(accounts[0], "")
    if kind == _TOKEN_TRANSFER_CHECKED and len(accounts) >= 4:
        return accounts[2], units, owners.get(accounts[0], "")
    if kind in (_TOKEN_MINT, _TOKEN_MINT_CHECKED):
        return accounts[1], units, ""
    return None
