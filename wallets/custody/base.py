"""What the desk asks of whoever holds its wallets' keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class SignerRole(StrEnum):
    """Which of the desk's signers asks; each has its own key and its own policy."""

    TRADING = "trading"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyWallet:
    """A wallet at the custodian: its id there and its address on the chain (base58)."""

    id: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRenewal:
    """How many wallets are bound as they should be, were bound anew, and wait for the owner."""

    current: int
    renewed: int
    waiting: int


class Custodian(Protocol):
    """Holds keys and signs. Every call may be repeated without a second effect.

    All raise Unavailable (surely nothing moved, ask again) and Misconfigured (an operator must
    look).
    """

    def ensure_user(
        self,
        *,
        telegram_id: int,
        username: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
    ) -> str:
        """Return the custodian's id of this person, made on the first call.

        The names are told at the making only; a later change of them is not passed on.
        """

    def ensure_wallet(self, *, external_id: str) -> CustodyWallet:
        """Return the wallet with this name of ours, made on the first call.

        `external_id` is 1 to 64 of A-Z a-z 0-9 _ - and never changes its wallet.
        """

    def sign(
        self,
        *,
        wallet_id: str,
        address: str,
        raw_transaction: bytes,
        message_hash: str,
        role: str = SignerRole.TRADING,
    ) -> bytes:
        """Return the same transaction with this wallet's signature in its place.

        `message_hash` is the hex sha256 of the message, as it is stored. The signature has been
        verified against the message of `raw_transaction`; nothing has been sent. Raises Refused
        when the custodian's policy or the transaction itself does not allow it.
        """

    def wraps_sol(self, *, wallet_id: str, address: str) -> bool:
        """Whether the trading signer may wrap this wallet's SOL, and unwrap it, for itself."""

    def renew_policies(self, *, owner_keys: Sequence[str]) -> PolicyRenewal:
        """Bind every trader's wallet as it would be bound today; without keys, only count.

        The keys are the owner's own, which are kept offline.
        """

    def check(self) -> None:
        """Raise Misconfigured, naming the setting, unless everything configured exists there."""
