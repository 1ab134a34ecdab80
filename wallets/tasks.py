"""The room's jobs: one line each."""

import uuid

from celery import shared_task
from django.utils import timezone

from core.errors import Unavailable
from core.jobs import run_job
from wallets import services


@shared_task(name="wallets.tasks.sync_balances")
def sync_balances() -> None:
    run_job(
        name="balance_sync",
        work=lambda: services.sync_balances(now=timezone.now()),
        lease_seconds=300,
    )


@shared_task(
    name="wallets.tasks.refresh", autoretry_for=(Unavailable,), retry_backoff=1, max_retries=3
)
def refresh(wallet_id: str) -> None:
    services.refresh_wallet(wallet_id=uuid.UUID(wallet_id), now=timezone.now())


@shared_task(name="wallets.tasks.release_withdrawals")
def release_withdrawals() -> None:
    run_job(
        name="withdrawals_release",
        work=lambda: services.release_withdrawals(now=timezone.now()),
        lease_seconds=60,
    )


@shared_task(name="wallets.tasks.sync_incoming")
def sync_incoming() -> None:
    run_job(
        name="incoming_sync",
        work=lambda: services.sync_incoming(now=timezone.now()),
        lease_seconds=300,
    )


@shared_task(
    name="wallets.tasks.look", autoretry_for=(Unavailable,), retry_backoff=1, max_retries=3
)
def look(wallet_id: str) -> None:
    services.look_at_wallet(wallet_id=uuid.UUID(wallet_id), now=timezone.now())
