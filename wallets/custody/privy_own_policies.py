"""The trading policy that each wallet has of its own, since it names that wallet's own accounts.

A wallet's address is known only when the wallet is there, and its policy is named when it is
made. So the policy is made first, without an owner and without those accounts; then the wallet,
owned by the offline quorum from its first moment; then the policy gets the accounts and, with the
same request, the owner: from there on no online key changes it.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

from core.errors import Misconfigured, Refused
from wallets.custody.base import PolicyRenewal
from wallets.custody.policies import OwnAccounts, Policy, own_account_rules, trading_policy
from wallets.custody.privy_api import AuthorizationKey, Json, PrivyApi, text_of
from wallets.custody.privy_policies import LISTED_WALLETS, fingerprint, policy_body
from wallets.custody.privy_settings import PrivySettings, associated_account
from wallets.tokens import BY_SYMBOL
from wallets.transfers import TOKEN_PROGRAM


class OwnPolicies:
    """Makes, completes and renews them; safe to share between threads."""

    def __init__(self, api: PrivyApi, configured: PrivySettings) -> None:
        self._api = api
        self._settings = configured
        self._wrapping: set[str] = set()
        self._lock = threading.Lock()

    def new(self, *, external_id: str, sponsor: str) -> str:
        """The id of a policy for a wallet that is to be made, without its accounts."""
        body = self._policy(sponsor, None)
        # Two workers who ask at once get one policy.
        key = f"policy-of-{external_id}-{fingerprint(body)}"
        return text_of(self._api.post("/v1/policies", body, idempotency_key=key), "id")

    def complete(self, wallet: Json, *, sponsor: str) -> None:
        """Give a new wallet's policy its accounts and its owner, unless it has them.

        One of before, which wraps nothing and is the owner's, is left: only the owner renews it.
        Raises Misconfigured where the policy reads otherwise, whoever made it so.
        """
        policy_id = self._policy_id(wallet)
        found = policy_body(self._read(policy_id)) if policy_id else None
        owner = self._settings.owner_quorum_id
        wanted = self._wanted(wallet, sponsor)
        if found is not None and found["owner_id"] is None:
            # Where another worker is quicker it is the owner's then, as is read behind it.
            with suppress(Refused, Misconfigured):
                body = {"rules": wanted["rules"], "owner_id": owner}
                self._api.patch(f"/v1/policies/{policy_id}", body)
            found = policy_body(self._read(str(policy_id)))
        if found not in (wanted, {**self._policy(sponsor, None), "owner_id": owner}):
            raise Misconfigured("custody.policy_not_ours", wallet_id=wallet.get("id"))

    def wraps_sol(self, *, wallet_id: str, address: str) -> bool:
        """Whether the wallet's policy lets its own SOL be wrapped; yes is remembered."""
        if wallet_id in self._wrapping:
            return True
        policy_id = self._policy_id(self._api.get(f"/v1/wallets/{wallet_id}"))
        rules = policy_body(self._read(policy_id))["rules"] if policy_id else []
        if not all(rule in rules for rule in own_account_rules(own_accounts(address))):
            return False
        with self._lock:
            self._wrapping.add(wallet_id)
        return True

    def renew(self, *, sponsor: str, owner_keys: Sequence[AuthorizationKey]) -> PolicyRenewal:
        """Bind every trader's wallet to the policy that is wanted of it now, with the owner's
        keys; without any, only count. May be repeated, and goes on where it was cut off."""
        current = renewed = waiting = 0
        for wallet in self._wallets():
            policy_id = self._policy_id(wallet)
            if policy_id is not None and self._is_as_wanted(policy_id, wallet, sponsor):
                current += 1
            elif not owner_keys:
                waiting += 1
            else:
                self._renew(wallet, sponsor, owner_keys)
                renewed += 1
        return PolicyRenewal(current=current, renewed=renewed, waiting=waiting)

    def _renew(self, wallet: Json, sponsor: str, keys: Sequence[AuthorizationKey]) -> None:
        body = self._wanted(wallet, sponsor)
        key = f"policy-{fingerprint(body)}"
        made = text_of(self._api.post("/v1/policies", body, idempotency_key=key), "id")
        signers = [
            {**signer, "override_policy_ids": [made]}
            if signer.get("signer_id") == self._settings.trading_signer_id
            else signer
            for signer in wallet["additional_signers"]
        ]
        path = f"/v1/wallets/{text_of(wallet, 'id')}"
        self._api.patch(path, {"additional_signers": signers}, authorized_by=keys)

    def _wallets(self) -> Iterator[Json]:
        """Of traders: the owner's, and not the sponsor's."""
        cursor: dict[str, str] = {}
        while True:
            page = self._api.get("/v1/wallets", chain_type="solana", limit=LISTED_WALLETS, **cursor)
            for wallet in page.get("data", []):
                if (
                    wallet.get("owner_id") == self._settings.owner_quorum_id
                    and wallet.get("external_id") != self._settings.sponsor_external_id
                    and any(self._is_trading(each) for each in wallet["additional_signers"])
                ):
                    yield wallet
            if not page.get("next_cursor"):
                return
            cursor = {"cursor": str(page["next_cursor"])}

    def _wanted(self, wallet: Json, sponsor: str) -> Policy:
        own = own_accounts(text_of(wallet, "address"))
        return {**self._policy(sponsor, own), "owner_id": self._settings.owner_quorum_id}

    def _is_as_wanted(self, policy_id: str, wallet: Json, sponsor: str) -> bool:
        return policy_body(self._read(policy_id)) == self._wanted(wallet, sponsor)

    def _policy(self, sponsor: str, own: OwnAccounts | None) -> Policy:
        return trading_policy(self._settings.terms, self._settings.fees(sponsor), own)

    def _policy_id(self, wallet: Json) -> str | None:
        found = [
            policy_id
            for signer in wallet.get("additional_signers", [])
            if self._is_trading(signer)
            for policy_id in signer.get("override_policy_ids") or []
        ]
        return str(found[0]) if found else None

    def _is_trading(self, signer: Json) -> bool:
        return bool(signer.get("signer_id") == self._settings.trading_signer_id)

    def _read(self, policy_id: str) -> Json:
        return self._api.get(f"/v1/policies/{policy_id}")


def own_accounts(address: str) -> OwnAccounts:
    """The accounts that follow from a wallet's address."""
    wrapped = associated_account(address, BY_SYMBOL["WSOL"].mint, TOKEN_PROGRAM)
    return OwnAccounts(wallet=address, wrapped_sol=wrapped)
