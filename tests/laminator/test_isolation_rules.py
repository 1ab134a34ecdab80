"""Policies, grants and functions are as the list of tables says, also after changes by hand."""

import itertools

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError

from core.roles import as_sync, as_user
from core.uuid7 import uuid7
from laminator.database import isolation
from laminator.database.policies import FUNCTIONS, PREFIXES, RULES, rule_of
from tests import factories
from tests.laminator.worlds import GUARDED, READABLE, THERE, ask

pytestmark = pytest.mark.django_db


def test_every_table_is_in_the_list_and_the_list_has_no_other(owner_sql):
    tables = {
        name
        for (name,) in owner_sql.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
    }

    assert {name for name in tables if rule_of(name) is None} == set()
    assert {start for start in PREFIXES if not any(t.startswith(start) for t in tables)} == set()


def test_a_table_with_a_column_of_a_person_is_guarded():
    unguarded = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and {field.column for field in model._meta.concrete_fields}
        & {"user_id", "wallet_id", "account_id", "submission_id", "telegram_id", "chat_id"}
        and (rule := rule_of(model._meta.db_table)) is not None
        and not rule.guarded
    }

    assert unguarded == set()


def test_policies_are_enabled_and_forced_on_every_table_that_holds_somebodys_rows(owner_sql):
    flags = {
        name: (enabled, forced)
        for name, enabled, forced in owner_sql.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace",
            [GUARDED],
        )
    }

    assert flags == dict.fromkeys(GUARDED, (True, True))


def test_no_role_of_the_desk_bypasses_policies(owner_sql):
    assert (
        owner_sql.execute(
            "SELECT rolname FROM pg_roles WHERE (rolbypassrls OR rolsuper)"
            " AND (rolname LIKE 'desk%' OR rolname = current_user)"
        ).fetchall()
        == []
    )


def test_policies_read_the_persons_id_so_that_an_emptied_setting_is_nobody(owner_sql):
    """After one transaction-local set, a pooled connection holds ''."""
    factories.drift_order()

    with as_sync():
        ask("SET LOCAL ROLE desk_user; SET LOCAL app.user_id = ''")
        for table in READABLE:
            if RULES[table].guarded:
                assert ask(f"SELECT count(*) FROM {table}") == "[[0]]", table
    owner_sql.execute("SET ROLE desk_user")
    for table in READABLE:
        if RULES[table].guarded:
            assert owner_sql.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a_migrate_again_changes_nothing_and_mends_what_was_changed_by_hand(owner_sql):
    def state():
        return owner_sql.execute(
            "SELECT p.oid, polname, polcmd, pg_get_expr(polqual, polrelid), relacl::text"
            " FROM pg_policy p JOIN pg_class c ON c.oid = polrelid ORDER BY 1"
        ).fetchall()

    def again():
        with owner_sql.transaction(), owner_sql.cursor() as cursor:
            isolation.isolate(_AsDjango(cursor))

    again()
    before = state()
    again()
    assert state() == before

    (name,) = owner_sql.execute(
        "SELECT polname FROM pg_policy WHERE polrelid = 'fills'::regclass"
        " AND polname LIKE 'own_rows%'"
    ).fetchone()
    owner_sql.execute(f"ALTER POLICY {name} ON fills USING (true)")
    owner_sql.execute("CREATE POLICY open_door ON wallets TO desk_user USING (true)")
    owner_sql.execute("ALTER TABLE intents DISABLE ROW LEVEL SECURITY")
    again()
    assert [row[1:] for row in state() if row[1] != name] == [
        row[1:] for row in before if row[1] != name
    ]
    assert sorted(str(row[1:]) for row in state()) == sorted(str(row[1:]) for row in before)
    assert owner_sql.execute(
        "SELECT relrowsecurity FROM pg_class WHERE relname = 'intents'"
    ).fetchone() == (True,)


def test_a_table_that_nobody_declared_stops_the_migrate(owner_sql):
    owner_sql.execute("CREATE TABLE undeclared_rows (user_id uuid)")
    try:
        with (
            pytest.raises(ImproperlyConfigured, match="undeclared_rows"),
            owner_sql.transaction(),
            owner_sql.cursor() as cursor,
        ):
            isolation.isolate(_AsDjango(cursor))
    finally:
        owner_sql.execute("DROP TABLE undeclared_rows")


class _AsDjango:
    """A cursor of psycopg's that takes doubled percent signs, as Django's does."""

    def __init__(self, cursor):
        self._cursor = cursor
        self.fetchone, self.fetchall = cursor.fetchone, cursor.fetchall

    def execute(self, query):
        self._cursor.execute(query.replace("%%", "%"))


def test_a_materialised_view_is_nothing_for_a_person(owner_sql):
    owner_sql.execute("CREATE MATERIALIZED VIEW gathered AS SELECT id FROM users")
    try:
        with owner_sql.transaction(), owner_sql.cursor() as cursor:
            isolation.isolate(_AsDjango(cursor))
        with pytest.raises(ProgrammingError, match="permission denied"), as_user(uuid7()):
            ask("SELECT * FROM gathered")
        with as_sync():
            ask("SELECT * FROM gathered")
    finally:
        owner_sql.execute("DROP MATERIALIZED VIEW gathered")


def test_functions_with_their_owners_rights_are_all_named(owner_sql):
    found = {
        name
        for (name,) in owner_sql.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        )
    }

    assert found == set(FUNCTIONS)


def test_a_function_with_its_owners_rights_reads_its_own_tables_and_is_not_for_everybody(owner_sql):
    """With another's search path it would read a table that somebody else has put in the way."""
    for name, settings, open_to_all, returns in owner_sql.execute(
        "SELECT proname, coalesce(proconfig::text, ''), has_function_privilege('public', oid,"
        " 'EXECUTE'), prorettype::regtype::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    ):
        assert "search_path=public, pg_temp" in settings, name
        # A trigger's function cannot be called.
        assert returns == "trigger" or not open_to_all, name
    assert (
        owner_sql.execute(
            "SELECT has_schema_privilege(r.rolname, 'public', 'CREATE') FROM pg_roles r"
            " WHERE r.rolname IN ('desk_login', 'desk_user', 'desk_sync', 'desk_admin')"
        ).fetchall()
        == [(False,)] * 4
    )


def test_shared_tables_are_read_and_not_written_by_a_person():
    factories.drift_market()
    shared = [name for name, rule in THERE.items() if rule.user == "SELECT" and not rule.guarded]

    for table, verb in itertools.product(shared, ("DELETE FROM {0}", "TRUNCATE {0}")):
        with as_user(uuid7()):
            ask(f"SELECT * FROM {table}")
        with pytest.raises(ProgrammingError, match="permission denied"), as_user(uuid7()):
            ask(verb.format(table))
