"""Nobody sees another's row: by table, view, join, partition, COPY, function or error text."""

import json

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.roles import as_admin, as_sync, as_user
from core.uuid7 import uuid7
from laminator.database import VIEWS
from laminator.database.policies import RULES
from tests import factories
from tests.laminator.worlds import NOT_IN_THE_WORLD, OWNED, READABLE, ask, leaks, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_worlds():
    market, catalogued = factories.drift_market(), factories.market()
    (one, of_one), (two, of_two) = world(market, catalogued), world(market, catalogued)
    return one, of_one, two, of_two


def test_each_person_sees_their_own_rows_in_every_table(two_worlds):
    one, of_one, _, of_two = two_worlds

    with as_user(one.pk):
        said = "".join(ask(f"SELECT * FROM {table}") for table in READABLE)

    assert leaks(said, of_two) == []
    assert leaks(said, of_one) == sorted(of_one)


def test_the_desks_own_work_and_staff_see_everybodys(two_worlds):
    _, of_one, _, of_two = two_worlds

    for door in (as_sync, as_admin):
        with door():
            said = "".join(ask(f"SELECT * FROM {table}") for table in OWNED)
        assert leaks(said, of_one | of_two) == sorted(of_one | of_two)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_what_its_reader_may_see(two_worlds, view):
    one, _, _, of_two = two_worlds

    with as_user(one.pk):
        assert leaks(ask(f"SELECT * FROM {view}"), of_two) == []
    with as_user(uuid7()):
        assert ask(f"SELECT * FROM {view}") == "[]"


TABLES = st.sampled_from(READABLE)
VIEWS_TOO = st.sampled_from([*READABLE, *VIEWS])


@st.composite
def queries(draw):
    """Some query over tables and views, with no thought for whose rows they are."""
    first, second = draw(VIEWS_TOO), draw(VIEWS_TOO)
    kind = draw(st.sampled_from([
        "SELECT to_jsonb(a) FROM {a} a",
        "SELECT jsonb_agg(to_jsonb(a)) FROM {a} a GROUP BY to_jsonb(a)->>'user_id'",
        "SELECT to_jsonb(a), to_jsonb(b) FROM {a} a CROSS JOIN {b} b LIMIT 500",
        "SELECT to_jsonb(a), to_jsonb(b) FROM {a} a FULL JOIN {b} b ON true LIMIT 500",
        "SELECT to_jsonb(a), (SELECT jsonb_agg(to_jsonb(b)) FROM {b} b) FROM {a} a LIMIT 20",
        "SELECT to_jsonb(a) FROM {a} a WHERE to_jsonb(a)::text LIKE '%%-%%' OR true",
        "WITH x AS MATERIALIZED (SELECT * FROM {a}) SELECT to_jsonb(x) FROM x",
        "SELECT to_jsonb(a) FROM {a} a UNION ALL SELECT to_jsonb(b) FROM {b} b",
        "SELECT max(to_jsonb(a)::text), min(to_jsonb(a)::text), count(*) FROM {a} a",
        "SELECT DISTINCT ON (to_jsonb(a)->>'id') to_jsonb(a) FROM {a} a",
        "SELECT lag(to_jsonb(a)) OVER (), lead(to_jsonb(a)) OVER () FROM {a} a",
        "SELECT to_jsonb(b) FROM {a} a, LATERAL (SELECT * FROM {b}) b LIMIT 500",
    ]))  # fmt: skip
    return kind.format(a=first, b=second)


@given(st.data())
@hypothesis_settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_shows_another_persons_row(two_worlds, data):
    one, of_one, two, of_two = two_worlds
    query = data.draw(queries())
    who, hidden = data.draw(
        st.sampled_from([(one, of_two), (two, of_one), (None, of_one | of_two)])
    )

    with as_user(who.pk if who else uuid7()):
        assert leaks(ask(query), hidden) == []


