"""Columns of few values: the database takes what data/schema.toml lists and nothing unheard of."""

import pytest

from tests import factories, raw_sql
from tests.laminator.test_schema import FACTS

pytestmark = pytest.mark.django_db

_SIGNED = {"signature": "sig", "raw": b"bytes", "last_valid_block_height": 9}
_UNSIGNED = dict.fromkeys(_SIGNED)
_MAKERS = {
    "users": factories.user,
    "wallets": factories.wallet,
    "markets": factories.market,
    "orders": factories.order,
    "positions": factories.position,
    "transactions": factories.transaction,
    "alerts": factories.alert,
    "drift_markets": factories.drift_market,
    "drift_orders": factories.drift_order,
    "drift_positions": factories.drift_position,
    "drift_transactions": factories.drift_transaction,
    "submissions": factories.submission,
    "fills": factories.fill,
}
# What else must be so for a value to be in order.
_BESIDE = {
    ("wallets", "ethereum"): {"wallet_address": "0x" + "ab" * 20},
    ("wallets", "polygon"): {"wallet_address": "0x" + "cd" * 20},
    **{("submissions", state): _UNSIGNED for state in ("queued", "claimed", "abandoned")},
    **{
        ("submissions", state): _SIGNED
        for state in ("signed", "sent", "confirmed", "finalized", "failed", "expired")
    },
}
_COLUMNS = [(table, column) for table, facts in FACTS.items() for column in facts.get("values", {})]
# Columns of ours that data/schema.toml leaves open.
_OURS = [
    (factories.user, "role"),
    (factories.user, "trading_state"),
    (factories.session, "channel"),
    (factories.intent, "channel"),
    (factories.intent, "kind"),
    (factories.intent, "status"),
    (factories.wallet_alert, "condition_type"),
    (factories.wallet_alert, "status"),
    (factories.venue_account, "status"),
    (factories.transfer, "status"),
    (factories.transfer, "kind"),
    (factories.order, "direction"),
    (factories.order, "origin"),
    (factories.drift_order, "origin"),
    (factories.fill, "side"),
    (factories.fill, "direction"),
]


@pytest.mark.parametrize(("table", "column"), _COLUMNS)
def test_every_listed_value_is_taken_and_others_are_refused(owner_sql, table, column):
    row = _MAKERS[table]()

    for value in FACTS[table]["values"][column]:
        beside = _BESIDE.get((table, value), {})
        assert raw_sql.change(owner_sql, row, **{column: value}, **beside) == 1
        assert raw_sql.read(owner_sql, row, column) == value

    for value in ("", "unheard of", FACTS[table]["values"][column][0].upper()):
        with pytest.raises(raw_sql.psycopg.errors.CheckViolation):
            raw_sql.change(owner_sql, row, **{column: value})


@pytest.mark.parametrize(("make", "column"), _OURS)
def test_a_column_of_our_own_enums_refuses_an_unheard_value(owner_sql, make, column):
    row = make()
    before = raw_sql.read(owner_sql, row, column)

    with pytest.raises(raw_sql.psycopg.errors.CheckViolation):
        raw_sql.change(owner_sql, row, **{column: "unheard of"})

    assert raw_sql.read(owner_sql, row, column) == before
