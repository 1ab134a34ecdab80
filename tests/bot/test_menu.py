"""Telegram's menu, /help and the handlers name the same commands."""

import pytest
from aiogram.filters import Command
from django.utils import timezone

from bot.handlers import make_routers
from bot.texts.common import COMMANDS, NOT_HERE_YET, help_text
from core.roles import as_sync
from tests import factories
from trading.models import AccountEntry
from trading.services import list_entries, look_again

# What a desk of this kind is asked for: the commands that traders know, and their own.
WANTED = {
    "start", "create", "wallet", "balance", "myposition", "positions", "close", "drift",
    "flashbalance", "juppositions", "long", "short", "deposit", "withdraw", "orders", "cancel",
    "tp", "sl", "price", "funding", "markets", "health", "history", "pnl", "daily", "weekly",
    "monthly", "alerts", "alert", "copy", "leaders", "copylog", "strategies", "signals", "whales",
    "paper", "settings", "security", "freeze", "unfreeze", "panic", "sync", "status", "export",
    "link", "support", "help", "abort",
}  # fmt: skip


def handled():
    found = set()
    for router in make_routers():
        for handler in router.message.handlers:
            for each in handler.filters or ():
                if isinstance(each.callback, Command):
                    found |= set(each.callback.commands)
    return found


def test_every_command_that_is_wanted_is_answered():
    assert handled() >= WANTED


def test_the_menu_and_the_help_list_what_there_is_and_nothing_else():
    told = help_text()
    listed = {line.split(":")[0].removeprefix("/") for line in told.splitlines() if "/" in line[:1]}
    assert listed == handled() - NOT_HERE_YET.keys()
    assert COMMANDS.keys() <= listed
    assert {"juppositions", "flashbalance", "drift", "create"} <= COMMANDS.keys()
    # Telegram takes no longer ones.
    assert all(len(name) <= 32 and 1 <= len(text) <= 256 for name, text in COMMANDS.items())


@pytest.mark.django_db
def test_funding_lists_a_persons_own_payments_and_sync_asks_for_their_accounts():
    accounts = [factories.funded_venue_account(factories.wallet()) for _ in range(2)]
    mine, theirs = accounts
    with as_sync():
        for account, kinds in ((mine, ("funding", "interest")), (theirs, ("funding",))):
            for place, kind in enumerate(kinds):
                AccountEntry.objects.create(
                    user=account.wallet.user, account=account, deployment="velocity", kind=kind,
                    token_symbol="USDT", amount="-0.25", tx_hash=factories.signature(),
                    event_index=place,
                )  # fmt: skip
    user_id = mine.wallet.user_id
    [row] = list_entries(user_id=user_id, kind="funding")
    assert (row.kind, row.amount) == ("funding", -0.25)

    assert look_again(user_id=user_id, now=timezone.now()) == 1
    with as_sync():
        mine.refresh_from_db()
        theirs.refresh_from_db()
    assert (mine.wanted_at is not None, theirs.wanted_at) == (True, None)
