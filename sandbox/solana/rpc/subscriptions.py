"""Subscriptions of one websocket: what has news since it was last told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.solana.ledger import TransactionRecord
from sandbox.solana.rpc.account_methods import account_filter
from sandbox.solana.rpc.encoding import account_json
from sandbox.solana.rpc.errors import METHOD_NOT_FOUND, RpcError, invalid_params
from sandbox.solana.rpc.registry import RpcCall, pubkey
from sandbox.solana.rpc.transaction_methods import signature_status
from sandbox.solana.rpc.view import commitment_in
from sandbox.state import Json

_RANK = {"processed": 0, "confirmed": 1, "finalized": 2}


class Subscription(Protocol):
    """One subscription: `news` gives notifications due now, `done` ends it."""

    kind: str
    done: bool

    def news(self, call: RpcCall) -> Iterator[Json]: ...


@dataclass(slots=True)
class AccountSubscription:
    """Every change of one account, as of its commitment."""

    key: Pubkey
    commitment: str
    config: dict[str, Json]
    last: Account | None
    kind: str = "account"
    done: bool = False

    def news(self, call: RpcCall) -> Iterator[Json]:
        account = call.view.account(self.key, self.commitment)
        if account == self.last:
            return
        self.last = account
        yield call.view.with_context(
            _shown(call, account or _CLOSED, self.config, self.commitment), self.commitment
        )


_CLOSED = Account(0, b"", Pubkey.default())


def _shown(call: RpcCall, account: Account, config: dict[str, Json], commitment: str) -> Json:
    return account_json(
        account,
        encoding=config.get("encoding"),
        data_slice=config.get("dataSlice"),
        read=lambda key: call.view.account(key, commitment),
    )


@dataclass(slots=True)
class ProgramSubscription:
    """Every change of a program's accounts that pass the filters."""

    program: Pubkey
    commitment: str
    config: dict[str, Json]
    matches: Callable[[Account], bool]
    cursor: int
    kind: str = "program"
    done: bool = False

    def news(self, call: RpcCall) -> Iterator[Json]:
        accounts = call.chain.accounts
        slot = call.view.slot(self.commitment)
        self.cursor, changes = accounts.changes_since(self.cursor, up_to_slot=slot)
        for key in dict.fromkeys(change.pubkey for change in changes):
            account = call.view.account(key, self.commitment)
            if account is None or account.owner != self.program or not self.matches(account):
                continue
            shown = _shown(call, account, self.config, self.commitment)
            yield call.view.with_context({"pubkey": str(key), "account": shown}, self.commitment)


@dataclass(slots=True)
class LogsSubscription:
    """The logs of every transaction, or of those that name an address."""

    mentions: str | None
    commitment: str
    cursor: int
    kind: str = "logs"
    done: bool = False

    def news(self, call: RpcCall) -> Iterator[Json]:
        slot = call.view.slot(self.commitment)
        self.cursor, records = call.chain.ledger.since(self.cursor, up_to_slot=slot)
        for record in records:
            if self.mentions is None or self.mentions in record.keys:
                yield {
                    "context": {"slot": record.slot},
                    "value": _logs_value(record),
                }


def _logs_value(record: TransactionRecord) -> Json:
    return {"signature": record.signature, "err": record.error, "logs": list(record.logs)}


@dataclass(slots=True)
class SignatureSubscription:
    """Told once, when the transaction has reached the commitment."""

    signature: str
    commitment: str
    kind: str = "signature"
    done: bool = False

    def news(self, call: RpcCall) -> Iterator[Json]:
        status = signature_status(call, self.signature, search=True)
        if status is None or _RANK[status["confirmationStatus"]] < _RANK[self.commitment]:
            return
        self.done = True
        yield {"context": {"slot": status["slot"]}, "value": {"err": status["err"]}}


@dataclass(slots=True)
class SlotSubscription:
    """Every slot, or with `kind` root every root."""

    kind: str
    last: int
    done: bool = False

    def news(self, call: RpcCall) -> Iterator[Json]:
        slot = call.view.slot("finalized" if self.kind == "root" else "processed")
        if slot <= self.last:
            return
        self.last = slot
        root = call.view.slot("finalized")
        yield slot if self.kind == "root" else {"parent": slot - 1, "root": root, "slot": slot}


def subscribe(call: RpcCall, params: list[Json]) -> Subscription:
    """The subscription that a call asks for; raises RpcError."""
    make = _MAKERS.get(call.method)
    if make is None:
        raise RpcError(METHOD_NOT_FOUND, "Method not found")
    first = params[0] if params else None
    config = (params[1] if len(params) > 1 else None) or {}
    if not isinstance(config, dict):
        raise invalid_params("Invalid params: expected a configuration object")
    return make(call, first, config)


def _account(call: RpcCall, address: Json, config: dict[str, Json]) -> Subscription:
    key, commitment = pubkey(address), commitment_in(config)
    return AccountSubscription(key, commitment, config, call.view.account(key, commitment))


def _program(call: RpcCall, address: Json, config: dict[str, Json]) -> Subscription:
    commitment = commitment_in(config)
    accounts = call.chain.accounts
    cursor, _ = accounts.changes_since(0, up_to_slot=call.view.slot(commitment))
    matches = account_filter(config.get("filters"))
    return ProgramSubscription(pubkey(address), commitment, config, matches, cursor)


def _logs(call: RpcCall, which: Json, config: dict[str, Json]) -> Subscription:
    commitment = commitment_in(config)
    cursor, _ = call.chain.ledger.since(0, up_to_slot=call.view.slot(commitment))
    if which in ("all", "allWithVotes"):
        return LogsSubscription(None, commitment, cursor)
    mentions = which.get("mentions") if isinstance(which, dict) else None
    if not isinstance(mentions, list) or len(mentions) != 1:
        raise invalid_params("Invalid Request: Only 1 address supported")
    return LogsSubscription(str(pubkey(mentions[0])), commitment, cursor)


def _signature(_call: RpcCall, signature: Json, config: dict[str, Json]) -> Subscription:
    return SignatureSubscription(str(signature), commitment_in(config))


def _slot(call: RpcCall, _nothing: Json, _config: dict[str, Json]) -> Subscription:
    return SlotSubscription("slot", call.view.slot("processed"))


def _root(call: RpcCall, _nothing: Json, _config: dict[str, Json]) -> Subscription:
    return SlotSubscription("root", call.view.slot("finalized"))


_MAKERS: dict[str, Callable[[RpcCall, Json, dict[str, Json]], Subscription]] = {
    "accountSubscribe": _account,
    "programSubscribe": _program,
    "logsSubscribe": _logs,
    "signatureSubscribe": _signature,
    "slotSubscribe": _slot,
    "rootSubscribe": _root,
}
