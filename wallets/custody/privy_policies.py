"""The desk's policies at Privy: found again or made, never twice."""

import hashlib
import threading
from collections import Counter

from wallets.custody.policies import Policy
from wallets.custody.privy_api import Json, PrivyApi, canonical_json, text_of

LISTED_WALLETS = "100"


class PolicyBook:
    """The ids of policies by what they say; safe to share between threads."""

    def __init__(self, api: PrivyApi, *, owner_quorum_id: str) -> None:
        self._api = api
        self._owner_quorum_id = owner_quorum_id
        self._ids: dict[str, str] = {}
        self._lock = threading.Lock()

    def policy_id(self, policy: Policy) -> str:
        """Return the id of the policy that reads so and is the owner's, made if there is none."""
        body = {**policy, "owner_id": self._owner_quorum_id}
        wanted = fingerprint(body)
        with self._lock:
            if wanted not in self._ids:
                self._ids[wanted] = self._find(wanted) or self._make(body, wanted)
            return self._ids[wanted]

    def _make(self, body: Json, wanted: str) -> str:
        made = self._api.post("/v1/policies", body, idempotency_key=f"policy-{wanted}")
        return text_of(made, "id")

    def _find(self, wanted: str) -> str | None:
        """Privy lists no policies; the wallets that they bind lead to them."""
        listed = self._api.get("/v1/wallets", chain_type="solana", limit=LISTED_WALLETS)
        used: Counter[str] = Counter(
            policy_id
            for wallet in listed.get("data", [])
            for bound in [wallet, *wallet.get("additional_signers", [])]
            for policy_id in bound.get("override_policy_ids") or bound.get("policy_ids") or []
        )
        # What wallets share is used most; their own trading policies come last.
        for policy_id, _ in sorted(used.items(), key=lambda each: (-each[1], each[0])):
            policy = self._api.get(f"/v1/policies/{policy_id}")
            if fingerprint(policy_body(policy)) == wanted:
                return policy_id
        return None


def policy_body(policy: Json) -> Json:
    """A policy as it was asked for: without the ids and times that Privy gave it."""
    rules = [
        {name: rule.get(name) for name in ("name", "method", "action", "conditions")}
        for rule in policy.get("rules", [])
    ]
    fields = ("version", "name", "chain_type", "owner_id")
    return {**{name: policy.get(name) for name in fields}, "rules": rules}


def fingerprint(body: Json) -> str:
    """The hex sha256 of a body in canonical form: equal bodies, equal fingerprints."""
    return hashlib.sha256(canonical_json(body)).hexdigest()
