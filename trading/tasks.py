"""The room's jobs: one line each."""

import uuid

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core.errors import Unavailable
from core.jobs import run_job
from trading import services


@shared_task(
    name="trading.tasks.reconcile", autoretry_for=(Unavailable,), retry_backoff=1, max_retries=2
)
def reconcile(account_id: str) -> None:
    services.reconcile_account(account_id=uuid.UUID(account_id), now=timezone.now())


@shared_task(name="trading.tasks.reconcile_accounts")
def reconcile_accounts() -> None:
    run_job(
        name="order_reconcile",
        work=lambda: services.reconcile_wanted(now=timezone.now()),
        lease_seconds=120,
    )


@shared_task(name="trading.tasks.refresh_positions")
def refresh_positions() -> None:
    run_job(
        name="position_refresh",
        work=lambda: services.refresh_positions(now=timezone.now(), connections=2),
        lease_seconds=60,
    )


@shared_task(name="trading.tasks.tick_paper")
def tick_paper() -> None:
    run_job(
        name="paper_tick",
        work=lambda: services.tick_paper(now=timezone.now()),
        lease_seconds=60,
    )


@shared_task(name="trading.tasks.carry_on_plans")
def carry_on_plans() -> None:
    run_job(
        name="plans",
        work=lambda: services.carry_on_plans(now=timezone.now()),
        lease_seconds=60,
    )


@shared_task(name="trading.tasks.watch_epoch")
def watch_epoch() -> None:
    run_job(
        name="desk_epoch",
        work=lambda: services.watch_desk(now=timezone.now()),
        lease_seconds=60,
    )


@shared_task(name="trading.tasks.fund_withdrawals")
def fund_withdrawals() -> None:
    run_job(
        name="withdrawals_funding",
        work=lambda: services.fund_withdrawals(now=timezone.now()),
        lease_seconds=120,
    )


@shared_task(name="trading.tasks.sync_jupiter")
def sync_jupiter() -> None:
    _sync_elsewhere("jupiter")


@shared_task(name="trading.tasks.sync_flash")
def sync_flash() -> None:
    _sync_elsewhere("flash")


def _sync_elsewhere(deployment: str) -> None:
    """A job each: one that answers slowly keeps no other waiting."""
    if deployment in settings.READ_ONLY_VENUES:
        run_job(
            name=f"{deployment}_sync",
            work=lambda: services.sync_elsewhere(deployment=deployment, now=timezone.now()),
            lease_seconds=120,
        )
