"""Money and safety in the chat: it prepares, links and freezes, and lets nothing out by itself."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, UserApiKey, UserSecurity, WebLink
from bot.texts.withdrawals import withdraw_screen
from core.roles import as_sync
from tests.authenticator import Authenticator
from tests.bot.conftest import eventually, fund
from tests.outsider import Outsider
from tests.telegram_user import buttons_of, text_of
from wallets.chain_balances import read_chain_balances
from wallets.models import Withdrawal, WithdrawalAddress
from wallets.services import add_address, sync_incoming


def user_of(person):
    with as_sync():
        return User.objects.get(telegram_id=person.id)


def address_of(message, label):
    """Where the button with this label leads."""
    lines = message["reply_markup"]["inline_keyboard"]
    [found] = [each["url"] for line in lines for each in line if label in each["text"]]
    return found


def follow(url):
    """A browser that has come through the link, and where it was sent."""
    browser = Client(HTTP_HOST="localhost")
    answer = browser.post("/desk/link", {"t": url.rpartition("=")[2]})
    return browser, answer.headers.get("Location")


@pytest.fixture
def rich(desk, carol):
    """Carol with money, an authenticator and one address that has cooled off."""
    address = fund(desk, carol)
    user = user_of(carol)
    carol.device = Authenticator(user.pk, timezone.now())
    carol.address, carol.target = address, Outsider(desk).address
    add_address(
        user_id=user.pk, label="ledger", address=carol.target, code=carol.device.code(),
        now=timezone.now(),
    )  # fmt: skip
    with as_sync():
        WithdrawalAddress.objects.update(usable_at=timezone.now() - timedelta(hours=1))
    return carol


def withdrawals():
    with as_sync():
        return list(Withdrawal.objects.order_by("id").values_list("status", "to_address"))


def test_a_stolen_chat_moves_nothing_and_the_page_takes_the_code(rich):
    rich.say("/withdraw 25 usdt to ledger")
    card = rich.wait_for("waits for your code")
    assert rich.target in text_of(card)
    url = address_of(rich.wait_for("asks for a code"), "Enter the code")
    assert withdrawals() == [("awaiting_code", rich.target)]
    # Codes that are written into the chat are nothing.
    rich.say(rich.device.code())
    rich.say("/withdraw 25 usdt to somebody else")
    rich.wait_for("not in your address book")
    assert withdrawals() == [("awaiting_code", rich.target)]
    browser, page = follow(url)
    assert browser.post(page, {"code": "000000"}).status_code == 422
    assert withdrawals() == [("awaiting_code", rich.target)]
    assert browser.post(page, {"code": rich.device.code()}).status_code == 200
    assert withdrawals() == [("cooling", rich.target)]
    assert follow(url)[1] is None  # the link was used up
    assert read_chain_balances([rich.target])[rich.target].amounts["USDT"] == 0


def test_a_withdrawal_that_waits_is_stopped_by_a_tap_on_its_card(rich):
    rich.say("/withdraw 25 usdt to ledger")
    card = rich.wait_for("waits for your code")
    url = address_of(rich.wait_for("asks for a code"), "Enter the code")
    browser, page = follow(url)
    browser.post(page, {"code": rich.device.code()})
    assert withdrawals() == [("cooling", rich.target)]
    rich.press(card, "Stop it", times=2)
    ended = rich.wait_for("You stopped it.")
    assert ended["message_id"] == card["message_id"]
    assert buttons_of(ended) == []
    assert withdrawals() == [("cancelled", rich.target)]


def test_what_is_locked_or_on_its_way_is_shown_while_the_chain_is_silent(desk, rich):
    rich.say("/withdraw 25 usdt to ledger")
    rich.wait_for("waits for your code")
    until = timezone.now() + timedelta(days=3)
    with as_sync():
        UserSecurity.objects.filter(user=user_of(rich)).update(withdrawals_locked_until=until)
    desk.set_fault("solana.reset")
    rich.say("/withdraw")
    screen = text_of(rich.wait_for("Address book"))
    assert f"Nothing leaves your wallet before {until:%Y-%m-%d %H:%M} UTC" in screen
    assert "25.00 USDT to ledger: waits for your code" in screen


def test_that_a_venue_cannot_be_read_is_told_above_the_book():
    screen = withdraw_screen(venues=None, addresses=(), recent=(), locked_until=None)
    assert "cannot be read now: the chain does not answer" in screen.partition("Address book")[0]


def test_withdraw_shows_the_book_and_what_is_on_its_way(rich):
    rich.say("/withdraw 25 usdt to ledger")
    rich.wait_for("waits for your code")
    rich.say("/withdraw")
    screen = text_of(rich.wait_for("Address book"))
    assert "ledger" in screen
    assert "25.00 USDT" in screen


@pytest.mark.parametrize(
    ("typed", "said"),
    [("/withdraw abc", "abc"), ("/withdraw 5 usdt to nobody", "not in your address book"),
     ("/withdraw 4000 usdt to ledger", "holds"), ("/withdraw -5", "above zero")],
)  # fmt: skip
def test_what_cannot_be_withdrawn_is_said_and_nothing_is_kept(rich, typed, said):
    rich.say(typed)
    rich.wait_for(said)
    assert withdrawals() == []


def test_security_enrols_first_and_then_leads_to_keys(carol):
    carol.say("/create")
    offered = carol.wait_for("Enrol an authenticator now")
    assert follow(address_of(offered, "Enrol"))[1] == "/desk/authenticator"
    Authenticator(user_of(carol).pk, timezone.now())
    carol.say("/security")
    screen = carol.wait_for("Authenticator: enrolled")
    assert follow(address_of(screen, "API keys"))[1] == "/desk/keys"
    with as_sync():
        assert UserApiKey.objects.count() == 0


def test_link_opens_a_page_once(carol):
    carol.say("/link")
    url = address_of(carol.wait_for("Your page"), "Open")
    browser, page = follow(url)
    assert page == "/desk/"
    assert browser.get(page).status_code == 200
    assert follow(url)[1] is None
    with as_sync():
        assert WebLink.objects.filter(used_at__isnull=False).count() == 1


def test_freeze_is_at_once_and_unfreeze_takes_a_code_on_its_page(rich):
    rich.say("/freeze")
    rich.wait_for("Frozen")
    assert user_of(rich).frozen_at is not None
    rich.say("/withdraw 25 usdt to ledger")
    rich.wait_for("frozen or restricted")
    assert withdrawals() == []
    rich.say("/unfreeze")
    browser, page = follow(address_of(rich.wait_for("lets your account go"), "Enter the code"))
    browser.post(page, {"code": "000000"})
    assert user_of(rich).frozen_at is not None
    browser.post(page, {"code": rich.device.code()})
    assert user_of(rich).frozen_at is None


def test_what_comes_in_is_told_and_a_wrong_token_is_sent_back(desk, rich, settings):
    settings.VENUES = {key: path for key, path in settings.VENUES.items() if key != "drift"}
    friend = Outsider(desk)
    friend.send(*friend.tokens(rich.address, 40_000_000, "USDC"))
    sync_incoming(now=timezone.now())
    card = rich.wait_for("40.00 USDC arrived")
    assert friend.address in text_of(card)
    assert "does not take USDC" in text_of(card)
    rich.say("/balance")
    assert "of no use at Velocity" in text_of(rich.wait_for("came in"))
    rich.press(card, "Send it back")
    assert friend.address in text_of(rich.wait_for("back to its sender"))
    rich.wait_for("asks for a code")
    eventually(lambda: withdrawals() == [("awaiting_code", friend.address)])
