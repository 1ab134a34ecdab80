"""The person of a run: wallet, authenticator, address book, and what can be asked of them."""

from base64 import b64decode
from decimal import Decimal
from typing import Any

from django.utils import timezone
from solders.keypair import Keypair

from accounts.services import enter_telegram_user
from core.roles import as_sync
from laminator.demo.chat import TelegramUser
from tests.campaign.program import key_of
from tests.desk import Trader
from tests.outsider import Outsider
from tests.withdrawer import Withdrawer
from trading.models import VenueAccount
from trading.services import preview_order
from trading.services.place_order import ConfirmedOrder
from trading.wishes import OrderWish
from wallets.chain_balances import read_chain_balances, token_account
from wallets.models import Wallet

GIFT_LAMPORTS, GIFT_UNITS = 2 * 10**9, 1000 * 10**6


class CampaignTrader(Trader):
    """A trader whose wallet and account the checks can ask for."""

    wallet_id: Any = None
    chat: Any = None
    # What somebody sent by mistake, and who it was.
    arrival: Any = None
    sent_units: int = 0
    _outsider: Any = None
    _withdrawer: Any = None
    _api_key: str = ""

    def come_in(self) -> None:
        """With a gift of the faucet's, and an authenticator before money has come."""
        self.chat = TelegramUser(self.sandbox.telegram_url, first_name="Tess")
        self.telegram_id = self.chat.id
        self.arrive(sol=Decimal(GIFT_LAMPORTS) / 10**9, quote=Decimal(GIFT_UNITS) / 10**6)
        with as_sync():
            self.wallet_id = Wallet.objects.get(user_id=self.user_id).id
        self._withdrawer = Withdrawer(self)

    def stranger(self) -> Any:
        """Another person of this desk, who must see nothing of this one's."""
        user, _ = enter_telegram_user(
            telegram_id=self.telegram_id + 10**9, username="", first_name="Eve", last_name=None,
            now=timezone.now(),
        )  # fmt: skip
        return user.id

    def api_key(self) -> str:
        """Of a program of theirs."""
        self._api_key = self._api_key or key_of(self.user_id)
        return self._api_key

    def withdrawer(self) -> Any:
        return self._withdrawer

    def confirm_at(self, deployment: str, **wish: Any) -> ConfirmedOrder:
        """What a person who is shown a card confirms."""
        wanted = OrderWish(deployment=deployment, **wish)
        shown = preview_order(user_id=self.user_id, wish=wanted, now=timezone.now())
        return ConfirmedOrder.as_shown(wanted, shown)

    def accounts(self) -> list[VenueAccount]:
        """At every venue."""
        with as_sync():
            return list(VenueAccount.objects.filter(wallet_id=self.wallet_id))

    def held_units(self, symbol: str, address: str = "") -> int:
        address = address or self.address
        held = read_chain_balances([address])[address].amounts.get(symbol, Decimal(0))
        return int(held * 10**6)

    def lamports(self, address: str = "") -> int:
        answer = self.sandbox.rpc(
            "getBalance", address or self.address, {"commitment": "confirmed"}
        )
        return int(answer["value"])

    def be_sent_by_mistake(self, units: int) -> str:
        """Somebody sends a token that no venue takes; its mint."""
        self._outsider, mint = Outsider(self.sandbox), str(Keypair().pubkey())
        self.sent_units = units
        self._outsider.send(*self._outsider.tokens(self.address, units, mint=mint))
        return mint

    def held_of_arrival(self) -> tuple[int, int]:
        """How much of it is with this person, and with who had sent it."""
        mint = self.arrival.token_mint
        return self._units_of(self.address, mint), self._units_of(self._outsider.address, mint)

    def _units_of(self, owner: str, mint: str) -> int:
        account = token_account(owner=owner, mint=mint)
        found = self.sandbox.rpc("getAccountInfo", account, {"encoding": "base64"})["value"]
        return int.from_bytes(b64decode(found["data"][0])[64:72], "little") if found else 0
