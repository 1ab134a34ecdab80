"""The day itself, step by step, as a person would type and tap it."""

import re
import time
import uuid
from decimal import Decimal

import httpx
from django.conf import settings

from accounts.services import find_user_by_telegram
from laminator.demo.books import check_books, count_rows, read_identities, read_messages
from laminator.demo.chat import Message, NothingCame, TelegramUser, buttons_of, text_of

_PATIENCE = 40


class Day:
    """One trader's first day. `play`, then `show_books`, then `end`."""

    def __init__(self, *, deployment: str) -> None:
        environment = settings.ENVIRONMENT
        self._control = f"http://127.0.0.1:{environment.sandbox_port}"
        self._default = environment.default_deployment
        self._deployment = deployment or self._default
        self._trader = TelegramUser(environment.telegram_api_url, first_name="Dana")
        self._rows_before = count_rows()

    def end(self) -> None:
        """Let prices walk again and leave."""
        httpx.post(f"{self._control}/prices", json={"symbol": "SOL", "hold": False}, timeout=5)
        self._trader.close()

    def play(self) -> None:
        """From /start to /history. Raises NothingCame where the bot does not answer."""
        self._say("/start", expect="Welcome")
        if self._deployment != self._default:
            wanted = f"Venue: {self._deployment.capitalize()}"
            self._say(f"/settings venue {self._deployment}", expect=wanted)
        made = self._say("/create", expect=self._an_address)
        address = self._address_in(made)
        self._faucet(address)
        time.sleep(2)
        print("> [I have sent it: check]")
        self._trader.press(made, "check")
        _show(self._trader.wait_for("USDT" if self._deployment == "velocity" else "USDC"))
        self._act("/deposit 500", done="Arrived at the venue")
        self._price("SOL", Decimal(150))
        self._act("/long sol 1", done="✅ Filled")
        self._price("SOL", Decimal(153))
        self._say("/myposition", expect="SOL")
        self._act("/close sol 50%", done="✅ Filled")
        self._act("/close sol all", done="✅ Filled")
        self._say("/history", expect="SOL")
        self._wait_for_finality()

    def show_books(self) -> bool:
        """Print rows, identities and checks; whether all hold."""
        user_id = self._user_id()
        print(f"\n{'table':<28} {'before':>8} {'after':>8}")
        for table, after in count_rows().items():
            before = self._rows_before.get(table, 0)
            mark = "  +" + str(after - before) if after != before else ""
            print(f"{table:<28} {before:>8} {after:>8}{mark}")
        good = True
        print(f"\n{'identity':<24} {'our rows':>18} {'venue':>18}")
        identities = read_identities(user_id)
        for deployment, identity in identities:
            good &= identity.holds
            word = "holds" if identity.holds else "DOES NOT HOLD"
            print(
                f"{deployment + ' ' + identity.name:<24} {identity.ours:>18f} "
                f"{identity.venue:>18f}  {word}"
            )
        good &= bool(identities)
        print()
        for check in check_books(user_id):
            good &= check.holds
            print(f"{'ok ' if check.holds else 'NOT'}  {check.what}: {check.found}")
        return good

    def _say(self, text: str, *, expect: object) -> Message:
        print(f"\n> {text}")
        self._trader.say(text)
        message = self._trader.wait_for(expect, seconds=_PATIENCE)  # type: ignore[arg-type]
        _show(message)
        return message

    def _act(self, text: str, *, done: str) -> None:
        """An act with a confirm card: type, read the card, confirm, follow the card to its end."""
        card = self._say(text, expect=lambda message: "Confirm" in " ".join(buttons_of(message)))
        print(f"> [{next(label for label in buttons_of(card) if 'Confirm' in label)}]")
        self._trader.press(card, "Confirm")
        shown = [text_of(card)]
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            for message in self._versions(card["message_id"]):
                if text_of(message) not in shown:
                    shown.append(text_of(message))
                    _show(message)
                if done in text_of(message):
                    latest = read_messages(self._user_id())[-1]
                    print(f"    ({latest.act}, {latest.state}: {latest.signature})")
                    return
            time.sleep(0.2)
        raise NothingCame(f"{text} did not come to {done!r}; the card says:\n{shown[-1]}")

    def _versions(self, message_id: int) -> list[Message]:
        """Every state that a message has shown, oldest first."""
        message = next(m for m in self._trader.messages() if m["message_id"] == message_id)
        return [*message.get("history", []), message]

    def _faucet(self, address: str) -> None:
        print(f"\n  (the sandbox's faucet gives {address} its first SOL and test dollars)")
        answer = httpx.post(f"{self._control}/faucet", json={"address": address}, timeout=20)
        answer.raise_for_status()

    def _price(self, symbol: str, price: Decimal) -> None:
        print(f"\n  (the sandbox moves {symbol} to {price})")
        body = {"symbol": symbol, "price": str(price), "hold": True}
        httpx.post(f"{self._control}/prices", json=body, timeout=5).raise_for_status()
        # The feed reads it, and the next refresh marks positions with it.
        time.sleep(5)

    def _an_address(self, message: Message) -> bool:
        return bool(re.search(r"[1-9A-HJ-NP-Za-km-z]{32,44}", text_of(message)))

    def _address_in(self, message: Message) -> str:
        found = re.search(r"[1-9A-HJ-NP-Za-km-z]{32,44}", text_of(message))
        assert found is not None
        return found[0]

    def _user_id(self) -> uuid.UUID:
        user_id = find_user_by_telegram(telegram_id=self._trader.id)
        assert user_id is not None
        return user_id

    def _wait_for_finality(self) -> None:
        """Until every message has its end from the chain, so that the books are whole."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            messages = read_messages(self._user_id())
            if all(message.state == "finalized" for message in messages):
                break
            time.sleep(0.5)
        print("\nmessages on the chain, each by the act that it carries")
        for message in messages:
            print(f"  {message.act:<16} {message.state:<10} {message.signature}")


def _show(message: Message) -> None:
    print("\n".join(f"    {line}" for line in text_of(message).splitlines()))
    labels = buttons_of(message)
    if labels:
        print("    " + " ".join(f"[{label}]" for label in labels))
