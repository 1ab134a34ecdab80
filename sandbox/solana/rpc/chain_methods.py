"""Methods about slots, blocks, blockhashes and the node itself."""

from __future__ import annotations

import base64
import binascii

from solders.hash import Hash, ParseHashError
from solders.message import from_bytes_versioned
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from sandbox.solana.known import SLOTS_PER_EPOCH
from sandbox.solana.rpc.encoding import check_version, transaction_json
from sandbox.solana.rpc.errors import BLOCK_NOT_AVAILABLE, RpcError, invalid_params
from sandbox.solana.rpc.registry import RpcCall, rpc_method
from sandbox.solana.slots import GENESIS_SLOT
from sandbox.solana.transactions import TransactionRejected, load_transaction
from sandbox.state import Json

NODE_VERSION = {"solana-core": "2.2.1", "feature-set": 3_271_415_109}
MAX_FEE_ADDRESSES = 128
FEE_SLOTS = 150
MAX_SAMPLES = 720
SAMPLE_SECONDS = 60
STALE_BLOCKS = 140


@rpc_method("getHealth")
def get_health(call: RpcCall) -> Json:
    if call.view.lag > FEE_SLOTS:
        raise RpcError(
            -32005,
            f"Node is behind by {call.view.lag} slots",
            {"numSlotsBehind": call.view.lag},
        )
    return "ok"


@rpc_method("getVersion")
def get_version(_call: RpcCall) -> Json:
    return NODE_VERSION


@rpc_method("getGenesisHash")
def get_genesis_hash(call: RpcCall) -> Json:
    return str(call.chain.slots.blockhash(0))


@rpc_method("getIdentity")
def get_identity(call: RpcCall) -> Json:
    return {"identity": str(call.chain.keypair(f"node {call.node}").pubkey())}


@rpc_method("getSlot")
def get_slot(call: RpcCall, config: Json = None) -> Json:
    return call.view.slot(call.commitment(config))


@rpc_method("getBlockHeight")
def get_block_height(call: RpcCall, config: Json = None) -> Json:
    return call.view.height(call.commitment(config))


@rpc_method("getEpochInfo")
def get_epoch_info(call: RpcCall, config: Json = None) -> Json:
    commitment = call.commitment(config)
    slot = call.view.slot(commitment)
    return {
        "absoluteSlot": slot,
        "blockHeight": call.view.height(commitment),
        "epoch": slot // SLOTS_PER_EPOCH,
        "slotIndex": slot % SLOTS_PER_EPOCH,
        "slotsInEpoch": SLOTS_PER_EPOCH,
        "transactionCount": len(call.chain.ledger),
    }


@rpc_method("getEpochSchedule")
def get_epoch_schedule(_call: RpcCall) -> Json:
    return {
        "firstNormalEpoch": 0,
        "firstNormalSlot": 0,
        "leaderScheduleSlotOffset": SLOTS_PER_EPOCH,
        "slotsPerEpoch": SLOTS_PER_EPOCH,
        "warmup": False,
    }


@rpc_method("getTransactionCount")
def get_transaction_count(call: RpcCall, config: Json = None) -> Json:
    call.commitment(config)
    return len(call.chain.ledger)


@rpc_method("getFirstAvailableBlock")
def get_first_available_block(call: RpcCall) -> Json:
    return max(call.view.first_slot, GENESIS_SLOT)


@rpc_method("minimumLedgerSlot")
def minimum_ledger_slot(call: RpcCall) -> Json:
    return max(call.view.first_slot, GENESIS_SLOT)


@rpc_method("getLatestBlockhash")
def get_latest_blockhash(call: RpcCall, config: Json = None) -> Json:
    commitment = call.commitment(config)
    slot = call.view.slot(commitment)
    fault = call.chain.state.faults.consume(
        "solana.stale_blockhash", node=call.node, method=call.method
    )
    if fault is not None:
        slot -= int(fault.get("blocks", STALE_BLOCKS))
    slots = call.chain.slots
    return call.view.with_context(
        {
            "blockhash": str(slots.blockhash(slot)),
            "lastValidBlockHeight": slots.last_valid_height(slot),
        },
        commitment,
    )


