"""Which messages a node is asked to tell of: those that have not ended."""

from chain.enums import IN_FLIGHT, SubmissionState
from chain.models import Submission
from chain.websocket import Kind, Watch
from core.roles import as_sync


def watch_submissions(limit: int) -> list[Watch]:
    """The newest messages under way, at the commitments that would be news of them."""
    with as_sync():
        rows = list(
            Submission.objects.filter(state__in=IN_FLIGHT)
            .order_by("-id")
            .values_list("id", "signature", "state")[:limit]
        )
    return [
        Watch(Kind.SIGNATURE, signature, commitment, submission_id)
        for submission_id, signature, state in rows
        if signature is not None
        for commitment in _news(state)
    ]


def _news(state: str) -> tuple[str, ...]:
    if state == SubmissionState.CONFIRMED:
        return ("finalized",)
    return ("confirmed", "finalized")
