"""Whose rows each table holds: the one list from which policies and grants are made.

A table that is in no list stops the migrate: whoever adds one says here who may see its rows.
"""

from dataclasses import dataclass

ALL = "SELECT, INSERT, UPDATE, DELETE"
# What the transaction's door has set; '' is what an earlier transaction leaves in a connection.
ME = "nullif(current_setting('app.user_id', true), '')::uuid"
# Uncorrelated, so that they are found once a query and an index on the column still serves.
MY_WALLETS = f"ARRAY(SELECT w.id FROM wallets w WHERE w.user_id = {ME})"
MY_ACCOUNTS = f"ARRAY(SELECT a.id FROM venue_accounts a WHERE a.wallet_id = ANY ({MY_WALLETS}))"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who sees and writes a table's rows, and why.

    `own` is the condition of a person's own rows (None: a person sees none). Where `guarded` is
    false the table holds nobody's rows, and has grants alone.
    """

    why: str
    own: str | None = None
    guarded: bool = True
    user: str = ""
    desk: str = ALL
    # A person may write rows that they may not read.
    appended: bool = False
    # Own rows that may be read beside those which may also be written.
    also_read: str | None = None


def owned(own: str, why: str, *, user: str = ALL) -> Rule:
    """Rows of persons, each seen by theirs alone."""
    return Rule(why=why, own=own, user=user)


def inside(why: str) -> Rule:
    """Rows of persons that only the desk's own work and staff handle."""
    return Rule(why=why)


def shared(why: str) -> Rule:
    """The same for everybody: read by all, written by the desk and by staff."""
    return Rule(why=why, guarded=False, user="SELECT")


def machinery(why: str) -> Rule:
    """Nobody's rows, and nothing for a person to read."""
    return Rule(why=why, guarded=False)


BY_USER = owned(f"user_id = {ME}", "its user_id")
BY_WALLET = owned(f"wallet_id = ANY ({MY_WALLETS})", "the wallet's owner")
BY_ACCOUNT = owned(f"account_id = ANY ({MY_ACCOUNTS})", "the venue account's wallet")

RULES: dict[str, Rule] = {
    "users": owned(f"id = {ME}", "the person themself", user="SELECT, INSERT, UPDATE"),
    "user_profiles": BY_USER,
    "user_settings": BY_USER,
    "user_sessions": BY_USER,
    "intents": BY_USER,
    "wallets": BY_USER,
    "wallet_balances": BY_WALLET,
    "wallet_alerts": BY_WALLET,
    "alerts": BY_USER,
    "alert_firings": BY_USER,
    "orders": BY_USER,
    "positions": BY_USER,
    "transactions": BY_USER,
    "fills": BY_USER,
    "drift_orders": BY_USER,
    "drift_positions": BY_USER,
    "drift_transactions": BY_USER,
    "venue_accounts": BY_WALLET,
    "venue_transfers": BY_USER,
    "account_entries": BY_USER,
    "differences": BY_ACCOUNT,
    "sponsorships": BY_USER,
    "order_changes": BY_USER,
    "venue_order_ids": BY_USER,
    "young_moves": inside("what booking may have to undo, until the chain is final"),
    "withdrawals": BY_USER,
    "withdrawal_addresses": BY_USER,
    "withdrawal_allowances": BY_USER,
    "incoming_transfers": BY_USER,
    "watched_accounts": inside("how far accounts were looked through for incoming money"),
    "user_security": BY_USER,
    "security_notices": BY_USER,
    "web_links": BY_USER,
    "user_api_keys": BY_USER,
    "rest_calls": BY_USER,
    "paper_accounts": BY_USER,
    "paper_orders": BY_USER,
    "paper_positions": BY_USER,
    "paper_events": BY_USER,
    "submissions": BY_WALLET,
    "submission_acts": owned(
        "EXISTS (SELECT FROM submissions s WHERE s.id = submission_id)",
        "its submission, which is itself seen by its owner alone",
    ),
    "outbox_messages": BY_USER,
    "user_notifications": BY_USER,
    "system_events": inside("what staff have to know of the desk itself"),
    "telegram_cards": owned(
        f"chat_id = (SELECT u.telegram_id FROM users u WHERE u.id = {ME})",
        "a private chat has its person's Telegram id",
    ),
    # Rows of history, written by triggers in the role of who changes the row.
    "trading_orderevent": BY_USER,
    "trading_positionevent": BY_USER,
    "drift_driftorderevent": BY_USER,
    "drift_driftpositionevent": BY_USER,
    "wallets_walletevent": BY_USER,
    "pghistory_context": Rule(
        why="the open transaction's own, and in the histories what the person did themself",
        own="id = nullif(current_setting('pghistory.context_id', true), '')::uuid",
        also_read=f"metadata->>'actor' = ({ME})::text",
        user="SELECT, INSERT, UPDATE",
    ),
    "audit_logs": Rule(
        why="appended by all, read by the desk, changed by nobody; who acts may be staff",
        user="INSERT", desk="SELECT, INSERT", appended=True,
    ),
    "audit_unsealed": Rule(
        why="what waits for its seal: filled by the log's trigger, emptied by the sealer",
        guarded=False, desk="SELECT, DELETE",
    ),
    "audit_seals": Rule(why="appended by the sealer", guarded=False, desk="SELECT, INSERT"),
    "audit_roots": Rule(why="appended by the sealer", guarded=False, desk="SELECT, INSERT"),
    "telegram_silent_chats": inside("who has blocked the bot, which its sender alone looks up"),
    "telegram_updates": inside("raw messages, written before anybody is known"),
    "otp_totp_totpdevice": inside("secrets of authenticators, which nobody reads back"),
    "transaction_hashes": inside("kept by a trigger of the transactions' tables"),
    "django_admin_log": inside("what staff did in the back office"),
    "django_session": inside("sessions of staff, looked up before anybody is known"),
    "markets": shared("the catalogue"),
    "drift_markets": shared("the catalogue"),
    "paper_markets": shared("the catalogue"),
    "trading_states": shared("what is halted, for everybody"),
    "venue_gates": shared("which venues are open, for everybody"),
    "desk_epochs": shared("whether anything may be signed, for everybody"),
    "jobs": machinery("schedule and leases"),
    "partitioned_tables": machinery("which tables get partitions"),
    "django_migrations": machinery("what has been applied"),
    "django_content_type": machinery("names of models"),
}  # fmt: skip

# Tables of libraries, by how their names begin.
PREFIXES: dict[str, Rule] = {
    "auth_": machinery("groups and permissions of staff"),
    "django_celery_beat_": machinery("the schedule"),
}

# Read by the processes outside of any act of the desk; nobody's rows are in them.
OF_THE_LOGIN = ("django_celery_beat_", "django_migrations", "django_content_type")

# Each runs with its owner's rights and tells a person one figure over everybody's rows.
FUNCTIONS: dict[str, str] = {
    "desk_user_by_telegram": "who a Telegram user is, before anybody is known",
    "desk_api_key": "whose an API key is, before anybody is known",
    "desk_sponsored_lamports": "what the desk has paid for all, held against its daily cap",
    "desk_keep_transaction_hash": "trigger: a hash is one wallet's transaction once",
    "desk_note_unsealed": "trigger: what was added to the log waits for its seal",
    "desk_ensure_partitions": "makes partitions, and moves rows out of the default ones",
}


def rule_of(table: str) -> Rule | None:
    """The rule of a table; None where nobody has declared it."""
    if table in RULES:
        return RULES[table]
    return next((rule for start, rule in PREFIXES.items() if table.startswith(start)), None)
