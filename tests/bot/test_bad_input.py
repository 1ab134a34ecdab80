"""Whatever is typed gets a helpful answer, no traceback, and moves nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Intent
from bot.order_words import parse_order
from bot.parsing import parse_close, parse_deposit
from bot.texts.common import COMMANDS, NOT_HERE_YET
from chain.models import Submission
from core.errors import Refused
from core.roles import as_sync
from tests.telegram_user import text_of

BAD = {
    "negative": "-5",
    "zero": "0",
    "huge": "9" * 18,
    "too long a number": "9" * 40,
    "not a number": "NaN",
    "infinite": "inf",
    "exponent": "1e9",
    "comma": "1,5",
    "unicode digits": "\uff11\uff12",
    "arabic digits": "\u0663",
    "markup": "<b>1</b>",
    "broken markup": "<<>>&",
    "shell": "$(reboot)",
    "sql": "1;DROP-TABLE-users",
    "nul": "1\x002",
    "5,000 characters": "7" * 5000,
    "5,000 letters": "x" * 5000,
    "emoji": "🚀",
}
BROKEN = ("Something went wrong", "Traceback", "Error(", "could not be done (")


def nothing_moved():
    with as_sync():
        return not Intent.objects.exists() and not Submission.objects.exists()


def answers_of(person, texts):
    """Say each text; the bot's answers to it, in order."""
    found = []
    for text in texts:
        before = {message["message_id"] for message in person.messages()}
        person.say(text)
        answer = person.wait_for(lambda message, before=before: message["message_id"] not in before)
        found.append(text_of(answer))
    return found


@pytest.mark.parametrize("command", ["/long sol", "/short btc", "/deposit", "/close sol"])
def test_a_bad_amount_after_a_command_is_refused_with_help(carol, command):
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    for text in answers_of(carol, [f"{command} {bad}" for bad in BAD.values()]):
        assert not any(broken in text for broken in BROKEN), text
    assert nothing_moved()


@pytest.mark.parametrize(
    ("question", "asked"), [("/long sol", "How much?"), ("/settings", "Settings")]
)
def test_a_bad_answer_to_a_question_is_refused_and_the_question_stays(carol, question, asked):
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    carol.say(question)
    shown = carol.wait_for(asked)
    if question == "/settings":
        carol.press(shown, "Time zone")
        carol.wait_for("Which time zone?")
    for text in answers_of(carol, [bad for bad in BAD.values() if len(bad) < 4096]):
        assert not any(broken in text for broken in BROKEN), text
    carol.say("/abort")
    carol.wait_for("Left. Nothing was moved.")
    assert nothing_moved()


def test_every_command_takes_rubbish_after_it(carol):
    names = [*COMMANDS, "create", "drift", "positions", "markets", "price", "status", "nonsense"]
    rubbish = "<i>& ' \" 1e9 \u202e -1"
    for text in answers_of(carol, [f"/{name} {rubbish}" for name in names]):
        assert not any(broken in text for broken in BROKEN), text
    assert nothing_moved()


def test_markup_in_a_name_is_shown_as_it_is(bot, join):
    person = join("<b>Eve</b> & Co")
    person.say("/start")
    assert "<b>Eve</b> & Co" in text_of(person.wait_for("Welcome"))


def test_what_is_no_text_or_no_command_is_answered(carol):
    carol.say("hello there")
    carol.wait_for("do not understand that here")
    carol.say("/")
    carol.wait_for("do not understand that here")


def test_an_edited_command_is_not_acted_on(carol):
    said = carol.say("/help")
    carol.wait_for("What I can do")
    carol.edit(said["message_id"], "/create")
    carol.wait_for("do not act on edited messages")
    carol.say("/wallet")
    carol.wait_for("You have no wallet yet")


def test_in_a_group_there_is_one_polite_line_and_no_trading(carol, desk):
    import httpx

    http = httpx.Client(base_url=desk.telegram_url)
    group = http.post("/control/groups", json={"title": "Club", "members": [carol.id]}).json()
    http.post(f"/control/users/{carol.id}/say", json={"text": "hello", "chat_id": group["id"]})
    http.post(
        f"/control/users/{carol.id}/say", json={"text": "/long sol 1", "chat_id": group["id"]}
    )
    carol.say("/help")
    carol.wait_for("What I can do")
    shown = http.get(f"/control/chats/{group['id']}/messages").json()["messages"]
    assert [text_of(each) for each in shown if each["by_bot"]] == [
        "I only work in a private chat: tap my name and write to me there."
    ]
    http.close()
    assert nothing_moved()


def test_malformed_updates_hold_up_nobody(carol, desk):
    import httpx

    with httpx.Client(base_url=desk.telegram_url) as http:
        for update in (
            {"message": {"nonsense": True}},
            {"callback_query": {"id": "1", "from": {"id": carol.id}}},
            {"message": "text"},
            {"unheard_of": {}},
        ):
            http.post("/control/updates", json={"update": update, "deliveries": 1})
    carol.say("/help")
    carol.wait_for("What I can do")


