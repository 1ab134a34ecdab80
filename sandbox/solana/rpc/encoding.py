"""Accounts and transactions as JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable

import base58
from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.solana.known import SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAMS
from sandbox.solana.ledger import TransactionRecord
from sandbox.solana.rpc.errors import INVALID_REQUEST, UNSUPPORTED_VERSION, RpcError, invalid_params
from sandbox.solana.tokens import read_mint, read_token_account, ui_amount
from sandbox.state import Json

BASE58_LIMIT = 128
RENT_EPOCH_EXEMPT = 2**64 - 1
Read = Callable[[Pubkey], Account | None]


def account_json(
    account: Account | None, *, encoding: str | None, data_slice: Json = None, read: Read
) -> Json:
    """An account in an encoding; `read` finds the mint that a token account needs."""
    if account is None:
        return None
    return {
        "data": _data_json(account, encoding, data_slice, read),
        "executable": account.executable,
        "lamports": account.lamports,
        "owner": str(account.owner),
        "rentEpoch": RENT_EPOCH_EXEMPT,
        "space": len(account.data),
    }


def _data_json(account: Account, encoding: str | None, data_slice: Json, read: Read) -> Json:
    if encoding == "jsonParsed":
        parsed = _parsed(account, read)
        if parsed is not None:
            return parsed
        encoding = "base64"
    data = account.data
    if data_slice:
        data = data[data_slice["offset"] : data_slice["offset"] + data_slice["length"]]
    if encoding == "base64":
        return [base64.b64encode(data).decode(), "base64"]
    if encoding in (None, "binary", "base58"):
        if len(data) > BASE58_LIMIT:
            raise RpcError(
                INVALID_REQUEST,
                "Encoded binary (base 58) data should be less than 128 bytes, "
                "please use Base64 encoding.",
            )
        text = base58.b58encode(data).decode()
        return [text, "base58"] if encoding == "base58" else text
    raise invalid_params(f"the sandbox does not encode accounts as {encoding!r}")


def _parsed(account: Account, read: Read) -> Json:
    if account.owner == SYSTEM_PROGRAM or account.owner not in TOKEN_PROGRAMS:
        return None
    program = "spl-token-2022" if account.owner == TOKEN_2022_PROGRAM else "spl-token"
    held = read_token_account(account)
    mint = read_mint(account)
    if held is not None:
        minted = read_mint(read(held.mint))
        decimals = minted.decimals if minted else 0
        info: dict[str, Json] = {
            "isNative": held.native_reserve is not None,
            "mint": str(held.mint),
            "owner": str(held.owner),
            "state": held.state,
            "tokenAmount": ui_amount(held.amount, decimals),
        }
        if held.delegate is not None:
            info["delegate"] = str(held.delegate)
            info["delegatedAmount"] = ui_amount(held.delegated_amount, decimals)
        if held.native_reserve is not None:
            info["rentExemptReserve"] = ui_amount(held.native_reserve, decimals)
        if held.close_authority is not None:
            info["closeAuthority"] = str(held.close_authority)
        kind = "account"
    elif mint is not None:
        info = {
            "decimals": mint.decimals,
            "freezeAuthority": _text(mint.freeze_authority),
            "isInitialized": True,
            "mintAuthority": _text(mint.authority),
            "supply": str(mint.supply),
        }
        kind = "mint"
    else:
        return None
    return {
        "parsed": {"info": info, "type": kind},
        "program": program,
        "space": len(account.data),
    }


def _text(pubkey: Pubkey | None) -> str | None:
    return None if pubkey is None else str(pubkey)


def check_version(record: TransactionRecord, max_version: Json) -> None:
    """Refuse to show a version that the caller did not say it understands."""
    if record.version != "legacy" and (max_version is None or record.version > max_version):
        raise RpcError(
            UNSUPPORTED_VERSION,
            f"Transaction version ({record.version}) is not supported by the requesting client. "
            "Please try the request again with the following configuration parameter: "
            f'"maxSupportedTransactionVersion": {record.version}',
        )


def transaction_json(
    record: TransactionRecord, *, encoding: str, max_version: Json
) -> dict[str, Json]:
    """A transaction with its meta, as in getTransaction and getBlock."""
    check_version(record, max_version)
    body: dict[str, Json] = {
        "transaction": _body_json(record, encoding),
        "meta": meta_json(record, with_loaded=encoding != "jsonParsed"),
    }
    if max_version is not None:
        body["version"] = record.version
    return body


def meta_json(record: TransactionRecord, *, with_loaded: bool = True) -> dict[str, Json]:
    """The outcome of a transaction."""
    loaded = record.keys[record.static_count :]
    meta: dict[str, Json] = {
        "err": record.error,
        "status": {"Ok": None} if record.error is None else {"Err": record.error},
        "fee": record.fee,
        "preBalances": list(record.pre_balances),
        "postBalances": list(record.post_balances),
        "innerInstructions": list(record.inner),
        "logMessages": list(record.logs),
        "preTokenBalances": list(record.pre_token_balances),
        "postTokenBalances": list(record.post_token_balances),
        "rewards": [],
        "computeUnitsConsumed": record.units,
    }
    if with_loaded:
        meta["loadedAddresses"] = {
            "writable": list(loaded[: record.writable_loaded_count]),
            "readonly": list(loaded[record.writable_loaded_count :]),
        }
    if record.return_data is not None:
        meta["returnData"] = record.return_data
    return meta


def _body_json(record: TransactionRecord, encoding: str) -> Json:
    if encoding == "base64":
        return [_newer_bytes(record) if _is_newer(record) else record.raw, "base64"]
    if encoding == "base58":
        return [base58.b58encode(base64.b64decode(record.raw)).decode(), "base58"]
    if encoding == "jsonParsed":
        return _parsed_body(record)
    if encoding == "json":
        return _json_body(record)
    raise invalid_params(f"the sandbox does not encode transactions as {encoding!r}")


def _is_newer(record: TransactionRecord) -> bool:
    return record.version not in ("legacy", 0)


def _newer_bytes(record: TransactionRecord) -> str:
    """As newer versions lie on the wire: the version first, the signatures last."""
    transaction = record.transaction
    signatures = b"".join(bytes(signature) for signature in transaction.signatures)
    message = bytes(transaction.message)
    return base64.b64encode(bytes([0x80 | record.version]) + message + signatures).decode()


def _json_body(record: TransactionRecord) -> Json:
    transaction = record.transaction
    message = transaction.message
    header = message.header
    body: dict[str, Json] = {
        "accountKeys": list(record.keys[: record.static_count]),
        "header": {
            "numRequiredSignatures": header.num_required_signatures,
            "numReadonlySignedAccounts": header.num_readonly_signed_accounts,
            "numReadonlyUnsignedAccounts": header.num_readonly_unsigned_accounts,
        },
        "recentBlockhash": str(message.recent_blockhash),
        "instructions": [
            {
                "programIdIndex": compiled.program_id_index,
                "accounts": list(bytes(compiled.accounts)),
                "data": base58.b58encode(bytes(compiled.data)).decode(),
                "stackHeight": 1,
            }
            for compiled in message.instructions
        ],
    }
    if record.version == 0:
        body["addressTableLookups"] = [
            {
                "accountKey": str(lookup.account_key),
                "writableIndexes": list(bytes(lookup.writable_indexes)),
                "readonlyIndexes": list(bytes(lookup.readonly_indexes)),
            }
            for lookup in message.address_table_lookups
        ]
    return {"signatures": [str(item) for item in transaction.signatures], "message": body}


def _parsed_body(record: TransactionRecord) -> Json:
    # Every instruction is shown in the partly decoded form, which clients must handle anyway.
    transaction = record.transaction
    message = transaction.message
    header = message.header
    signers = header.num_required_signatures
    writable_signers = signers - header.num_readonly_signed_accounts
    static_writable = record.static_count - header.num_readonly_unsigned_accounts
    writable_loaded_end = record.static_count + record.writable_loaded_count
    keys = []
    for index, key in enumerate(record.keys):
        is_static = index < record.static_count
        if is_static:
            writable = index < writable_signers or signers <= index < static_writable
        else:
            writable = index < writable_loaded_end
        keys.append(
            {
                "pubkey": key,
                "signer": index < signers,
                "writable": writable,
                "source": "transaction" if is_static else "lookupTable",
            }
        )
    return {
        "signatures": [str(item) for item in transaction.signatures],
        "message": {
            "accountKeys": keys,
            "recentBlockhash": str(message.recent_blockhash),
            "instructions": [
                {
                    "programId": record.keys[compiled.program_id_index],
                    "accounts": [record.keys[index] for index in bytes(compiled.accounts)],
                    "data": base58.b58encode(bytes(compiled.data)).decode(),
                    "stackHeight": 1,
                }
                for compiled in message.instructions
            ],
        },
    }
