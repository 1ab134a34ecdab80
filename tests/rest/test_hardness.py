"""Whatever is sent is answered by a result or a problem; and lists cost the same, however long."""

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from core.roles import as_sync
from drift.models import DriftOrder
from laminator.api_urls import urlpatterns
from tests import factories
from tests.rest.programs import ALL_SCOPES, problem, program, told
from trading.models import AccountEntry, OrderChange, VenueTransfer
from trading.wishes import ORDER_TYPES

pytestmark = pytest.mark.django_db
LISTS = (
    "orders", "positions", "fills", "transactions", "ledger", "deposits", "accounts", "wallets",
    "keys", "markets", "addresses", "withdrawals", "incoming", "venue-withdrawals",
)  # fmt: skip
PAGED = (
    "orders", "positions", "fills", "transactions", "ledger", "deposits", "withdrawals", "incoming",
    "venue-withdrawals",
)  # fmt: skip
# Key, role, bucket and the list itself; a list over venues may ask once for each of them.
MOST_QUERIES = 16
MOST_OF = {"addresses": 8, "withdrawals": 8, "venue-withdrawals": 8, "incoming": 12}
SOME_ID = "01a1f8be-46dd-7586-a814-99309dc4cb16"
ACTS = (
    ("post", "orders"), ("post", "orders/preview"), ("post", "orders/cancel"),
    ("post", "orders/cancel_all"), ("patch", f"orders/{SOME_ID}"), ("delete", f"orders/{SOME_ID}"),
    ("post", "positions/close_all"), ("post", "positions/velocity/SOL/close"),
    ("put", "positions/velocity/SOL/stops"), ("post", "panic"), ("post", "freeze"),
    ("post", "unfreeze"), ("post", "deposits"), ("post", "deposits/preview"),
    ("delete", f"keys/{SOME_ID}"), ("post", "addresses"), ("delete", f"addresses/{SOME_ID}"),
    ("put", "leverage"), ("post", "venue-withdrawals"), ("post", "venue-withdrawals/preview"),
    ("post", "withdrawals"), ("post", "withdrawals/preview"), ("delete", f"withdrawals/{SOME_ID}"),
)  # fmt: skip
MANY = hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fill_lists(wallet, market, count):
    account = factories.funded_venue_account(wallet)
    for number in range(count):
        order = factories.filled_drift_order(market, wallet=wallet)
        factories.order(market.catalogue, wallet=wallet)
        factories.fill(market.catalogue, wallet=wallet, order_id=order.pk)
        factories.closed_drift_position(market, wallet=wallet)
        factories.drift_transaction(wallet=wallet, tx_hash=factories.signature())
        factories.transfer(account)
        factories.transfer(account, kind="withdrawal")
        factories.withdrawal(wallet)
        factories.incoming_transfer(wallet)
        factories.balance(wallet, token=f"T{number}")
        factories.api_key(wallet.user)
        with as_sync():
            AccountEntry.objects.create(
                user=wallet.user, account=account, deployment="velocity", kind="funding",
                token_symbol="USDT", amount=1, tx_hash=factories.signature(), event_index=0,
            )  # fmt: skip


def queries_of(caller, path):
    with CaptureQueriesContext(connection) as asked:
        answer = caller.get(path)
    assert answer.status_code == 200, (path, answer.content)
    return len(asked), len(told(answer)["items"])


def test_each_list_takes_as_many_queries_for_many_rows_as_for_one():
    market = factories.drift_market()
    few, many = factories.wallet(), factories.wallet()
    fill_lists(few, market, 1)
    fill_lists(many, market, 12)
    of_few, of_many = program(few.user), program(many.user)
    for caller in (of_few, of_many):
        caller.get("me")

    cost = {name: (queries_of(of_few, name), queries_of(of_many, name)) for name in LISTS}

    grown = {name: pair for name, pair in cost.items() if pair[1][0] > pair[0][0]}
    assert grown == {}
    most = {name: MOST_OF.get(name, MOST_QUERIES) for name in LISTS}
    assert {name: pair for name, pair in cost.items() if pair[1][0] > most[name]} == {}
    assert all(cost[name][1][1] >= 12 for name in PAGED), cost


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("drift_orders", ""), ("orders", ""), ("drift_positions", ""), ("positions", ""),
        ("fills", ""), ("account_entries", ""), ("venue_transfers", "AND kind = 'deposit'"),
    ],
)  # fmt: skip
def test_a_page_is_read_off_an_index_of_its_person(owner_sql, table, where):
    with owner_sql.transaction(force_rollback=True):
        # With few rows any plan is good: these settings ask for the one that many rows get.
        owner_sql.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = "\n".join(
            line
            for (line,) in owner_sql.execute(
                f"EXPLAIN SELECT * FROM {table} WHERE user_id = '{SOME_ID}' AND id < '{SOME_ID}'"
                f" {where} ORDER BY id DESC LIMIT 51"
            )
        )

    assert "newest" in plan
    assert "Sort" not in plan


def answered(answer):
    """A result, or a problem in form; never that something of ours broke."""
    if answer.status_code == 500:
        # There is no chain beside these tests; what needs one has come far enough.
        assert orjson.loads(answer.content)["code"] == "chain.no_rpc", answer.content
    if answer.status_code >= 400:
        body = orjson.loads(answer.content)
        assert answer["Content-Type"] == "application/problem+json"
        assert body["status"] == answer.status_code
        assert body["code"] != "request.failed"


cursors = st.one_of(
    st.text(max_size=90),
    st.text(alphabet="ABCDEFabcdef0123456789-_=", min_size=20, max_size=80),
    st.binary(min_size=16, max_size=24).map(lambda raw: raw.hex()),
)


