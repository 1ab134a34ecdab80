"""The life of a submission, one step a file: queue, claim, sign, send, evidence, sweep."""

from chain.services.collect_evidence import collect_evidence
from chain.services.drive_submission import drive_submission
from chain.services.find_dropped import find_dropped
from chain.services.queue_submission import Act, queue_submission, time_left
from chain.services.read_landed import LandedMessage, read_landed
from chain.services.rebuild_submission import ChainMessage, rebuild_submission
from chain.services.send_submission import send_submission
from chain.services.sign_submission import claim_submission, sign_submission
from chain.services.sweep_submissions import sign_forgotten, sweep_submissions
from chain.services.watch_epoch import (
    EpochFacts,
    halt_desk,
    lift_halt,
    read_epoch,
    require_epoch,
    watch_epoch,
)
from chain.services.watch_submissions import watch_submissions

__all__ = [
    "Act",
    "ChainMessage",
    "EpochFacts",
    "LandedMessage",
    "claim_submission",
    "collect_evidence",
    "drive_submission",
    "find_dropped",
    "halt_desk",
    "lift_halt",
    "queue_submission",
    "read_epoch",
    "read_landed",
    "rebuild_submission",
    "require_epoch",
    "send_submission",
    "sign_forgotten",
    "sign_submission",
    "sweep_submissions",
    "time_left",
    "watch_epoch",
    "watch_submissions",
]