@given(table=TABLES, verb=st.sampled_from(["update", "delete", "lock", "steal"]))
@example(table="users", verb="update")
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_statement_touches_another_persons_row(two_worlds, owner_sql, table, verb):
    one, _, _, of_two = two_worlds

    def of_the_other():
        whole = owner_sql.execute(f"SELECT to_jsonb(t)::text FROM {table} t").fetchall()
        return sorted(row for (row,) in whole if leaks(row, of_two))

    column = {"users": "id", "telegram_cards": "chat_id", "pghistory_context": "id"}.get(table)
    with as_sync():
        columns = ask(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
        )
    column = column or next(
        (c for c in ("user_id", "wallet_id", "account_id", "submission_id") if f'"{c}"' in columns),
        "id",
    )
    statement = {
        "update": f"UPDATE {table} SET {column} = {column}",
        "delete": f"DELETE FROM {table}",
        "lock": f"SELECT to_jsonb(t) FROM {table} t FOR UPDATE",
        # One's own row may not be handed to another, nor another's be taken.
        "steal": f"UPDATE {table} SET {column} = {column} WHERE {column}::text <> %s",
    }[verb]
    before = of_the_other()

    try:
        with as_user(one.pk):
            said = ask(statement, [str(one.pk)] if "%s" in statement else ())
            assert leaks(said, of_two) == []
            raise _Undo
    except (_Undo, DatabaseError):
        pass

    assert of_the_other() == before


class _Undo(Exception):
    """Roll the transaction back."""


@pytest.mark.parametrize(
    "table",
    [
        name
        for name in OWNED
        if "INSERT" in RULES[name].user and name not in NOT_IN_THE_WORLD | {"users"}
    ],
)
def test_a_row_of_anothers_cannot_be_written(two_worlds, owner_sql, table):
    one, _, _, of_two = two_worlds
    whole = owner_sql.execute(f"SELECT to_jsonb(t) FROM {table} t").fetchall()
    theirs = [row for (row,) in whole if leaks(json.dumps(row), of_two)]
    assert theirs, "the world of the test has no such row"
    columns = [
        name
        for (name,) in owner_sql.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' AND attidentity = ''",
            [table],
        )
    ]
    listed = ", ".join(f'"{name}"' for name in columns)
    copy = theirs[0] | ({"id": str(uuid7())} if "-" in str(theirs[0].get("id")) else {})

    with pytest.raises(DatabaseError, match="row-level security"), as_user(one.pk):
        ask(
            f"INSERT INTO {table} ({listed}) SELECT {listed}"
            f" FROM jsonb_populate_record(null::{table}, %s)",
            [json.dumps(copy)],
        )


def test_what_a_person_owns_cannot_be_handed_to_another(two_worlds):
    one, _, two, _ = two_worlds

    for table in OWNED:
        if not RULES[table].own.startswith("user_id") or "UPDATE" not in RULES[table].user:
            continue
        if table in NOT_IN_THE_WORLD:
            continue
        with pytest.raises(DatabaseError, match="row-level security"), as_user(one.pk):
            ask(f"UPDATE {table} SET user_id = %s", [two.pk])


def test_a_unique_key_tells_nothing_of_whose_value_is_taken(two_worlds):
    one, _, two, of_two = two_worlds

    with pytest.raises(DatabaseError) as caught, as_user(one.pk):
        ask("UPDATE users SET email = %s", [two.email])
    assert isinstance(caught.value.__cause__, psycopg.errors.UniqueViolation)
    assert caught.value.__cause__.diag.message_detail is None
    assert leaks(str(caught.value), of_two) == []

    with as_sync():
        wallet = two.wallets.get()
    with pytest.raises(DatabaseError) as caught, as_user(one.pk):
        ask("UPDATE wallets SET wallet_address = %s", [wallet.wallet_address])
    assert caught.value.__cause__.diag.message_detail is None
    assert leaks(str(caught.value), of_two) == []


