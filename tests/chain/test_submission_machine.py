"""Whatever comes in between, an act lands once at most, and all that is begun comes to an end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from solders.keypair import Keypair

from chain.models import Submission
from chain.services import (
    Act,
    claim_submission,
    collect_evidence,
    drive_submission,
    queue_submission,
    send_submission,
    sign_submission,
    sweep_submissions,
)
from chain.services.sign_submission import abandon_submission, release_claim
from chain.services.watch_epoch import watch_epoch
from core.errors import DeskError, Refused, Unavailable
from core.roles import as_sync
from core.uuid7 import uuid7
from tests.chain.hand_node import hand_node, lead_to
from tests.chain.local_keys import LocalKeys, Payment
from tests.chain.model_chain import ModelChain

ERROR = {"InstructionError": [0, {"Custom": 1}]}
LATE = timedelta(seconds=31)  # a claim's lease is over
WAYS = [
    "healthy",
    "healthy",
    "healthy",
    "down",
    "drops",
    "loses answers",
    "lags",
    "mixes",
    "has no history",
    "lies of lives",
]


class Crash(BaseException):
    """The worker dies here."""


class Keys(LocalKeys):
    """Something else may happen while the custodian signs."""

    meanwhile: ClassVar[Callable[[], None] | None] = None

    def sign(self, **asked):
        signed = super().sign(**asked)
        happens, Keys.meanwhile = Keys.meanwhile, None
        if happens is not None:
            happens()
        return signed


class SignedAnew(Payment):
    """A payment that is signed anew where the proof of the old message's death allows it."""

    deadlines: ClassVar[dict] = {}
    dies_in_book: ClassVar[bool] = False

    def plan(self, **asked):
        found = super().plan(**asked)
        return replace(found, signers=(replace(found.signers[0], custodian="machine"),))

    def book(self, *, subject_id, step, fate):
        super().book(subject_id=subject_id, step=step, fate=fate)
        if fate.may_sign_again:
            queue_submission(
                submission_id=uuid7(), wallet_id=uuid7(), attempt=fate.attempt + 1,
                acts=[Act("machine", subject_id, step)], deadline=self.deadlines[subject_id],
            )  # fmt: skip
        if SignedAnew.dies_in_book:
            SignedAnew.dies_in_book = False
            raise Crash


