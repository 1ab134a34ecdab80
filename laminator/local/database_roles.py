"""The roles that must exist before the first migration: an owner and the login of the processes."""

import psycopg
from psycopg import sql

from laminator.local.errors import CannotStart

DATABASE = "laminator"
OWNER = "desk_owner"
LOGIN = "desk_login"


def make_database(*, superuser_url: str, owner_password: str, login_password: str) -> None:
    """Make owner, login role and database on a server of our own, as far as they are missing.

    The owner is no superuser, so that a local desk meets what a rented database allows.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        _make_role(connection, OWNER, owner_password, "CREATEDB CREATEROLE")
        name = sql.Identifier(DATABASE)
        if not _exists(connection, "pg_database", "datname", DATABASE):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER))
            )
        # The owner makes the login role, and so may hand it the desk's roles.
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))
        _make_role(connection, LOGIN, login_password, "NOINHERIT")


def make_login_role(*, owner_url: str, password: str) -> None:
    """Make the processes' login role in somebody's database, or set its password.

    Raises CannotStart where the database does not answer or the owner may not make roles.
    """
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
            _make_role(connection, LOGIN, password, "NOINHERIT")
    except psycopg.errors.InsufficientPrivilege:
        raise CannotStart(
            f"the owner of the database may not make the login role {LOGIN}",
            remedy=f"Let an administrator do it (CREATE ROLE {LOGIN} LOGIN NOINHERIT PASSWORD …), "
            "then set DATABASE_URL to that role's and DATABASE_OWNER_URL to the owner's.",
        ) from None
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotStart(
            f"the database at DATABASE_URL does not answer: {reason}",
            remedy="Start it, correct DATABASE_URL, or remove it to use the embedded server.",
        ) from None


def _make_role(connection: psycopg.Connection, role: str, password: str, attributes: str) -> None:
    # Hashed here, so that no server log ever holds the password itself.
    hashed = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    verb = "ALTER" if _exists(connection, "pg_roles", "rolname", role) else "CREATE"
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.SQL(attributes), sql.Literal(hashed)
        )
    )


def _exists(connection: psycopg.Connection, catalogue: str, column: str, name: str) -> bool:
    found = connection.execute(
        sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
            sql.Identifier(catalogue), sql.Identifier(column)
        ),
        [name],
    ).fetchone()
    return found is not None
