"""Every kind of order over REST, and what becomes of it: changed, cancelled, guarded, closed."""

import uuid

import pytest

from core.roles import as_sync
from drift.models import DriftOrder
from tests import factories
from tests.desk import sweep_until
from tests.rest.programs import followed, fund, problem, program, told
from trading.models import OrderChange

pytestmark = pytest.mark.django_db
LONG = {"venue": "velocity", "symbol": "SOL", "side": "buy", "amount": "1"}
LIMIT = LONG | {"type": "limit", "price": "140"}


def rows(model):
    with as_sync():
        return model.objects.count()


def open_orders(caller):
    return told(caller.get("orders", {"open": "true"}))["items"]


def test_a_limit_order_rests_is_changed_and_cancelled(desk, caller):
    desk.set_price("SOL", 150)
    fund(caller)
    body = LIMIT | {"postOnly": True, "expiresIn": 3600}
    order = followed(caller, caller.post("orders", body, key="one"), until={"open"})
    assert (order["type"], order["price"], order["postOnly"]) == ("limit", "140", True)
    assert (order["role"], order["parent"], order["timeInForce"]) == ("entry", None, "GTC")
    place = f"orders/{order['id']}"

    answer = caller.post(place, {"price": "139", "amount": "1.5"}, key="change", method="patch")
    change = followed(caller, answer, until={"done"})
    assert (change["kind"], change["wanted"]["price"]) == ("modify", "139")
    again = caller.post(place, {"price": "139", "amount": "1.5"}, key="change", method="patch")
    assert told(again)["id"] == change["id"]
    assert (told(caller.get(place))["price"], told(caller.get(place))["amount"]) == ("139", "1.5")
    other = caller.post(place, {"price": "138"}, key="change", method="patch")
    assert problem(other) == (422, "request.key_used")

    gone = followed(caller, caller.delete(place, key="cancel"), until={"done"})
    assert gone["kind"] == "cancel"
    assert [each["id"] for each in gone["orders"]] == [order["id"]]
    assert told(caller.get(place))["status"] == "cancelled"
    assert open_orders(caller) == []
    assert problem(caller.delete(place, key="again")) == (422, "order.ended_before_change")
    assert rows(OrderChange) == 2


def test_a_position_is_opened_with_stops_guarded_anew_and_closed_with_all_others(desk, caller):
    desk.set_price("SOL", 150)
    fund(caller)
    body = LONG | {"stopLoss": "140", "slippage": "1"}
    entry = followed(caller, caller.post("orders", body, key="long"), until={"filled"})
    [stop] = open_orders(caller)
    assert (stop["role"], stop["parent"]) == ("stop_loss", entry["id"])
    assert (stop["type"], stop["triggerPrice"], stop["side"]) == ("stop_market", "140", "sell")
    sweep_until(lambda: open_orders(caller)[0]["status"] == "open")

    place = "positions/velocity/SOL/stops"
    answer = caller.post(place, {"takeProfit": "170"}, key="target", method="put")
    followed(caller, answer, until={"done"})
    sweep_until(lambda: [each["status"] for each in open_orders(caller)] == ["open"] * 2)
    reducing = LONG | {"side": "sell", "reduceOnly": True, "type": "limit", "price": "160"}
    shown = told(caller.post("orders/preview", reducing))
    assert (shown["side"], shown["reduceOnly"]) == ("sell", True)

    answer = caller.post("positions/close_all", {}, key="close")
    followed(caller, answer, until={"done"})
    sweep_until(lambda: told(caller.get("positions", {"open": "true"}))["items"] == [])
    followed(
        caller, caller.post("orders/cancel_all", {}, key="all"), until={"done", "not_executed"}
    )
    sweep_until(lambda: open_orders(caller) == [])


def test_a_frozen_account_opens_nothing_and_a_wrong_code_does_not_thaw_it(caller):
    fund(caller)
    assert told(caller.post("freeze", {})) == {"frozen": True, "refusals": []}

    assert problem(caller.post("orders", LONG, key="frozen"))[0] == 422
    assert problem(caller.post("unfreeze", {"code": "123456"})) == (422, "security.totp_needed")
    assert rows(DriftOrder) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"type": "limit"}, {"price": "10"}, {"type": "stop_market"}, {"type": "twap"},
        {"postOnly": True}, {"expiresIn": 60}, {"expiresIn": 0}, {"expiresIn": 10**9},
        {"type": "stop_market", "triggerPrice": "160", "expiresIn": 60},
        {"type": "limit", "price": "1", "oracleOffset": "1"}, {"oracleOffset": "-1"},
        {"reduceOnly": True, "stopLoss": "1"}, {"flip": True, "reduceOnly": True},
        {"cost": "5"}, {"timeInForce": "FOK"}, {"slippage": "-1"}, {"leverage": "3"},
    ],
)  # fmt: skip
def test_an_order_that_contradicts_itself_is_refused_before_anything_is_read(change):
    caller = program(factories.user())

    status, _ = problem(caller.post("orders", LONG | change, key="k"))

    assert status == 422
    assert rows(DriftOrder) == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "orders/{}", {"price": "1"}), ("delete", "orders/{}", None),
        ("post", "orders/cancel", {"orders": ["{}"]}), ("get", "changes/{}", None),
    ],
)  # fmt: skip
def test_anothers_order_cannot_be_changed(method, path, body):
    order = factories.drift_order(factories.drift_market())
    stranger = program(factories.wallet().user)
    path = path.format(order.pk)
    match method:
        case "get":
            answer = stranger.get(path)
        case "delete":
            answer = stranger.delete(path, key="k")
        case _:
            body = {"orders": [str(order.pk)]} if "orders" in body else body
            answer = stranger.post(path, body, key="k", method=method)

    assert problem(answer)[0] == 404
    assert rows(OrderChange) == 0


def test_changes_need_a_key_and_a_scope():
    order = uuid.uuid4()
    looking, trading = (program(factories.user(), scope) for scope in ("read:account", "trade"))

    for path, method in ((f"orders/{order}", "patch"), ("orders/cancel_all", "post")):
        assert problem(looking.post(path, {}, key="k", method=method))[0] == 403
        code = problem(trading.post(path, {}, method=method))
        assert code == (400, "request.key_missing")
    assert problem(looking.delete(f"orders/{order}", key="k"))[0] == 403
