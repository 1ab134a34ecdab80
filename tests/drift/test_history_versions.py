"""A history may hold transactions of any version; none of them hides those beside it."""

import pytest

from core.errors import Unavailable
from drift.history import read_transactions
from drift.layouts.deployments import VELOCITY
from tests.chain.hand_node import Refusal, hand_node, lead_to

ADDRESS = "7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5"


def _transaction(version, slot):
    return {
        "slot": slot, "blockTime": 1_750_000_000 + slot, "version": version,
        "meta": {"err": None, "fee": 5000, "logMessages": [], "computeUnitsConsumed": 1},
        "transaction": {"signatures": [f"s{slot}"], "message": {"accountKeys": [ADDRESS]}},
    }  # fmt: skip


@pytest.fixture
def history(db, settings):
    """A node whose address was touched by a legacy transaction, one of version 0, one of 1."""
    kept = {f"s{slot}": _transaction(version, slot) for slot, version in
            ((10, "legacy"), (11, 0), (12, 1))}  # fmt: skip
    with hand_node() as node:
        lead_to(settings, node)
        node.answers["getSignaturesForAddress"] = lambda _: [
            {"signature": name, "slot": each["slot"], "err": None,
             "confirmationStatus": "finalized"}
            for name, each in reversed(kept.items())
        ]  # fmt: skip
        node.answers["getTransaction"] = lambda params: kept[params[0]]
        yield node


def test_transactions_of_every_version_are_read_oldest_first(history):
    reports = read_transactions(deployment=VELOCITY, address=ADDRESS, after="", tokens={})
    assert [(each.signature, each.slot) for each in reports] == [
        ("s10", 10), ("s11", 11), ("s12", 12),
    ]  # fmt: skip
    assert all(each.complete and each.finalized and each.events == () for each in reports)


def test_the_node_is_told_that_version_1_is_understood(history):
    read_transactions(deployment=VELOCITY, address=ADDRESS, after="", tokens={})
    asked = [params[1] for method, params in history.asked if method == "getTransaction"]
    assert {each["maxSupportedTransactionVersion"] for each in asked} == {1}


def test_what_the_node_shows_to_nobody_is_left_to_the_accounts_state(history):
    """Anybody may name an account in a message of a version that is newer than all readers."""
    shown = history.answers["getTransaction"]

    def show(params):
        if params[0] == "s11":
            raise Refusal(-32015, "Transaction version (9) is not supported")
        return shown(params)

    history.answers["getTransaction"] = show
    reports = read_transactions(deployment=VELOCITY, address=ADDRESS, after="", tokens={})
    assert [(each.signature, each.slot, each.complete) for each in reports] == [
        ("s10", 10, True), ("s11", 11, False), ("s12", 12, True),
    ]  # fmt: skip
    versions = [
        params[1]["maxSupportedTransactionVersion"]
        for method, params in history.asked
        if method == "getTransaction" and params[0] == "s11"
    ]
    assert versions == [1, 255]


def test_another_error_of_the_node_still_stops_the_reading(history):
    def refuse(_):
        raise Refusal(-32603, "Internal error")

    history.answers["getTransaction"] = refuse
    with pytest.raises(Unavailable):
        read_transactions(deployment=VELOCITY, address=ADDRESS, after="", tokens={})
