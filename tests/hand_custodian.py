"""A custodian of keys in this process: it makes users and wallets by name, each once."""

import threading
from contextlib import contextmanager

from solders.keypair import Keypair

from core import registry
from core.errors import Unavailable
from wallets.custody.base import CustodyWallet
from wallets.sponsor import sponsor_wallet


class HandCustodian:
    """Counts what it was asked for; while `is_down` it answers nothing."""

    def __init__(self) -> None:
        self.wallets: dict[str, CustodyWallet] = {}
        self.users: dict[int, str] = {}
        self.asked: list[str] = []
        self.is_down = False
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, key: str) -> "HandCustodian":
        return cls()

    def ensure_user(self, *, telegram_id, username=None, first_name=None, last_name=None) -> str:
        self._answer("user")
        return self.users.setdefault(telegram_id, f"custody user {telegram_id}")

    def ensure_wallet(self, *, external_id: str) -> CustodyWallet:
        self._answer(external_id)
        with self._lock:
            made = CustodyWallet(id=f"id of {external_id}", address=str(Keypair().pubkey()))
            return self.wallets.setdefault(external_id, made)

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.is_down:
            raise Unavailable("custody.unavailable")


@contextmanager
def keys_held_by_hand(settings):
    """The desk's one custodian is a HandCustodian; the process's own is forgotten meanwhile."""
    settings.CUSTODIANS = {"privy": "tests.hand_custodian.HandCustodian"}
    _forget()
    try:
        yield registry.provider("CUSTODIANS", "privy")
    finally:
        _forget()


def _forget() -> None:
    registry._of_process.cache_clear()
    sponsor_wallet.cache_clear()
