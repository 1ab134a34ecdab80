"""The registries by which a lower room reaches a higher one: key → dotted path.

An unknown key raises Misconfigured; there is no default provider.
"""

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who signs: wallets.wallet_type → custodian.
CUSTODIANS = {"privy": "wallets.custody.privy.PrivyCustodian"}

# Deployment key → venue adapter; the deployments' own facts are in drift/layouts/deployments.py.
VENUES = {
    "velocity": "drift.venue.DriftVenue",
    "drift": "drift.venue.DriftVenue",
}

# Beside the deployments, whatever is open of them: play money at their prices.
PAPER_VENUE = {"paper": "trading.paper.venue.PaperVenue"}

# Venues that are only read: what people hold there is shown, and no act is possible.
READ_ONLY_VENUES = {
    "jupiter": "trading.elsewhere.jupiter.JupiterVenue",
    "flash": "trading.elsewhere.flash.FlashVenue",
}

# Deployment key → what custody must know of it: the program that signers may call, its quote token.
DEPLOYMENTS = "drift.layouts.deployments.DEPLOYMENTS"

# Which tokens the open venues take: by it wallets know a token that is of no use here.
COLLATERAL = "trading.venues.base.collateral_of_venues"

# Whether somebody holds more here than goes without an authenticator, as prices say.
HOLDS_PAST_SMALL_LIMIT = "trading.services.small_limit.holds_past_small_limit"

# What a submission's act is about → who builds its message and books its end.
SUBMISSION_SUBJECTS = {
    "order": "trading.subjects.order.OrderSubject",
    "order_change": "trading.subjects.order_change.OrderChangeSubject",
    "deposit": "trading.subjects.deposit.DepositSubject",
    "venue_withdrawal": "trading.subjects.withdrawal.VenueWithdrawalSubject",
    "withdrawal": "wallets.subject.WithdrawalSubject",
}

# What the pages say of a refusal: the chat's own words.
ERROR_SENTENCE = "bot.texts.errors.plain_sentence"
# The same without the next step, which is a chat's: what a program is told.
ERROR_WHAT_HAPPENED = "bot.texts.errors.what_happened"

# What the page of a person sets how much they may do with, and what says first whether it can.
TRADING_STATE = {
    "check": "trading.services.check_trading_state",
    "set": "trading.services.set_trading_state",
}

# Sources of live prices: each is run by a process of its own, or all by one; see `run_feed`.
FEEDS = {"oracles": "drift.feed.OracleFeed", "hermes": "markets.hermes.HermesFeed"}

# What every batch of fresh prices is handed to, as `f(prices, now)`: the newest price of each
# source and token that has moved since the last call. Of two feeds the one that leads calls.
PRICE_CONSUMERS: tuple[str, ...] = ("alerts.services.evaluate_prices",)

# Who is told of what is odd about prices, as `f(kind=…, severity=…, message=…, facts=…, now=…)`.
PRICE_EVENTS: tuple[str, ...] = ()

# Job → (task, seconds between runs). Beat's own rows, editable in the admin, are made from it.
JOBS = {
    "desk_epoch": ("trading.tasks.watch_epoch", 10),
    "venue_gates": ("drift.tasks.check_gates", 60),
    "market_sync": ("drift.tasks.sync_markets", 3600),
    "balance_sync": ("wallets.tasks.sync_balances", 60),
    "incoming_sync": ("wallets.tasks.sync_incoming", 20),
    "position_refresh": ("trading.tasks.refresh_positions", 2),
    "submissions_sweep": ("chain.tasks.sweep_submissions", 2),
    "withdrawals_sweep": ("chain.tasks.sweep_withdrawals", 5),
    "plans": ("trading.tasks.carry_on_plans", 5),
    "order_reconcile": ("trading.tasks.reconcile_accounts", 5),
    "withdrawals_release": ("wallets.tasks.release_withdrawals", 5),
    "withdrawals_funding": ("trading.tasks.fund_withdrawals", 5),
    "security_notices": ("accounts.tasks.send_notices", 15),
    "jupiter_sync": ("trading.tasks.sync_jupiter", 60),
    "flash_sync": ("trading.tasks.sync_flash", 60),
    "paper_tick": ("trading.tasks.tick_paper", 2),
    "alerts_expiry": ("alerts.tasks.expire_alerts", 60),
    "audit_seal": ("audit.tasks.seal", 1),
    "audit_export": ("audit.tasks.export", 3600),
    "rest_calls_retention": ("accounts.tasks.forget_rest_calls", 86400),
    "partitions": ("core.tasks.make_partitions", 21600),
    "events_watch": ("alerts.tasks.watch_events", 30),
    "updates_forgotten": ("bot.tasks.forget_old_updates", 21600),
}

# Queue → the tasks that have it for themselves; what is not named here is "upkeep". A worker
# takes all but the withdrawals', which need a key that no other process has, or those it is told.
QUEUES = {
    "withdrawal": ("chain.tasks.sweep_withdrawals",),
    # What people's money waits for: never behind a long look at all wallets.
    "money": (
        "chain.tasks.submit",
        "chain.tasks.sweep_submissions",
        "drift.tasks.check_gates",
        "trading.tasks.carry_on_plans",
        "trading.tasks.fund_withdrawals",
        "trading.tasks.reconcile",
        "trading.tasks.reconcile_accounts",
        "trading.tasks.watch_epoch",
        "wallets.tasks.release_withdrawals",
    ),
    "upkeep": (),
}
