"""The person of a run: wallet, authenticator, address book, and what can be asked of them."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.roles import as_sync
from laminator.demo.chat import TelegramUser
from tests.desk import Trader
from tests.withdrawer import Withdrawer
from trading.models import VenueAccount
from trading.services import preview_order
from trading.services.place_order import ConfirmedOrder
from trading.wishes import OrderWish
from wallets.chain_balances import read_chain_balances
from wallets.models import Wallet

GIFT_LAMPORTS, GIFT_UNITS = 2 * 10**9, 1000 * 10**6


class CampaignTrader(Trader):
    """A trader whose wallet and account the checks can ask for."""

    wallet_id: Any = None
    chat: Any = None
    _withdrawer: Any = None

    def come_in(self) -> None:
        """With a gift of the faucet's, and an authenticator before money has come."""
        self.chat = TelegramUser(self.sandbox.telegram_url, first_name="Tess")
        self.telegram_id = self.chat.id
        self.arrive(sol=Decimal(GIFT_LAMPORTS) / 10**9, quote=Decimal(GIFT_UNITS) / 10**6)
        with as_sync():
            self.wallet_id = Wallet.objects.get(user_id=self.user_id).id
        self._withdrawer = Withdrawer(self)

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
