"""How far the messages of an act came, from which follows what it can have cost."""

from collections.abc import Iterable

from chain.enums import IN_FLIGHT, SubmissionState

NEVER_SENT = "never_sent"
# Sent, and proven dead: no fee was taken.
NEVER_LANDED = "never_landed"
LANDED = "landed"
NOT_KNOWN = "not_known"

_LANDED = {SubmissionState.CONFIRMED, SubmissionState.FINALIZED, SubmissionState.FAILED}


def how_far(states: Iterable[str]) -> str:
    """Of all the messages of an act: an earlier one may have gone farther than the last."""
    found = set(states)
    if found & _LANDED:
        return LANDED
    if found & IN_FLIGHT:
        return NOT_KNOWN
    return NEVER_LANDED if SubmissionState.EXPIRED in found else NEVER_SENT
