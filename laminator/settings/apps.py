"""What is installed, in the order of the floors."""

INSTALLED_APPS = [
    # Their pages are loaded with the addresses: of all processes only the web one shows them.
    "laminator.back_office.UnfoldConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_celery_beat",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "audit",
    "accounts",
    "chain",
    "wallets",
    "markets",
    "trading",
    "drift",
    "alerts",
    "bot",
    "laminator",
]

AUTH_USER_MODEL = "accounts.User"

# Columns that hold secrets which can be read back: model and field. `rotate_keys` goes over them.
ENCRYPTED_COLUMNS = (("otp_totp.TOTPDevice", "key"),)

# Every create, save and delete of these is an audit row; the columns named are left out: secrets,
# and those that a price or a sync moves.
AUDITED_MODELS = {
    "accounts.User": {"password", "last_active", "last_login", "updated_at"},
    "accounts.UserProfile": {"updated_at"},
    "accounts.UserSetting": {"updated_at"},
    "accounts.UserSession": {"last_activity", "token_hash"},
    "accounts.UserSecurity": {"updated_at"},
    "accounts.WebLink": {"token_hash", "params"},
    "accounts.SecurityNotice": {"updated_at", "attempts", "next_attempt_at", "error", "email"},
    "accounts.Intent": set(),
    "wallets.Wallet": {"last_synced_at", "updated_at"},
    "wallets.WithdrawalAddress": set(),
    "wallets.Withdrawal": {"updated_at"},
    "wallets.IncomingTransfer": set(),
    "accounts.UserApiKey": {"api_secret_hash", "last_used_at"},
    "accounts.RestCall": {"running", "running_until"},
    "markets.Market": {"updated_at"},
    "drift.DriftMarket": {"updated_at", "metadata"},
    "drift.DriftOrder": {"updated_at", "metadata"},
    "drift.DriftPosition": {
        "updated_at", "mark_price", "unrealized_pnl", "margin", "liquidation_price", "metadata",
        "leverage", "last_price",
    },
    "drift.DriftTransaction": {"updated_at"},
    "trading.Order": {"updated_at", "metadata"},
    "trading.Position": {
        "updated_at", "mark_price", "unrealized_pnl", "margin", "liquidation_price", "leverage",
    },
    "trading.Transaction": {"updated_at"},
    "trading.VenueTransfer": {"updated_at"},
    "trading.Fill": set(),
    "trading.AccountEntry": set(),
    "trading.TradingStateRow": set(),
    "trading.Difference": {"last_seen_at"},
    "chain.Submission": {"raw", "updated_at", "checked_at", "last_proof", "broadcasts"},
    "alerts.Alert": {"armed", "rises_to", "falls_to", "quiet_until"},
    "alerts.WalletAlert": set(),
    "alerts.SystemEvent": {"message", "details"},
    "django_celery_beat.PeriodicTask": {"last_run_at", "total_run_count", "date_changed"},
    "django_celery_beat.IntervalSchedule": set(),
    "django_celery_beat.CrontabSchedule": set(),
}  # fmt: skip
