"""Methods that send, simulate and look up transactions."""

from __future__ import annotations

from solders.account import Account
from solders.hash import Hash
from solders.message import Message, MessageV0
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from sandbox.solana.ledger import TransactionRecord
from sandbox.solana.rpc.encoding import account_json, transaction_json
from sandbox.solana.rpc.errors import invalid_params
from sandbox.solana.rpc.registry import RpcCall, pubkey, rpc_method
from sandbox.solana.rpc.sending import (
    Story,
    check_signatures,
    decode_transaction,
    preflight,
    rejection_json,
    simulation_json,
)
from sandbox.solana.slots import COMMITMENT_LAG
from sandbox.solana.transactions import TransactionRejected
from sandbox.state import Json

MAX_SIGNATURES = 256
MAX_HISTORY = 1_000
STATUS_CACHE_SLOTS = 150
DEFAULT_AIRDROP_LIMIT = 1_000_000_000_000
_RANK = {"processed": 0, "confirmed": 1, "finalized": 2}


@rpc_method("sendTransaction")
def send_transaction(call: RpcCall, encoded: Json, config: Json = None) -> Json:
    settings = config or {}
    transaction = decode_transaction(encoded, settings.get("encoding") or "base58")
    check_signatures(transaction)
    if not settings.get("skipPreflight"):
        # `preflightCommitment` is the only commitment here.
        commitment = call.commitment(
            {
                "commitment": settings.get("preflightCommitment"),
                "minContextSlot": settings.get("minContextSlot"),
            }
        )
        preflight(call.chain, transaction, at_slot=call.view.slot(commitment))
    return call.sender.submit(transaction, node=call.node)


@rpc_method("simulateTransaction")
def simulate_transaction(call: RpcCall, encoded: Json, config: Json = None) -> Json:
    settings = config or {}
    commitment = call.commitment(settings)
    transaction = decode_transaction(encoded, settings.get("encoding") or "base58")
    replaces, verifies = settings.get("replaceRecentBlockhash"), settings.get("sigVerify")
    if replaces and verifies:
        raise invalid_params("sigVerify may not be used with replaceRecentBlockhash")
    if verifies:
        check_signatures(transaction)
    slot = call.view.slot(commitment)
    replacement = None
    if replaces:
        blockhash = call.chain.slots.blockhash(slot)
        transaction = _with_blockhash(transaction, blockhash)
        replacement = {
            "blockhash": str(blockhash),
            "lastValidBlockHeight": call.chain.slots.last_valid_height(slot),
        }
    value = _simulated(call, transaction, settings, slot)
    value["replacementBlockhash"] = replacement
    return call.view.with_context(value, commitment)


def _simulated(
    call: RpcCall, transaction: VersionedTransaction, settings: dict[str, Json], slot: int
) -> dict[str, Json]:
    try:
        if not call.chain.slots.is_valid(transaction.message.recent_blockhash, at_slot=slot):
            raise TransactionRejected("BlockhashNotFound")
        simulation = call.chain.simulate(transaction, check_signatures=False, check_blockhash=False)
    except TransactionRejected as rejected:
        return rejection_json(rejected.error)
    value = simulation_json(simulation)
    if not settings.get("innerInstructions"):
        value["innerInstructions"] = None
    wanted = (settings.get("accounts") or {}).get("addresses")
    if wanted is not None:
        encoding = settings["accounts"].get("encoding") or "base64"

        def shown(address: Json) -> Json:
            key = pubkey(address)
            account: Account | None = simulation.accounts.get(key, call.chain.account(key))
            return account_json(account, encoding=encoding, read=call.chain.account)

        value["accounts"] = [shown(address) for address in wanted]
    return value


def _with_blockhash(transaction: VersionedTransaction, blockhash: Hash) -> VersionedTransaction:
    message = transaction.message
    header = message.header
    changed: Message | MessageV0
    if isinstance(message, MessageV0):
        changed = MessageV0(
            header,
            message.account_keys,
            blockhash,
            message.instructions,
            message.address_table_lookups,
        )
    else:
        changed = Message.new_with_compiled_instructions(
            header.num_required_signatures,
            header.num_readonly_signed_accounts,
            header.num_readonly_unsigned_accounts,
            message.account_keys,
            blockhash,
            message.instructions,
        )
    return VersionedTransaction.populate(changed, transaction.signatures)