def test_a_flood_is_held_back_with_one_warning(carol):
    for _ in range(40):
        carol.say("/abort")
    carol.wait_for("That was a lot at once")
    told = [text_of(each) for each in carol.messages() if each["by_bot"]]
    assert sum("a lot at once" in each for each in told) == 1
    assert len(told) < 35


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("sol -1", "amount.not_positive"),
        ("sol 0", "amount.not_positive"),
        ("sol 1e9", "amount.not_a_number"),
        ("sol 1,5", "amount.comma"),
        ("sol \u0661", "amount.not_a_number"),
        ("sol 1 2", "command.too_many"),
        ("sol $1 2", "command.too_many"),
        ("sol 1 500x", "command.no_leverage"),
        ("sol 1 0x", "command.no_leverage"),
        ("sol 1 sl", "command.value_missing"),
        ("sol 1 sl x", "amount.not_a_number"),
        ("sol 1 sl 1 sl 2", "command.too_many"),
        ("sol 1 for 2", "command.no_span"),
        ("sol 1 for \u0662h", "command.no_span"),
        ("sol 1 slip 101", "order.percent_out_of_range"),
        ("sol 1000000001", "amount.too_large"),
        ("sol " + "1" * 200, "command.too_many"),
        ("sol $", "amount.empty"),
    ],
)
def test_an_order_that_cannot_be_read_in_one_way_is_refused(typed, code):
    with pytest.raises(Refused) as refusal:
        parse_order(typed)
    assert refusal.value.code == code


def test_an_order_is_read_in_any_sequence():
    words = parse_order("5x $100 sol")
    assert (words.symbol, words.size, words.notional, words.leverage) == ("sol", None, 100, 5)
    assert parse_order("SOL-PERP .5").size == parse_order("sol 0.5").size
    assert not parse_order("").has_size


@pytest.mark.parametrize(
    ("typed", "kind", "prices"),
    [
        ("sol 1", "market", (None, None, None)),
        ("sol 1 limit 148", "limit", (148, None, None)),
        ("sol 1 @148", "limit", (148, None, None)),
        ("sol 1 offset -0.5", "limit", (None, None, Decimal("-0.5"))),
        ("sol 1 stop $160", "stop_market", (None, 160, None)),
        ("stop:160 limit=161 sol 1", "stop_limit", (161, 160, None)),
        ("sol 1 target 120", "take_profit_market", (None, 120, None)),
        ("sol 1 target 120 limit 121", "take_profit_limit", (121, 120, None)),
    ],
)
def test_every_kind_of_order_has_its_words(typed, kind, prices):
    wished = parse_order(typed).wished()
    found = (wished["price"], wished["trigger_price"], wished["oracle_offset"])
    assert (wished["order_type"], found, wished["size"]) == (kind, prices, 1)


def test_flags_spans_and_stops_are_read():
    words = parse_order("sol 1 limit 148 post ioc reduce for 2h slip 1% sl 130 tp=170")
    assert words.post_only
    assert words.immediate_or_cancel
    assert words.reduce_only
    assert words.expires_in == timedelta(hours=2)
    assert (words.slippage, words.stop_loss, words.take_profit) == (1, 130, 170)
    with pytest.raises(Refused) as refusal:
        parse_order("sol 1 stop 1 target 2").wished()
    assert refusal.value.code == "order.flags_contradict"


def test_a_close_is_read():
    assert parse_close("all").everything
    assert parse_close("sol all").percent == 100
    assert not parse_close("sol all").everything
    assert (parse_close("sol 25%").symbol, parse_close("sol 25%").percent) == ("sol", 25)
    for typed, code in (("sol 101", "order.percent_out_of_range"), ("a b", "amount.not_a_number")):
        with pytest.raises(Refused) as refusal:
            parse_close(typed)
        assert refusal.value.code == code


def test_a_deposit_is_read_against_what_the_wallet_holds():
    held = Decimal("100.019999")
    assert parse_deposit("25%", held=held) == Decimal("25.00")
    assert parse_deposit("max", held=held) == held
    assert parse_deposit("$12.5", held=held) == Decimal("12.5")
    with pytest.raises(Refused) as refusal:
        parse_deposit("101%", held=held)
    assert refusal.value.code == "deposit.percent_out_of_range"


def test_commands_are_read_in_capitals_too(carol):
    told = answers_of(carol, ["/HELP", "/Positions", "/LONG sol 0.1"])
    assert "What I can do" in told[0]
    assert "None are open" in told[1]
    assert "no wallet yet" in told[2]


@pytest.mark.parametrize("shouted", [False, True])
def test_a_command_that_is_not_here_yet_says_what_can_be_done(carol, shouted):
    names = [*NOT_HERE_YET][:12]
    said = [f"/{name.upper() if shouted else name} 5" for name in names]
    for name, text in zip(names, answers_of(carol, said), strict=True):
        what, instead = NOT_HERE_YET[name]
        assert f"{what} not here yet." in text
        assert instead in text
    assert nothing_moved()


def test_cancel_leaves_a_question_and_else_shows_what_rests(carol):
    carol.say("/create")
    carol.wait_for("Your wallet is made")
    carol.wait_for("Enrol an authenticator now")
    told = answers_of(carol, ["/cancel", "/long sol", "/cancel"])
    assert "Nothing is open" in told[0]
    assert told[2] == "Left. Nothing was moved."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("slippage 9", "cannot be used for slippage"),
        ("leverage 500x", "cannot be used for leverage.\nNothing was moved.\nIt takes 1x to 100x"),
        ("timezone Moon/Base", "It takes a name such as Europe/Vienna"),
        ("slippage 0", "is not above zero"),
    ],
)
def test_a_setting_out_of_its_range_is_refused_in_its_own_words(carol, typed, said):
    [text] = answers_of(carol, [f"/settings {typed}"])
    assert said in text
    for foreign in ("default_slippage", "max_leverage", "Input should", "asset"):
        assert foreign not in text
