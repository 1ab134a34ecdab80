"""What a program reads: its person's rows alone, in the words of the schema."""

from decimal import Decimal

import pytest
from django.utils import timezone

from markets.price_history import note_prices
from markets.prices import Price
from tests import factories
from tests.rest.programs import problem, program, told
from trading.wishes import ORDER_TYPES

pytestmark = pytest.mark.django_db
LISTS = (
    "orders", "positions", "fills", "transactions", "ledger", "deposits", "accounts", "wallets",
    "keys", "markets",
)  # fmt: skip


@pytest.fixture
def trader():
    wallet = factories.wallet()
    market = factories.drift_market()
    factories.balance(wallet, amount="12.5")
    order = factories.filled_drift_order(market, wallet=wallet, size="1.50")
    factories.fill(market.catalogue, wallet=wallet, order_id=order.pk)
    position = factories.drift_position(market, wallet=wallet)
    factories.drift_transaction(wallet=wallet)
    transfer = factories.transfer(factories.funded_venue_account(wallet))
    return wallet.user, {"orders": order, "positions": position, "deposits": transfer}


def test_each_list_opens_and_shows_decimals_as_plain_strings(trader):
    user, rows = trader
    caller = program(user)

    for name in LISTS:
        answer = caller.get(name)
        assert answer.status_code == 200, (name, answer.content)
        assert len(told(answer)["items"]) >= 1 or name == "ledger", name

    [order] = told(caller.get("orders"))["items"]
    assert (order["amount"], order["filled"], order["remaining"]) == ("1.5", "1.5", "0")
    assert (order["side"], order["type"], order["status"]) == ("buy", "market", "filled")
    assert order["createdAt"].endswith("Z")
    for name, row in rows.items():
        assert told(caller.get(f"{name}/{row.pk}"))["id"] == str(row.pk)


def test_a_market_tells_which_orders_its_venue_takes():
    caller = program(factories.user())
    options = {}
    for deployment in ("drift", "velocity"):
        factories.drift_market(deployment=deployment)
        [market] = told(caller.get("markets", {"venue": deployment}))["items"]
        assert set(market["orderTypes"]) == ORDER_TYPES
        options[deployment] = set(market["orderOptions"])

    assert options["drift"] - options["velocity"] == {"oracleOffset"}
    assert {"postOnly", "expiresIn", "stopLoss"} <= options["velocity"]


def test_prices_and_equity_are_told_over_time_and_anothers_equity_is_not(trader):
    user, _ = trader
    caller, now = program(user), timezone.now()
    note_prices([Price("SOL", Decimal("150.5"), "velocity", 1, now)])
    prices = told(caller.get("markets/velocity/SOL/prices", {"hours": 2}))
    assert prices["symbol"].startswith("SOL")
    assert prices["items"][-1]["price"] == "150.5"
    assert problem(caller.get("markets/velocity/SOL/prices", {"hours": 25}))[0] == 422
    assert problem(caller.get("markets/velocity/DOGE/prices"))[0] == 404

    equity = told(caller.get("accounts/velocity/equity"))
    assert (equity["venue"], equity["currency"]) == ("velocity", "USDT")
    assert len(equity["items"]) >= 2
    assert told(program(factories.user()).get("accounts/velocity/equity"))["items"] == []
    assert problem(caller.get("accounts/nowhere/equity")) == (404, "venue.not_found")


def test_anothers_rows_are_in_no_list_and_not_found(trader):
    _, rows = trader
    stranger = program(factories.user())

    for name in LISTS:
        if name not in ("keys", "markets"):
            assert told(stranger.get(name))["items"] == [], name
    for name, row in rows.items():
        assert problem(stranger.get(f"{name}/{row.pk}"))[0] == 404


def test_pages_hold_each_row_once(trader):
    user, _ = trader
    wallet = factories.wallet(user)
    market = factories.drift_market()
    for _ in range(4):
        factories.drift_order(market, wallet=wallet)
    caller, seen, query = program(user), [], {"limit": 2}
    while True:
        page = told(caller.get("orders", query))
        seen += [order["id"] for order in page["items"]]
        if page["nextCursor"] is None:
            break
        query = {"limit": 2, "cursor": page["nextCursor"]}

    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
    cursor = told(caller.get("orders", {"limit": 2}))["nextCursor"]
    assert problem(caller.get("fills", {"cursor": cursor})) == (400, "request.cursor_invalid")


@pytest.mark.parametrize(
    ("scope", "method", "path", "is_allowed"),
    [
        ("read:account", "get", "orders", True), ("read:market", "get", "orders", False),
        ("trade", "get", "orders", False), ("read:market", "get", "markets", True),
        ("read:account", "post", "orders", False), ("withdraw", "post", "orders", False),
        ("trade:reduce_only", "post", "orders", False), ("trade", "post", "orders", True),
        ("trade:reduce_only", "post", "positions/velocity/SOL/close", True),
        ("trade", "post", "positions/velocity/SOL/close", True),
        ("read:account", "post", "deposits", False), ("trade", "post", "deposits", True),
    ],
)  # fmt: skip
def test_a_key_may_do_what_its_scopes_say(scope, method, path, is_allowed):
    answer = getattr(program(factories.user(), scope), method)(path)

    # What is allowed goes on to be refused for its empty body or its missing key.
    assert (answer.status_code != 403) is is_allowed


@pytest.mark.parametrize(
    ("reduce_only", "is_allowed"),
    [(True, True), (False, False), (None, False), ("true", False), (1, False)],
)
def test_a_key_that_may_only_reduce_places_no_other_order(reduce_only, is_allowed):
    body = {"venue": "velocity", "symbol": "SOL", "side": "sell", "amount": "1"}
    body |= {} if reduce_only is None else {"reduceOnly": reduce_only}

    answer = program(factories.user(), "trade:reduce_only").post("orders", body, key="k")

    # What is allowed goes on to be refused for want of a wallet.
    assert (problem(answer)[0] != 403) is is_allowed


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"nul", b"\xff", b'{"a": "\\ud800"}'])
def test_a_body_that_cannot_be_read_is_a_problem(raw):
    status, code = problem(program(factories.user()).post("orders", raw=raw, key="k"))

    assert (status, code) in ((400, "request.malformed"), (422, "request.invalid"))


@pytest.mark.parametrize("key", [None, "", "x" * 129, "a b", "ä"])
def test_a_hostile_idempotency_key_is_refused(key):
    body = {"venue": "velocity", "amount": "1"}

    status, code = problem(program(factories.user()).post("deposits", body, key=key))

    assert (status, code) in ((400, "request.key_missing"), (400, "request.key_invalid"))


def test_an_amount_is_a_string_of_digits():
    for amount in (0.5, 1, "1e3", "-1", "NaN", "0", "1,5", None, {}, "\uff11"):
        body = {"venue": "velocity", "symbol": "SOL", "side": "buy", "amount": amount}
        answer = program(factories.user()).post("orders", body, key="k")
        assert problem(answer) == (422, "request.invalid"), amount


def test_an_unknown_address_and_method_are_problems():
    caller = program(factories.user())

    assert problem(caller.get("nothing")) == (404, "request.no_such_address")
    assert problem(caller.delete("orders")) == (405, "request.method_not_allowed")


def test_the_schema_and_its_pages_need_no_network():
    caller = program(factories.user())
    schema = told(caller.get("openapi.json"))

    assert schema["openapi"].startswith("3.1")
    for page in ("docs", "redoc"):
        text = caller.client.get(f"/api/{page}").content.decode()
        assert "https://" not in text
        assert "/static/drf_spectacular_sidecar/" in text
