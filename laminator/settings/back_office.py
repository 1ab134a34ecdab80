"""The back office: its look, its menu, and which rows are shown beside which."""

from typing import Any


def _item(title: str, icon: str, page: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": f"/admin/{page}"}


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "collapsible": False, "separator": True, "items": list(items)}


UNFOLD = {
    "SITE_TITLE": "Laminator",
    "SITE_HEADER": "Laminator",
    "SITE_SUBHEADER": "Perpetuals desk",
    "SITE_SYMBOL": "stacked_line_chart",
    "SITE_URL": "/",
    # None: else each page would ask for one that is not there.
    "SITE_FAVICONS": [{"rel": "icon", "href": "data:,"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "laminator.desk_home.dashboard",
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(70.4% .14 182.503)",
            "600": "oklch(60% .118 184.704)",
            "700": "oklch(51.1% .096 186.391)",
            "800": "oklch(43.7% .078 188.216)",
            "900": "oklch(38.6% .063 188.416)",
            "950": "oklch(27.7% .046 192.524)",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            _group("", _item("Desk", "monitoring", "")),
            _group(
                "Trading",
                _item("Orders", "receipt_long", "drift/driftorder/"),
                _item("Positions", "show_chart", "drift/driftposition/"),
                _item("Fills", "swap_vert", "trading/fill/"),
                _item("Orders, other venues", "list_alt", "trading/order/"),
                _item("Positions, other venues", "ssid_chart", "trading/position/"),
                _item("Venues", "verified", "trading/venuegate/"),
                _item("Pauses", "pause_circle", "trading/tradingstaterow/"),
            ),
            _group(
                "People",
                _item("Users", "group", "accounts/user/"),
                _item("Intents", "touch_app", "accounts/intent/"),
                _item("Sessions", "devices", "accounts/usersession/"),
                _item("API keys", "key", "accounts/userapikey/"),
                _item("REST calls", "api", "accounts/restcall/"),
                _item("Profiles", "badge", "accounts/userprofile/"),
                _item("Settings", "tune", "accounts/usersetting/"),
                _item("Safety", "lock", "accounts/usersecurity/"),
                _item("Web links", "link", "accounts/weblink/"),
                _item("Notices", "mail", "accounts/securitynotice/"),
            ),
            _group(
                "Money",
                _item("Wallets", "account_balance_wallet", "wallets/wallet/"),
                _item("Wallet balances", "payments", "wallets/walletbalance/"),
                _item("Venue accounts", "account_balance", "trading/venueaccount/"),
                _item("Deposits", "move_to_inbox", "trading/venuetransfer/"),
                _item("Withdrawals", "outbound", "wallets/withdrawal/"),
                _item("Address book", "contacts", "wallets/withdrawaladdress/"),
                _item("Allowances", "speed", "wallets/withdrawalallowance/"),
                _item("Arrivals", "call_received", "wallets/incomingtransfer/"),
                _item("Watched accounts", "visibility", "wallets/watchedaccount/"),
                _item("Account entries", "menu_book", "trading/accountentry/"),
                _item("Differences", "difference", "trading/difference/"),
                _item("Sponsorships", "volunteer_activism", "trading/sponsorship/"),
            ),
            _group(
                "Chain",
                _item("Submissions", "send", "chain/submission/"),
                _item("Acts", "data_object", "chain/submissionact/"),
                _item("Transactions", "link", "drift/drifttransaction/"),
                _item("Transactions, wallets", "add_link", "trading/transaction/"),
            ),
            _group(
                "Markets",
                _item("Markets", "candlestick_chart", "markets/market/"),
                _item("Drift and Velocity", "stacked_bar_chart", "drift/driftmarket/"),
            ),
            _group(
                "Messages",
                _item("System events", "crisis_alert", "alerts/systemevent/"),
                _item("Outbox", "outbox", "alerts/outboxmessage/"),
                _item("Notifications", "mark_email_unread", "alerts/usernotification/"),
                _item("Telegram updates", "inbox", "bot/telegramupdate/"),
                _item("Telegram cards", "style", "bot/telegramcard/"),
                _item("Silent chats", "speaker_notes_off", "bot/silentchat/"),
                _item("Alerts", "notifications", "alerts/alert/"),
                _item("Alert firings", "campaign", "alerts/alertfiring/"),
                _item("Wallet alerts", "notifications_active", "alerts/walletalert/"),
            ),
            _group(
                "Desk",
                _item("Jobs", "engineering", "core/job/"),
                _item("Schedule", "schedule", "django_celery_beat/periodictask/"),
                _item("Intervals", "timer", "django_celery_beat/intervalschedule/"),
                _item("Audit", "policy", "audit/auditlog/"),
            ),
            _group(
                "History",
                _item("Of orders", "history", "drift/driftorderevent/"),
                _item("Of positions", "history", "drift/driftpositionevent/"),
                _item("Of wallets", "history", "wallets/walletevent/"),
            ),
        ],
    },
}

# A row's page shows the newest of these: (model, its column that holds the row's key). With a third
# word the column holds the keys of rows of that model, whose own column holds the row's key.
ADMIN_RELATED: dict[str, tuple[tuple[str, ...], ...]] = {
    "accounts.User": (
        ("wallets.Wallet", "user"),
        ("wallets.WalletBalance", "wallet_id__in", "wallets.Wallet.user"),
        ("trading.VenueAccount", "wallet_id__in", "wallets.Wallet.user"),
        ("drift.DriftPosition", "user"),
        ("drift.DriftOrder", "user"),
        ("trading.Fill", "user"),
        ("trading.VenueTransfer", "user"),
        ("wallets.Withdrawal", "user"),
        ("wallets.WithdrawalAddress", "user"),
        ("wallets.IncomingTransfer", "user"),
        ("accounts.UserSecurity", "user"),
        ("drift.DriftTransaction", "user"),
        ("chain.Submission", "wallet_id__in", "wallets.Wallet.user"),
        ("accounts.Intent", "user"),
        ("alerts.OutboxMessage", "user"),
        ("alerts.UserNotification", "user"),
        ("audit.AuditLog", "user"),
    ),
    "wallets.Wallet": (
        ("wallets.WalletBalance", "wallet"),
        ("trading.VenueAccount", "wallet"),
        ("chain.Submission", "wallet_id"),
        ("wallets.WalletEvent", "id"),
    ),
    "trading.VenueAccount": (
        ("trading.VenueTransfer", "account"),
        ("trading.AccountEntry", "account"),
        ("trading.Difference", "account"),
    ),
    "wallets.Withdrawal": (("chain.Submission", "acts__subject_id"),),
    "trading.VenueTransfer": (("chain.Submission", "acts__subject_id"),),
    "trading.Order": (("trading.Fill", "order_id"), ("trading.OrderEvent", "id")),
    "trading.Position": (("trading.Fill", "position_id"), ("trading.PositionEvent", "id")),
    "drift.DriftOrder": (
        ("trading.Fill", "order_id"),
        ("chain.Submission", "acts__subject_id"),
        ("drift.DriftOrderEvent", "id"),
    ),
    "drift.DriftPosition": (
        ("trading.Fill", "position_id"),
        ("drift.DriftPositionEvent", "id"),
    ),
    "markets.Market": (("drift.DriftMarket", "catalogue"),),
    "chain.Submission": (
        ("chain.SubmissionAct", "submission"),
        ("drift.DriftTransaction", "id"),
        ("trading.Sponsorship", "submission_id"),
    ),
}
