"""Privy as custodian: wallets owned by the desk's offline quorum, used by two bound signers."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Self

from core.errors import Misconfigured, NotFound, Refused, Unavailable
from wallets.custody.base import CustodyWallet, PolicyRenewal, SignerRole
from wallets.custody.policies import sponsor_policy, withdrawal_policy
from wallets.custody.privy_api import AuthorizationKey, Json, PrivyApi, text_of
from wallets.custody.privy_own_policies import OwnPolicies
from wallets.custody.privy_policies import PolicyBook, fingerprint
from wallets.custody.privy_settings import PrivySettings
from wallets.custody.transactions import SigningRequest

SIGN_ATTEMPTS = 2
EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class PrivyCustodian:
    """Keys stay at Privy; it signs what its policies allow, and never sends."""

    def __init__(self, configured: PrivySettings) -> None:
        self._settings = configured
        self._api = PrivyApi(configured.access)
        self._sponsor: CustodyWallet | None = None
        self._policies = PolicyBook(self._api, owner_quorum_id=configured.owner_quorum_id)
        self._own_policies = OwnPolicies(self._api, configured)

    @classmethod
    def from_settings(cls, _key: str) -> Self:
        """Raises Misconfigured naming the first setting that is missing or malformed."""
        return cls(PrivySettings.read())

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def ensure_user(
        self,
        *,
        telegram_id: int,
        username: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
    ) -> str:
        """See Custodian; the natural key is the Telegram id."""
        known = self._find_user(telegram_id)
        if known is not None:
            return known
        account = {
            "type": "telegram",
            "telegram_user_id": str(telegram_id),
            "username": username,
            "first_name": first_name,
            "last_name": last_name,
        }
        account = {name: value for name, value in account.items() if value}
        try:
            return text_of(self._api.post("/v1/users", {"linked_accounts": [account]}), "id")
        except Refused:
            # Two workers may have asked at once: then one of them has made the user.
            known = self._find_user(telegram_id)
            if known is None:
                raise
            return known

    def ensure_wallet(self, *, external_id: str) -> CustodyWallet:
        """See Custodian; the sponsor's external id makes the sponsor's wallet.

        Owner, signers and policies are set at birth; only the owner's offline keys change them.
        A trader's own accounts join the policy right after it, before anybody has the address.
        """
        if not EXTERNAL_ID.fullmatch(external_id):
            raise Refused("custody.external_id_malformed", external_id=external_id)
        found = self._find_wallet(external_id) or self._make_wallet(external_id)
        wallet = self._wallet(found)
        if external_id != self._settings.sponsor_external_id:
            self._own_policies.complete(found, sponsor=self._sponsor_address())
        return wallet

    def _make_wallet(self, external_id: str) -> Json:
        body = {
            "chain_type": "solana",
            "external_id": external_id,
            "owner_id": self._settings.owner_quorum_id,
            **self._bindings(external_id),
        }
        try:
            return self._api.post(
                "/v1/wallets", body, idempotency_key=f"wallet-{fingerprint(body)}"
            )
        except Refused:
            known = self._find_wallet(external_id)
            if known is None:
                raise
            return known

    def sign(
        self,
        *,
        wallet_id: str,
        address: str,
        raw_transaction: bytes,
        message_hash: str,
        role: str = SignerRole.TRADING,
    ) -> bytes:
        """See Custodian. A lost answer is asked for again under the same idempotency key: Privy
        then repeats it, and signing moves nothing in any case."""
        request = SigningRequest.read(raw_transaction, address=address, message_hash=message_hash)
        key = self._key_of(SignerRole(role))
        body = {
            "method": "signTransaction",
            "chain_type": "solana",
            "params": {
                "transaction": base64.b64encode(request.unsigned).decode(),
                "encoding": "base64",
            },
        }
        for attempts_left in reversed(range(SIGN_ATTEMPTS)):
            try:
                answer = self._api.post(
                    f"/v1/wallets/{wallet_id}/rpc",
                    body,
                    idempotency_key=f"sign-{message_hash}-{address}",
                    authorized_by=(key,),
                )
                break
            except NotFound as error:
                raise Misconfigured("custody.wallet_unknown", wallet_id=wallet_id) from error
            except Unavailable as error:
                if error.code != "custody.no_answer" or not attempts_left:
                    raise
        return request.accept(_signed_transaction(answer))

    def wraps_sol(self, *, wallet_id: str, address: str) -> bool:
        """See Custodian."""
        try:
            return self._own_policies.wraps_sol(wallet_id=wallet_id, address=address)
        except NotFound as error:
            raise Misconfigured("custody.wallet_unknown", wallet_id=wallet_id) from error

    def renew_policies(self, *, owner_keys: Sequence[str]) -> PolicyRenewal:
        """See Custodian."""
        keys = [AuthorizationKey(text, setting="--owner-keys") for text in owner_keys]
        return self._own_policies.renew(sponsor=self._sponsor_address(), owner_keys=keys)

    def check(self) -> None:
        """See Custodian; also refuses parties that are not kept apart."""
        configured = self._settings
        if configured.trading_signer_id == configured.withdraw_signer_id:
            raise Misconfigured("custody.signers_not_apart", setting="PRIVY_WITHDRAW_SIGNER_ID")
        owner = self._quorum_keys(configured.owner_quorum_id, "PRIVY_OWNER_QUORUM_ID")
        trading = self._quorum_keys(configured.trading_signer_id, "PRIVY_TRADING_SIGNER_ID")
        withdraw = self._quorum_keys(configured.withdraw_signer_id, "PRIVY_WITHDRAW_SIGNER_ID")
        online = set()
        for key, signers, setting in (
            (configured.trading_signer_key, trading, "PRIVY_TRADING_SIGNER_KEY"),
            (configured.withdraw_signer_key, withdraw, "PRIVY_WITHDRAW_SIGNER_KEY"),
        ):
            if key is not None:
                online.add(key.public_key)
                if key.public_key not in signers:
                    raise Misconfigured("custody.key_not_of_signer", setting=setting)
        if online & owner:
            raise Misconfigured("custody.owner_key_online", setting="PRIVY_OWNER_QUORUM_ID")

    def ensure_policies(self) -> tuple[str, ...]:
        """Return the ids of the policies that wallets share, made where missing.

        Trading policies name the sponsor's address, so the sponsor's wallet is made with them.
        """
        self._sponsor_address()
        return (*self._sponsor_bindings()["policy_ids"], self._withdrawal_policy())

    def _bindings(self, external_id: str) -> Json:
        if external_id == self._settings.sponsor_external_id:
            return self._sponsor_bindings()
        return self._trader_bindings(external_id)

    def _sponsor_bindings(self) -> Json:
        bound = self._policies.policy_id(sponsor_policy(self._settings.terms))
        signers = [_signer(self._settings.trading_signer_id, bound)]
        return {"policy_ids": [bound], "additional_signers": signers}

    def _trader_bindings(self, external_id: str) -> Json:
        configured = self._settings
        sponsor = self._sponsor_address()
        trading = self._own_policies.new(external_id=external_id, sponsor=sponsor)
        withdrawal = self._withdrawal_policy()
        return {
            # The owner is bound too: an export needs a change of policy first.
            "policy_ids": [withdrawal],
            "additional_signers": [
                _signer(configured.trading_signer_id, trading),
                _signer(configured.withdraw_signer_id, withdrawal),
            ],
        }

    def _withdrawal_policy(self) -> str:
        return self._policies.policy_id(withdrawal_policy(self._settings.terms))

    def _sponsor_address(self) -> str:
        if self._sponsor is None:
            external_id = self._settings.sponsor_external_id
            self._sponsor = self.ensure_wallet(external_id=external_id)
        return self._sponsor.address

    def _find_user(self, telegram_id: int) -> str | None:
        try:
            user = self._api.post(
                "/v1/users/telegram/telegram_user_id", {"telegram_user_id": str(telegram_id)}
            )
        except NotFound:
            return None
        return text_of(user, "id")

    def _find_wallet(self, external_id: str) -> Json | None:
        try:
            return self._api.get(f"/v1/wallets/ext_wal_{external_id}")
        except NotFound:
            return None

    def _wallet(self, wallet: Json) -> CustodyWallet:
        signers = [signer.get("signer_id") for signer in wallet.get("additional_signers", [])]
        if (
            wallet.get("chain_type") != "solana"
            or wallet.get("owner_id") != self._settings.owner_quorum_id
            or self._settings.trading_signer_id not in signers
        ):
            raise Misconfigured("custody.wallet_not_ours", external_id=wallet.get("external_id"))
        return CustodyWallet(id=text_of(wallet, "id"), address=text_of(wallet, "address"))

    def _key_of(self, role: SignerRole) -> AuthorizationKey:
        if role is SignerRole.TRADING:
            key, setting = self._settings.trading_signer_key, "PRIVY_TRADING_SIGNER_KEY"
        else:
            key, setting = self._settings.withdraw_signer_key, "PRIVY_WITHDRAW_SIGNER_KEY"
        if key is None:
            raise Misconfigured("custody.signer_key_missing", setting=setting)
        return key

    def _quorum_keys(self, quorum_id: str, setting: str) -> set[str]:
        try:
            quorum = self._api.get(f"/v1/key_quorums/{quorum_id}")
        except NotFound as error:
            raise Misconfigured("custody.quorum_unknown", setting=setting) from error
        return {str(key["public_key"]) for key in quorum.get("authorization_keys", [])}


def _signed_transaction(answer: Json) -> bytes:
    data = answer.get("data")
    text = text_of(data if isinstance(data, dict) else {}, "signed_transaction")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Unavailable("custody.unreadable_answer", field="signed_transaction") from error


def _signer(signer_id: str, policy_id: str) -> Json:
    return {"signer_id": signer_id, "override_policy_ids": [policy_id]}
