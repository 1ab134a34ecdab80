"""Jupiter's and Flash's stand-ins: the shapes of their answers, their accounts, their faults."""

import base64
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from tests.sandbox_server import ControlRefused, running_sandbox
from tests.venues.holdings import LONG_SOL, SHORT_BTC

PROGRAM = "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(slot_ms=20) as handle:
        yield handle


@pytest.fixture
def owner(sandbox):
    sandbox.clear_faults()
    sandbox.clear_calls()
    # Its limit is of the second, and another test's requests count too.
    sandbox.control("DELETE", "/elsewhere/requests")
    return str(Keypair().pubkey())


def put(sandbox, venue, owner, *positions):
    sandbox.control("PUT", f"/elsewhere/{venue}/{owner}", {"positions": list(positions)})


def get(sandbox, path):
    """(status, body) of a request as a client makes it."""
    try:
        with urllib.request.urlopen(f"{sandbox.control_url}{path}") as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def told(sandbox, path):
    status, body = get(sandbox, path)
    assert status == 200, body
    return json.loads(body)


def test_jupiters_api_tells_dollars_as_texts_of_millionths(sandbox, owner):
    sandbox.set_price("SOL", 165)
    put(sandbox, "jupiter", owner, LONG_SOL)
    found = told(sandbox, f"/jupiter/v2/positions?walletAddress={owner}")
    assert found["count"] == 1
    [position] = found["dataList"]
    assert (position["asset"], position["side"]) == ("SOL", "long")
    assert position["sizeUsd"] == "1500000000"
    assert position["entryPriceUsd"] == "150000000"
    assert position["markPriceUsd"] == "165000000"
    assert position["pnlBeforeFeesUsd"] == "150000000"
    assert isinstance(position["createdTime"], int)


def test_jupiters_accounts_are_the_programs_of_210_bytes_and_more(sandbox, owner):
    put(sandbox, "jupiter", owner, LONG_SOL, SHORT_BTC)
    listed = told(sandbox, f"/jupiter/v2/positions?walletAddress={owner}")["dataList"]
    memory = {"memcmp": {"offset": 8, "bytes": owner}}
    found = sandbox.rpc(
        "getProgramAccounts",
        PROGRAM,
        {"encoding": "base64", "commitment": "processed", "filters": [memory]},
    )
    assert {each["pubkey"] for each in found} == {each["positionPubkey"] for each in listed}
    for each in found:
        data = base64.b64decode(each["account"]["data"][0])
        assert len(data) >= 210
        assert data[8:40] == bytes(Pubkey.from_string(owner))
    # A closed position's account stays, with a size of nothing.
    put(sandbox, "jupiter", owner)
    options = {"encoding": "base64", "commitment": "processed"}
    account = sandbox.rpc("getAccountInfo", listed[0]["positionPubkey"], options)["value"]
    assert base64.b64decode(account["data"][0])[161:169] == bytes(8)


def test_flash_tells_plain_numbers_as_texts_and_its_rollup_apart(sandbox, owner):
    sandbox.set_price("BTC", 71_000)
    put(sandbox, "flash", owner, LONG_SOL, SHORT_BTC | {"on_rollup": True})
    [position] = told(sandbox, f"/flash/positions/owner/{owner}")
    assert (position["marketSymbol"], position["sideUi"]) == ("SOL", "Long")
    assert (position["sizeUsdUi"], position["entryPriceUi"]) == ("1500.00", "150.0000")
    basket = told(sandbox, f"/flash/v2/owner/{owner}")
    [metrics] = basket["positionMetrics"].values()
    assert (metrics["marketSymbol"], metrics["pnlWithoutFeeUsdUi"]) == ("BTC", "-100.00")
    assert told(sandbox, "/flash/prices")["BTC"]["priceUi"] == 71_000
    assert get(sandbox, f"/flash/v2/owner/{Keypair().pubkey()}")[0] == 404


def test_flash_allows_ten_requests_a_second(sandbox, owner):
    with ThreadPoolExecutor(14) as pool:
        path = f"/flash/positions/owner/{owner}"
        answers = list(pool.map(lambda _: get(sandbox, path)[0], range(14)))
    assert answers.count(200) >= 10
    assert 429 in answers


@pytest.mark.parametrize(
    ("fault", "status", "looks"),
    [
        ("rate_limited", 429, b"Too many"),
        ("server_error", 500, b"upstream"),
        ("html", 200, b"<html>"),
        ("truncated", 200, b"[{"),
    ],
)
def test_faults_strike_as_often_as_they_are_set(sandbox, owner, fault, status, looks):
    put(sandbox, "flash", owner, LONG_SOL)
    path = f"/flash/positions/owner/{owner}"
    sandbox.set_fault(f"flash.{fault}", count=1)
    answer = get(sandbox, path)
    assert answer[0] == status
    assert looks in answer[1]
    assert len(told(sandbox, path)) == 1


def test_a_position_can_be_told_twice(sandbox, owner):
    put(sandbox, "flash", owner, LONG_SOL)
    sandbox.set_fault("flash.duplicate", count=1)
    assert len(told(sandbox, f"/flash/positions/owner/{owner}")) == 2


@pytest.mark.parametrize(
    "position",
    [
        LONG_SOL | {"asset": "DOGE"},
        LONG_SOL | {"side": "up"},
        LONG_SOL | {"size_usd": "-1"},
        SHORT_BTC | {"collateral": "SOL"},
        "none",
    ],
)
def test_what_jupiter_could_not_hold_is_refused(sandbox, owner, position):
    with pytest.raises(ControlRefused):
        put(sandbox, "jupiter", owner, position)
    assert told(sandbox, f"/jupiter/v2/positions?walletAddress={owner}")["count"] == 0


def test_what_is_held_outlives_the_process(tmp_path):
    owner = str(Keypair().pubkey())
    with running_sandbox(state=tmp_path) as first:
        put(first, "flash", owner, LONG_SOL)
    with running_sandbox(state=tmp_path) as second:
        assert len(told(second, f"/flash/positions/owner/{owner}")) == 1


def test_every_request_is_in_the_log(sandbox, owner):
    get(sandbox, f"/flash/positions/owner/{owner}")
    [call] = sandbox.calls(service="flash")
    assert call["method"] == "positions"
    assert owner in call["params"]["path"]
