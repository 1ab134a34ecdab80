"""The first minutes with the bot: start, wallet, balance, settings, help."""

from accounts.models import User, UserSetting
from core.roles import as_sync
from tests.bot.conftest import eventually
from tests.telegram_user import text_of
from wallets.chain_balances import read_chain_balances
from wallets.models import Wallet


def users():
    with as_sync():
        return list(User.objects.values_list("telegram_id", "telegram_first_name"))


def wallets():
    with as_sync():
        return list(Wallet.objects.values_list("wallet_address", flat=True))


def test_start_lets_a_person_in_and_makes_no_wallet(carol):
    carol.say("/start")
    answer = carol.wait_for("Welcome, Carol")
    assert "/create" in text_of(answer)
    assert users() == [(carol.id, "Carol")]
    assert wallets() == []


def test_starting_again_and_twice_at_once_keeps_one_row(carol):
    carol.say("/start", times=3)
    carol.wait_for("Welcome, Carol")
    carol.say("/start")
    carol.wait_for("Welcome back, Carol")
    assert len(users()) == 1
    assert sum("Welcome" in text_of(each) for each in carol.messages()) == 2


def test_create_makes_one_wallet_and_shows_its_address_with_a_qr_code(carol):
    carol.say("/create")
    first = carol.wait_for("Your wallet is made")
    [address] = wallets()
    assert first["photo"]
    assert address in text_of(first)
    assert {"type": "code"}.items() <= next(
        each for each in first["caption_entities"] if each["type"] == "code"
    ).items()
    carol.say("/create")
    again = carol.wait_for(address)
    assert "is made" not in text_of(again)
    assert wallets() == [address]


def test_the_wallet_is_shown_only_where_there_is_one(carol):
    carol.say("/wallet")
    carol.wait_for("You have no wallet yet")
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    carol.say("/wallet")
    assert "Tap it to copy" in text_of(carol.wait_for("Your wallet on Solana"))


def test_balance_shows_tokens_with_their_age_and_refreshes_from_the_chain(carol, desk):
    carol.say("/balance")
    carol.wait_for("no wallet yet")
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    [address] = wallets()
    desk.faucet(address, lamports=2 * 10**9, quote_units=500 * 10**6)
    eventually(lambda: read_chain_balances([address])[address].amounts["USDT"] >= 500)
    carol.say("/balance")
    shown = carol.wait_for("Balance")
    assert "not read yet" in text_of(shown)
    carol.press(shown, "Refresh")
    refreshed = carol.wait_for("as of just now")
    assert refreshed["message_id"] == shown["message_id"]
    assert "2.000000 SOL" in text_of(refreshed)
    assert "500.00" in text_of(refreshed)


def test_settings_are_changed_by_buttons_and_by_words(carol):
    carol.say("/settings")
    shown = carol.wait_for("Slippage: 0.5%")
    carol.press(shown, "Slippage 1%")
    carol.wait_for("Slippage: 1%")
    carol.press(shown, "At most 5x")
    carol.wait_for("Largest leverage: 5x")
    carol.say("/settings timezone Europe/Vienna")
    carol.wait_for("Time zone: Europe/Vienna")
    with as_sync():
        stored = dict(UserSetting.objects.values_list("setting_key", "setting_value"))
    assert stored["trading"]["default_slippage"] == "1"
    assert stored["risk_management"]["max_leverage"] == "5"


def test_a_setting_that_cannot_be_is_refused_with_what_it_takes(carol):
    carol.say("/settings slippage 50")
    carol.wait_for("cannot be used for slippage")
    carol.say("/settings timezone Mars/Olympus")
    carol.wait_for("It takes a name such as Europe/Vienna")
    carol.say("/settings colour blue")
    carol.wait_for("do not understand “colour”")
    with as_sync():
        assert not UserSetting.objects.exists()


def test_help_names_every_command_of_the_menu(carol, desk):
    carol.say("/help")
    shown = text_of(carol.wait_for("What I can do"))
    for name in ("/start", "/deposit", "/long", "/myposition", "/close", "/history", "/abort"):
        assert name in shown


def test_the_hub_offers_what_there_is_and_each_button_answers(carol):
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    carol.say("/drift")
    hub = carol.wait_for("The desk")
    for button, answer in (
        ("Positions", "None are open"),
        ("Orders", "Nothing is open"),
        ("Markets", "SOL-PERP"),
        ("Withdraw", "Address book"),
        ("Funding", "no funding yet"),
        ("Health", "no account at a venue yet"),
        ("Balance", "Wallet"),
        ("Settings", "Slippage"),
        ("Long", "Which market?"),
    ):
        query = carol.press(hub, button)
        carol.wait_for(answer)
        carol.answer_to(query)


def test_abort_leaves_a_flow_and_says_when_there_is_none(carol):
    carol.say("/abort")
    carol.wait_for("nothing to leave")
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    carol.say("/long sol")
    carol.wait_for("How much?")
    carol.say("/abort")
    carol.wait_for("Nothing was moved")
    carol.say("0.5")
    carol.wait_for("do not understand that here")


def test_history_and_orders_tell_the_next_step_while_empty(carol):
    carol.say("/history")
    carol.wait_for("/deposit begins it")
    carol.say("/orders")
    carol.wait_for("/long or /short")
    carol.say("/myposition")
    carol.wait_for("None are open")


def test_status_tells_of_every_part_of_the_desk(carol):
    carol.say("/status")
    shown = text_of(carol.wait_for("How the desk is doing"))
    assert shown.count("🟢") == 7
    assert "Velocity trading: ok, open" in shown


def test_updates_are_rows_that_end_handled(carol):
    carol.say("/help")
    carol.wait_for("What I can do")
    from bot.models import TelegramUpdate

    def states():
        with as_sync():
            return list(TelegramUpdate.objects.values_list("telegram_id", "state"))

    assert eventually(lambda: states() == [(carol.id, "handled")])
