"""What a user, a session and an intent can be."""

from django.db.models import TextChoices


class UserStatus(TextChoices):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    BANNED = "banned"
    PENDING_VERIFICATION = "pending_verification"
    CLOSED = "closed"


class SubscriptionTier(TextChoices):
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"
    PREMIUM = "premium"


class UserRole(TextChoices):
    """What a person does at the desk; every role but `trader` is staff."""

    TRADER = "trader"
    VIEWER = "viewer"
    SUPPORT = "support"
    OPS = "ops"
    RISK = "risk"
    FINANCE = "finance"
    ADMIN = "admin"


class Channel(TextChoices):
    """The door by which an act came in."""

    TELEGRAM = "telegram"
    REST = "rest"
    WEB = "web"
    ADMIN = "admin"
    SYSTEM = "system"


class IntentStatus(TextChoices):
    """What has become of an act: `open` until evidence ends it."""

    OPEN = "open"
    EXECUTED = "executed"
    NOT_EXECUTED = "not_executed"


INTENT_MOVES: dict[str, frozenset[str]] = {
    IntentStatus.OPEN: frozenset({IntentStatus.EXECUTED, IntentStatus.NOT_EXECUTED}),
    # A fill or a record that is seen late still counts.
    IntentStatus.NOT_EXECUTED: frozenset({IntentStatus.EXECUTED}),
    IntentStatus.EXECUTED: frozenset(),
}
# What a fork took back was not executed after all, or is on its way again; nor has what counted
# as over by it ended.
INTENT_TAKEN_BACK: dict[str, frozenset[str]] = {
    IntentStatus.EXECUTED: frozenset({IntentStatus.OPEN, IntentStatus.NOT_EXECUTED}),
    IntentStatus.NOT_EXECUTED: frozenset({IntentStatus.OPEN}),
    IntentStatus.OPEN: frozenset({IntentStatus.NOT_EXECUTED}),
}


class IntentKind(TextChoices):
    ORDER = "order"
    CLOSE = "close"
    CANCEL = "cancel"
    MODIFY = "modify"
    STOPS = "stops"
    CANCEL_ALL = "cancel_all"
    CLOSE_ALL = "close_all"
    PANIC = "panic"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    VENUE_WITHDRAWAL = "venue_withdrawal"


class TradingState(TextChoices):
    """How much may be done: everything, only what reduces risk, nothing."""

    ACTIVE = "active"
    REDUCE_ONLY = "reduce_only"
    HALTED = "halted"


class LinkPurpose(TextChoices):
    """Which page a one-time link opens; the last two act by themselves."""

    SIGN_IN = "sign_in"
    ENROL = "enrol"
    ADDRESSES = "addresses"
    WITHDRAW = "withdraw"
    UNFREEZE = "unfreeze"
    API_KEY = "api_key"
    SESSIONS = "sessions"
    EMAIL = "email"
    STOP = "stop"


class NoticeKind(TextChoices):
    """What a person is told by the second channel."""

    WITHDRAWAL = "withdrawal"
    NEW_ADDRESS = "new_address"
    TOTP_ENROLLED = "totp_enrolled"
    TOTP_RESET = "totp_reset"
    EMAIL_WANTED = "email_wanted"
    EMAIL_CHANGED = "email_changed"
    API_KEY = "api_key"


class ApiKeyStatus(TextChoices):
    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"


API_KEY_MOVES: dict[str, frozenset[str]] = {
    ApiKeyStatus.ACTIVE: frozenset({ApiKeyStatus.REVOKED, ApiKeyStatus.EXPIRED}),
    ApiKeyStatus.EXPIRED: frozenset({ApiKeyStatus.REVOKED}),
    ApiKeyStatus.REVOKED: frozenset(),
}


class ApiScope(TextChoices):
    """What a key may do; `trade` includes `trade:reduce_only`, nothing includes `withdraw`."""

    READ_ACCOUNT = "read:account"
    READ_MARKET = "read:market"
    TRADE = "trade"
    TRADE_REDUCE_ONLY = "trade:reduce_only"
    WITHDRAW = "withdraw"


# What a key gets whose maker names no scopes.
DEFAULT_SCOPES = (ApiScope.READ_ACCOUNT, ApiScope.READ_MARKET)
