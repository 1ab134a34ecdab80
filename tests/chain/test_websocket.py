"""What is asked over a websocket, and what of its answers and notifications is believed."""

import json

import pytest

from chain.websocket import Conversation, Kind, Watch, websocket_url
from core.uuid7 import uuid7


class Wire:
    """The far end: what it was asked, and answers by hand."""

    def __init__(self, *, limit: int = 1000) -> None:
        self.asked: list[dict] = []
        self.hints: list[Watch] = []
        self.talk = Conversation(
            send=lambda text: self.asked.append(json.loads(text)),
            hint=self.hints.append,
            limit=limit,
        )

    def answers(self, question: dict, **answer) -> None:
        self.talk.hear(json.dumps({"jsonrpc": "2.0", "id": question["id"], **answer}))

    def stands(self, watch: Watch, number: int) -> None:
        """The watch was asked for, and answered with this number."""
        self.talk.keep([watch])
        self.answers(self.asked[-1], result=number)
        self.hints.clear()

    def notifies(self, number, kind: str = "account", value=None) -> None:
        params = {"subscription": number, "result": value}
        self.talk.hear(json.dumps({"method": f"{kind}Notification", "params": params}))


@pytest.fixture
def wire():
    return Wire()


def account(subject: str = "an account") -> Watch:
    return Watch(Kind.ACCOUNT, subject, "confirmed", uuid7())


def signature(commitment: str = "confirmed") -> Watch:
    return Watch(Kind.SIGNATURE, "a signature", commitment, uuid7())


def test_of_an_account_nothing_but_its_moving_is_asked_for(wire):
    wire.talk.keep([account("7Ytt")])
    [slots, asked] = wire.asked
    assert slots["method"] == "slotSubscribe"
    assert asked["method"] == "accountSubscribe"
    options = {"commitment": "confirmed", "encoding": "base64"}
    assert asked["params"] == ["7Ytt", options | {"dataSlice": {"offset": 0, "length": 0}}]


def test_what_has_just_begun_to_be_watched_is_looked_at_once(wire):
    """Whatever happened to it before was told to nobody."""
    watch = account()
    wire.talk.keep([watch])
    assert wire.hints == []
    wire.answers(wire.asked[-1], result=7)
    assert wire.hints == [watch]
    wire.talk.keep([watch])
    assert (len(wire.asked), wire.hints) == (2, [watch])


def test_a_notification_hints_at_its_account_each_time(wire):
    watch = account()
    wire.stands(watch, 7)
    wire.notifies(7)
    wire.notifies(7)
    assert wire.hints == [watch, watch]


def test_a_signature_is_told_of_once_and_not_asked_for_again(wire):
    watch = signature()
    wire.stands(watch, 7)
    wire.notifies(7, "signature", {"context": {"slot": 1}, "value": {"err": "Forged"}})
    assert wire.hints == [watch]
    wire.notifies(7, "signature")
    wire.talk.keep([watch])
    assert (wire.hints, wire.talk.standing) == ([watch], 0)
    assert [each["method"] for each in wire.asked] == ["slotSubscribe", "signatureSubscribe"]


@pytest.mark.parametrize(
    "text",
    [
        "", "<html>", "[]", "[1]", "null", "7", '"x"', "{}", '{"id": null}',
        '{"id": 99, "result": 1}',
        '{"id": [], "result": 7}', '{"method": "accountNotification"}', '{"params": []}',
        '{"params": {"subscription": 8}}', '{"params": {"subscription": "7"}}',
        '{"params": {"subscription": null}}', b"\x00\xff",
    ],
)  # fmt: skip
def test_nonsense_and_numbers_of_others_change_nothing(wire, text):
    watch = account()
    wire.stands(watch, 7)
    wire.talk.hear(text)
    assert (wire.hints, wire.talk.standing) == ([], 1)
    wire.notifies(7)
    assert wire.hints == [watch]


@pytest.mark.parametrize(
    "answer", [{"error": {"code": -32005}}, {"result": True}, {"result": "7"}, {"result": None}, {}]
)
def test_what_the_node_refuses_is_left_alone_for_a_while(wire, answer):
    watch = account()
    wire.talk.keep([watch])
    wire.answers(wire.asked[-1], **answer)
    wire.talk.keep([watch])
    assert (len(wire.asked), wire.hints, wire.talk.standing) == (2, [], 0)


def test_one_number_for_two_things_is_one_too_few(wire):
    first, second = account("one"), account("two")
    wire.stands(first, 7)
    wire.talk.keep([first, second])
    wire.answers(wire.asked[-1], result=7)
    wire.notifies(7)
    assert wire.hints == [first]


def test_what_is_wanted_no_more_is_let_go(wire):
    wire.stands(account(), 7)
    wire.talk.keep([])
    assert (wire.asked[-1]["method"], wire.asked[-1]["params"]) == ("accountUnsubscribe", [7])
    wire.notifies(7)
    assert (wire.hints, wire.talk.standing) == ([], 0)


def test_no_more_is_asked_than_the_node_allows_and_the_first_come_first():
    wire = Wire(limit=2)
    watches = [account(name) for name in ("one", "two", "three")]
    wire.talk.keep(watches)
    assert [each["params"][0] for each in wire.asked[1:]] == ["one", "two"]
    for number, question in enumerate(wire.asked[1:], start=1):
        wire.answers(question, result=number)
    wire.talk.keep(watches[1:])
    assert wire.asked[-1]["params"][0] == "three"


def test_a_burst_waits_for_its_answers(wire):
    watches = [account(str(number)) for number in range(120)]
    wire.talk.keep(watches)
    wire.talk.keep(watches)
    assert len(wire.asked) == 1 + 50
    for number, question in enumerate(wire.asked[1:51], start=1):
        wire.answers(question, result=number)
    wire.talk.keep(watches)
    assert len(wire.asked) == 1 + 100


def test_slots_show_that_the_connection_lives(wire, monkeypatch):
    wire.answers(wire.asked[0], result=1)
    assert wire.talk.tells_slots
    wire.talk.heard_at = 0.0
    wire.notifies(2, "slot")
    assert wire.talk.heard_at == 0.0
    wire.notifies(1, "slot", {"slot": 5, "parent": 4, "root": 1})
    assert wire.talk.heard_at > 0
    assert wire.hints == []


def test_a_node_that_tells_no_slots_is_not_held_to_them(wire):
    wire.answers(wire.asked[0], error={"code": -32601, "message": "Method not found"})
    assert not wire.talk.tells_slots


@pytest.mark.parametrize(
    ("rpc", "websocket"),
    [
        ("https://rpc.example/?api-key=abc", "wss://rpc.example/?api-key=abc"),
        ("http://127.0.0.1:8899", "ws://127.0.0.1:8900"),
        ("https://name:word@rpc.example:443/path", "wss://name:word@rpc.example:444/path"),
        ("http://[::1]:8899/x", "ws://[::1]:8900/x"),
    ],
)
def test_the_websocket_is_where_solanas_clients_look_for_it(rpc, websocket):
    assert websocket_url(rpc) == websocket
