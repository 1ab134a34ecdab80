"""Policies and grants as the list says them, brought about by the tables' owner."""

import hashlib
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from laminator.database.policies import OF_THE_LOGIN, Rule, rule_of

_DESK = "desk_sync, desk_admin"
_ROLES = f"desk_user, {_DESK}"

# A policy's comment tells what it was made from, and what the database had then made of it; so a
# migrate changes only what differs, and finds what was changed by hand.
_SEAL = (
    "md5(concat_ws('|', pg_get_expr(p.polqual, p.polrelid), "
    "pg_get_expr(p.polwithcheck, p.polrelid), p.polcmd, p.polpermissive, "
    "ARRAY(SELECT r.rolname FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1)))"
)
_TABLES = f"""
SELECT c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity,
       ARRAY(SELECT p.polname || ' ' || coalesce(obj_description(p.oid, 'pg_policy'), '') || ' '
                    || {_SEAL} FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
  AND NOT c.relispartition
ORDER BY c.relname
"""
_COMMENT = f"""
DO $desk$
DECLARE made record;
BEGIN
  FOR made IN
    SELECT p.polname, c.relname, {_SEAL} AS seal
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'public'::regnamespace
      AND obj_description(p.oid, 'pg_policy') IS NULL
  LOOP
    EXECUTE format('COMMENT ON POLICY %I ON %I IS %L', made.polname, made.relname, made.seal);
  END LOOP;
END $desk$;
"""


class _Table(NamedTuple):
    name: str
    kind: str
    enabled: bool
    forced: bool
    policies: list[str]


def isolate(cursor: Any) -> None:
    """Give every table its policies and grants; doing it again changes nothing.

    Raises ImproperlyConfigured for a table that is in no list, and where the owner of the tables
    would not see their rows in its own migrations.
    """
    cursor.execute("SELECT pg_has_role('desk_sync', 'USAGE')")
    if cursor.fetchone() != (True,):
        raise ImproperlyConfigured(
            "the owner of the tables does not inherit from desk_sync: ALTER ROLE … INHERIT, "
            "then migrate again"
        )
    cursor.execute(_TABLES)
    tables = [_Table(*row) for row in cursor.fetchall()]
    unknown = [
        each.name for each in tables if each.kind in "rp" and rule_of(each.name) is None
    ]  # fmt: skip
    if unknown:
        raise ImproperlyConfigured(
            f"who may see the rows of {', '.join(unknown)}? "
            "Name each table in laminator/database/policies.py."
        )
    cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_login')")
    (has_login,) = cursor.fetchone()
    statements: list[str] = []
    for table in tables:
        statements += _grants(table, has_login=has_login)
        rule = rule_of(table.name)
        if table.kind in "rp" and rule is not None:
            statements += _policies(table, rule)
    # One round trip and one transaction: nobody ever sees a table between two rules.
    cursor.execute(";\n".join(statements).replace("%", "%%") + ";\n" + _COMMENT)


def _grants(table: _Table, *, has_login: bool) -> list[str]:
    name = f'"{table.name}"'
    statements = [f"REVOKE ALL ON {name} FROM PUBLIC, {_ROLES}"]
    if table.kind == "v":
        # With the rights of who reads it, so that the policies of its tables hold.
        statements += [f"GRANT SELECT ON {name} TO {_ROLES}"]
    elif table.kind == "m":
        # What it holds was gathered from everybody's rows, and policies do not reach into it.
        statements += [f"GRANT SELECT ON {name} TO {_DESK}"]
    else:
        rule = rule_of(table.name)
        assert rule is not None
        statements += [f"GRANT {rule.desk} ON {name} TO {_DESK}"]
        if rule.user:
            statements += [f"GRANT {rule.user} ON {name} TO desk_user"]
        if has_login and table.name.startswith(OF_THE_LOGIN):
            statements += [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO desk_login"]
    return statements


def _policies(table: _Table, rule: Rule) -> list[str]:
    name = f'"{table.name}"'
    if not rule.guarded:
        if not (table.enabled or table.policies):
            return []
        return [
            *(f'DROP POLICY "{each.split()[0]}" ON {name}' for each in table.policies),
            f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
        ]
    statements = []
    if not (table.enabled and table.forced):
        statements += [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"]
    there = {each.split()[0]: each.split()[1:] for each in table.policies}
    wanted = {f"{title}_{_digest(body)}": body for title, body in _bodies(rule).items()}
    statements += [f'DROP POLICY "{each}" ON {name}' for each in there if each not in wanted]
    for policy, body in wanted.items():
        words = there.get(policy)
        if words is not None and len(words) == 2 and words[0] == words[1]:
            continue
        if words is not None:
            statements += [f'DROP POLICY "{policy}" ON {name}']
        statements += [f'CREATE POLICY "{policy}" ON {name} {body}']
    return statements


def _bodies(rule: Rule) -> dict[str, str]:
    """The policies of a table, by a title each."""
    bodies = {"across_users": f"TO {_DESK} USING (true) WITH CHECK (true)"}
    if rule.own is not None:
        bodies["own_rows"] = f"TO desk_user USING ({rule.own}) WITH CHECK ({rule.own})"
    if rule.also_read is not None:
        bodies["own_to_read"] = f"FOR SELECT TO desk_user USING ({rule.also_read})"
    if rule.appended:
        bodies["appended"] = "FOR INSERT TO desk_user WITH CHECK (true)"
    return bodies


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]
