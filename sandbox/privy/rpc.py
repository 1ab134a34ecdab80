"""The wallet RPC: sign what the signer's policy allows, and nothing else."""

import base64
import binascii
import hashlib
from typing import Any

from sandbox.privy.errors import PrivyError, invalid_data, policy_violation
from sandbox.privy.exchange import Answer, Exchange
from sandbox.privy.policies import require_allowed
from sandbox.privy.solana import WireTransaction, read_transaction
from sandbox.privy.store import Record
from sandbox.privy.wallets import wallet_of

FIELDS = {
    "signTransaction": ("method", "chain_type", "address", "params"),
    "signMessage": ("method", "chain_type", "address", "params"),
    "signAndSendTransaction": (
        "method",
        "chain_type",
        "address",
        "params",
        "caip2",
        "reference_id",
        "optimistic_broadcast",
        "sponsor",
    ),
}


def call_wallet(exchange: Exchange) -> Answer:
    """POST /v1/wallets/{wallet}/rpc"""
    wallet = wallet_of(exchange)
    method = exchange.fields.get("method")
    if method not in FIELDS:
        raise invalid_data(f"Method {method!r} is not one of a Solana wallet's")
    body = exchange.only(*FIELDS[method])
    if body.get("chain_type", "solana") != "solana":
        raise invalid_data("The wallet is on the chain solana")
    if body.get("address", wallet["address"]) != wallet["address"]:
        raise invalid_data("`address` is not the wallet's")
    policies = _policies_of_caller(exchange, wallet)
    if exchange.state.faults.consume("privy.policy_violation", action=method) is not None:
        raise policy_violation()
    if method == "signMessage":
        return exchange.once(lambda: _sign_message(exchange, wallet, policies))
    transaction = read_transaction(_parameter(body, "transaction"))
    if wallet["address"] not in transaction.signers:
        raise invalid_data("The wallet is not a required signer of the transaction")
    if method == "signAndSendTransaction":
        return _refuse_to_send(exchange, policies, transaction)
    return exchange.once(lambda: _sign_transaction(exchange, wallet, policies, transaction))


def _policies_of_caller(exchange: Exchange, wallet: Record) -> list[Record]:
    """The policies that bind whoever signed this request, which is the owner or a signer."""
    store = exchange.store
    policy_ids = wallet["policy_ids"]
    if wallet["owner_id"] is not None:
        parties = {wallet["owner_id"]: policy_ids}
        for signer in wallet["additional_signers"]:
            parties.setdefault(signer["signer_id"], signer["override_policy_ids"] or policy_ids)
        caller = exchange.require_signature_of(store.quorums[party] for party in parties)
        policy_ids = parties[caller["id"]]
    return [store.policies[policy_id] for policy_id in policy_ids]


def _sign_transaction(
    exchange: Exchange, wallet: Record, policies: list[Record], transaction: WireTransaction
) -> Answer:
    require_allowed(
        policies,
        method="signTransaction",
        instructions=transaction.instructions,
        now=exchange.store.now_seconds(),
    )
    over = None
    struck = exchange.state.faults.consume("privy.wrong_message", action="signTransaction")
    if struck is not None:
        over = hashlib.sha256(transaction.message).digest()
    signed = transaction.signed_by(exchange.store.keypair(wallet["id"]), over=over)
    return 200, {
        "method": "signTransaction",
        "data": {"encoding": "base64", "signed_transaction": base64.b64encode(signed).decode()},
    }


def _sign_message(exchange: Exchange, wallet: Record, policies: list[Record]) -> Answer:
    try:
        message = base64.b64decode(_parameter(exchange.fields, "message"), validate=True)
    except binascii.Error as error:
        raise invalid_data("`params.message` is not base64") from error
    require_allowed(
        policies, method="signMessage", instructions=(), now=exchange.store.now_seconds()
    )
    signature = bytes(exchange.store.keypair(wallet["id"]).sign_message(message))
    return 200, {
        "method": "signMessage",
        "data": {"encoding": "base64", "signature": base64.b64encode(signature).decode()},
    }


def _refuse_to_send(
    exchange: Exchange, policies: list[Record], transaction: WireTransaction
) -> Answer:
    require_allowed(
        policies,
        method="signAndSendTransaction",
        instructions=transaction.instructions,
        now=exchange.store.now_seconds(),
    )
    raise PrivyError(
        400, "transaction_broadcast_failure", "The stand-in broadcasts nothing for anybody"
    )


def _parameter(body: dict[str, Any], name: str) -> str:
    parameters = body.get("params")
    if not isinstance(parameters, dict) or set(parameters) != {name, "encoding"}:
        raise invalid_data(f"`params` has exactly `{name}` and `encoding`")
    if parameters["encoding"] != "base64" or not isinstance(parameters[name], str):
        raise invalid_data("`params.encoding` must be base64")
    return str(parameters[name])
