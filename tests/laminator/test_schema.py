"""The migrated database holds every table, column, key and index that data/schema.toml names."""

import tomllib
from pathlib import Path

import pytest

FACTS = tomllib.loads((Path(__file__).parents[1] / "data" / "schema.toml").read_text())
_SHORT_TYPES = {
    "integer": "int",
    "character varying": "text",
    "jsonb": "json",
    "timestamp with time zone": "ts",
    "boolean": "bool",
    "bytea": "bytes",
}
_RULES = {"c": "CASCADE", "n": "SET NULL", "r": "RESTRICT", "a": "RESTRICT"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(owner_sql):
    """Questions to the database's own catalogue about one table."""
    return lambda query, table: owner_sql.execute(query, {"table": table}).fetchall()


def columns(catalogue, table):
    """Name → (short type, may be null, is generated)."""
    rows = catalogue(
        "SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, attgenerated = 's'"
        " FROM pg_attribute WHERE attrelid = to_regclass(%(table)s) AND attnum > 0"
        " AND NOT attisdropped",
        table,
    )
    return {name: (_short(kind), null, generated) for name, kind, null, generated in rows}


def _short(kind):
    name, bracket, size = kind.partition("(")
    if name == "numeric":
        return f"num{bracket}{size}"
    return _SHORT_TYPES.get(name, kind)


def unique_keys(catalogue, table):
    """Sorted columns of each unique key → its condition or None."""
    rows = catalogue(
        "SELECT array_agg(a.attname::text ORDER BY a.attname),"
        " pg_get_expr(i.indpred, i.indrelid)"
        " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        " AND a.attnum = ANY (i.indkey::int2[])"
        " WHERE i.indrelid = to_regclass(%(table)s) AND i.indisunique"
        " GROUP BY i.indexrelid, i.indpred, i.indrelid",
        table,
    )
    return {tuple(names): condition for names, condition in rows}


def indexes(catalogue, table):
    """Columns of each index without a condition, in order."""
    rows = catalogue(
        "SELECT ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true)"
        " FROM generate_series(1, i.indnkeyatts) n)"
        " FROM pg_index i WHERE i.indrelid = to_regclass(%(table)s) AND i.indpred IS NULL",
        table,
    )
    return [names for (names,) in rows]


def foreign_keys(catalogue, table):
    rows = catalogue(
        "SELECT a.attname, confrelid::regclass::text, f.attname, confdeltype"
        " FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
        " JOIN pg_attribute f ON f.attrelid = confrelid AND f.attnum = confkey[1]"
        " WHERE conrelid = to_regclass(%(table)s) AND contype = 'f'",
        table,
    )
    return {name: f"{to}.{column} {_RULES[rule]}" for name, to, column, rule in rows}


@pytest.mark.parametrize("table", FACTS)
def test_the_table_has_each_column_in_its_type(catalogue, table):
    found = columns(catalogue, table)
    missing = []
    for name, wanted in FACTS[table].get("columns", {}).items():
        kind, _, flags = wanted.replace("?", " ?").replace("!", " !").partition(" ")
        if FACTS[table].get("view"):
            # What a view computes has no size of its own and may always be null.
            if found.get(name, ("",))[0].partition("(")[0] != kind:
                missing.append((name, wanted, found.get(name)))
        elif found.get(name) != (kind, "?" in flags, "gen" in flags):
            missing.append((name, wanted, found.get(name)))

    assert found, f"there is no {table}"
    assert missing == []


@pytest.mark.parametrize("table", [table for table in FACTS if not FACTS[table].get("view")])
def test_the_table_has_its_keys_rules_and_indexes(catalogue, table):
    facts = FACTS[table]
    uniques, found = unique_keys(catalogue, table), indexes(catalogue, table)
    single = [(name,) for name, wanted in facts["columns"].items() if "!" in wanted]
    whole = [tuple(sorted(key.split(","))) for key in facts.get("unique", []) if " " not in key]
    partial = [key.split(" WHERE ") for key in facts.get("unique", []) if " " in key]

    assert [key for key in single + whole if uniques.get(key, "missing") is not None] == []
    for names, condition in partial:
        assert condition.partition(" ")[0] in uniques[tuple(sorted(names.split(",")))]
    assert facts.get("fk", {}).items() <= foreign_keys(catalogue, table).items()
    for wanted in facts.get("index", []):
        names = wanted.replace("-", "").split(",")
        assert any(index[: len(names)] == names for index in found), wanted


@pytest.mark.parametrize("table", [table for table in FACTS if "partition" in FACTS[table]])
def test_the_table_is_partitioned_by_month(catalogue, table):
    column, _, _ = FACTS[table]["partition"].partition(" ")

    assert catalogue("SELECT pg_get_partkeydef(to_regclass(%(table)s))", table) == [
        (f"RANGE ({column})",)
    ]
    bounds = catalogue(
        "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%(table)s)",
        table,
    )
    assert ("DEFAULT",) in bounds
    assert len(bounds) == 5, "the present month, three ahead, and what belongs to none"


def test_no_extension_is_needed(owner_sql):
    assert owner_sql.execute("SELECT extname FROM pg_extension").fetchall() == [("plpgsql",)]


def test_every_view_reads_with_the_rights_of_its_reader(owner_sql):
    views = dict(
        owner_sql.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relkind IN ('v', 'm')"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    )

    assert {"all_orders", "all_positions", "user_portfolio", "trading_stats"} <= views.keys()
    assert all(options and "security_invoker=true" in options for options in views.values())
