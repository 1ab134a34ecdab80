"""The gate: a deployment is open only while it is what this release knows."""

import base64
import json
import zlib
from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from core.errors import Misconfigured, Unavailable
from drift.codec import codec_for
from drift.gate import check_deployment
from drift.layouts.deployments import DRIFT, VELOCITY
from drift.pdas import spot_market_address, state_address
from tests.desk import led_to
from tests.drift.test_idl import published
from tests.sandbox_server import running_sandbox


@pytest.fixture(scope="module")
def sandbox_process():
    with running_sandbox(slot_ms=0) as handle:
        handle.advance(40)
        yield handle


@pytest.fixture
def sandbox(sandbox_process, settings):
    with led_to(sandbox_process, settings):
        yield sandbox_process


@pytest.fixture
def altered(sandbox):
    """Change an account for one test: its decoded values, owner or executable flag."""
    before = {}

    def write(address, account):
        sandbox.rpc("sandbox_setAccount", address, account)
        sandbox.advance(4)

    def alter(address, *, layout=None, name=None, **changes):
        address = str(address)
        found = sandbox.rpc(
            "getAccountInfo", address, {"encoding": "base64", "commitment": "processed"}
        )["value"]
        before.setdefault(address, found and _as_written(found))
        account = _as_written(found) if found else {"lamports": 10**9, "owner": DRIFT.program_id}
        if layout:
            codec = codec_for(layout)
            values = codec.decode_account(name, base64.b64decode(account["data"]))
            encoded = codec.encode_account(name, values | changes)
            account["data"] = base64.b64encode(encoded).decode()
        else:
            account |= changes
        write(address, account)

    yield alter
    for address, account in before.items():
        write(address, account)


def _as_written(found):
    kept = {name: found[name] for name in ("lamports", "owner", "executable")}
    return kept | {"data": found["data"][0]}


def reasons(deployment):
    report = check_deployment(deployment.key)
    assert report.is_open is not bool(report.reasons)
    return " ".join(report.reasons)


@pytest.mark.parametrize("deployment", [DRIFT, VELOCITY], ids=["drift", "velocity"])
def test_a_deployment_as_this_release_knows_it_is_open(sandbox, deployment):
    assert reasons(deployment) == ""


@pytest.mark.parametrize("deployment", [DRIFT, VELOCITY], ids=["drift", "velocity"])
def test_a_paused_exchange_is_read_only(altered, deployment):
    state = state_address(deployment)
    altered(state, layout=deployment.layout, name="State", exchange_status=1)
    assert "paused" in reasons(deployment)


def test_other_vault_authorities_and_quote_tokens_are_read_only(altered):
    other = Pubkey.new_unique()
    altered(state_address(DRIFT), layout=DRIFT.layout, name="State", signer=other)
    altered(spot_market_address(DRIFT, 0), layout=DRIFT.layout, name="SpotMarket", mint=other)
    assert "authority" in reasons(DRIFT)
    assert "quote token is not USDC" in reasons(DRIFT)


def test_accounts_of_another_program_or_size_are_read_only(altered):
    altered(state_address(DRIFT), owner=VELOCITY.program_id)
    assert "not as this release knows" in reasons(DRIFT)
    short = base64.b64encode(bytes(100)).decode()
    altered(state_address(DRIFT), owner=DRIFT.program_id, data=short)
    assert "not as this release knows" in reasons(DRIFT)


def test_a_program_that_is_not_there_or_not_executable_is_read_only(sandbox, monkeypatch):
    def at(address):
        moved = replace(DRIFT, program_id=str(address))
        monkeypatch.setattr("drift.gate.DEPLOYMENTS", {"drift": moved})
        return reasons(DRIFT)

    assert "not on this chain" in at(Pubkey.new_unique())
    assert "cannot be executed" in at(DRIFT.quote_mint)


def test_a_published_interface_is_compared_with_ours(altered):
    program = Pubkey.from_string(VELOCITY.program_id)
    base = Pubkey.find_program_address([], program)[0]
    address = Pubkey.create_with_seed(base, "anchor:idl", program)
    idl = json.loads(json.dumps(published(VELOCITY)))

    def publish():
        packed = zlib.compress(json.dumps(idl).encode())
        data = bytes(40) + len(packed).to_bytes(4, "little") + packed
        encoded = base64.b64encode(data).decode()
        altered(address, owner=VELOCITY.program_id, executable=False, data=encoded)

    publish()
    assert reasons(VELOCITY) == ""
    placing = next(entry for entry in idl["instructions"] if entry["name"] == "place_perp_order")
    placing["accounts"].append({"name": "order_book", "writable": True})
    publish()
    assert "place_perp_order" in reasons(VELOCITY)
    altered(address, data=base64.b64encode(bytes(60)).decode())
    assert "cannot be read" in reasons(VELOCITY)


def test_an_unknown_deployment_and_a_silent_chain_are_no_answer(sandbox):
    with pytest.raises(Misconfigured):
        check_deployment("another")
    sandbox.set_fault("solana.server_error")
    try:
        with pytest.raises(Unavailable):
            check_deployment("drift")
    finally:
        sandbox.clear_faults()
