"""The states of a submission and the moves between them."""

from django.db.models import TextChoices


class Lane(TextChoices):
    """Which workers may sign a message: those of trading, or the one that lets money out."""

    TRADING = "trading"
    WITHDRAWAL = "withdrawal"


class SubmissionState(TextChoices):
    """From queued to an end that evidence alone may write.

    `signed` and `sent` mean "not known yet"; no clock leads out of them, only the chain's answer.
    """

    QUEUED = "queued"
    CLAIMED = "claimed"
    SIGNED = "signed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FINALIZED = "finalized"
    FAILED = "failed"
    EXPIRED = "expired"
    ABANDONED = "abandoned"


_S = SubmissionState
MOVES: dict[str, frozenset[str]] = {
    _S.QUEUED: frozenset({_S.CLAIMED, _S.ABANDONED}),
    _S.CLAIMED: frozenset({_S.QUEUED, _S.CLAIMED, _S.SIGNED, _S.ABANDONED}),
    _S.SIGNED: frozenset({_S.SENT, _S.CONFIRMED, _S.FINALIZED, _S.FAILED, _S.EXPIRED}),
    _S.SENT: frozenset({_S.CONFIRMED, _S.FINALIZED, _S.FAILED, _S.EXPIRED}),
    # A fork may take a confirmation back: then the message is on its way again.
    _S.CONFIRMED: frozenset({_S.SENT, _S.FINALIZED, _S.FAILED, _S.EXPIRED}),
    _S.FINALIZED: frozenset(),
    _S.FAILED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.ABANDONED: frozenset(),
}
UNSIGNED = frozenset({_S.QUEUED, _S.CLAIMED, _S.ABANDONED})
IN_FLIGHT = frozenset({_S.SIGNED, _S.SENT, _S.CONFIRMED})
ENDED = frozenset({_S.FINALIZED, _S.FAILED, _S.EXPIRED, _S.ABANDONED})
LIVE = frozenset(_S.values) - ENDED
