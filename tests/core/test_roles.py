"""The door to the database's roles: nothing without it, and nothing left of it afterwards."""

import json
import threading

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection, transaction

from accounts.models import User
from audit.models import AuditLog
from core import roles
from core.context import acting_in
from core.roles import LOGIN_ROLE, Role, acting, as_admin, as_sync, as_user
from core.uuid7 import uuid7
from tests import factories, raw_sql

pytestmark = pytest.mark.django_db

_READABLE_AT_ONCE = {"django_migrations", "django_content_type"}


def whoami():
    """(role, user id) of the open transaction, as the database sees them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text, current_setting('app.user_id', true)")
        role, user_id = cursor.fetchone()
    return role, user_id or None


def test_the_login_role_has_no_power_of_its_own(owner_sql):
    attributes = owner_sql.execute(
        "SELECT rolinherit, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin"
        " FROM pg_roles WHERE rolname = %s",
        [LOGIN_ROLE],
    ).fetchone()
    owned = owner_sql.execute(
        "SELECT relname FROM pg_class WHERE relowner = %s::regrole", [LOGIN_ROLE]
    ).fetchall()

    assert attributes == (False, False, False, False, False, True)
    assert owned == []


def test_the_login_role_alone_reads_nothing(owner_sql, login_sql):
    readable = {
        name
        for (name,) in login_sql.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v') AND has_table_privilege(oid, 'SELECT')"
        )
    }

    assert {name for name in readable if not name.startswith("django_celery_beat_")} == (
        _READABLE_AT_ONCE
    )
    for table in ("users", "wallets", "drift_orders", "audit_logs", "all_orders", "jobs"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login_sql.execute(f"SELECT 1 FROM {table}")


def test_the_roles_of_the_door_can_be_nothing_but_acted_as(owner_sql):
    rows = owner_sql.execute(
        "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY(%s)",
        [[role.value for role in Role]],
    ).fetchall()

    assert len(rows) == 3
    assert {attributes for _, *rest in rows for attributes in rest} == {False}


def test_outside_of_the_door_the_product_reads_nothing():
    with pytest.raises(ProgrammingError, match="permission denied"):
        User.objects.count()


@pytest.mark.parametrize(
    ("door", "role"), [(as_sync, Role.SYNC), (as_admin, Role.ADMIN)], ids=["sync", "admin"]
)
def test_a_door_sets_its_role_for_one_transaction(door, role):
    with door():
        assert whoami() == (role.value, None)
        assert acting() == (role, None)
        assert connection.in_atomic_block

    assert whoami() == (LOGIN_ROLE, None)
    assert acting() is None
    assert not connection.in_atomic_block


def test_the_users_door_names_the_person():
    person = factories.user()

    with as_user(person.pk):
        assert whoami() == (Role.USER.value, str(person.pk))
        assert acting() == (Role.USER, person.pk)
        assert User.objects.filter(pk=person.pk).exists()

    assert whoami() == (LOGIN_ROLE, None)


def test_the_same_door_again_joins_the_transaction():
    person = uuid7()

    with as_user(person):
        with as_user(person):
            assert whoami() == (Role.USER.value, str(person))
        assert whoami() == (Role.USER.value, str(person))


def test_within_work_across_users_one_person_may_be_acted_for_and_the_role_comes_back():
    person = uuid7()

    with as_sync():
        with as_user(person):
            assert whoami() == (Role.USER.value, str(person))
        assert whoami() == (Role.SYNC.value, None)
        assert acting() == (Role.SYNC, None)


def test_a_persons_transaction_cannot_become_one_of_more_power():
    with as_user(uuid7()):
        for door in (as_sync, as_admin, lambda: as_user(uuid7())):
            with pytest.raises(RuntimeError, match="cannot become"), door():
                pytest.fail("the door opened")
        assert whoami()[0] == Role.USER.value


def test_an_error_in_an_inner_door_gives_the_outer_role_back():
    person = uuid7()

    with as_sync():
        with pytest.raises(DatabaseError), as_user(person), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert whoami() == (Role.SYNC.value, None)
        assert acting() == (Role.SYNC, None)
        assert User.objects.count() == 0


def test_an_error_leaves_no_role_behind_and_nothing_written():
    def make_and_stop():
        User.objects.create(telegram_id=7)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"), as_sync():
        make_and_stop()

    assert acting() is None
    assert whoami() == (LOGIN_ROLE, None)
    with as_sync():
        assert User.objects.count() == 0


def test_within_a_plain_transaction_the_role_ends_with_its_door():
    with transaction.atomic():
        with as_sync():
            assert whoami()[0] == Role.SYNC.value
        assert whoami() == (LOGIN_ROLE, None)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            User.objects.count()


def test_a_pooled_connection_carries_no_role_to_its_next_user():
    person = uuid7()
    seen = []

    def act():
        try:
            with as_user(person), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                seen.append((cursor.fetchone()[0], whoami()))
        finally:
            connection.close()

    def look():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                seen.append((cursor.fetchone()[0], whoami()))
        finally:
            connection.close()

    connection.close()
    # The pool hands its connections out in turn.
    for work in (act, *[look] * settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    (process, acted_as), *looks = seen
    assert acted_as == (Role.USER.value, str(person))
    assert process in {looking for looking, _ in looks}, "the pool never gave that one again"
    assert {looked_as for _, looked_as in looks} == {(LOGIN_ROLE, None)}


@pytest.mark.parametrize("door", [as_sync, as_admin, lambda: as_user(uuid7())])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs", "TRUNCATE audit_logs"],
)
def test_no_role_changes_or_deletes_what_was_recorded(owner_sql, door, statement):
    factories.user()
    before = raw_sql.count(owner_sql, "audit_logs")

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        door(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert raw_sql.count(owner_sql, "audit_logs") == before > 0


def test_a_deleted_persons_log_stays_without_the_link_to_them():
    person = factories.user()
    factories.wallet(person)
    with as_admin():
        written = set(AuditLog.objects.filter(user=person).values_list("pk", flat=True))
        User.objects.filter(pk=person.pk).delete()

    with as_admin():
        assert len(written) > 0
        assert set(AuditLog.objects.filter(pk__in=written).values_list("user_id", flat=True)) == {
            None
        }


def test_who_a_telegram_user_is_can_be_asked_by_every_role_of_the_door(login_sql):
    person = factories.user(telegram_id=4242)

    for door in (as_sync, as_admin, lambda: as_user(uuid7())):
        with door(), connection.cursor() as cursor:
            cursor.execute("SELECT desk_user_by_telegram(4242)")
            assert cursor.fetchone() == (person.pk,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        login_sql.execute("SELECT desk_user_by_telegram(4242)")


def test_a_transaction_that_cannot_begin_as_whom_it_should_does_nothing(monkeypatch):
    monkeypatch.setattr(roles, "_SETTING", roles._SETTING + "; SET LOCAL ROLE nobody_here")

    with pytest.raises(DatabaseError, match="nobody_here"), as_sync():
        pytest.fail("the door opened")
    monkeypatch.undo()

    assert acting() is None
    assert whoami() == (LOGIN_ROLE, None)


def test_the_history_says_who_changed_a_row_also_where_the_name_holds_quotes():
    person = factories.user()
    told = {"channel": "o'clock \\ \"", "trace": "t", "actor": str(person.pk)}

    with acting_in(channel=told["channel"], trace_id="t", actor_id=person.pk):
        wallet = factories.wallet(person)

    with as_admin(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT metadata FROM pghistory_context c JOIN wallets_walletevent e"
            " ON e.pgh_context_id = c.id WHERE e.id = %s",
            [wallet.pk],
        )
        assert [json.loads(metadata) for (metadata,) in cursor.fetchall()] == [told]
