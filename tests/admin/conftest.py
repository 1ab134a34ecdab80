"""Staff at the door of the back office, and one row of everything to look at."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, SolarSchedule

from accounts.models import SecurityNotice, UserSecurity, WebLink
from alerts.models import AlertFiring, OutboxMessage, SystemEvent, UserNotification
from audit.models import AuditRoot, AuditSeal, UnsealedAudit
from bot.models import SilentChat, TelegramCard, TelegramUpdate
from chain.models import DeskEpoch
from core.models import Job
from core.roles import as_admin, as_sync
from core.uuid7 import uuid7
from laminator import readiness
from laminator.back_office import load_pages
from tests import factories
from tests.broken_servers import database_at, free_port
from trading.models import (
    AccountEntry,
    Difference,
    OrderChange,
    PaperAccount,
    PaperEvent,
    PaperMarket,
    PaperOrder,
    PaperPosition,
    Sponsorship,
    TradingStateRow,
    VenueOrderId,
    YoungMove,
)
from wallets.models import WatchedAccount, WithdrawalAllowance

load_pages()

ROOMS = (
    "accounts", "alerts", "audit", "bot", "chain", "core", "drift", "markets", "trading", "wallets",
    "django_celery_beat",
)  # fmt: skip


def registered_models():
    """Every table that the back office shows, ours and the schedule's."""
    return [model for model in admin.site._registry if model._meta.app_label in ROOMS]


def tables_of_ours():
    return [model for room in ROOMS[:-1] for model in apps.get_app_config(room).get_models()]


@pytest.fixture
def enter(db):
    """Log in as a member of staff of a role; the client is a browser of theirs."""

    def enter(role="admin"):
        browser = Client(HTTP_HOST="localhost")
        with as_admin():
            browser.force_login(factories.staff(role))
        return browser

    return enter


@pytest.fixture
def health_is_asked_anew():
    readiness.forget()
    yield
    readiness.forget()


@pytest.fixture
def unreachable_database(db):
    with database_at(free_port()):
        yield


def make_rows():
    """One row, or more, of everything; returns what the tests look for."""
    with as_sync():
        trader = factories.user(privy_user_id="did:privy:abcdefgh", email="t@example.com")
        held = factories.wallet(trader)
        account = factories.funded_venue_account(held)
        factories.profile(trader)
        factories.setting(trader)
        factories.api_key(trader)
        factories.authenticator(trader)
        factories.rest_call(trader)
        factories.session(trader, ip_address="203.0.113.9")
        factories.withdrawal(held)
        factories.incoming_transfer(held)
        factories.intent(trader)
        factories.balance(held)
        factories.wallet_alert(held)
        factories.alert(trader, market=factories.market())
        sent = factories.signed_submission(held, state="sent")
        factories.act(sent)
        order = factories.filled_drift_order(wallet=held)
        position = factories.drift_position(wallet=held, unrealized_pnl="-12.5", mark_price="87.5")
        factories.order(wallet=held)
        factories.position(wallet=held)
        factories.transaction(wallet=held, tx_hash=factories.signature())
        factories.drift_transaction(wallet=held, id=sent.pk, tx_hash=sent.signature, order=order)
        factories.fill(wallet=held, order_id=order.pk, position_id=position.pk)
        factories.transfer(account)
        _rows_without_factories(trader, account, sent)
    return {"user": trader, "wallet": held, "order": order, "position": position, "sent": sent}


def _rows_without_factories(trader, account, sent):
    UserSecurity.objects.create(user=trader, lock_reason="totp_reset")
    WebLink.objects.create(
        user=trader, purpose="sign_in", token_hash="x", expires_at=timezone.now()
    )
    SecurityNotice.objects.create(
        user=trader, kind="totp_reset", email="t@example.com", next_attempt_at=timezone.now()
    )
    WithdrawalAllowance.objects.create(user=trader, unit="USD")
    WatchedAccount.objects.create(wallet=account.wallet, address="watched", units=7)
    AccountEntry.objects.create(
        user=trader, account=account, deployment="velocity", kind="funding", token_symbol="USDT",
        amount="-0.25", tx_hash=factories.signature(), event_index=0,
    )  # fmt: skip
    DeskEpoch.objects.get_or_create(id=1)
    at = timezone.now()
    # Rows that wait for their seal are noted by the log's trigger, and by nobody else.
    assert UnsealedAudit.objects.exists()
    AuditSeal.objects.create(seq=1, audit_id=uuid7(), row_at=at, noted_at=at, previous="", hash="a")
    AuditRoot.objects.create(
        batch=1, first_seq=1, last_seq=1, previous="", root="r", signature="s", key_id="k",
        sealed_at=at,
    )  # fmt: skip
    PaperMarket.objects.create(
        symbol="SOL-PERP", base_asset="SOL", quote_asset="pUSD", market_type="perpetual",
        dex_name="Paper", market_index=0, initial_ratio="0.1", maintenance_ratio="0.05",
    )  # fmt: skip
    paper = PaperAccount.objects.create(user=trader, wallet=account.wallet, address="paper")
    PaperOrder.objects.create(
        user=trader, account=paper, number=1, market_index=0, order_type="limit",
        direction="buy", size=1, price=1,
    )  # fmt: skip
    PaperPosition.objects.create(
        user=trader, account=paper, market_index=0, base=1, entry_quote=-1, quote=-1,
        funded_at=at,
    )  # fmt: skip
    PaperEvent.objects.create(
        id=uuid7(), user=trader, account=paper, sequence=1, cause="start", occurred_at=at
    )
    Difference.objects.create(account=account, what="spot.USDT", expected=1, actual=2)
    OrderChange.objects.create(
        user=trader, wallet=account.wallet, deployment="velocity", kind="cancel",
        deadline=timezone.now(),
    )  # fmt: skip
    VenueOrderId.objects.create(
        user=trader, order_id=sent.pk, deployment="velocity", account_address=account.address,
        venue_order_id="7", size=1,
    )  # fmt: skip
    YoungMove.objects.create(
        user=trader, account=account, deployment="velocity", order_id=sent.pk,
        tx_hash=sent.signature, slot=1,
    )  # fmt: skip
    Sponsorship.objects.create(
        user=trader, submission_id=sent.pk, lamports=5000, fee="0.1", token_symbol="USDT"
    )
    TradingStateRow.objects.create(scope="venue", key="drift", state="halted", reason="test")
    alert = factories.alert(of=trader)
    AlertFiring.objects.create(user=trader, alert=alert, value=150, number=1)
    OutboxMessage.objects.create(
        user=trader, card="order", subject_type="order", subject_id=sent.pk
    )
    event = SystemEvent.objects.create(
        event_type="desk_halted", severity="critical", source="chain", message="restored"
    )
    UserNotification.objects.create(
        user=trader, event=event, notification_type="news", title="News", message="of the desk"
    )
    TelegramUpdate.objects.create(update_id=77, telegram_id=trader.telegram_id, body={"a": 1})
    TelegramCard.objects.create(chat_id=trader.telegram_id, card="order", message_id=5)
    SilentChat.objects.create(chat_id=trader.telegram_id, since=timezone.now())
    Job.objects.create(name="balance_sync", finished_at=timezone.now(), lag_seconds="0.1", runs=3)
    # Schedules by intervals are there since the migration.
    CrontabSchedule.objects.create()
    SolarSchedule.objects.create(event="sunset", latitude=1, longitude=2)
    ClockedSchedule.objects.create(clocked_time=timezone.now())


@pytest.fixture
def rows(db):
    return make_rows()


def page_name(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
