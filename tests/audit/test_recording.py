"""Every create, save and delete of what matters is in the log, beside the change itself."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from audit.services import content_hash, record, record_many
from audit.signals import event_recorded
from core.context import acting_in
from core.roles import as_admin, as_sync
from core.uuid7 import uuid7
from drift.models import DriftPosition
from tests import factories
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """The actions of the log about a row, oldest first."""

    def read(row=None):
        with as_admin():
            rows = AuditLog.objects.order_by("id")
            return list(rows.filter(resource_id=str(row.pk)) if row else rows)

    return read


def test_a_created_row_is_recorded_with_its_values_and_its_circumstances(log):
    actor = factories.user()
    with acting_in(
        channel="telegram", actor_id=actor.pk, ip_address="203.0.113.9", user_agent="Telegram",
        trace_id="trace",
    ):  # fmt: skip
        wallet = factories.wallet(actor, wallet_name="main")

    (entry,) = log(wallet)
    assert (entry.action, entry.resource_type) == ("wallet.created", "wallets")
    assert entry.old_values is None
    assert entry.new_values["wallet_address"] == wallet.wallet_address
    assert entry.new_values["user"] == str(actor.pk)
    assert (entry.actor_id, entry.user_id) == (actor.pk, actor.pk)
    assert (entry.channel, entry.trace_id) == ("telegram", "trace")
    assert (entry.ip_address, entry.user_agent) == ("203.0.113.9", "Telegram")
    assert abs((datetime.now(UTC) - entry.created_at).total_seconds()) < 60


def test_where_nobody_acts_in_person_the_entry_names_whose_row_it_is(log):
    wallet = factories.wallet()

    (entry,) = log(wallet)
    assert (entry.actor_id, entry.user_id) == (None, wallet.user_id)


def test_a_save_records_what_changed_and_only_that(log):
    wallet = factories.wallet(wallet_name="old")
    with as_sync():
        wallet.wallet_name = "new"
        wallet.save()

    entry = log(wallet)[-1]
    assert entry.action == "wallet.changed"
    assert (entry.old_values, entry.new_values) == (
        {"wallet_name": "old"},
        {"wallet_name": "new"},
    )


def test_a_save_tells_the_stored_value_before_not_the_one_in_memory(log, owner_sql):
    wallet = factories.wallet(wallet_name="old")
    owner_sql.execute("UPDATE wallets SET wallet_name = 'meanwhile'")
    with as_sync():
        wallet.wallet_name = "new"
        wallet.save()

    assert log(wallet)[-1].old_values == {"wallet_name": "meanwhile"}


def test_a_save_of_some_columns_claims_no_other_change(log):
    wallet = factories.wallet(wallet_name="old")
    with as_sync():
        wallet.wallet_name, wallet.status = "new", "suspended"
        wallet.save(update_fields=["status"])

    assert log(wallet)[-1].new_values == {"status": "suspended"}


def test_a_save_that_changes_nothing_that_matters_is_not_recorded(log):
    wallet = factories.wallet()
    with as_sync():
        wallet.last_synced_at = datetime.now(UTC)
        wallet.save()

    assert [entry.action for entry in log(wallet)] == ["wallet.created"]


def test_a_deleted_row_is_recorded_with_what_it_was(log):
    wallet = factories.wallet(wallet_name="gone")
    with as_sync():
        Wallet.objects.get(pk=wallet.pk).delete()

    entry = log(wallet)[-1]
    assert entry.action == "wallet.deleted"
    assert entry.old_values["wallet_name"] == "gone"
    assert entry.new_values is None


def test_rows_deleted_as_a_set_are_recorded_one_by_one(log):
    wallets = [factories.wallet(), factories.wallet()]
    with as_sync():
        Wallet.objects.all().delete()

    assert [log(wallet)[-1].action for wallet in wallets] == ["wallet.deleted"] * 2


def test_a_change_that_is_rolled_back_leaves_no_entry(log):
    def make_and_stop():
        User.objects.create(telegram_id=77)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), as_sync():
        make_and_stop()

    assert log() == []


def test_passwords_stay_out_of_the_log(log):
    person = factories.staff()
    with as_admin():
        person.set_password("another password")
        person.role = "support"
        person.save()

    created, changed = log(person)
    assert "password" not in created.new_values
    assert changed.new_values == {"role": "support"}


def test_a_signed_messages_bytes_stay_out_of_the_log(log):
    row = factories.signed_submission()

    (entry,) = log(row)
    assert "raw" not in entry.new_values
    assert entry.new_values["signature"] == row.signature


def test_a_price_refresh_is_not_recorded_but_a_change_of_size_is(log):
    position = factories.drift_position()
    with as_sync():
        position = DriftPosition.objects.get(pk=position.pk)
        position.mark_price = position.last_price = Decimal(101)
        position.unrealized_pnl, position.liquidation_price = Decimal(1), Decimal(50)
        position.save()
        position.size = Decimal(2)
        position.save()

    created, changed = log(position)
    assert not {"mark_price", "unrealized_pnl", "liquidation_price"} & created.new_values.keys()
    assert {name: Decimal(value) for name, value in changed.new_values.items()} == {"size": 2}


@pytest.mark.parametrize("label", settings.AUDITED_MODELS)
def test_what_is_left_out_of_the_log_are_real_columns(label):
    names = {field.name for field in apps.get_model(label)._meta.get_fields()}

    assert settings.AUDITED_MODELS[label] <= names


def test_every_entry_is_announced_in_its_own_transaction():
    heard = []

    def listen(records, **_):
        heard.extend((record.action, connection.in_atomic_block) for record in records)

    event_recorded.connect(listen)
    try:
        factories.user()
    finally:
        event_recorded.disconnect(listen)

    assert heard == [("user.created", True)]


def test_an_act_on_many_rows_is_one_insert(log, django_assert_num_queries):
    positions = [factories.drift_position() for _ in range(3)]
    changes = [(row, {"status": "open"}, {"status": "closed"}) for row in positions]

    with as_sync(), django_assert_num_queries(1):
        record_many(action="driftposition.closed", resources=changes)

    for row in positions:
        entry = log(row)[-1]
        assert (entry.action, entry.user_id) == ("driftposition.closed", row.user_id)
        assert (entry.old_values, entry.new_values) == ({"status": "open"}, {"status": "closed"})


def test_an_act_may_be_about_something_that_is_no_row(log):
    with as_sync():
        record(action="desk.looked_at", resource=("desk", "all"), new={"amount": Decimal("1.50")})

    (entry,) = log()
    assert (entry.resource_type, entry.resource_id) == ("desk", "all")
    assert entry.new_values == {"amount": "1.50"}


@pytest.mark.parametrize("odd", ["", "unix:", "not an address", "203.0.113.9:443", None])
def test_an_odd_address_does_not_keep_an_act_from_being_recorded(log, odd):
    with acting_in(ip_address=odd):
        person = factories.user()

    (entry,) = log(person)
    assert entry.ip_address is None
    assert content_hash(entry) == entry.content_hash


# The content hash, recomputed from what the database gives back

_VALUES = {
    "amount": Decimal("0.100000000000000000"), "large": 10**30, "fraction": 0.1, "small": 1e-7,
    "text": "é \" \\ \U0001f4b0 <b> \t", "none": None, "list": [1, "2", {"b": 1, "a": 2}],
    "when": datetime(2026, 3, 9, 12, 0, 0, 123456, tzinfo=UTC), "key": uuid7(), "yes": True,
    "bytes": b"\x00\x01", "empty": {}, "10": "sorted as text", "9": "too", "Ä": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "address", [None, "127.0.0.1", "0:0:0:0:0:0:0:1", "2001:DB8::0:1", "::ffff:10.0.0.1"]
)
def test_the_hash_can_be_recomputed_from_the_stored_row(log, address):
    with acting_in(ip_address=address, user_agent="Mozilla/5.0 (ü)"), as_sync():
        record(action="any.act", resource=("any", 7), old=_VALUES, new={**_VALUES, "b": []})

    (entry,) = log()
    assert len(entry.content_hash) == 64
    assert content_hash(entry) == entry.content_hash


def test_the_hash_outlives_the_person(log, owner_sql):
    actor = factories.user()
    with acting_in(actor_id=actor.pk), as_sync():
        record(action="any.act", resource=("any", 7))
    owner_sql.execute("DELETE FROM users")

    entry = log()[-1]
    assert (entry.user_id, entry.actor_id) == (None, actor.pk)
    assert content_hash(entry) == entry.content_hash


@pytest.mark.parametrize(
    "planted",
    [
        "action = 'other'", "resource_type = 'other'", "resource_id = '8'", "actor_id = id",
        "old_values = '{\"a\": 2}'", "new_values = NULL", "channel = 'admin'",
        "ip_address = '10.0.0.2'", "user_agent = 'other'", "trace_id = 'other'",
        "created_at = created_at + interval '1 microsecond'",
    ],
)  # fmt: skip
def test_a_planted_change_shows(log, owner_sql, planted):
    with acting_in(ip_address="10.0.0.1", user_agent="agent", trace_id="t"), as_sync():
        record(action="any.act", resource=("any", 7), old={"a": 1}, new={"a": 2})

    assert owner_sql.execute(f"UPDATE audit_logs SET {planted}").rowcount == 1

    (entry,) = log()
    assert content_hash(entry) != entry.content_hash


def test_a_person_who_deletes_their_own_account_is_recorded_as_its_actor(log):
    person = factories.user()
    with acting_in(actor_id=person.pk), as_sync():
        User.objects.get(pk=person.pk).delete()

    entry = log(person)[-1]
    assert entry.action == "user.deleted"
    assert (entry.user_id, entry.actor_id) == (None, person.pk)
    assert content_hash(entry) == entry.content_hash