def test_a_foreign_key_tells_nothing_of_the_row_it_misses(two_worlds):
    one, _, _, _ = two_worlds
    missing = uuid7()

    with pytest.raises(DatabaseError) as caught, as_user(one.pk):
        ask(f"UPDATE fills SET wallet_id = '{missing}'; SET CONSTRAINTS ALL IMMEDIATE")

    assert isinstance(caught.value.__cause__, psycopg.errors.ForeignKeyViolation)
    assert caught.value.__cause__.diag.message_detail in (
        None, 'Key is not present in table "wallets".',
    )  # fmt: skip
    assert str(missing) not in str(caught.value)


def test_a_condition_that_raises_is_never_run_on_anothers_row(two_worlds):
    one, _, _, of_two = two_worlds

    with pytest.raises(DatabaseError) as caught, as_user(one.pk):
        ask("SELECT 1 FROM wallets WHERE wallet_address::int > 0")

    assert leaks(str(caught.value), of_two) == []


def test_the_catalogues_tell_nothing_of_others_rows_and_statements(two_worlds, owner_sql):
    """Statistics hold values of rows, and the list of sessions what they ask."""
    one, _, _, of_two = two_worlds
    owner_sql.execute("ANALYZE users, wallets, withdrawals, user_sessions")
    with as_user(one.pk):
        said = ask("SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats")
        asked = ask("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert leaks(said, of_two) == []
    assert set(json.loads(asked)[0] if json.loads(asked) else ()) <= {"<insufficient privilege>"}


def test_copy_shows_and_takes_nothing_of_anothers(two_worlds):
    one, _, _, of_two = two_worlds

    with as_user(one.pk), connection.cursor() as cursor:
        for table in READABLE:
            with cursor.cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
                said = b"".join(bytes(block) for block in copy).decode()
            assert leaks(said, of_two) == [], table
    with (
        pytest.raises(psycopg.errors.FeatureNotSupported, match="row-level security"),
        as_user(one.pk),
        connection.cursor() as cursor,
        cursor.cursor.copy("COPY fills FROM STDIN") as copy,
    ):
        copy.write(b"x\n")


def test_the_world_has_a_row_of_each_persons_in_every_table(two_worlds, owner_sql):
    _, of_one, _, of_two = two_worlds
    empty = [
        table
        for table in OWNED
        for whose in (of_one, of_two)
        if table not in NOT_IN_THE_WORLD
        and not leaks(
            str(owner_sql.execute(f"SELECT to_jsonb(t) FROM {table} t").fetchall()), whose
        )
    ]

    assert empty == []


def test_no_partition_is_anything_for_any_role(two_worlds, owner_sql):
    """Direct access would go around the policies of its parent."""
    partitions = [
        name
        for (name,) in owner_sql.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
    ]
    assert partitions
    assert (
        owner_sql.execute(
            "SELECT table_name FROM information_schema.role_table_grants"
            " WHERE table_name = ANY(%s) AND (grantee LIKE 'desk_%%' OR grantee = 'PUBLIC')"
            " AND grantee <> current_user",
            [partitions],
        ).fetchall()
        == []
    )

    for name in partitions:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            as_user(two_worlds[0].pk),
        ):
            ask(f"SELECT * FROM {name}")


def test_every_view_reads_with_the_rights_of_who_asks(owner_sql):
    options = dict(
        owner_sql.execute(
            "SELECT relname, coalesce(reloptions::text, '') FROM pg_class"
            " WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    )

    assert set(VIEWS) <= set(options)
    assert [name for name, told in options.items() if "security_invoker=true" not in told] == []


def test_what_the_desk_pays_for_all_counts_in_a_persons_transaction(two_worlds):
    one, _, _, _ = two_worlds

    with as_user(one.pk):
        assert ask("SELECT sum(lamports)::int FROM sponsorships") == "[[7]]"
        assert ask("SELECT desk_sponsored_lamports(now() - interval '1 day')") == "[[14]]"
