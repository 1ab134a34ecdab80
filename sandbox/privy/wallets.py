"""Wallets: made, found, listed, changed by their owner, archived; keys are never given out."""

import re
from collections.abc import Sequence
from typing import Any

from sandbox.privy.authorization import parse_public_key
from sandbox.privy.errors import PrivyError, invalid_data, not_found
from sandbox.privy.exchange import Answer, Exchange
from sandbox.privy.policies import require_allowed
from sandbox.privy.store import Record, quorum_record
from sandbox.state import Json

PAGE = 100
EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CREATE_FIELDS = (
    "chain_type",
    "owner",
    "owner_id",
    "policy_ids",
    "additional_signers",
    "external_id",
    "display_name",
)
UPDATE_FIELDS = ("owner", "owner_id", "policy_ids", "additional_signers", "display_name")
FILTERS = ("chain_type", "address", "external_id")


def create_wallet(exchange: Exchange) -> Answer:
    """POST /v1/wallets"""
    body = exchange.only(*CREATE_FIELDS)
    return exchange.once(lambda: (200, new_wallet(exchange, body)))


def new_wallet(exchange: Exchange, body: dict[str, Any]) -> Record:
    """Make a wallet with a key of its own, and link it to the user who owns it."""
    if body.get("chain_type") != "solana":
        raise invalid_data("The stand-in makes wallets of the chain type solana only")
    store = exchange.store
    external_id = body.get("external_id")
    if external_id is not None:
        _require_free(exchange, external_id)
    changes = _checked_changes(exchange, body)
    wallet_id = store.new_id()
    address = str(store.new_keypair(wallet_id).pubkey())
    wallet: Record = {
        "id": wallet_id,
        "address": address,
        "public_key": address,
        "chain_type": "solana",
        "owner_id": None,
        "policy_ids": [],
        "additional_signers": [],
        "external_id": external_id,
        "display_name": None,
        "custody": None,
        "authorization_threshold": None,
        "created_at": store.now_ms(),
        "exported_at": None,
        "imported_at": None,
        "archived_at": None,
        **changes,
    }
    store.wallets[wallet_id] = wallet
    _link_to_owner(exchange, wallet)
    return wallet


def get_wallet(exchange: Exchange) -> Answer:
    """GET /v1/wallets/{wallet}"""
    return 200, wallet_of(exchange, archived=exchange.request.query.get("include_archived"))


def get_wallet_by_address(exchange: Exchange) -> Answer:
    """POST /v1/wallets/address"""
    wallet = exchange.store.wallet_by("address", str(exchange.only("address").get("address")))
    if wallet is None or wallet["archived_at"] is not None:
        raise not_found("Wallet")
    return 200, wallet


def list_wallets(exchange: Exchange) -> Answer:
    """GET /v1/wallets"""
    query = exchange.request.query
    found = [
        wallet
        for wallet in exchange.store.wallets.values()
        if all(wallet[name] == query[name] for name in FILTERS if name in query)
        and (query.get("include_archived") == "true" or wallet["archived_at"] is None)
        and _owned_by(exchange, wallet, query.get("user_id"), query.get("authorization_key"))
    ]
    return 200, page_of(exchange, found)


def update_wallet(exchange: Exchange) -> Answer:
    """PATCH /v1/wallets/{wallet}, signed by the owner"""
    wallet = wallet_of(exchange)
    body = exchange.only(*UPDATE_FIELDS)
    exchange.require_owner(wallet)
    wallet.update(_checked_changes(exchange, body))
    return 200, wallet


def archive_wallet(exchange: Exchange) -> Answer:
    """POST /v1/wallets/{wallet}/archive, signed by the owner"""
    wallet = wallet_of(exchange)
    exchange.require_owner(wallet)
    wallet["archived_at"] = exchange.store.now_ms()
    return 200, wallet


def export_wallet(exchange: Exchange) -> Answer:
    """POST /v1/wallets/{wallet}/export: always refused, in the order Privy would refuse it"""
    wallet = wallet_of(exchange)
    exchange.require_owner(wallet)
    require_allowed(
        [exchange.store.policies[each] for each in wallet["policy_ids"]],
        method="exportPrivateKey",
        instructions=(),
        now=exchange.store.now_seconds(),
    )
    raise PrivyError(403, "forbidden", "Key export is not enabled for this app")


def wallet_of(exchange: Exchange, *, archived: str | None = None) -> Record:
    """The wallet that the path names; archived ones are hidden unless asked for."""
    wallet = exchange.store.wallet(exchange.request.match_info["wallet"])
    if wallet is None or (wallet["archived_at"] is not None and archived != "true"):
        raise not_found("Wallet")
    return wallet


def page_of(exchange: Exchange, records: Sequence[Record]) -> Json:
    """One page of records by `cursor` (the last id seen) and `limit`."""
    query = exchange.request.query
    limit = query.get("limit", str(PAGE))
    # The official client types the limit as a number and may write 2 as 2.0.
    whole = limit.removesuffix(".0")
    if not whole.isdecimal() or not 1 <= int(whole) <= PAGE:
        raise invalid_data(f"`limit` is a number from 1 to {PAGE}")
    ids = [record["id"] for record in records]
    cursor = query.get("cursor")
    if cursor is not None and cursor not in ids:
        raise invalid_data("Unknown cursor")
    start = 0 if cursor is None else ids.index(cursor) + 1
    page = list(records[start : start + int(whole)])
    more = start + len(page) < len(records)
    return {"data": page, "next_cursor": page[-1]["id"] if more else None}


