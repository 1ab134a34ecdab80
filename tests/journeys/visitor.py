"""A person who uses a running desk by its bot alone, and what the desk and the chain know of it."""

import re

from tests.journeys.house import House, eventually
from tests.telegram_user import Message, TelegramUser, buttons_of, text_of

_ADDRESS = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")


class Visitor(TelegramUser):
    """One chat with the bot of `house`."""

    def __init__(self, house: House) -> None:
        super().__init__(house.sandbox.telegram_url, first_name="Tess")
        self.house = house
        self.address = ""

    # Ways.

    def arrive(self, *, sol: int = 2, quote: int = 1000) -> "Visitor":
        """Come in, have a wallet made and filled."""
        self.ask("/start", "Welcome")
        made = self.ask("/create", "Your wallet is made")
        self.address = _ADDRESS.search(text_of(made))[0]
        self.house.sandbox.faucet(self.address, lamports=sol * 10**9, quote_units=quote * 10**6)
        eventually(lambda: self._wallet_is_filled(made), why="the faucet's gift is seen")
        return self

    def settle_in(self, amount: int = 500) -> "Visitor":
        """`arrive`, and a first deposit."""
        self.arrive()
        self.act(f"/deposit {amount}", done="Arrived at the venue")
        return self

    def ask(self, text: str, shows) -> Message:
        self.say(text)
        return self.wait_for(shows)

    def quote(self, text: str) -> Message:
        """Type a command; the confirm card that answers it."""
        return self.ask(text, lambda shown: "Confirm" in " ".join(buttons_of(shown)))

    def act(self, text: str, *, done: str) -> Message:
        """A command, its card, the tap, and the same card's last state."""
        card = self.quote(text)
        self.press(card, "Confirm")
        return self.wait_on(card, done)

    def wait_on(self, card: Message, words: str, *, seconds: float = 180) -> Message:
        """Until this very message shows the words."""
        return eventually(
            lambda: next((each for each in self.messages() if self._is(each, card, words)), None),
            seconds=seconds,
            why=lambda: (
                f"{words!r} on the card that says {self.now(card)!r}, whose message is "
                f"{[(row['state'], row['last_proof'], row['error']) for row in self.submissions()]}"
            ),
        )

    def now(self, card: Message) -> str:
        """What this message shows now."""
        return next(text_of(m) for m in self.messages() if m["message_id"] == card["message_id"])

    def answers(self) -> list[Message]:
        """Everything that the bot has written here."""
        return [each for each in self.messages() if each["by_bot"]]

    @staticmethod
    def _is(message: Message, card: Message, words: str) -> bool:
        return message["message_id"] == card["message_id"] and words in text_of(message)

    def _wallet_is_filled(self, made: Message) -> bool:
        answer = self.answer_to(self.press(made, "check"))
        return "yet" not in (answer.get("text") or "")

    # The books.

    def submissions(self) -> list[dict]:
        """The messages of this person's wallet, oldest first."""
        return self.house.rows(
            "SELECT s.* FROM submissions s JOIN wallets w ON w.id = s.wallet_id"
            " WHERE w.wallet_address = %s ORDER BY s.created_at",
            self.address,
        )

    def orders(self) -> list[dict]:
        return self._mine("drift_orders")

    def positions(self) -> list[dict]:
        return self._mine("drift_positions", by="opened_at")

    def transfers(self) -> list[dict]:
        return self._mine("venue_transfers")

    def intents(self) -> list[dict]:
        return self._mine("intents")

    def _mine(self, table: str, *, by: str = "created_at") -> list[dict]:
        return self.house.rows(
            f"SELECT t.* FROM {table} t JOIN users u ON u.id = t.user_id"
            f" WHERE u.telegram_id = %s ORDER BY t.{by}",
            self.id,
        )

    # The chain.

    def landed(self) -> list[str]:
        """Signatures of this person's transactions that took effect, but the faucet's."""
        found = self.house.sandbox.rpc(
            "getSignaturesForAddress", self.address, {"commitment": "confirmed"}
        )
        return [each["signature"] for each in found if each["err"] is None and each["memo"]]
