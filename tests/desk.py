"""The product led to a sandbox, and a trader who uses it without a bot in between."""

import atexit
import itertools
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache

from django.utils import timezone

from accounts.services import enter_telegram_user
from chain.models import Submission
from chain.services import sweep_submissions
from core.roles import as_sync
from laminator.settings.environment import given_variables, parse_environment
from tests.sandbox_server import SandboxHandle
from tests.zygote import Zygote
from trading.models import VenueAccount
from trading.services import (
    carry_on_plans,
    list_positions,
    place_deposit,
    place_order,
    preview_deposit,
    preview_order,
    reconcile_wanted,
)
from trading.services.place_order import ConfirmedOrder
from trading.services.preview_order import OrderWish
from trading.venues.base import get_venue
from wallets.chain_balances import read_chain_balances
from wallets.services import create_wallet

_telegram_ids = itertools.count(5_000_001)


def new_telegram_id() -> int:
    """Of somebody new: a sandbox outlives a test, and would know whoever comes again."""
    return next(_telegram_ids)


@contextmanager
def led_to(sandbox: SandboxHandle, settings):
    """settings.ENVIRONMENT of this process, and the variables of its children, lead there."""
    variables = given_variables() | {
        name: value for name, value in sandbox.environment().items() if name != "FAUCET_URL"
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    settings.ENVIRONMENT = parse_environment(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@dataclass
class Trader:
    """One person with a wallet on a sandbox; every act is a call of the desk's own services."""

    sandbox: SandboxHandle
    deployment: str
    telegram_id: int
    user_id: object = None
    address: str = ""

    def arrive(self, *, sol: Decimal = Decimal(2), quote: Decimal = Decimal(1000)) -> "Trader":
        now = timezone.now()
        user, _ = enter_telegram_user(
            telegram_id=self.telegram_id,
            username=f"t{self.telegram_id}",
            first_name="Tess",
            last_name=None,
            now=now,
        )
        wallet, _ = create_wallet(user_id=user.id, now=now)
        self.user_id, self.address = user.id, wallet.address
        self.sandbox.faucet(
            wallet.address, lamports=int(sol * 10**9), quote_units=int(quote * 10**6)
        )
        # A faucet's gift is seen at confirmed some slots later, as any deposit is.
        token = get_venue(self.deployment).quote_symbol
        while True:
            held = read_chain_balances([wallet.address])[wallet.address].amounts
            if held["SOL"] >= sol and held[token] >= quote:
                break
            time.sleep(0.05)
        return self

    def deposit(self, amount: str, *, key: str = "deposit"):
        preview = preview_deposit(
            user_id=self.user_id,
            deployment=self.deployment,
            amount=Decimal(amount),
            now=timezone.now(),
        )
        return place_deposit(
            user_id=self.user_id,
            channel="telegram",
            key=key,
            deployment=self.deployment,
            amount=Decimal(amount),
            sponsor_fee=preview.sponsor_fee,
            now=timezone.now(),
        )

    def confirm(self, **wish) -> ConfirmedOrder:
        wanted = OrderWish(deployment=self.deployment, **wish)
        preview = preview_order(user_id=self.user_id, wish=wanted, now=timezone.now())
        return ConfirmedOrder.as_shown(wanted, preview)

    def order(self, *, key: str, **wish):
        return place_order(
            user_id=self.user_id,
            channel="telegram",
            key=key,
            confirmed=self.confirm(**wish),
            now=timezone.now(),
        )

    def positions(self):
        return list_positions(user_id=self.user_id)

    def account(self) -> VenueAccount:
        with as_sync():
            return VenueAccount.objects.get(
                wallet__user_id=self.user_id, deployment=self.deployment
            )


def sweep_until(done, *, seconds: float = 180.0) -> None:
    """What Beat does, until `done` or the time is over: then the test says what is open."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sweep_submissions(now=timezone.now())
        reconcile_wanted(now=timezone.now())
        carry_on_plans(now=timezone.now())
        if done():
            return
        time.sleep(0.1)
    with as_sync():
        rows = list(Submission.objects.values("state", "error", "last_proof", "attempt"))
    raise AssertionError(f"not done within {seconds} s; submissions: {rows}")


def run_killed(*, before: str, submission_id, withdrawals: bool = False) -> None:
    """A worker process that drives one submission and is SIGKILLed right before `before`.

    `before` names a function by its dotted path in the product; "" lets the worker finish. With
    `withdrawals` it is the one that has the withdraw signer's key, and no other key.
    """
    job = {"do": "drive", "id": str(submission_id), "before": before, "withdrawals": withdrawals}
    assert _workers_parent().run(job) == [-9 if before else 0]
    with as_sync():
        # Its claim has run out; how long a claim holds is another test's.
        Submission.objects.filter(pk=submission_id, state="claimed").update(
            claimed_at=timezone.now() - timedelta(minutes=1)
        )


def submission_of(subject_id) -> Submission:
    """The message that carries the first step of this act."""
    with as_sync():
        return Submission.objects.get(acts__subject_id=subject_id, acts__instruction_index=0)


@cache
def _workers_parent() -> Zygote:
    """It is led to the sandbox that this process is led to, which is one for all tests."""
    parent = Zygote.start()
    atexit.register(parent.stop)
    return parent
