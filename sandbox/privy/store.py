"""What the stand-in keeps: users, wallets with their keys, policies, quorums, answers given."""

import base64
import string
from collections.abc import Iterator
from typing import Any

from solders.keypair import Keypair

from sandbox.privy.credentials import QUORUMS
from sandbox.state import Json, SandboxState

ID_LETTERS = string.ascii_lowercase + string.digits
IDEMPOTENCY_SECONDS = 24 * 3600
EXTERNAL_ID_PREFIX = "ext_wal_"

Record = dict[str, Any]


class PrivyStore:
    """The memory of one app; wallet keys exist here and nowhere else."""

    def __init__(self, state: SandboxState) -> None:
        self._clock = state.clock
        self._chance = state.stream("privy")
        self.users: dict[str, Record] = {}
        self.wallets: dict[str, Record] = {}
        self.policies: dict[str, Record] = {}
        self.quorums: dict[str, Record] = {
            quorum.id: quorum_record(
                quorum.id,
                public_keys=[key.public_key for key in quorum.keys],
                user_ids=[],
                threshold=quorum.threshold,
                display_name=quorum.display_name,
            )
            for quorum in QUORUMS
        }
        self._secrets: dict[str, bytes] = {}
        self._answers: dict[str, Record] = {}
        self.user_creations: list[int] = []

    def new_id(self) -> str:
        """An identifier in Privy's form: 24 lower-case letters and digits."""
        return "".join(self._chance.choices(ID_LETTERS, k=24))

    def now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def now_seconds(self) -> int:
        return self._clock.unix()

    def new_keypair(self, wallet_id: str) -> Keypair:
        """Make and keep the ed25519 key of a wallet."""
        self._secrets[wallet_id] = self._chance.randbytes(32)
        return self.keypair(wallet_id)

    def keypair(self, wallet_id: str) -> Keypair:
        return Keypair.from_seed(self._secrets[wallet_id])

    def wallet(self, reference: str) -> Record | None:
        """A wallet by its id, or by its external id behind the prefix."""
        if reference.startswith(EXTERNAL_ID_PREFIX):
            return self.wallet_by("external_id", reference.removeprefix(EXTERNAL_ID_PREFIX))
        return self.wallets.get(reference)

    def wallet_by(self, field: str, value: str) -> Record | None:
        return next((wallet for wallet in self.wallets.values() if wallet[field] == value), None)

    def users_with(self, account_type: str, field: str, value: str) -> Iterator[Record]:
        for user in self.users.values():
            for account in user["linked_accounts"]:
                if account["type"] == account_type and account.get(field) == value:
                    yield user

    def answer(self, key: str) -> Record | None:
        """The answer given under an idempotency key, while it is remembered."""
        answer = self._answers.get(key)
        if answer is None or answer["at"] + IDEMPOTENCY_SECONDS <= self.now_seconds():
            return None
        return answer

    def remember(self, key: str, *, request: str, status: int, body: Json) -> None:
        self._answers[key] = {
            "at": self.now_seconds(),
            "request": request,
            "status": status,
            "body": body,
        }

    def snapshot(self) -> Json:
        return {
            "users": self.users,
            "wallets": self.wallets,
            "policies": self.policies,
            "quorums": self.quorums,
            "secrets": {
                wallet_id: base64.b64encode(secret).decode()
                for wallet_id, secret in self._secrets.items()
            },
            "answers": self._answers,
        }

    def restore(self, saved: Json) -> None:
        self.users = dict(saved["users"])
        self.wallets = dict(saved["wallets"])
        self.policies = dict(saved["policies"])
        self.quorums = dict(saved["quorums"])
        self._secrets = {
            wallet_id: base64.b64decode(secret) for wallet_id, secret in saved["secrets"].items()
        }
        self._answers = dict(saved["answers"])


def quorum_record(
    quorum_id: str,
    *,
    public_keys: list[str],
    user_ids: list[str],
    threshold: int,
    display_name: str | None,
) -> Record:
    """A key quorum as the API shows it."""
    return {
        "id": quorum_id,
        "display_name": display_name,
        "authorization_keys": [
            {"public_key": public_key, "display_name": None} for public_key in public_keys
        ],
        "user_ids": user_ids,
        "authorization_threshold": threshold,
    }
