"""The desk's custodian while Privy is slow, silent, wrong or refuses: what each means."""

from dataclasses import replace

import pytest

from core.errors import Misconfigured, Refused, Unavailable
from sandbox.privy.credentials import (
    APP_ID,
    authorization_key,
)
from tests.wallets.privy.signing import calls_since, custodian_with, last_call, sign, trade
from wallets.custody.privy_api import AuthorizationKey, PrivyAccess


def test_a_timeout_after_signing_is_asked_again_and_gives_the_same_signature(standin, custodian):
    wallet = custodian.ensure_wallet(external_id="patient")
    raw = trade(wallet, salt=2)
    before = last_call(standin)
    standin.state.faults.set("privy.timeout_after_signing", count=1)

    with custodian_with(standin.url, timeout=0.3) as impatient:
        signed = sign(impatient, wallet, raw)

    calls = calls_since(standin, "signTransaction", before)
    assert len(calls) == 2
    assert len({call.params["idempotency_key"] for call in calls}) == 1
    assert bytes(signed) == bytes(sign(custodian, wallet, raw))


def test_a_custodian_that_never_answers_is_unavailable(standin, wallet):
    standin.state.faults.set("privy.timeout_after_signing")

    with (
        custodian_with(standin.url, timeout=0.2) as impatient,
        pytest.raises(Unavailable, match=r"custody\.no_answer"),
    ):
        sign(impatient, wallet, trade(wallet, salt=3))


@pytest.mark.parametrize(
    ("fault", "parameters", "error", "code"),
    [
        ("privy.rate_limited", {"retry_after": 7}, Unavailable, "custody.rate_limited"),
        ("privy.server_error", {}, Unavailable, "custody.unavailable"),
        ("privy.server_error", {"status": 503}, Unavailable, "custody.unavailable"),
        ("privy.html", {}, Unavailable, "custody.unavailable"),
        ("privy.html", {"status": 403}, Unavailable, "custody.unavailable"),
        ("privy.html", {"status": 404}, Unavailable, "custody.unavailable"),
        ("privy.policy_violation", {}, Refused, "custody.policy_violation"),
        ("privy.wrong_message", {}, Misconfigured, "custody.wrong_signature"),
    ],
)
def test_each_fault_is_told_by_its_consequence_and_asked_once(
    standin, custodian, wallet, fault, parameters, error, code
):
    before = last_call(standin)
    standin.state.faults.set(fault, action="signTransaction", **parameters)

    with pytest.raises(error) as raised:
        sign(custodian, wallet, trade(wallet, salt=4))

    assert raised.value.code == code
    assert len(calls_since(standin, "signTransaction", before)) == 1
    if code == "custody.rate_limited":
        assert raised.value.params["retry_after"] == 7


def test_after_a_fault_the_same_message_is_signed(standin, custodian, wallet):
    raw = trade(wallet, salt=5)
    for fault in ("privy.server_error", "privy.rate_limited", "privy.policy_violation"):
        standin.state.faults.set(fault, count=1, action="signTransaction")
        with pytest.raises((Unavailable, Refused)):
            sign(custodian, wallet, raw)

    assert sign(custodian, wallet, raw).verify_with_results() == [True]


def test_a_slow_custodian_is_waited_for(standin, custodian, wallet):
    standin.state.faults.set("privy.slow", count=1, seconds=0.2, action="signTransaction")

    assert sign(custodian, wallet, trade(wallet, salt=6)).verify_with_results() == [True]


def test_nobody_listening_is_unavailable():
    with (
        custodian_with("http://127.0.0.1:9") as custodian,
        pytest.raises(Unavailable, match=r"custody\.no_answer"),
    ):
        custodian.ensure_wallet(external_id="nowhere")


@pytest.mark.parametrize(
    "changes",
    [
        {"trading_signer_key": AuthorizationKey(authorization_key("x").private_key, setting="X")},
        {"access": "a wrong secret"},
    ],
    ids=["a stranger's key", "a wrong secret"],
)
def test_refused_credentials_are_the_operators_affair(standin, wallet, changes):
    if "access" in changes:
        changes = {"access": PrivyAccess(standin.url, APP_ID, "guessed")}
    with (
        custodian_with(standin.url, **changes) as custodian,
        pytest.raises(Misconfigured, match=r"custody\.not_authorized"),
    ):
        sign(custodian, wallet, trade(wallet))


def test_a_wallet_that_the_app_does_not_have_is_the_operators_affair(custodian, wallet):
    with pytest.raises(Misconfigured, match=r"custody\.wallet_unknown"):
        sign(custodian, replace(wallet, id="unknown"), trade(wallet))