@rpc_method("isBlockhashValid")
def is_blockhash_valid(call: RpcCall, blockhash: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    try:
        wanted = Hash.from_string(blockhash)
    except (ParseHashError, TypeError) as error:
        raise invalid_params(f"Invalid param: {error}") from error
    valid = call.chain.slots.is_valid(wanted, at_slot=call.view.slot(commitment))
    return call.view.with_context(valid, commitment)


@rpc_method("getFeeForMessage")
def get_fee_for_message(call: RpcCall, encoded: Json, config: Json = None) -> Json:
    commitment = call.commitment(config)
    try:
        raw = base64.b64decode(encoded, validate=True)
        message = from_bytes_versioned(raw)
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid_params(f"invalid transaction message: {error}") from error
    if not call.chain.slots.is_valid(message.recent_blockhash):
        return call.view.with_context(None, commitment)
    unsigned = [Signature.default()] * message.header.num_required_signatures
    try:
        loaded = load_transaction(
            VersionedTransaction.populate(message, unsigned), call.chain.account
        )
        fee = loaded.fee
    except TransactionRejected as rejected:
        raise invalid_params(f"invalid transaction message: {rejected.error}") from rejected
    return call.view.with_context(fee, commitment)


@rpc_method("getRecentPrioritizationFees")
def get_recent_prioritization_fees(call: RpcCall, addresses: Json = None) -> Json:
    wanted = set(addresses or [])
    if len(wanted) > MAX_FEE_ADDRESSES:
        raise invalid_params(f"Too many inputs provided; max {MAX_FEE_ADDRESSES}")
    last = call.view.slot("processed")
    first = last - FEE_SLOTS + 1
    busy = call.chain.state.faults.peek("solana.busy", node=call.node)
    lowest: dict[int, int] = {}
    for record in call.chain.ledger.in_slots(first, last):
        if wanted and not wanted & set(record.keys):
            continue
        price = record.unit_price
        lowest[record.slot] = min(price, lowest.get(record.slot, price))
    floor = int(busy.get("micro_lamports", 10_000)) if busy is not None else 0
    return [
        {"slot": slot, "prioritizationFee": max(floor, lowest.get(slot, 0))}
        for slot in range(first, last + 1)
    ]


@rpc_method("getRecentPerformanceSamples")
def get_recent_performance_samples(call: RpcCall, limit: Json = None) -> Json:
    slot_ms = call.chain.state.options.slot_ms or 400
    slots = SAMPLE_SECONDS * 1000 // slot_ms
    last = call.view.slot("finalized")
    count = min(int(limit or MAX_SAMPLES), MAX_SAMPLES, max(1, (last - GENESIS_SLOT) // slots))
    return [
        {
            "slot": last - index * slots,
            "numSlots": slots,
            "numTransactions": len(
                call.chain.ledger.in_slots(last - (index + 1) * slots, last - index * slots)
            ),
            "numNonVoteTransactions": 0,
            "samplePeriodSecs": SAMPLE_SECONDS,
        }
        for index in range(count)
    ]


@rpc_method("getBlockTime")
def get_block_time(call: RpcCall, slot: Json) -> Json:
    _check_slot(call, slot, "processed")
    return call.chain.block_time(slot)


@rpc_method("getBlocks")
def get_blocks(call: RpcCall, first: Json, last: Json = None, config: Json = None) -> Json:
    if isinstance(last, dict):
        last, config = None, last
    end = call.view.slot(call.commitment(config))
    lowest = max(first, call.view.first_slot, GENESIS_SLOT)
    return list(range(lowest, min(end if last is None else last, end) + 1))


@rpc_method("getBlock")
def get_block(call: RpcCall, slot: Json, config: Json = None) -> Json:
    settings = {"encoding": config} if isinstance(config, str) else config or {}
    commitment = call.commitment(settings)
    _check_slot(call, slot, commitment)
    slots = call.chain.slots
    body: dict[str, Json] = {
        "blockhash": str(slots.blockhash(slot)),
        "previousBlockhash": str(slots.blockhash(slot - 1)),
        "parentSlot": slot - 1,
        "blockHeight": slots.height(slot),
        "blockTime": call.chain.block_time(slot),
    }
    records = call.chain.ledger.in_slots(slot, slot)
    details = settings.get("transactionDetails", "full")
    max_version = settings.get("maxSupportedTransactionVersion")
    if details == "signatures":
        body["signatures"] = [record.signature for record in records]
    elif details != "none":
        for record in records:
            check_version(record, max_version)
        encoding = settings.get("encoding") or "json"
        body["transactions"] = [
            transaction_json(record, encoding=encoding, max_version=max_version)
            for record in records
        ]
    if settings.get("rewards", True):
        body["rewards"] = []
    return body


def _check_slot(call: RpcCall, slot: Json, commitment: str) -> None:
    if not isinstance(slot, int):
        raise invalid_params("Invalid params: expected a slot")
    lowest = max(call.view.first_slot, GENESIS_SLOT)
    if not lowest <= slot <= call.view.slot(commitment):
        raise RpcError(BLOCK_NOT_AVAILABLE, f"Block not available for slot {slot}")