@rpc_method("getSignatureStatuses")
def get_signature_statuses(call: RpcCall, signatures: Json, config: Json = None) -> Json:
    if not isinstance(signatures, list):
        raise invalid_params("Invalid params: expected a list of signatures")
    if len(signatures) > MAX_SIGNATURES:
        raise invalid_params(f"Too many inputs provided; max {MAX_SIGNATURES}")
    search = bool((config or {}).get("searchTransactionHistory"))
    hidden = call.chain.state.faults.consume(
        "solana.hide_statuses", node=call.node, method=call.method
    )
    statuses = [
        None if hidden is not None else signature_status(call, _signature(item), search=search)
        for item in signatures
    ]
    return call.view.with_context(statuses, "processed")


def _signature(text: Json) -> str:
    try:
        return str(Signature.from_string(text))
    except (ValueError, TypeError) as error:
        raise invalid_params(f"Invalid param: {error}") from error


def signature_status(call: RpcCall, signature: str, *, search: bool) -> Json:
    """What this node says of a signature, None if it does not know it."""
    story = call.sender.stories.get(signature)
    if story is not None:
        return _story_status(call, story)
    record = call.view.record(signature)
    if record is None:
        return None
    slot = call.view.slot("processed")
    if not search and slot - record.slot > STATUS_CACHE_SLOTS:
        return None
    commitment = call.view.commitment_of(record.slot)
    return _status(record.slot, record.error, commitment, slot - record.slot)


def _story_status(call: RpcCall, story: Story) -> Json:
    slot = call.view.slot("processed")
    if slot < story.slot:
        return None
    reached = call.view.commitment_of(story.slot)
    commitment = min(reached, story.commitment, key=_RANK.__getitem__)
    return _status(story.slot, story.error, commitment, min(slot - story.slot, 31))


def _status(slot: int, error: Json, commitment: str, age: int) -> dict[str, Json]:
    return {
        "slot": slot,
        "confirmations": None
        if commitment == "finalized"
        else min(age, COMMITMENT_LAG["finalized"]),
        "err": error,
        "status": {"Ok": None} if error is None else {"Err": error},
        "confirmationStatus": commitment,
    }


@rpc_method("getTransaction")
def get_transaction(call: RpcCall, signature: Json, config: Json = None) -> Json:
    settings = {"encoding": config} if isinstance(config, str) else config or {}
    commitment = _history_commitment(call, settings)
    record = call.view.record(_signature(signature))
    if record is None or record.slot > call.view.slot(commitment):
        return None
    body = transaction_json(
        record,
        encoding=settings.get("encoding") or "json",
        max_version=settings.get("maxSupportedTransactionVersion"),
    )
    return {"slot": record.slot, "blockTime": record.block_time, **body}


@rpc_method("getSignaturesForAddress")
def get_signatures_for_address(call: RpcCall, address: Json, config: Json = None) -> Json:
    settings = config or {}
    commitment = _history_commitment(call, settings)
    limit = MAX_HISTORY if settings.get("limit") is None else settings["limit"]
    if not isinstance(limit, int) or not 1 <= limit <= MAX_HISTORY:
        raise invalid_params(f"Invalid limit; max {MAX_HISTORY}")
    newest = call.view.slot(commitment)
    records = call.chain.ledger.of_address(
        str(pubkey(address)), before=settings.get("before"), until=settings.get("until")
    )
    known = [record for record in records if record.slot <= newest and call.view.has(record)]
    return [_history_entry(call, record) for record in known[:limit]]


def _history_entry(call: RpcCall, record: TransactionRecord) -> dict[str, Json]:
    return {
        "signature": record.signature,
        "slot": record.slot,
        "err": record.error,
        "memo": record.memo,
        "blockTime": record.block_time,
        "confirmationStatus": call.view.commitment_of(record.slot),
    }


def _history_commitment(call: RpcCall, settings: dict[str, Json]) -> str:
    commitment = call.commitment(settings)
    if commitment == "processed":
        raise invalid_params("Method does not support commitment below `confirmed`")
    return commitment


@rpc_method("requestAirdrop")
def request_airdrop(call: RpcCall, address: Json, lamports: Json, _config: Json = None) -> Json:
    if not isinstance(lamports, int) or not 0 < lamports <= DEFAULT_AIRDROP_LIMIT:
        raise invalid_params("Invalid params: lamports")
    return call.chain.faucet_transfer(pubkey(address), lamports).signature
