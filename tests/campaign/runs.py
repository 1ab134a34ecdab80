"""One run: a new trader whose acts, and what befalls them, follow from a seed alone."""

import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from itertools import count
from typing import Any

import redis
import structlog
from django.conf import settings
from django.utils import timezone

from accounts.models import Intent
from audit.sealing import seal_audit
from chain.enums import ENDED, Lane
from chain.models import Submission
from core.errors import Conflict, DeskError, Refused, Unavailable
from core.roles import as_sync
from drift.services import check_gates
from tests.campaign.acts import WEIGHTS, Act, Acts, NothingToDo
from tests.campaign.beat import one_round, tell_price
from tests.campaign.checks import check_run, moving
from tests.campaign.faults import FAULTS, Blow, Fault, choose_blow
from tests.campaign.house import SOL_PRICE, House
from tests.campaign.leaving import be_sent_by_mistake, give_code, review
from tests.campaign.people import CampaignTrader
from tests.campaign.rows import rows_of
from tests.campaign.scenes import SCENES
from tests.campaign.story import BROKEN, Run, Step
from tests.zygote import Job, call_job, lead_to_nodes
from trading.models import OrderChange, VenueTransfer
from trading.services import list_orders, reconcile_wanted
from wallets.enums import WITHDRAWAL_ENDED
from wallets.models import Withdrawal

log = structlog.get_logger(__name__)
# An act whose message may have died is known to be dead after some hundred blocks.
ACT_SECONDS = 90.0
_FIRST_ID = 6_000_000


