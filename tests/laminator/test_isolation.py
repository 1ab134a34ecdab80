"""Nobody sees another's row: by table, view, join, partition, COPY, function or error text."""

import itertools
import json

import psycopg
import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, ProgrammingError, connection
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.models import TelegramCard
from core.context import acting_in
from core.roles import as_admin, as_sync, as_user
from core.uuid7 import uuid7
from laminator.database import VIEWS, isolation
from laminator.database.policies import FUNCTIONS, PREFIXES, RULES, rule_of
from tests import factories
from trading.models import AccountEntry, Difference, Sponsorship

pytestmark = pytest.mark.django_db

TABLES_OF_MODELS = {each._meta.db_table for each in apps.get_models(include_auto_created=True)}
THERE = {name: rule for name, rule in RULES.items() if name in TABLES_OF_MODELS}
OWNED = sorted(name for name, rule in THERE.items() if rule.own is not None)
GUARDED = sorted(name for name, rule in THERE.items() if rule.guarded)
READABLE = sorted(name for name, rule in THERE.items() if "SELECT" in rule.user)
# The world below has rows in each of these; a new table of persons' rows belongs in it.
NOT_IN_THE_WORLD = {
    "order_changes", "outbox_messages", "pghistory_context", "venue_order_ids", "withdrawals",
    "withdrawal_addresses", "withdrawal_allowances", "incoming_transfers", "user_security",
    "security_notices", "web_links", "user_api_keys", "paper_accounts", "paper_orders",
    "paper_positions", "paper_events", "rest_calls",
}  # fmt: skip


def world(market, catalogued):
    """A person with a row in every room; returns them and every text that is theirs alone."""
    person = factories.user(
        email=f"{uuid7().hex}@desk.example", privy_user_id=f"did:privy:{uuid7().hex}"
    )
    with as_user(person.pk), acting_in(actor_id=person.pk):
        wallet = factories.wallet(person)
        account = factories.venue_account(wallet)
        whose = {"user": person, "wallet": wallet}
        order = factories.drift_order(market, **whose)
        submission = factories.signed_submission(wallet)
        rows = [
            wallet, account, order, submission,
            factories.profile(person), factories.setting(person), factories.session(person),
            factories.intent(person), factories.balance(wallet), factories.transfer(account),
            factories.drift_position(market, **whose), factories.act(submission),
            factories.drift_transaction(**whose, tx_hash=factories.signature()),
            factories.order(catalogued, **whose), factories.position(catalogued, **whose),
            factories.fill(catalogued, **whose), factories.alert(person),
            factories.wallet_alert(wallet),
            factories.transaction(**whose, tx_hash=factories.signature()),
            Difference.objects.create(
                account=account, what="collateral", expected=1, actual=2
            ),
            AccountEntry.objects.create(
                user=person, account=account, deployment="velocity", kind="funding",
                token_symbol="USDC", amount=1, tx_hash=factories.signature(), event_index=0,
            ),
            Sponsorship.objects.create(
                user=person, submission_id=submission.pk, lamports=7, fee=1, token_symbol="USDC"
            ),
            TelegramCard.objects.create(
                chat_id=person.telegram_id, card=f"card-{uuid7()}", message_id=1
            ),
        ]  # fmt: skip
    texts = {str(row.pk) for row in rows if len(str(row.pk)) > 20}
    texts |= {str(person.pk), person.email, person.privy_user_id, f"{person.telegram_id}"}
    texts |= {wallet.wallet_address, wallet.privy_wallet_id, account.address, submission.signature}
    return person, texts


@pytest.fixture
def two_worlds():
    market, catalogued = factories.drift_market(), factories.market()
    (one, of_one), (two, of_two) = world(market, catalogued), world(market, catalogued)
    return one, of_one, two, of_two


def ask(query, params=()):
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return json.dumps(cursor.fetchall(), default=str) if cursor.description else ""


def leaks(said, texts):
    return sorted(text for text in texts if text in said)


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
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
@hypothesis_settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_shared_tables_are_read_and_not_written_by_a_person():
    factories.drift_market()
    shared = [name for name, rule in THERE.items() if rule.user == "SELECT" and not rule.guarded]

    for table, verb in itertools.product(shared, ("DELETE FROM {0}", "TRUNCATE {0}")):
        with as_user(uuid7()):
            ask(f"SELECT * FROM {table}")
        with pytest.raises(ProgrammingError, match="permission denied"), as_user(uuid7()):
            ask(verb.format(table))


def test_what_the_desk_pays_for_all_counts_in_a_persons_transaction(two_worlds):
    one, _, _, _ = two_worlds

    with as_user(one.pk):
        assert ask("SELECT sum(lamports)::int FROM sponsorships") == "[[7]]"
        assert ask("SELECT desk_sponsored_lamports(now() - interval '1 day')") == "[[14]]"
