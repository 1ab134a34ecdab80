"""One run: a new trader whose acts, and what befalls them, follow from a seed alone."""

import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import redis
import structlog
from django.conf import settings
from django.utils import timezone

from chain.enums import ENDED
from chain.models import Submission
from chain.services import sweep_submissions
from core.errors import DeskError
from core.roles import as_sync
from tests.campaign.checks import check_run
from tests.campaign.faults import BOOKING_ROWS, FAULTS, ROWS, Fault
from tests.campaign.story import Run, Step
from tests.campaign.zygote import Zygote
from tests.desk import Trader
from trading.enums import ORDER_ENDED, ORDER_LIVE
from trading.models import OrderChange, VenueAccount
from trading.services import (
    cancel_orders,
    carry_on_plans,
    list_orders,
    modify_order,
    read_change,
    read_order,
    read_transfer,
    reconcile_wanted,
)
from trading.wishes import ChangeWish
from wallets.models import Wallet

log = structlog.get_logger(__name__)
GIFT_LAMPORTS, GIFT_UNITS = 2 * 10**9, 1000 * 10**6
# An act whose message may have died is known to be dead after some hundred blocks.
ACT_SECONDS = 90.0
PATIENCE = 2.0
ACTS = ("open", "limit", "bracket", "close", "cancel", "modify", "deposit")
_FIRST_ID = 6_000_000


class CampaignTrader(Trader):
    """A trader whose wallet and account the checks can ask for."""

    wallet_id: Any = None

    def known_account(self) -> VenueAccount | None:
        with as_sync():
            return VenueAccount.objects.filter(
                wallet_id=self.wallet_id, deployment=self.deployment
            ).first()

    def held_units(self, symbol: str) -> int:
        from wallets.chain_balances import read_chain_balances

        held = read_chain_balances([self.address])[self.address].amounts[symbol]
        return int(held * 10**6)