class Player:
    """Plays one run in a house, with workers that are forked and killed."""

    def __init__(self, *, seed: int, house: House) -> None:
        self.chance = random.Random(seed)
        # What is not of the story: how far the chain is when somebody looks.
        self.pace = random.Random(-seed)
        self.house, self.sandbox, self.zygote = house, house.sandbox, house.zygote
        self.run = Run(seed, self.chance.choice(["drift", "velocity"]))
        self.run.providers = self.chance.choice([1, 2])
        self.trader = CampaignTrader(self.sandbox, self.run.deployment, _FIRST_ID + seed)
        self.acts = Acts(self.trader, self.chance)
        self.nodes = [f"{self.sandbox.rpc_url}/{name}" for name in "ab"[: self.run.providers]]

    def play(self) -> Run:
        began = time.monotonic()
        self.sandbox.clear_faults()
        self.sandbox.set_price("SOL", SOL_PRICE)
        lead_to_nodes(self.nodes)
        try:
            self._play()
        except Exception as error:
            self.run.wrong = f"{type(error).__name__}: {error}"[:2000]
            log.exception("run_failed", seed=self.run.seed)
            self._tell_rows()
        finally:
            self.sandbox.clear_faults()
        self.run.seconds = round(time.monotonic() - began, 2)
        return self.run

    def _tell_rows(self) -> None:
        """What is wrong with the telling is no reason to end the campaign."""
        try:
            log.error("books of the failed run", seed=self.run.seed, rows=rows_of(self.trader))
        except Exception:
            log.exception("its books cannot be told", seed=self.run.seed)

    def _play(self) -> None:
        self.house.clear()
        # A venue that was not looked at lately takes no new risk.
        check_gates(now=timezone.now())
        self.trader.come_in()
        # Without money at the venue nothing of what follows could be done.
        for _ in range(3):
            self._act("deposit")
            if self.run.steps[-1].outcome == "completed":
                break
        for _ in range(self.chance.randint(3, 5)):
            [act] = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            self._act(act)
        shut = [step.act for step in self.run.steps if "venue_read_only" in step.outcome]
        assert not shut, f"the venue was taken for unfit, so {shut} proved nothing"
        self.settle()
        # Or they would go on with a liquidation while it is looked at.
        self.sandbox.set_fault("keeper_off")
        self.settle()
        seal_audit(now=timezone.now())
        check_run(self.trader, stranger=self.trader.stranger())

    # One act.

    def _act(self, name: str) -> None:
        """Place it, let workers have it under a fault and die, and see it to its end."""
        fault, blow = self.chance.choice(FAULTS), choose_blow(self.chance)
        early = self.chance.random() < 0.3
        step = Step(name, fault.name)
        key = f"{len(self.run.steps)}"
        self.run.steps.append(step)
        began = time.monotonic()
        try:
            if name in SCENES:
                step.outcome = SCENES[name](self)
            else:
                if name == "give_back":
                    be_sent_by_mistake(self)
                act = self._until_available(lambda: self.acts.make(name, key))
                step.outcome = self._carry_out(act, fault, blow, step, early)
        except NothingToDo:
            step.outcome = "nothing to do"
        except (Refused, Conflict) as refusal:
            step.outcome = f"refused: {refusal.code}"
        self.sandbox.clear_faults()
        step.seconds = round(time.monotonic() - began, 2)

    def _carry_out(self, act: Act, fault: Fault, blow: Blow, step: Step, early: bool) -> str:
        if early:
            self._strike(fault)
        if blow.kind == "placing":
            job = call_job(act.service, act.words) | self._struck(fault) | blow.of_job
            self._note(step, blow, self.zygote.run(*[job] * fault.workers))
        subject = self.place(act)
        # The same tap comes twice.
        assert self.place(act).id == subject.id, "one key gave two acts"
        if not early:
            self._strike(fault)
        if act.then:
            give_code(self, subject.id)
            review(self, subject.id)
        self._work(fault, blow, step)
        return self.until(lambda: act.ended(subject.id), fault)

    def place(self, act: Act) -> Any:
        """Until it is refused or placed; what is not available has surely not been done."""
        module, _, name = act.service.rpartition(".")
        service = getattr(import_module(module), name)
        return self._until_available(
            lambda: service(**act.words, now=timezone.now()),
            meanwhile=lambda: self._assert_nothing_placed(act),
        )

    def _until_available(
        self, ask: Callable[[], Any], *, meanwhile: Callable[[], None] = lambda: None
    ) -> Any:
        """What a person does who is told to try again; a fault may outlast the act it was for."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return ask()
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                meanwhile()
            except BROKEN:
                if time.monotonic() > deadline:
                    raise
            # It goes away by itself, as far as who placed it knows.
            time.sleep(0.3)
            self.sandbox.clear_faults()

    def _assert_nothing_placed(self, act: Act) -> None:
        if act.service.rpartition(".")[2] in ("cancel_all_orders", "close_all_positions", "panic"):
            return  # a plan is written down before it looks at what there is
        with as_sync():
            known = Intent.objects.filter(
                user_id=self.trader.user_id, idempotency_key=act.words["key"]
            )
            # A withdrawal that is prepared and whose code was not taken moves nothing.
            waits = Withdrawal.objects.filter(status="awaiting_code").values("id")
            placed = known.exclude(pk__in=waits)
            assert not placed.exists(), "said to be surely not done, and placed"

    # What befalls them.

    def _strike(self, fault: Fault) -> None:
        for name, parameters in fault.of_sandbox.items():
            # Of two providers it befalls the one, or all.
            only = {"node": "a"} if fault.of_one and self.run.providers == 2 else {}
            self.sandbox.set_fault(name, **(parameters | only))

    def _struck(self, fault: Fault) -> Job:
        return {"skew": fault.skew, "nodes": self.nodes}

    def _work(self, fault: Fault, blow: Blow, step: Step) -> None:
        of_worker = blow.of_job if blow.kind == "driving" else {}
        for submission_id, lane in self._open_submissions():
            job = {"do": "drive", "id": str(submission_id)} | self._struck(fault) | of_worker
            job["withdrawals"] = lane == Lane.WITHDRAWAL
            round_job = {"do": "round"} | self._struck(fault)
            self.zygote.begin(*[job] * fault.workers, *[round_job] * fault.rounds)
            self._disturb(fault)
            codes = self.zygote.end()
            if blow.kind == "driving":
                self._note(step, blow, codes[: fault.workers])
        if blow.kind == "booking":
            self._book_and_die(fault, blow, step)

    def book_and_die(self, step: Step) -> None:
        """Rounds of a worker's that is killed around one of its commits."""
        number = self.chance.randint(1, 6)
        blow = Blow("booking", f"booking, after commit {number}", {"write": [number, "after"]})
        self._book_and_die(FAULTS[0], blow, step)

    def _book_and_die(self, fault: Fault, blow: Blow, step: Step) -> None:
        for _ in range(2):
            job = {"do": "round"} | self._struck(fault) | blow.of_job
            self._note(step, blow, self.zygote.run(job))

    def _disturb(self, fault: Fault) -> None:
        if not fault.disturbs:
            return
        time.sleep(self.chance.random() * 0.3)
        if fault.disturbs == "flush":
            with redis.Redis.from_url(settings.REDIS_URL, protocol=2) as client:
                client.flushdb()
        else:
            getattr(self.house, fault.disturbs)()

    def _note(self, step: Step, blow: Blow, codes: list[int]) -> None:
        if -signal.SIGKILL in codes:
            step.row = blow.name
        elif not step.row:
            step.missed = blow.name

    def _open_submissions(self) -> list[tuple[Any, str]]:
        self._round_quietly()
        with as_sync():
            return list(
                Submission.objects.filter(wallet_id=self.trader.wallet_id)
                .exclude(state__in=ENDED)
                .values_list("id", "lane")
            )

    def _round_quietly(self) -> None:
        """So that what waits for its release has a message to be driven."""
        from wallets.services import release_withdrawals

        try:
            release_withdrawals(now=timezone.now() + timedelta(minutes=11))
        except (DeskError, *BROKEN):
            return

    # To the end.

    def until_ended(self, act: Act, subject: Any) -> str:
        return self.until(lambda: act.ended(subject.id), FAULTS[0])

    def until(self, done: Callable[[], str], fault: Fault) -> str:
        """What Beat does, until `done` tells an outcome; the fault goes away after its time."""
        began, struck = time.monotonic(), bool(fault.of_sandbox)
        for number in count():
            if struck and number == fault.lasts:
                self.sandbox.clear_faults()
                struck = False
            self.round()
            if not struck and (outcome := self._told(done)):
                return outcome
            if time.monotonic() - began > ACT_SECONDS:
                break
            self._let_blocks_pass(number)
        raise AssertionError(f"not ended within {ACT_SECONDS} s; {self._open_rows()}")

    def _let_blocks_pass(self, number: int) -> None:
        """After the round of this number: to confirmation at first, to finality, and to death.

        What a round waits for is blocks, and they cost a sandbox less than another round.
        """
        least = 34 if number else self.pace.choice((3, 3, 34))
        self.sandbox.advance(least if number < 4 else 120)

    def _told(self, done: Callable[[], str]) -> str:
        try:
            return done()
        except (Unavailable, *BROKEN):
            return ""

    def round(self) -> None:
        now = timezone.now()
        try:
            tell_price(Decimal(self.sandbox.prices()["SOL"]), now=now)
            with as_sync():
                # A dead worker's claim has run out; how long one holds is another test's.
                mine = Submission.objects.filter(wallet_id=self.trader.wallet_id)
                mine.filter(state="claimed").update(claimed_at=now - timedelta(minutes=1))
                waits = mine.filter(lane=Lane.WITHDRAWAL, state__in=("queued", "claimed")).exists()
        except BROKEN:
            return
        if waits:
            # Where the key is that lets money out, and nowhere else.
            self.zygote.run({"do": "withdrawals", "withdrawals": True, "nodes": self.nodes})
        one_round(now=now)

    def settle(self) -> None:
        """Until nothing is under way any more."""
        began = time.monotonic()
        for number in count():
            self.round()
            if not self._under_way():
                reconcile_wanted(now=timezone.now() + timedelta(minutes=2))
                if not self._under_way():
                    return
            if time.monotonic() - began > ACT_SECONDS:
                break
            self._let_blocks_pass(number + 1)
            if number > 6:
                time.sleep(0.4)  # what is left waits for a clock, and no block helps

    def _under_way(self) -> bool:
        me = self.trader.user_id
        with as_sync():
            if (
                Submission.objects.filter(wallet_id=self.trader.wallet_id)
                .exclude(state__in=ENDED)
                .exists()
                or OrderChange.objects.filter(user_id=me, status="pending").exists()
                or Withdrawal.objects.filter(user_id=me)
                .exclude(status__in=[*sorted(WITHDRAWAL_ENDED), "awaiting_code"])
                .exists()
                or VenueTransfer.objects.filter(user_id=me)
                .exclude(status__in=("completed", "failed", "not_executed"))
                .exists()
            ):
                return True
        return bool(moving(list_orders(user_id=me, open_only=True, limit=50)))

    def _open_rows(self) -> dict[str, Any]:
        me = self.trader.user_id
        with as_sync():
            return {
                "submissions": list(
                    Submission.objects.filter(wallet_id=self.trader.wallet_id)
                    .exclude(state__in=ENDED)
                    .values("state", "error", "last_proof", "attempt")
                ),
                "changes": list(
                    OrderChange.objects.filter(user_id=me, status="pending").values(
                        "kind", "metadata"
                    )
                ),
                "withdrawals": list(
                    Withdrawal.objects.filter(user_id=me, ended_at=None).values_list(
                        "status", flat=True
                    )
                ),
            }
