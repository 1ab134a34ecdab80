"""From a run to the record that the ledger keeps."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import base58
from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.solana.ledger import TransactionRecord
from sandbox.solana.logs import truncate
from sandbox.solana.programs import ChainClock
from sandbox.solana.tokens import read_mint, read_token_account, ui_amount
from sandbox.solana.transactions import LoadedTransaction
from sandbox.solana.vm import InnerCall, Run
from sandbox.state import Json


@dataclass(frozen=True, slots=True)
class Balances:
    """Lamports and tokens of a transaction's accounts at one moment."""

    lamports: tuple[int, ...]
    tokens: tuple[dict[str, Json], ...]

    @classmethod
    def of(cls, loaded: LoadedTransaction, read: Callable[[Pubkey], Account | None]) -> Balances:
        """Read them."""
        accounts = [read(key) for key in loaded.keys]
        return cls(
            tuple(account.lamports if account else 0 for account in accounts),
            tuple(_token_balances(accounts, read)),
        )


def _token_balances(
    accounts: Iterable[Account | None], read: Callable[[Pubkey], Account | None]
) -> Iterable[dict[str, Json]]:
    for index, account in enumerate(accounts):
        held = read_token_account(account)
        if account is None or held is None:
            continue
        mint = read_mint(read(held.mint))
        yield {
            "accountIndex": index,
            "mint": str(held.mint),
            "owner": str(held.owner),
            "programId": str(account.owner),
            "uiTokenAmount": ui_amount(held.amount, mint.decimals if mint else 0),
        }


def make_record(
    loaded: LoadedTransaction,
    run: Run,
    *,
    clock: ChainClock,
    before: Balances,
    after: Balances,
    internal: bool,
) -> TransactionRecord:
    """The record of a transaction that landed in the slot of `clock`."""
    return TransactionRecord(
        signature=loaded.signature,
        slot=clock.slot,
        block_time=clock.unix_timestamp,
        raw=base64.b64encode(loaded.raw).decode(),
        version=loaded.version,
        error=run.error,
        fee=loaded.fee,
        keys=tuple(str(key) for key in loaded.keys),
        static_count=loaded.static_count,
        writable_loaded_count=loaded.loaded_writable_count,
        pre_balances=before.lamports,
        post_balances=after.lamports,
        pre_token_balances=before.tokens,
        post_token_balances=after.tokens,
        logs=tuple(truncate(run.logs)),
        inner=tuple(inner_json(loaded.keys, run)),
        units=run.units,
        return_data=return_data_json(run),
        unit_price=loaded.compute_limits.unit_price,
        memo=loaded.memo,
        internal=internal,
    )


def inner_json(keys: tuple[Pubkey, ...], run: Run) -> Iterable[dict[str, Json]]:
    """Inner instructions as getTransaction shows them."""
    places = {key: index for index, key in enumerate(keys)}
    for index, calls in sorted(run.inner.items()):
        yield {"index": index, "instructions": [_inner(call, places) for call in calls]}


def _inner(call: InnerCall, places: dict[Pubkey, int]) -> dict[str, Json]:
    return {
        "programIdIndex": places[call.program_id],
        "accounts": [places[key] for key in call.accounts],
        "data": base58.b58encode(call.data).decode(),
        "stackHeight": call.stack_height,
    }


def return_data_json(run: Run) -> dict[str, Json] | None:
    """Return data as JSON-RPC shows it."""
    if run.return_data is None:
        return None
    program_id, data = run.return_data
    return {"programId": str(program_id), "data": [base64.b64encode(data).decode(), "base64"]}
