"""Submissions: signed messages and what each of them carries."""

from django.db import models
from django.db.models import Q

from chain.enums import UNSIGNED, Lane, SubmissionState
from core.constraints import OnDelete, one_of
from core.models import ChangingModel
from core.uuid7 import uuid7

_UNSIGNED = sorted(UNSIGNED)


class Submission(ChangingModel):
    """One message, signed once, whose very bytes are all that is ever sent.

    Written with its act (queued), claimed by one worker at a time (`claim` is the fencing token),
    and committed with bytes and signature before the first byte leaves.
    """

    # No foreign key: this room stands below the wallets.
    wallet_id = models.UUIDField(db_index=True)
    state = models.TextField(choices=SubmissionState.choices, default=SubmissionState.QUEUED)
    # Who may sign it; following and sending it is anybody's.
    lane = models.TextField(choices=Lane.choices, default=Lane.TRADING)
    claim = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    signature = models.TextField(null=True, blank=True, unique=True)
    raw = models.BinaryField(null=True, blank=True)
    message_hash = models.TextField(null=True, blank=True)
    blockhash = models.TextField(null=True, blank=True)
    last_valid_block_height = models.BigIntegerField(null=True, blank=True)
    signing_slot = models.BigIntegerField(null=True, blank=True)
    fee_payer = models.TextField(null=True, blank=True)
    # What was offered at most for a place in a block, beside the fee of the signatures.
    priority_fee_lamports = models.BigIntegerField(null=True, blank=True)
    attempt = models.IntegerField(default=1)
    # The venue account's counters, read before signing: part of the proof that a message is dead.
    counters = models.JSONField(default=dict, blank=True)
    deadline = models.DateTimeField(null=True, blank=True)
    broadcasts = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    landed_slot = models.BigIntegerField(null=True, blank=True)
    fee_lamports = models.BigIntegerField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    # What the last look at the chain showed, for the staff who ask why it is still open.
    last_proof = models.JSONField(default=dict, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "submissions"
        indexes = [
            models.Index(fields=["state"], name="submissions_state"),
            # The sweep: what has not ended, oldest look first.
            models.Index(
                fields=["checked_at"],
                name="submissions_open",
                condition=~Q(state__in=["finalized", "failed", "expired", "abandoned"]),
            ),
        ]
        constraints = [
            one_of("state", SubmissionState, "submissions_state_known"),
            one_of("lane", Lane, "submissions_lane_known"),
            models.CheckConstraint(
                condition=Q(
                    state__in=_UNSIGNED,
                    signature__isnull=True,
                    raw__isnull=True,
                    last_valid_block_height__isnull=True,
                )
                | (
                    ~Q(state__in=_UNSIGNED)
                    & Q(
                        signature__isnull=False,
                        raw__isnull=False,
                        last_valid_block_height__isnull=False,
                    )
                ),
                name="submissions_bytes_when_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.signature or self.id}"


class SubmissionAct(models.Model):
    """One instruction's worth of a submission: whose act it is and which step of it."""

    id = models.BigAutoField(primary_key=True)
    submission = models.ForeignKey(
        Submission, models.CASCADE, db_constraint=False, related_name="acts"
    )
    instruction_index = models.IntegerField()
    subject_type = models.TextField()
    subject_id = models.UUIDField()
    step = models.TextField()
    # Follows the submission's state in the same transaction, so that one index can hold the rule.
    live = models.BooleanField(default=True)

    class Meta:
        db_table = "submission_acts"
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="submission_acts_subject")
        ]
        constraints = [
            OnDelete(field="submission", name="submission_acts_submission_fk"),
            models.UniqueConstraint(
                fields=["submission", "instruction_index"], name="submission_acts_index"
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "step"],
                condition=Q(live=True),
                name="submission_acts_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.step}"


class DeskEpoch(models.Model):
    """How far this database has come, and whether it was found to be older than the world.

    One row. `number` only ever grows, and what it has reached is also kept outside of the
    database: a database that knows a smaller number than its witnesses was restored.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    desk_id = models.UUIDField(default=uuid7)
    number = models.BigIntegerField(default=0)
    # The server that keeps the database: another one, or another timeline, is a restored copy.
    system_identifier = models.TextField(blank=True, default="")
    timeline = models.IntegerField(null=True, blank=True)
    # All of this desk's signatures up to here were known to the database.
    finalized_slot = models.BigIntegerField(null=True, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    halted_at = models.DateTimeField(null=True, blank=True)
    halted_reason = models.TextField(blank=True, default="")
    # What was signed before the halt can land no later than some blocks after this one.
    halted_height = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "desk_epochs"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="desk_epochs_one")]

    def __str__(self) -> str:
        return f"{self.number}{' halted' if self.halted_at else ''}"
