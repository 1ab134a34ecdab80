"""Persons with a row in every room, and how to ask as whom what."""

import json

from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.models import SecurityNotice, UserSecurity, WebLink
from alerts.models import AlertFiring, OutboxMessage, UserNotification
from bot.models import TelegramCard
from core.context import acting_in
from core.roles import as_user
from core.uuid7 import uuid7
from laminator.database.policies import RULES
from tests import factories
from trading.models import (
    AccountEntry,
    Difference,
    OrderChange,
    PaperAccount,
    PaperEvent,
    PaperOrder,
    PaperPosition,
    Sponsorship,
    VenueOrderId,
)
from wallets.models import WithdrawalAllowance

TABLES_OF_MODELS = {each._meta.db_table for each in apps.get_models(include_auto_created=True)}
THERE = {name: rule for name, rule in RULES.items() if name in TABLES_OF_MODELS}
OWNED = sorted(name for name, rule in THERE.items() if rule.own is not None)
GUARDED = sorted(name for name, rule in THERE.items() if rule.guarded)
READABLE = sorted(name for name, rule in THERE.items() if "SELECT" in rule.user)
# Rows that no act makes by itself; all else that is somebody's is in the world below.
NOT_IN_THE_WORLD = {"pghistory_context"}


def world(market, catalogued):
    """A person with a row in every room; returns them and every text that is theirs alone."""
    person = factories.user(
        email=f"{uuid7().hex}@desk.example", privy_user_id=f"did:privy:{uuid7().hex}"
    )
    with as_user(person.pk), acting_in(actor_id=person.pk):
        wallet = factories.wallet(person)
        account = factories.venue_account(wallet)
        whose = {"user": person, "wallet": wallet}
        order = factories.drift_order(market, **whose)
        submission = factories.signed_submission(wallet)
        rows = [
            wallet, account, order, submission,
            factories.profile(person), factories.setting(person), factories.session(person),
            factories.intent(person), factories.balance(wallet), factories.transfer(account),
            factories.drift_position(market, **whose), factories.act(submission),
            factories.drift_transaction(**whose, tx_hash=factories.signature()),
            factories.order(catalogued, **whose), factories.position(catalogued, **whose),
            factories.fill(catalogued, **whose), factories.alert(person),
            factories.wallet_alert(wallet),
            factories.transaction(**whose, tx_hash=factories.signature()),
            Difference.objects.create(
                account=account, what="collateral", expected=1, actual=2
            ),
            AccountEntry.objects.create(
                user=person, account=account, deployment="velocity", kind="funding",
                token_symbol="USDC", amount=1, tx_hash=factories.signature(), event_index=0,
            ),
            Sponsorship.objects.create(
                user=person, submission_id=submission.pk, lamports=7, fee=1, token_symbol="USDC"
            ),
            factories.withdrawal(wallet), factories.incoming_transfer(wallet),
            factories.api_key(person), factories.rest_call(person),
            AlertFiring.objects.create(
                user=person, alert=factories.alert(person), value=1, number=1
            ),
            *_of_safety(person), *_of_orders(person, wallet, order, account),
            *_of_paper(person, wallet),
            TelegramCard.objects.create(
                chat_id=person.telegram_id, card=f"card-{uuid7()}", message_id=1
            ),
        ]  # fmt: skip
    texts = {str(row.pk) for row in rows if len(str(row.pk)) > 20}
    texts |= {str(person.pk), person.email, person.privy_user_id, f"{person.telegram_id}"}
    texts |= {wallet.wallet_address, wallet.privy_wallet_id, account.address, submission.signature}
    return person, texts


def _of_safety(person):
    now = timezone.now()
    return [
        UserSecurity.objects.create(user=person, lock_reason="totp_reset"),
        WebLink.objects.create(
            user=person, purpose="sign_in", token_hash=f"hash-{uuid7()}", expires_at=now
        ),
        SecurityNotice.objects.create(
            user=person, kind="totp_reset", email=person.email, next_attempt_at=now
        ),
        WithdrawalAllowance.objects.create(user=person, unit="USD"),
        OutboxMessage.objects.create(
            user=person, card="order", subject_type="order", subject_id=uuid7()
        ),
        UserNotification.objects.create(
            user=person, notification_type="news", title="News", message="of theirs alone"
        ),
    ]


def _of_orders(person, wallet, order, account):
    return [
        OrderChange.objects.create(
            user=person, wallet=wallet, deployment="velocity", kind="cancel",
            deadline=timezone.now(),
        ),
        VenueOrderId.objects.create(
            user=person, order_id=order.pk, deployment="velocity",
            account_address=account.address, venue_order_id="7", size=1,
        ),
    ]  # fmt: skip


def _of_paper(person, wallet):
    now = timezone.now()
    paper = PaperAccount.objects.create(user=person, wallet=wallet, address=f"paper-{uuid7()}")
    return [
        paper,
        PaperOrder.objects.create(
            user=person, account=paper, number=1, market_index=0, order_type="limit",
            direction="buy", size=1, price=1,
        ),
        PaperPosition.objects.create(
            user=person, account=paper, market_index=0, base=1, entry_quote=-1, quote=-1,
            funded_at=now,
        ),
        PaperEvent.objects.create(
            id=uuid7(), user=person, account=paper, sequence=1, cause="start", occurred_at=now
        ),
    ]  # fmt: skip


def ask(query, params=()):
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return json.dumps(cursor.fetchall(), default=str) if cursor.description else ""


def leaks(said, texts):
    return sorted(text for text in texts if text in said)
