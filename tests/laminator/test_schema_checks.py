"""What the database itself must refuse, and what it must take, whoever writes it."""

from decimal import Decimal

import psycopg
import pytest

from core.uuid7 import uuid7
from tests import factories, raw_sql

pytestmark = pytest.mark.django_db

_SOLANA = "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"
_HEX = "0x" + "aB" * 20

# factory, columns to set, the constraint that refuses them
_REFUSED = [
    (factories.user, {"telegram_id": 0}, "users_telegram_id"),
    (factories.user, {"telegram_id": -5}, "users_telegram_id"),
    (factories.user, {"balance_usd": "-0.01"}, "users_balance"),
    (factories.user, {"email": "nobody"}, "users_email_form"),
    (factories.user, {"email": "@desk.example"}, "users_email_form"),
    (factories.user, {"email": "a@desk"}, "users_email_form"),
    (factories.user, {"email": "a b@desk.example"}, "users_email_form"),
    (factories.user, {"email": "a@b@desk.example"}, "users_email_form"),
    (factories.user, {"email": "a@desk.example\nx"}, "users_email_form"),
    (factories.user, {"email": ""}, "users_email_form"),
    (factories.user, {"telegram_id": None}, "users_can_sign_in"),
    (factories.staff, {"email": None}, "users_can_sign_in"),
    (factories.closed_user, {"status": "active"}, "users_can_sign_in"),
    (factories.wallet, {"wallet_address": _SOLANA[:31]}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": _SOLANA + "1"}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": "0" + _SOLANA[1:]}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": "O" + _SOLANA[1:]}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": "I" + _SOLANA[1:]}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": "l" + _SOLANA[1:]}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": _SOLANA[:40] + "\n"}, "wallets_address_form"),
    (factories.wallet, {"wallet_address": _HEX}, "wallets_address_form"),
    (factories.wallet, {"chain_type": "ethereum"}, "wallets_address_form"),
    (factories.ethereum_wallet, {"wallet_address": _HEX[:-1]}, "wallets_address_form"),
    (factories.ethereum_wallet, {"wallet_address": _HEX + "0"}, "wallets_address_form"),
    (factories.ethereum_wallet, {"wallet_address": _HEX[:-1] + "g"}, "wallets_address_form"),
    (factories.ethereum_wallet, {"wallet_address": _HEX[2:]}, "wallets_address_form"),
    (factories.ethereum_wallet, {"chain_type": "solana"}, "wallets_address_form"),
    (factories.balance, {"balance": "-1"}, "wallet_balances_balance"),
    (factories.balance, {"locked_balance": "-0.000000000000000001"}, "wallet_balances_locked"),
    (factories.balance, {"locked_balance": "100.000000000000000001"}, "wallet_balances_locked"),
    (factories.order, {"size": 0}, "order_size"),
    (factories.order, {"size": "NaN"}, "orders_size_check"),
    (factories.order, {"price": 0}, "order_price"),
    (factories.order, {"price": -1}, "order_price"),
    (factories.order, {"leverage": 0}, "order_leverage"),
    (factories.order, {"leverage": -1}, "order_leverage"),
    (factories.order, {"filled_size": -1}, "order_filled_size"),
    (factories.order, {"filled_size": "1.000000000000000001"}, "order_filled_size"),
    (factories.drift_order, {"base_asset_amount": 0}, "driftorder_size"),
    (factories.drift_order, {"base_asset_amount": "NaN"}, "drift_orders_base_asset_amount_check"),
    (factories.drift_order, {"price": 0}, "driftorder_price"),
    (factories.drift_order, {"leverage": 0}, "driftorder_leverage"),
    (factories.drift_order, {"filled_amount": -1}, "driftorder_filled_size"),
    (factories.drift_order, {"filled_amount": 2}, "driftorder_filled_size"),
    (factories.position, {"size": -1}, "position_size"),
    (factories.drift_position, {"base_asset_amount": -1}, "driftposition_size"),
    (factories.alert, {"target_price": 0}, "alerts_target_price"),
    (factories.alert, {"target_price": -1}, "alerts_target_price"),
    (factories.fill, {"size": 0}, "fills_size"),
    (factories.transfer, {"amount": 0}, "venue_transfers_amount"),
    (factories.drift_market, {"market_type": "futures"}, "drift_markets_type_known"),
]
_TAKEN = [
    (factories.user, {"telegram_id": 1}),
    (factories.user, {"telegram_id": 2**62}),
    (factories.user, {"email": "a.b+c@desk.example", "telegram_id": None}),
    (factories.user, {"status": "closed", "telegram_id": None}),
    (factories.user, {"balance_usd": 0}),
    (factories.wallet, {"wallet_address": "1" * 32}),
    (factories.wallet, {"wallet_address": _SOLANA}),
    (factories.ethereum_wallet, {"wallet_address": _HEX}),
    (factories.ethereum_wallet, {"wallet_address": _HEX, "chain_type": "polygon"}),
    (factories.balance, {"locked_balance": 100}),
    (factories.balance, {"balance": 0}),
    (factories.balance, {"balance": "123456789012345678.123456789012345678"}),
    (factories.order, {"size": "0.000000000000000001"}),
    (factories.order, {"filled_size": 1, "price": None}),
    (factories.drift_order, {"filled_amount": 1}),
    (factories.position, {"size": 0}),
    (factories.alert, {"target_price": None}),
]


