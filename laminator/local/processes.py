"""The desk's processes as data: what each runs, what it waits for, what it must not be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Before a line of the preparing process that is meant for the supervisor.
SAYS = "@prepare "

# Only the step that migrates and prepares may act as the owner of the tables.
OWNERS_OWN = frozenset({"DATABASE_OWNER_URL"})
TRADING_KEY = frozenset({"PRIVY_TRADING_SIGNER_KEY"})
# Secrets at rest are read where people type codes: in the web process, and by staff's commands.
STORED_SECRETS = frozenset({"ENCRYPTION_KEYS"})
# Only the withdrawal worker may have it.
WITHDRAW_KEY = frozenset({"PRIVY_WITHDRAW_SIGNER_KEY"})
ALL_BUT_SIGNING = OWNERS_OWN | WITHDRAW_KEY | STORED_SECRETS
SIGNING = TRADING_KEY | WITHDRAW_KEY
NO_SECRETS = OWNERS_OWN | SIGNING | STORED_SECRETS


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `{names}` in the command are filled in from the settings, in lower case.

    `needs` names processes and servers that must be up before; `ports` names settings
    (each the first of `port_count` ports); `withheld` are settings that do not reach it.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ("postgres", "redis")
    ports: tuple[str, ...] = ()
    port_count: int = 1
    withheld: frozenset[str] = field(default=ALL_BUT_SIGNING)

    def command_line(self, values: Mapping[str, str]) -> list[str]:
        """Return the command with its settings filled in."""
        return [part.format_map(values) for part in self.command]


SANDBOX = Process(
    name="sandbox",
    command=(
        *("{python}", "-m", "sandbox", "run"),
        *("--base-port", "{sandbox_port}", "--state", "{var_dir}/sandbox"),
    ),
    needs=(),
    ports=("SANDBOX_PORT",),
    port_count=5,
)
WEB = Process(
    name="web",
    command=(
        *("{python}", "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", "1"),
        *("--blocking-threads", "4", "--host", "{laminator_host}", "--port", "{laminator_port}"),
        *("--log-level", "warning", "laminator.wsgi:application"),
    ),
    ports=("LAMINATOR_PORT",),
    withheld=OWNERS_OWN | SIGNING,
)
WORKER = Process(
    name="worker",
    command=("{python}", "manage.py", "run_worker"),
    needs=("postgres", "redis", "sandbox"),
)
WITHDRAWALS = Process(
    name="withdrawals",
    command=("{python}", "manage.py", "run_worker", "--withdrawals", "--concurrency", "2"),
    needs=("postgres", "redis", "sandbox"),
    withheld=OWNERS_OWN | TRADING_KEY | STORED_SECRETS,
)
BEAT = Process(
    name="beat",
    command=("{python}", "manage.py", "run_beat"),
    withheld=NO_SECRETS,
)
BOT = Process(
    name="bot",
    command=("{python}", "manage.py", "run_bot"),
    needs=("postgres", "redis", "sandbox"),
)
FEED = Process(
    name="feed",
    command=("{python}", "manage.py", "run_feed"),
    needs=("postgres", "redis", "sandbox"),
    withheld=NO_SECRETS,
)
SUBSCRIPTIONS = Process(
    name="subscriptions",
    command=("{python}", "manage.py", "run_subscriptions"),
    needs=("postgres", "redis", "sandbox"),
    withheld=NO_SECRETS,
)
# In the order in which they start; they stop in the reverse one.
PROCESSES = (SANDBOX, WEB, WORKER, WITHDRAWALS, BEAT, BOT, FEED, SUBSCRIPTIONS)
