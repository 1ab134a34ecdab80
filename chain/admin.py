"""Signed messages and what they carry, as staff see them: state, attempts, the last proof."""

from django.contrib import admin

from chain.models import DeskEpoch, Submission, SubmissionAct
from core.admin import FactAdmin, OpenFilter


@admin.register(Submission)
class SubmissionAdmin(FactAdmin):
    list_display = (
        "id", "state", "signature", "attempt", "broadcasts", "created_at", "sent_at",
        "confirmed_at", "ended_at", "checked_at",
    )  # fmt: skip
    list_filter = ("state", OpenFilter)
    search_by = ("id", "signature", "wallet_id")
    search_help_text = "Exactly: id, signature, or the wallet's id"


@admin.register(SubmissionAct)
class SubmissionActAdmin(FactAdmin):
    list_display = (
        "id", "submission", "instruction_index", "subject_type", "subject_id", "step", "live",
    )  # fmt: skip
    list_filter = ("live",)
    list_select_related = ("submission",)
    search_help_text = "Exactly: the subject's id, the submission's id or signature"


@admin.register(DeskEpoch)
class DeskEpochAdmin(FactAdmin):
    """How far the database has come, and whether the desk is halted after a restore."""

    list_display = (
        "id", "number", "marked_at", "finalized_slot", "halted_at", "halted_reason", "desk_id",
    )  # fmt: skip
    search_help_text = "Exactly: 1"