@pytest.mark.parametrize(("make", "columns", "constraint"), _REFUSED)
def test_the_database_refuses(owner_sql, make, columns, constraint):
    row = make()
    name = next(iter(columns))
    before = raw_sql.read(owner_sql, row, name)

    with raw_sql.refused_by(constraint):
        raw_sql.change(owner_sql, row, **columns)

    assert raw_sql.read(owner_sql, row, name) == before


@pytest.mark.parametrize(("make", "columns"), _TAKEN)
def test_the_database_takes(owner_sql, make, columns):
    assert raw_sql.change(owner_sql, make(), **columns) == 1


def test_the_available_balance_follows_and_cannot_be_written(owner_sql):
    row = factories.balance(amount="100", locked="30.5")
    assert raw_sql.read(owner_sql, row, "available_balance") == Decimal("69.5")

    with pytest.raises(psycopg.errors.GeneratedAlways):
        raw_sql.change(owner_sql, row, available_balance=100)
    raw_sql.change(owner_sql, row, locked_balance=100)

    assert raw_sql.read(owner_sql, row, "available_balance") == 0


def test_the_available_balance_cannot_be_inserted(owner_sql):
    wallet = factories.wallet()

    with pytest.raises(psycopg.errors.GeneratedAlways):
        owner_sql.execute(
            "INSERT INTO wallet_balances (id, wallet_id, token_symbol, balance, locked_balance,"
            " available_balance, created_at, updated_at) VALUES (%s, %s, 'SOL', 5, 0, 5, now(),"
            " now())",
            [uuid7(), wallet.pk],
        )


_SIGNED = {"signature": "sig", "raw": b"bytes", "last_valid_block_height": 9}
_UNSIGNED_STATES = ("queued", "claimed", "abandoned")
_SIGNED_STATES = ("signed", "sent", "confirmed", "finalized", "failed", "expired")


@pytest.mark.parametrize("state", _UNSIGNED_STATES)
@pytest.mark.parametrize("column", _SIGNED)
def test_before_it_is_signed_a_submission_has_none_of_its_bytes(owner_sql, state, column):
    row = factories.submission()

    with raw_sql.refused_by("submissions_bytes_when_signed"):
        raw_sql.change(owner_sql, row, state=state, **{column: _SIGNED[column]})

    assert raw_sql.change(owner_sql, row, state=state) == 1


@pytest.mark.parametrize("state", _SIGNED_STATES)
@pytest.mark.parametrize("column", _SIGNED)
def test_once_signed_a_submission_has_all_of_its_bytes(owner_sql, state, column):
    row = factories.signed_submission()

    with raw_sql.refused_by("submissions_bytes_when_signed"):
        raw_sql.change(owner_sql, row, state=state, **{column: None})

    assert raw_sql.change(owner_sql, row, state=state) == 1


def test_amounts_beyond_their_places_are_refused_or_rounded_never_wrapped(owner_sql):
    row = factories.balance()

    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        raw_sql.change(owner_sql, row, balance=Decimal(10) ** 18)
    raw_sql.change(owner_sql, row, balance="0.1234567890123456785")
    assert raw_sql.read(owner_sql, row, "balance") == Decimal("0.123456789012345679")


def test_no_amount_of_any_table_can_be_something_that_is_no_number(owner_sql):
    unguarded = owner_sql.execute(
        "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND NOT c.relispartition AND attgenerated = ''"
        " AND format_type(atttypid, atttypmod) IN ('numeric(36,18)', 'numeric(20,2)')"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = a.attrelid"
        " AND k.contype = 'c' AND a.attnum = ANY (k.conkey)"
        " AND pg_get_constraintdef(k.oid) LIKE %s)",
        ["%'NaN'%"],
    ).fetchall()

    assert unguarded == []


def test_what_is_no_number_is_refused_in_place_of_a_balance(owner_sql):
    row = factories.balance()

    with raw_sql.refused_by("wallet_balances_balance_check"):
        raw_sql.change(owner_sql, row, balance=Decimal("NaN"))
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        raw_sql.change(owner_sql, row, balance="Infinity")