class Desk(RuleBasedStateMachine):
    """Two workers, a sweep, two nodes and a chain, one small step at a time."""

    nodes: ClassVar[list] = []
    stored_raw: ClassVar[Callable[[str], bytes | None]]

    def __init__(self) -> None:
        super().__init__()
        self.chain = ModelChain(*self.nodes)
        self.acts: list = []
        self.claims: dict[int, tuple] = {}
        Keys.meanwhile, SignedAnew.dies_in_book = None, False

    # Acts and workers.

    @initialize()
    def begin(self):
        self.place()

    @precondition(lambda self: len(self.acts) < 3)
    @rule()
    def place(self):
        payer, subject_id = Keypair(), uuid7()
        LocalKeys.keys[str(payer.pubkey())] = payer
        Payment.payments[subject_id] = (str(payer.pubkey()), str(Keypair().pubkey()), 1000)
        SignedAnew.deadlines[subject_id] = timezone.now() + timedelta(seconds=600)
        with as_sync():
            queue_submission(
                submission_id=uuid7(), wallet_id=uuid7(),
                acts=[Act("machine", subject_id, "pay")],
                deadline=SignedAnew.deadlines[subject_id],
            )  # fmt: skip
        self.acts.append(subject_id)

    @precondition(lambda self: self.acts)
    @rule(
        worker=strategies.integers(0, 1),
        which=strategies.integers(0, 9),
        is_late=strategies.booleans(),
    )
    def claim(self, worker, which, is_late):
        row = self._row(which)
        now = timezone.now() + (LATE if is_late else timedelta())
        claim = claim_submission(submission_id=row.id, now=now)
        if claim is not None:
            self.claims[worker] = (row.id, claim)

    @precondition(lambda self: self.claims)
    @rule(
        worker=strategies.sampled_from([0, 1]),
        meanwhile=strategies.sampled_from(
            ["nothing", "nothing", "the worker dies", "it is taken over", "blocks pass", "too late"]
        ),
    )
    def sign(self, worker, meanwhile):
        """As a worker does, whose claim may be an old one by now."""
        submission_id, claim = self.claims.get(worker) or next(iter(self.claims.values()))
        Keys.meanwhile = {
            "nothing": None,
            "the worker dies": self._die,
            "it is taken over": lambda: self._take_over(submission_id),
            "blocks pass": lambda: self.blocks(200),
            "too late": lambda: self._pass_deadline(submission_id),
        }[meanwhile]
        try:
            sign_submission(submission_id=submission_id, claim=claim)
        except Crash:
            self.claims.pop(worker, None)
        except Refused as refusal:
            abandon_submission(submission_id=submission_id, claim=claim, error=refusal)
        except DeskError:
            release_claim(submission_id=submission_id, claim=claim, now=timezone.now())
        finally:
            Keys.meanwhile = None

    @precondition(lambda self: self.acts)
    @rule(which=strategies.integers(0, 9))
    def send(self, which):
        send_submission(submission_id=self._row(which).id, now=timezone.now())

    @precondition(lambda self: self.acts)
    @rule(which=strategies.integers(0, 9))
    def drive(self, which):
        try:
            drive_submission(submission_id=self._row(which).id, follow=False)
        except Unavailable:
            return

    @precondition(lambda self: self.acts)
    @rule(which=strategies.integers(0, 9), fails=strategies.booleans())
    def drive_and_land(self, which, fails):
        """The usual way, in one step: else few messages come as far as a block."""
        row = self._row(which)
        self.drive(which)
        with as_sync():
            row.refresh_from_db()
        if row.signature in self.chain.pool:
            self.chain.land(row.signature, error=ERROR if fails else None)

    @rule(dies=strategies.sampled_from([False, False, False, True]))
    def look(self, dies):
        SignedAnew.dies_in_book = dies
        try:
            collect_evidence(submission_ids=[row.id for row in self._rows()])
        except (Unavailable, Crash):
            return
        finally:
            SignedAnew.dies_in_book = False

    @rule(later=strategies.sampled_from([0, 3, 40]))
    def sweep(self, later):
        sweep_submissions(now=timezone.now() + timedelta(seconds=later))

    @precondition(lambda self: self.acts)
    @rule(which=strategies.integers(0, 9), is_over=strategies.sampled_from([False, False, True]))
    def deadline_passes(self, which, is_over):
        if is_over:
            self._pass_deadline(self._row(which).id)

    # The chain and its nodes.

    @rule(number=strategies.sampled_from([1, 3, 3, 3, 40, 120, 200]))
    def blocks(self, number):
        self.chain.height += number

    @precondition(lambda self: self.chain.pool)
    @rule(which=strategies.integers(0, 9), fails=strategies.booleans())
    def land(self, which, fails):
        names = list(self.chain.pool)
        self.chain.land(names[which % len(names)], error=ERROR if fails else None)

    @precondition(lambda self: self.chain.ledger)
    @rule(
        which=strategies.integers(0, 9),
        becomes=strategies.sampled_from(["nothing", "an error", "a success"]),
    )
    def fork(self, which, becomes):
        names = list(self.chain.ledger)
        self.chain.fork(
            names[which % len(names)],
            error=ERROR if becomes == "an error" else None,
            is_gone=becomes == "nothing",
        )

    @rule(node=strategies.sampled_from([0, 1]), way=strategies.sampled_from(WAYS))
    def disturb(self, node, way):
        view = self.chain.views[node]
        view.is_down = way == "down"
        view.drops = way == "drops"
        view.loses_answers = way == "loses answers"
        view.lag = 60 if way == "lags" else 0
        view.statuses_lag = 90 if way == "mixes" else 0
        view.first_height = self.chain.height if way == "has no history" else 0
        # One provider may be anybody's; that both are is beyond what two can tell.
        view.lies_of_lives = way == "lies of lives" and node == 0

    # What must hold after every step.

    @invariant()
    def the_books_say_no_more_than_the_chain_has_finally_shown(self):
        for row in self._rows():
            landed = self.chain.final(row.signature or "")
            if row.state == "finalized":
                assert (landed is not None, landed and landed.error) == (True, None), row
            elif row.state == "failed":
                assert landed is not None, row
                assert landed.error is not None, row
            elif row.state == "expired":
                assert row.signature not in self.chain.ledger, row
                assert self.chain.height > self.chain.end_of(row.blockhash), row
            elif row.state in ("abandoned", "queued", "claimed"):
                assert row.signature is None

    @invariant()
    def no_act_has_two_messages_on_the_chain(self):
        """Nor two of which both may still get there."""
        able: Counter = Counter()
        for row in self._rows():
            landed = self.chain.ledger.get(row.signature or "")
            may_land = row.signature and self.chain.height <= self.chain.end_of(row.blockhash)
            if (landed and landed.error is None) or (landed is None and may_land):
                able[self._act_of(row)] += 1
        assert all(number == 1 for number in able.values()), able

    @invariant()
    def nothing_was_sent_but_stored_bytes(self):
        for signature, raw in self.chain.pool.items():
            assert Desk.stored_raw(signature) == raw

    def teardown(self):
        """The nodes are well again and the deadlines over: everything comes to its end."""
        self.chain.heal()
        for row in self._rows():
            self._pass_deadline(row.id)
        for _ in range(30):
            self.chain.height += 40
            sweep_submissions(now=timezone.now() + timedelta(seconds=40))
            self.the_books_say_no_more_than_the_chain_has_finally_shown()
            self.no_act_has_two_messages_on_the_chain()
            if all(row.ended_at for row in self._rows()):
                break
        assert [row for row in self._rows() if row.ended_at is None] == []
        for row in self._rows():
            assert (row.state == "finalized") is (
                (landed := self.chain.ledger.get(row.signature or "")) is not None
                and landed.error is None
            )

    # Below the rules.

    def _rows(self) -> list[Submission]:
        with as_sync():
            return list(
                Submission.objects.filter(acts__subject_id__in=self.acts).order_by("id").distinct()
            )

    def _row(self, which: int) -> Submission:
        rows = self._rows()
        return rows[which % len(rows)]

    @staticmethod
    def _act_of(row: Submission):
        with as_sync():
            return row.acts.get().subject_id

    @staticmethod
    def _die() -> None:
        raise Crash

    def _take_over(self, submission_id) -> None:
        """Its claim counts as old to another worker, who is quicker."""
        claim = claim_submission(submission_id=submission_id, now=timezone.now() + LATE)
        if claim is None:
            return
        try:
            if sign_submission(submission_id=submission_id, claim=claim):
                send_submission(submission_id=submission_id, now=timezone.now())
        except DeskError:
            release_claim(submission_id=submission_id, claim=claim, now=timezone.now())

    @staticmethod
    def _pass_deadline(submission_id) -> None:
        past = timezone.now() - timedelta(seconds=1)
        with as_sync():
            row = Submission.objects.get(pk=submission_id)
            Submission.objects.filter(pk=submission_id).update(deadline=past)
            SignedAnew.deadlines[row.acts.get().subject_id] = past


def test_any_order_of_events_ends_well(db, settings_of_machine, owner_sql):
    def stored_raw(signature: str) -> bytes | None:
        found = owner_sql.execute(
            "SELECT raw FROM submissions WHERE signature = %s", [signature]
        ).fetchone()
        return bytes(found[0]) if found else None

    Desk.stored_raw = staticmethod(stored_raw)
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_machine(db, settings):
    """Two nodes by hand, the machine's own custodian and subject."""
    settings.CUSTODIANS = settings.CUSTODIANS | {
        "machine": "tests.chain.test_submission_machine.Keys"
    }
    settings.SUBMISSION_SUBJECTS = settings.SUBMISSION_SUBJECTS | {
        "machine": "tests.chain.test_submission_machine.SignedAnew"
    }
    with hand_node() as first, hand_node() as second:
        lead_to(settings, first, second)
        Desk.nodes = [first, second]
        watch_epoch(now=timezone.now(), ask_chain=False)
        yield