def checked_owner_id(exchange: Exchange, body: dict[str, Any]) -> str | None:
    """The quorum that `owner` or `owner_id` means; a user or a bare key gets one of its own."""
    owner, owner_id = body.get("owner"), body.get("owner_id")
    if owner is not None and owner_id is not None:
        raise invalid_data("Only one of `owner` and `owner_id` may be given")
    if owner_id is not None:
        if owner_id not in exchange.store.quorums:
            raise invalid_data("`owner_id` is no key quorum of this app")
        return str(owner_id)
    if owner is None:
        return None
    if not isinstance(owner, dict) or len(owner) != 1:
        raise invalid_data("`owner` has either a `user_id` or a `public_key`")
    user_id, public_key = owner.get("user_id"), owner.get("public_key")
    if user_id is not None and user_id not in exchange.store.users:
        raise invalid_data("`owner.user_id` is no user of this app")
    if public_key is not None:
        parse_public_key(str(public_key))
    quorum_id = exchange.store.new_id()
    exchange.store.quorums[quorum_id] = quorum_record(
        quorum_id,
        public_keys=[public_key] if public_key is not None else [],
        user_ids=[user_id] if user_id is not None else [],
        threshold=1,
        display_name=None,
    )
    return quorum_id


def checked_policy_ids(exchange: Exchange, policy_ids: Any) -> list[str]:
    """At most one policy of this app."""
    if not isinstance(policy_ids, list) or len(policy_ids) > 1:
        raise invalid_data("At most one policy is supported")
    for policy_id in policy_ids:
        if policy_id not in exchange.store.policies:
            raise invalid_data("A policy id is no policy of this app")
    return policy_ids


def _checked_changes(exchange: Exchange, body: dict[str, Any]) -> Record:
    changes: Record = {}
    if "policy_ids" in body:
        changes["policy_ids"] = checked_policy_ids(exchange, body["policy_ids"])
    if "additional_signers" in body:
        changes["additional_signers"] = _checked_signers(exchange, body["additional_signers"])
    if "display_name" in body:
        changes["display_name"] = body["display_name"]
    if "owner" in body or "owner_id" in body:
        changes["owner_id"] = checked_owner_id(exchange, body)
        quorum = exchange.store.quorums.get(changes["owner_id"] or "")
        changes["authorization_threshold"] = quorum and quorum["authorization_threshold"]
    return changes


def _checked_signers(exchange: Exchange, signers: Any) -> list[Record]:
    if not isinstance(signers, list):
        raise invalid_data("`additional_signers` must be a list")
    checked = []
    for signer in signers:
        if not isinstance(signer, dict) or set(signer) - {"signer_id", "override_policy_ids"}:
            raise invalid_data("A signer has a signer_id and override_policy_ids")
        if signer.get("signer_id") not in exchange.store.quorums:
            raise invalid_data("A signer_id is no key quorum of this app")
        override = checked_policy_ids(exchange, signer.get("override_policy_ids", []))
        checked.append({"signer_id": signer["signer_id"], "override_policy_ids": override})
    return checked


def _require_free(exchange: Exchange, external_id: Any) -> None:
    if not isinstance(external_id, str) or not EXTERNAL_ID.fullmatch(external_id):
        raise invalid_data("`external_id` has 1 to 64 of the characters A-Z a-z 0-9 _ -")
    if exchange.store.wallet_by("external_id", external_id) is not None:
        raise invalid_data("A wallet with this external_id already exists")


def _owned_by(
    exchange: Exchange, wallet: Record, user_id: str | None, public_key: str | None
) -> bool:
    quorum = exchange.store.quorums.get(wallet["owner_id"] or "", {})
    keys = [key["public_key"] for key in quorum.get("authorization_keys", [])]
    return (user_id is None or user_id in quorum.get("user_ids", [])) and (
        public_key is None or public_key in keys
    )


def _link_to_owner(exchange: Exchange, wallet: Record) -> None:
    quorum = exchange.store.quorums.get(wallet["owner_id"] or "", {})
    for user_id in quorum.get("user_ids", []):
        user = exchange.store.users[user_id]
        now = exchange.store.now_seconds()
        user["linked_accounts"].append(
            {
                "type": "wallet",
                "id": wallet["id"],
                "address": wallet["address"],
                "public_key": wallet["public_key"],
                "chain_type": "solana",
                "chain_id": "solana:mainnet",
                "connector_type": "embedded",
                "wallet_client": "privy",
                "wallet_client_type": "privy",
                "wallet_index": sum(each["type"] == "wallet" for each in user["linked_accounts"]),
                "recovery_method": "privy-v2",
                "delegated": bool(wallet["additional_signers"]),
                "imported": False,
                "verified_at": now,
                "first_verified_at": now,
                "latest_verified_at": now,
            }
        )
