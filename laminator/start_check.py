"""What a process asks before it begins: a desk that is set up wrongly does not start half.

What is *wrong* (another chain, a role that owns the tables, a password that is refused) ends the
process with code 78 and one line each. What merely does not answer now is left to the process,
which waits for it as it would in an outage.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import psycopg
import redis as redis_errors
from django.conf import settings
from django.db import connections

from chain.rpc import genesis_of
from core.errors import Misconfigured, Unavailable
from core.logs import get_logger
from core.redaction import clean_text
from core.redis import redis
from laminator.settings.environment import EX_CONFIG, Environment
from wallets.custody.registry import check_custodians

log = get_logger("desk.start")

_PRIVY: Final = (
    "PRIVY_APP_ID",
    "PRIVY_APP_SECRET",
    "PRIVY_TRADING_SIGNER_KEY",
    "PRIVY_TRADING_SIGNER_ID",
    "PRIVY_WITHDRAW_SIGNER_ID",
    "PRIVY_OWNER_QUORUM_ID",
)
_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "bot": ("TELEGRAM_BOT_TOKEN", "DATABASE_URL", "REDIS_URL", "SOLANA_RPC_URLS", *_PRIVY),
    "worker": ("DATABASE_URL", "REDIS_URL", "SOLANA_RPC_URLS", *_PRIVY),
    "withdrawals": (
        "DATABASE_URL",
        "REDIS_URL",
        "SOLANA_RPC_URLS",
        *(name for name in _PRIVY if name != "PRIVY_TRADING_SIGNER_KEY"),
        "PRIVY_WITHDRAW_SIGNER_KEY",
    ),
    "beat": ("DATABASE_URL", "REDIS_URL"),
    "feed": ("DATABASE_URL", "REDIS_URL", "SOLANA_RPC_URLS"),
    "subscriptions": ("DATABASE_URL", "REDIS_URL", "SOLANA_RPC_URLS"),
}
# PostgreSQL's own words; a refused login has no code of its own before there is a session.
_WRONG_LOGIN: Final = ("authentication failed", "does not exist", "is not permitted to log in")
_ABOUT_THE_ROLE: Final = """
SELECT rolsuper OR rolbypassrls AS is_above_the_rules,
       to_regclass('public.users') IS NULL AS is_empty,
       EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid
               AND relnamespace = 'public'::regnamespace) AS owns_tables,
       EXISTS (SELECT FROM pg_auth_members JOIN pg_roles AS door ON door.oid = roleid
               WHERE member = pg_roles.oid AND door.rolname = 'desk_sync') AS may_enter
FROM pg_roles WHERE rolname = current_user
"""


def check_start(process: str) -> None:
    """End this process with code 78 and the reasons if the desk is set up wrongly for it.

    `process` is bot, worker, withdrawals, beat, feed or subscriptions. What does not answer is
    logged and waited for.
    """
    environment: Environment = settings.ENVIRONMENT
    required = _REQUIRED[process]
    environment.require(*required)
    asked: dict[str, Callable[[], Iterator[str]]] = {
        "DATABASE_URL": _database,
        "REDIS_URL": _redis,
        "SOLANA_RPC_URLS": _chain,
        "PRIVY_APP_ID": _custody,
    }
    problems = list(_keys_kept_apart(process))
    for name, ask in asked.items():
        if name not in required:
            continue
        try:
            problems += ask()
        except (Unavailable, psycopg.Error, redis_errors.RedisError, httpx.HTTPError) as error:
            reason = (clean_text(str(error)).splitlines() or [""])[0][:200]
            log.warning("not reachable at the start", setting=name, reason=reason)
    if problems:
        lines = "".join(f"  {problem}\n" for problem in problems)
        sys.stderr.write(f"laminator: the {process} cannot start\n{lines}")
        raise SystemExit(EX_CONFIG)


def _keys_kept_apart(process: str) -> Iterator[str]:
    """One process lets money out, and it can do nothing else."""
    environment: Environment = settings.ENVIRONMENT
    if process == "withdrawals":
        if environment.privy_trading_signer_key is not None:
            yield "PRIVY_TRADING_SIGNER_KEY: must not reach the withdrawal worker"
    elif environment.privy_withdraw_signer_key is not None:
        yield "PRIVY_WITHDRAW_SIGNER_KEY: must reach the withdrawal worker alone"


def _database() -> Iterator[str]:
    given = connections["default"].settings_dict
    names = {
        "NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port",
    }  # fmt: skip
    wanted: dict[str, Any] = {names[key]: given[key] for key in names if given.get(key)}
    try:
        with psycopg.connect(**wanted, connect_timeout=3) as connection:
            found = connection.execute(_ABOUT_THE_ROLE).fetchone()
    except psycopg.OperationalError as error:
        if any(words in str(error) for words in _WRONG_LOGIN):
            yield "DATABASE_URL: the server refuses this login, or has no such database"
            return
        raise
    above, is_empty, owns, may_enter = found or (False, True, False, False)
    if above or owns:
        yield (
            "DATABASE_URL: this role owns tables or stands above their rules; give the login "
            "role's here (desk_login) and the owner's as DATABASE_OWNER_URL"
        )
    elif is_empty:
        yield "DATABASE_URL: the database has no tables of the desk; run `manage.py migrate`"
    elif not may_enter:
        yield "DATABASE_URL: this role may not act as desk_sync; `manage.py migrate` grants it"


def _redis() -> Iterator[str]:
    try:
        redis().ping()
    except redis_errors.AuthenticationError:
        yield "REDIS_URL: the server refuses this password"


def _chain() -> Iterator[str]:
    expected = settings.ENVIRONMENT.solana_genesis_hash
    if not expected:
        return
    for number, url in enumerate(settings.ENVIRONMENT.solana_rpc_urls or (), start=1):
        try:
            found = genesis_of(url.get_secret_value())
        except Unavailable as error:
            log.warning("a node is not reachable at the start", node=number, reason=error.code)
            continue
        if found != expected:
            host = httpx.URL(url.get_secret_value()).host
            yield (
                f"SOLANA_RPC_URLS: node {number} ({host}) is of the chain {found}, but "
                f"SOLANA_GENESIS_HASH says {expected}; mend whichever is wrong"
            )


def _custody() -> Iterator[str]:
    try:
        check_custodians()
    except Misconfigured as error:
        named = error.params.get("setting", "PRIVY_APP_ID and PRIVY_APP_SECRET")
        reason = error.params.get("reason", "")
        yield f"{named}: Privy says otherwise ({error.code}{f', {reason}' if reason else ''})"
