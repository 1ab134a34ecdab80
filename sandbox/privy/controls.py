"""Policies and key quorums as resources: made by the app, changed by their owners only."""

from sandbox.privy.authorization import parse_public_key
from sandbox.privy.errors import invalid_data, not_found
from sandbox.privy.exchange import Answer, Exchange
from sandbox.privy.policies import checked_name, checked_rules
from sandbox.privy.store import Record, quorum_record
from sandbox.privy.wallets import checked_owner_id


def create_policy(exchange: Exchange) -> Answer:
    """POST /v1/policies"""
    body = exchange.only("version", "name", "chain_type", "rules", "owner", "owner_id")
    if body.get("version") != "1.0":
        raise invalid_data("`version` must be 1.0")
    if body.get("chain_type") != "solana":
        raise invalid_data("The stand-in keeps policies of the chain type solana only")
    name = checked_name(body.get("name"), "policy")
    rules = checked_rules(body.get("rules"))

    def perform() -> Answer:
        policy: Record = {
            "id": exchange.store.new_id(),
            "version": "1.0",
            "name": name,
            "chain_type": "solana",
            "owner_id": checked_owner_id(exchange, body),
            "created_at": exchange.store.now_ms(),
            "rules": [{"id": exchange.store.new_id(), **rule} for rule in rules],
        }
        exchange.store.policies[policy["id"]] = policy
        return 200, policy

    return exchange.once(perform)


def get_policy(exchange: Exchange) -> Answer:
    """GET /v1/policies/{policy_id}"""
    return 200, _policy(exchange)


def update_policy(exchange: Exchange) -> Answer:
    """PATCH /v1/policies/{policy_id}, signed by the owner"""
    policy = _policy(exchange)
    body = exchange.only("name", "rules", "owner", "owner_id")
    exchange.require_owner(policy)
    if "name" in body:
        policy["name"] = checked_name(body["name"], "policy")
    if "rules" in body:
        rules = checked_rules(body["rules"])
        policy["rules"] = [{"id": exchange.store.new_id(), **rule} for rule in rules]
    if "owner" in body or "owner_id" in body:
        policy["owner_id"] = checked_owner_id(exchange, body)
    return 200, policy


def delete_policy(exchange: Exchange) -> Answer:
    """DELETE /v1/policies/{policy_id}, signed by the owner; not while a wallet uses it"""
    policy = _policy(exchange)
    exchange.require_owner(policy)
    for wallet in exchange.store.wallets.values():
        overrides = [each["override_policy_ids"] for each in wallet["additional_signers"]]
        if any(policy["id"] in used for used in [wallet["policy_ids"], *overrides]):
            raise invalid_data("The policy is in use by a wallet")
    del exchange.store.policies[policy["id"]]
    return 200, {"success": True}


def create_key_quorum(exchange: Exchange) -> Answer:
    """POST /v1/key_quorums"""
    body = exchange.only("public_keys", "user_ids", "authorization_threshold", "display_name")
    public_keys, user_ids = body.get("public_keys", []), body.get("user_ids", [])
    if not isinstance(public_keys, list) or not isinstance(user_ids, list):
        raise invalid_data("`public_keys` and `user_ids` must be lists")
    for public_key in public_keys:
        parse_public_key(str(public_key))
    if any(user_id not in exchange.store.users for user_id in user_ids):
        raise invalid_data("A user id is no user of this app")
    members = len(public_keys) + len(user_ids)
    threshold = body.get("authorization_threshold", members)
    if not isinstance(threshold, int | float) or not 1 <= threshold <= members:
        raise invalid_data("`authorization_threshold` is from 1 to the number of members")

    def perform() -> Answer:
        quorum = quorum_record(
            exchange.store.new_id(),
            public_keys=public_keys,
            user_ids=user_ids,
            threshold=int(threshold),
            display_name=body.get("display_name"),
        )
        exchange.store.quorums[quorum["id"]] = quorum
        return 200, quorum

    return exchange.once(perform)


def get_key_quorum(exchange: Exchange) -> Answer:
    """GET /v1/key_quorums/{quorum_id}"""
    quorum = exchange.store.quorums.get(exchange.request.match_info["quorum_id"])
    if quorum is None:
        raise not_found("Key quorum")
    return 200, quorum


def _policy(exchange: Exchange) -> Record:
    policy = exchange.store.policies.get(exchange.request.match_info["policy_id"])
    if policy is None:
        raise not_found("Policy")
    return policy