class Player:
    """Plays one run on a sandbox, with workers that are forked and killed."""

    def __init__(self, *, seed: int, sandbox: Any, zygote: Zygote) -> None:
        self.chance = random.Random(seed)
        self.sandbox, self.zygote = sandbox, zygote
        self.run = Run(seed, self.chance.choice(["drift", "velocity"]))
        self.trader = CampaignTrader(sandbox, self.run.deployment, _FIRST_ID + seed)

    def play(self) -> Run:
        began = time.monotonic()
        self.sandbox.clear_faults()
        try:
            self._play()
        except Exception as error:
            log.exception("run_failed", seed=self.run.seed)
            self.run.wrong = f"{type(error).__name__}: {error}"[:2000]
        finally:
            self.sandbox.clear_faults()
        self.run.seconds = time.monotonic() - began
        return self.run

    def _play(self) -> None:
        self.trader.arrive(sol=Decimal(GIFT_LAMPORTS) / 10**9, quote=Decimal(GIFT_UNITS) / 10**6)
        with as_sync():
            self.trader.wallet_id = Wallet.objects.get(user_id=self.trader.user_id).id
        self._act("deposit")
        for _ in range(self.chance.randint(2, 4)):
            self._act(self.chance.choice(ACTS))
        self._settle()
        check_run(
            self.trader,
            faucet_lamports=GIFT_LAMPORTS,
            faucet_units=GIFT_UNITS,
            sent_away=Decimal(0),
        )

    def _act(self, act: str) -> None:
        """Place it, let a worker have it under a fault and die, and see it to its end."""
        fault, row = self.chance.choice(FAULTS), self.chance.choice(list(ROWS))
        booking = self.chance.choice(list(BOOKING_ROWS))
        step = Step(act, fault.name, row)
        key = f"{len(self.run.steps)}"
        self.run.steps.append(step)
        began = time.monotonic()
        try:
            place, ended = getattr(self, f"_{act}")(key)
        except _NothingToDo:
            step.outcome = "nothing to do"
            return
        try:
            subject = place()
            # The same tap comes twice.
            assert place().id == subject.id, "one key gave two acts"
        except DeskError as refusal:
            step.outcome = f"refused: {refusal.code}"
            return
        self._strike(fault)
        if not self._work(subject.id, fault, ROWS[row], BOOKING_ROWS[booking]) and row:
            step.row = "ended before it could be killed"
        step.outcome = self._until(lambda: ended(subject.id), fault)
        step.seconds = round(time.monotonic() - began, 2)

    # The acts: how each is placed, and what tells that it has ended.

    def _deposit(self, key: str) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        amount = self.chance.choice(["200", "250.5", "120.000001"])

        def ended(transfer_id: Any) -> str:
            status = read_transfer(user_id=self.trader.user_id, transfer_id=transfer_id).status
            return status if status in ("completed", "failed", "not_executed") else ""

        return (lambda: self.trader.deposit(amount, key=key)), ended

    def _open(self, key: str, **wish: Any) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        wanted = {
            "symbol": "SOL",
            "side": self.chance.choice(["long", "short"]),
            "size": Decimal(self.chance.choice(["0.1", "0.3", "0.5"])),
        } | wish
        return self._order(key, wanted)

    def _limit(self, key: str) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        price = Decimal(self.sandbox.prices()["SOL"])
        side = self.chance.choice(["long", "short"])
        away = Decimal("0.9") if side == "long" else Decimal("1.1")
        return self._open(key, side=side, order_type="limit", price=round(price * away, 1))

    def _bracket(self, key: str) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        price = Decimal(self.sandbox.prices()["SOL"])
        return self._open(
            key,
            side="long",
            stop_loss=round(price * Decimal("0.8"), 1),
            take_profit=round(price * Decimal("1.3"), 1),
        )

    def _close(self, key: str) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        positions = self.trader.positions()
        if not positions:
            raise _NothingToDo
        return self._order(
            key, {"symbol": "SOL", "side": positions[0].side, "percent": Decimal(100)}
        )

    def _order(
        self, key: str, wish: dict[str, Any]
    ) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        confirmed: list[Any] = []

        def place() -> Any:
            from trading.services import place_order

            if not confirmed:
                confirmed.append(self.trader.confirm(**wish))
            return place_order(
                user_id=self.trader.user_id,
                channel="telegram",
                key=key,
                confirmed=confirmed[0],
                now=timezone.now(),
            )

        def ended(order_id: Any) -> str:
            status = read_order(user_id=self.trader.user_id, order_id=order_id).status
            rests = status == "open" and wish.get("order_type") == "limit"
            return status if status in ORDER_ENDED or rests else ""

        return place, ended

    def _cancel(self, key: str) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        order_id = self._resting()
        return (
            lambda: cancel_orders(
                user_id=self.trader.user_id,
                channel="telegram",
                key=key,
                order_ids=[order_id],
                now=timezone.now(),
            ),
            self._change_ended,
        )

    def _modify(self, key: str) -> tuple[Callable[[], Any], Callable[[Any], str]]:
        order_id = self._resting()
        return (
            lambda: modify_order(
                user_id=self.trader.user_id,
                channel="telegram",
                key=key,
                order_id=order_id,
                change=ChangeWish(size=Decimal("0.2")),
                now=timezone.now(),
            ),
            self._change_ended,
        )

    def _resting(self) -> Any:
        orders = list_orders(user_id=self.trader.user_id, open_only=True, limit=50)
        resting = sorted(order.id for order in orders if order.status == "open")
        if not resting:
            raise _NothingToDo
        return self.chance.choice(resting)

    def _change_ended(self, change_id: Any) -> str:
        status = read_change(user_id=self.trader.user_id, change_id=change_id).status
        return "" if status == "pending" else status

    # What befalls them.

    def _strike(self, fault: Fault) -> None:
        for name, parameters in fault.of_sandbox.items():
            self.sandbox.set_fault(name, **parameters)

    def _work(self, subject_id: Any, fault: Fault, before: str, booking: str) -> bool:
        """Whether a worker was killed where it was to be."""
        codes: list[int] = []
        for submission in self._open_submissions(subject_id):
            job = {
                "do": "drive", "id": str(submission), "before": before, "skew": fault.skew,
            }  # fmt: skip
            codes += self.zygote.run(*[job] * fault.workers, *[{"do": "sweep"}] * fault.sweeps)
        if booking:
            self.zygote.run({"do": "reconcile", "before": booking})
        if fault.flushes:
            with redis.Redis.from_url(settings.REDIS_URL, protocol=2) as client:
                client.flushdb()
        return -signal.SIGKILL in codes

    def _open_submissions(self, subject_id: Any) -> list[Any]:
        with as_sync():
            return list(
                Submission.objects.filter(acts__subject_id=subject_id)
                .exclude(state__in=ENDED)
                .distinct()
                .values_list("id", flat=True)
            )

    def _until(self, done: Callable[[], str], fault: Fault) -> str:
        """What Beat does, until `done` tells an outcome; the fault goes away after its time."""
        began, struck = time.monotonic(), bool(fault.of_sandbox)
        while time.monotonic() - began < ACT_SECONDS:
            if struck and time.monotonic() - began > fault.lasts:
                self.sandbox.clear_faults()
                struck = False
            self._round()
            if not struck and (outcome := done()):
                return outcome
            if time.monotonic() - began > PATIENCE:
                # What is dead is shown to be dead by blocks, and blocks cost a sandbox nothing.
                self.sandbox.advance(30)
            time.sleep(0.05)
        with as_sync():
            rows = list(
                Submission.objects.filter(wallet_id=self.trader.wallet_id)
                .exclude(state__in=ENDED)
                .values("state", "error", "last_proof", "attempt")
            )
        raise AssertionError(f"not ended within {ACT_SECONDS} s; submissions: {rows}")

    def _round(self) -> None:
        with as_sync():
            # A dead worker's claim has run out; how long one holds is another test's.
            Submission.objects.filter(wallet_id=self.trader.wallet_id, state="claimed").update(
                claimed_at=timezone.now() - timedelta(minutes=1)
            )
        # Three seconds on, the sweep takes what a task has forgotten.
        try:
            sweep_submissions(now=timezone.now() + timedelta(seconds=3))
            reconcile_wanted(now=timezone.now())
            carry_on_plans(now=timezone.now())
        except DeskError:
            # Beat's job fails, is logged, and comes again.
            return

    def _settle(self) -> None:
        """Until nothing is under way any more."""
        deadline = time.monotonic() + ACT_SECONDS
        while time.monotonic() < deadline:
            self._round()
            if not self._under_way():
                reconcile_wanted(now=timezone.now() + timedelta(minutes=2))
                return
            time.sleep(0.05)

    def _under_way(self) -> bool:
        with as_sync():
            if (
                Submission.objects.filter(wallet_id=self.trader.wallet_id)
                .exclude(state__in=ENDED)
                .exists()
            ):
                return True
            if OrderChange.objects.filter(user_id=self.trader.user_id, status="pending").exists():
                return True
        orders = list_orders(user_id=self.trader.user_id, open_only=True, limit=50)
        return any(order.status in ORDER_LIVE - {"open"} for order in orders)


class _NothingToDo(Exception):
    """There is nothing that this act could be done to."""
