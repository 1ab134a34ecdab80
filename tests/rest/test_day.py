"""A whole day over REST on a running sandbox: deposit, open, close; and each act once."""

from decimal import Decimal

from django.db import connection

from accounts.models import Intent
from bot.texts.errors import what_happened
from core.errors import Refused
from core.roles import as_sync
from drift.models import DriftOrder
from tests.broken_servers import database_at, free_port
from tests.rest.programs import Program, followed, fund, problem, told
from tests.threads import all_at_once
from trading.models import VenueTransfer

LONG = {"venue": "velocity", "symbol": "SOL", "side": "buy", "amount": "1"}


def rows(model):
    with as_sync():
        return model.objects.count()


def test_a_day_of_a_program_from_the_first_deposit_to_the_last_close(desk, caller):
    desk.set_price("SOL", 150)
    shown = caller.post("deposits/preview", {"venue": "velocity", "amount": "500"})
    assert shown.status_code == 200, shown.content
    placed, deposit = fund(caller)
    assert told(placed)["status"] == "placed"
    assert (deposit["amount"], deposit["booked"]) == ("500", "500")

    preview = told(caller.post("orders/preview", LONG))
    assert (preview["amount"], preview["denials"]) == ("1", [])
    answer = caller.post("orders", LONG, key="long")
    assert told(answer)["status"] == "placed"
    order = followed(caller, answer, until={"filled"})
    assert (order["clientOrderId"], order["filled"], order["remaining"]) == ("long", "1", "0")
    fills = told(caller.get("fills", {"order": order["id"]}))["items"]
    # The auction may take the order in parts; together they are the order, and no more.
    assert {fill["order"] for fill in fills} == {order["id"]}
    assert sum(Decimal(fill["amount"]) for fill in fills) == 1, fills
    [held] = told(caller.get("positions", {"open": "true"}))["items"]
    assert (held["side"], held["amount"]) == ("long", "1")

    answer = caller.post("positions/velocity/SOL/close", {"percent": "50"}, key="half")
    half = followed(caller, answer, until={"filled"})
    assert (half["side"], half["amount"], half["reduceOnly"]) == ("sell", "0.5", True)
    answer = caller.post("positions/velocity/SOL/close", {}, key="rest")
    followed(caller, answer, until={"filled"})

    assert told(caller.get("positions", {"open": "true"}))["items"] == []
    orders = told(caller.get("orders"))["items"]
    assert [each["clientOrderId"] for each in orders] == ["rest", "half", "long"]
    assert told(caller.get("orders", {"open": "true"}))["items"] == []
    assert len(told(caller.get("transactions"))["items"]) == 4


def test_the_same_key_again_is_the_same_act_and_another_body_under_it_is_refused(caller):
    fund(caller)
    first = caller.post("orders", LONG, key="one")
    again = caller.post("orders", LONG, key="one")

    assert (first.status_code, again.status_code) == (202, 202)
    assert (again["Location"], told(again)["id"]) == (first["Location"], told(first)["id"])
    other = caller.post("orders", LONG | {"amount": "2"}, key="one")
    assert problem(other) == (422, "request.key_used")
    elsewhere = caller.post("deposits", {"venue": "velocity", "amount": "1"}, key="one")
    assert problem(elsewhere) == (422, "request.key_used")
    assert (rows(DriftOrder), rows(VenueTransfer)) == (1, 1)


def test_fifty_threads_with_one_key_place_one_order(trader, caller):
    fund(caller)
    programs = [Program(caller.presented) for _ in range(50)]
    answers = all_at_once(*[lambda p=p: p.post("orders", LONG, key="once") for p in programs])

    told_apart = {answer.status_code for answer in answers}
    assert told_apart <= {202, 409, 429}, told_apart
    won = {told(answer)["id"] for answer in answers if answer.status_code == 202}
    assert len(won) == 1
    assert rows(DriftOrder) == 1
    with as_sync():
        assert Intent.objects.filter(channel="rest", idempotency_key="once").count() == 1


def test_a_refused_order_leaves_nothing_and_its_key_may_be_tried_again(caller):
    fund(caller, "20")
    too_much = LONG | {"amount": "100"}
    status, code = problem(caller.post("orders", too_much, key="again"))

    assert status == 422
    assert code.startswith("risk.")
    assert rows(DriftOrder) == 0
    again = caller.post("orders", too_much, key="again")
    assert problem(again)[1] == code
    sentence = what_happened(Refused(code, **told(again)["params"]))
    assert told(again)["detail"] == f"{sentence} Nothing was moved."


def test_without_its_database_the_desk_says_that_surely_nothing_was_done(caller):
    with database_at(free_port()):
        read, act = caller.get("orders"), caller.post("orders", LONG, key="down")

    for answer in (read, act):
        assert problem(answer) == (503, "database.down")
        assert told(answer)["retryable"] is True
        assert "Nothing was moved." in told(answer)["detail"]
    assert int(act["Retry-After"]) >= 1
    assert rows(DriftOrder) == 0


def test_a_connection_that_is_lost_within_an_act_leaves_its_end_open_and_the_key_finds_it(caller):
    fund(caller)

    def lose_it(execute, sql, params, many, context):
        # The server is gone after the commit's own answer could have been: nobody knows.
        if "submissions" in sql and sql.lstrip().startswith("INSERT"):
            context["connection"].connection.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose_it):
        broken = caller.post("orders", LONG, key="lost")
    assert problem(broken) == (504, "database.lost")
    assert told(broken)["title"] == "OutcomeUnknown"
    assert told(broken)["retryable"] is False
    assert "do not repeat" in told(broken)["detail"]

    again = caller.post("orders", LONG, key="lost")
    if again.status_code == 409:
        assert problem(again) == (409, "request.in_flight")
    else:
        assert again.status_code == 202
    assert rows(DriftOrder) <= 1