@MANY
@given(
    st.sampled_from(LISTS), cursors, st.one_of(st.integers(), st.text(max_size=10)),
    st.dictionaries(
        st.sampled_from(["open", "venue", "order", "limit", "cursor", "x"]), st.text(max_size=40)
    ),
)  # fmt: skip
def test_no_query_of_a_list_breaks_it(redis_server, name, cursor, limit, more):
    caller = _caller(redis_server)

    answered(caller.get(name, {"cursor": cursor, "limit": limit} | more))


@MANY
@given(st.sampled_from(PAGED), st.data())
def test_an_altered_cursor_is_refused(redis_server, name, data):
    from core.rest.paging import write_cursor

    text = write_cursor(of_list=name, after=factories.uuid7())
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0189-_"))
    altered = text[:at] + letter + text[at + 1 :]

    answer = _caller(redis_server).get(name, {"cursor": altered})

    answered(answer)
    assert answer.status_code == (200 if altered == text else 400)


_plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.sampled_from(["0", "1", "-1", "1e400", "NaN", "0." + "0" * 40 + "1", "9" * 60, "\u0661"]),
)
anything = st.recursive(
    _plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=8,
)
likely = st.fixed_dictionaries(
    {},
    optional={
        "venue": st.sampled_from(["velocity", "drift", "paper", "hand", ""]),
        "symbol": st.sampled_from(["SOL", "SOL-PERP", "NOPE", "\0", "' OR 1=1"]),
        "side": st.sampled_from(["buy", "sell"]),
        "type": st.sampled_from(sorted(ORDER_TYPES)),
        "reduceOnly": st.booleans(), "postOnly": st.booleans(), "flip": st.booleans(),
        "expiresIn": st.one_of(st.integers(1, 100), anything),
        "orders": st.one_of(st.just([SOME_ID]), anything),
        "expiresAt": st.one_of(st.datetimes().map(str), anything),
        "code": st.text(max_size=20), "currency": st.text(max_size=8),
    } | {
        name: st.one_of(st.decimals(0, 10**6, places=3).map(str), anything)
        for name in ("amount", "cost", "price", "triggerPrice", "oracleOffset", "slippage",
                     "stopLoss", "takeProfit", "maxLeverage", "percent")
    },
)  # fmt: skip


@MANY
@given(
    st.sampled_from(ACTS), st.one_of(likely, likely, anything),
    st.one_of(st.just("fresh"), st.text(max_size=20)),
)  # fmt: skip
def test_no_body_of_an_act_breaks_it_and_nothing_is_placed(redis_server, act, body, key):
    method, path = act
    caller = _caller(redis_server)
    key = f"key-{factories.uuid7()}" if key == "fresh" else key
    try:
        raw = orjson.dumps(body)
    except (TypeError, orjson.JSONEncodeError):
        raw = b"{}"
    key = key.encode("latin-1", "replace").decode("latin-1").replace("\n", "").replace("\r", "")

    answer = (
        caller.delete(path, key=key)
        if method == "delete"
        else caller.post(path, raw=raw, key=key, method=method)
    )

    answered(answer)
    with as_sync():
        for model in (DriftOrder, VenueTransfer, OrderChange):
            assert model.objects.count() == 0 or model is OrderChange


@MANY
@given(st.sampled_from(ACTS), st.binary(max_size=60))
def test_no_bytes_break_an_act(redis_server, act, raw):
    method, path = act
    if method == "delete":
        return
    answered(_caller(redis_server).post(path, raw=raw, key="k", method=method))


_callers = []


def _caller(redis_server):
    """A person with a wallet and a key; their buckets are full again."""
    redis_server.flushdb()
    with as_sync():
        known = _callers and type(_callers[0][0]).objects.filter(pk=_callers[0][0].pk).exists()
    if not known:
        _callers.clear()
        wallet = factories.wallet(wallet_address=str(Keypair().pubkey()))
        factories.drift_market()
        _callers.append((wallet.user, program(wallet.user, *ALL_SCOPES)))
    return _callers[0][1]


def test_the_acts_here_are_all_that_there_are():
    """A new act is attacked too."""
    found = set()

    def walk(patterns):
        for each in patterns:
            if hasattr(each, "url_patterns"):
                walk(each.url_patterns)
            elif (view := getattr(each.callback, "view_class", None)) is not None:
                found.update(
                    (method, each.name)
                    for method in ("post", "put", "patch", "delete")
                    if hasattr(view, method) and method in view.http_method_names
                )

    walk(urlpatterns)
    attacked = {(method, resolve(f"/api/v1/{path}").url_name) for method, path in ACTS}
    assert found - attacked == set()
    assert attacked - found == set()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "markets/nowhere/SOL", None), ("get", "markets?venue=nowhere", None),
        ("get", "orders?venue=nowhere", None), ("post", "positions/nowhere/SOL/close", {}),
        ("put", "positions/nowhere/SOL/stops", {"stopLoss": "1"}),
        ("post", "orders", {"venue": "nowhere", "symbol": "SOL", "side": "buy", "amount": "1"}),
        ("post", "deposits", {"venue": "nowhere", "amount": "1"}),
    ],
)  # fmt: skip
def test_a_venue_that_is_not_open_is_not_found(redis_server, method, path, body):
    caller = _caller(redis_server)

    answer = (
        caller.get(path) if method == "get" else caller.post(path, body, key="k", method=method)
    )

    assert problem(answer) == (404, "venue.not_found")
