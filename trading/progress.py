"""The card's word for where an act stands: only what is known is said."""

from chain.enums import SubmissionState as S
from trading.enums import ChangeStatus as C
from trading.enums import OrderStatus as O
from trading.enums import TransferStatus as T

# In the order in which a reader meets them; the bot and REST have one text for each.
PLACED = "placed"
SENT = "sent"
CONFIRMED = "confirmed"
OPEN = "open"
PARTLY_FILLED = "partly_filled"
FILLED = "filled"
COMPLETED = "completed"
CANCELLED = "cancelled"
EXPIRED = "expired"
NO_EFFECT = "no_effect"
NOT_EXECUTED = "not_executed"
FAILED = "failed"
CHECKING = "checking"
# A stop that is not at the venue yet: it is sent when its entry fills.
WAITING = "waiting"
DONE = "done"

_OF_SUBMISSION = {
    S.QUEUED: PLACED,
    S.CLAIMED: PLACED,
    S.SIGNED: SENT,
    S.SENT: SENT,
    S.CONFIRMED: CONFIRMED,
    S.FINALIZED: CONFIRMED,
    S.FAILED: CHECKING,
    S.EXPIRED: CHECKING,
    S.ABANDONED: CHECKING,
}
_OF_ORDER = {
    O.OPEN: OPEN,
    O.PARTIALLY_FILLED: PARTLY_FILLED,
    O.FILLED: FILLED,
    O.CANCELLED: CANCELLED,
    O.EXPIRED: EXPIRED,
    O.FAILED: FAILED,
    O.NO_EFFECT: NO_EFFECT,
    O.NOT_EXECUTED: NOT_EXECUTED,
}
_OF_CHANGE = {C.DONE: DONE, C.NOT_EXECUTED: NOT_EXECUTED}
_NEVER_SENT = (None, S.ABANDONED)
_OF_TRANSFER = {
    T.COMPLETED: COMPLETED,
    T.FAILED: FAILED,
    T.NOT_EXECUTED: NOT_EXECUTED,
}


def order_progress(
    *,
    status: str,
    submission_state: str | None,
    past_deadline: bool,
    waits_for_entry: bool = False,
) -> str:
    """Where an order stands. Sent and past its deadline without a word is "checking"."""
    if status in _OF_ORDER:
        return _OF_ORDER[O(status)]
    if waits_for_entry and submission_state in _NEVER_SENT:
        return WAITING
    return _under_way(submission_state, past_deadline)


def change_progress(*, status: str, submission_state: str | None, past_deadline: bool) -> str:
    if status in _OF_CHANGE:
        return _OF_CHANGE[C(status)]
    return _under_way(submission_state, past_deadline)


def transfer_progress(*, status: str, submission_state: str | None, past_deadline: bool) -> str:
    if status in _OF_TRANSFER:
        return _OF_TRANSFER[T(status)]
    return _under_way(submission_state, past_deadline)


def _under_way(submission_state: str | None, past_deadline: bool) -> str:
    word = _OF_SUBMISSION[S(submission_state)] if submission_state else PLACED
    return CHECKING if word == SENT and past_deadline else word
