"""What orders, positions and transactions can be, and how they may move."""

from django.db.models import TextChoices


class OrderType(TextChoices):
    """Types of the generic table: the desk's words, and two short ones of older rows."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_MARKET = "take_profit_market"
    TAKE_PROFIT_LIMIT = "take_profit_limit"


class OrderSide(TextChoices):
    BUY = "buy"
    SELL = "sell"
    LONG = "long"
    SHORT = "short"


class Side(TextChoices):
    """What the trader holds."""

    LONG = "long"
    SHORT = "short"


class Direction(TextChoices):
    """What the venue is told."""

    BUY = "buy"
    SELL = "sell"


class OrderStatus(TextChoices):
    """`pending` until the venue shows the order; confirmation of its message moves nothing.

    `no_effect`: the message succeeded and the venue keeps no order of it.
    `not_executed`: nothing of it ever reached the chain, and nothing will.
    """

    PENDING = "pending"
    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    NO_EFFECT = "no_effect"
    NOT_EXECUTED = "not_executed"


_O = OrderStatus
_ENDS = {_O.FILLED, _O.CANCELLED, _O.EXPIRED}
ORDER_MOVES: dict[str, frozenset[str]] = {
    _O.PENDING: frozenset(
        {_O.OPEN, _O.PARTIALLY_FILLED, *_ENDS, _O.FAILED, _O.NO_EFFECT, _O.NOT_EXECUTED}
    ),
    _O.OPEN: frozenset({_O.PARTIALLY_FILLED, *_ENDS}),
    _O.PARTIALLY_FILLED: frozenset(_ENDS),
    _O.FILLED: frozenset(),
    # A fill that is seen late still counts: the ends below were told before all was read.
    _O.CANCELLED: frozenset({_O.FILLED}),
    _O.EXPIRED: frozenset({_O.FILLED}),
    _O.NO_EFFECT: frozenset({_O.OPEN, _O.PARTIALLY_FILLED, *_ENDS}),
    _O.FAILED: frozenset(),
    # Should the venue's own record contradict the proof that nothing landed, the record is right.
    _O.NOT_EXECUTED: frozenset({_O.OPEN, _O.PARTIALLY_FILLED, *_ENDS}),
}
# What a fork took back: back to what the rest of its fills say, to its message, or to the end
# that the message itself has had.
_AGAIN = frozenset({_O.PENDING, _O.OPEN, _O.PARTIALLY_FILLED})
_NEVER = frozenset({_O.NO_EFFECT, _O.FAILED, _O.NOT_EXECUTED})
_BACK = _AGAIN | _NEVER | _ENDS
ORDER_TAKEN_BACK: dict[str, frozenset[str]] = {
    _O.PENDING: _NEVER,
    _O.OPEN: _BACK,
    _O.PARTIALLY_FILLED: _BACK,
    _O.FILLED: _BACK,
    _O.CANCELLED: _BACK,
    _O.EXPIRED: _BACK,
}
ORDER_ENDED = frozenset(
    {_O.FILLED, _O.CANCELLED, _O.EXPIRED, _O.FAILED, _O.NO_EFFECT, _O.NOT_EXECUTED}
)
# Ends that were read off silence, and which a record of the venue's takes back.
ORDER_UNSEEN = frozenset({_O.NO_EFFECT, _O.NOT_EXECUTED})


# What the venue may still fill, or is still to be told of.
ORDER_LIVE = frozenset({_O.PENDING, _O.OPEN, _O.PARTIALLY_FILLED})


class OrderRole(TextChoices):
    """What an order is to its position; stops belong to one entry or one position."""

    ENTRY = "entry"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"


class ChangeKind(TextChoices):
    """`cancel` and `modify` are one message; the others are a plan of several acts."""

    CANCEL = "cancel"
    MODIFY = "modify"
    STOPS = "stops"
    CANCEL_ALL = "cancel_all"
    CLOSE_ALL = "close_all"
    PANIC = "panic"


class ChangeStatus(TextChoices):
    """Ended by what the venue shows of the orders, never by a confirmation."""

    PENDING = "pending"
    DONE = "done"
    NOT_EXECUTED = "not_executed"


CHANGE_MOVES: dict[str, frozenset[str]] = {
    ChangeStatus.PENDING: frozenset({ChangeStatus.DONE, ChangeStatus.NOT_EXECUTED}),
    ChangeStatus.DONE: frozenset(),
    # The venue's own record is right, whatever was proven before.
    ChangeStatus.NOT_EXECUTED: frozenset({ChangeStatus.DONE}),
}


# An end that a fork took back: the message is on its way again, or has come to nothing.
CHANGE_TAKEN_BACK: dict[str, frozenset[str]] = {
    ChangeStatus.DONE: frozenset({ChangeStatus.PENDING, ChangeStatus.NOT_EXECUTED}),
    ChangeStatus.NOT_EXECUTED: frozenset({ChangeStatus.PENDING}),
}


class PositionStatus(TextChoices):
    OPEN = "open"
    CLOSED = "closed"
    LIQUIDATED = "liquidated"


class TransactionStatus(TextChoices):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TransactionType(TextChoices):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRADE = "trade"
    FEE = "fee"
    REWARD = "reward"
    TRANSFER = "transfer"


class VenueAccountStatus(TextChoices):
    """`absent`: the chain shows no account yet; the first deposit makes it."""

    ABSENT = "absent"
    ACTIVE = "active"
    BEING_LIQUIDATED = "being_liquidated"
    BANKRUPT = "bankrupt"


class TransferKind(TextChoices):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


class TransferStatus(TextChoices):
    """Money between a wallet and a venue; ended by the venue's own record of it."""

    PENDING = "pending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    FAILED = "failed"
    NOT_EXECUTED = "not_executed"


_T = TransferStatus
TRANSFER_MOVES: dict[str, frozenset[str]] = {
    _T.PENDING: frozenset({_T.SENT, _T.CONFIRMED, _T.COMPLETED, _T.FAILED, _T.NOT_EXECUTED}),
    _T.SENT: frozenset({_T.PENDING, _T.CONFIRMED, _T.COMPLETED, _T.FAILED, _T.NOT_EXECUTED}),
    _T.CONFIRMED: frozenset({_T.SENT, _T.COMPLETED, _T.FAILED, _T.NOT_EXECUTED}),
    _T.COMPLETED: frozenset(),
    _T.FAILED: frozenset(),
    # As with orders: money that the venue recorded has arrived, whatever was proven before.
    _T.NOT_EXECUTED: frozenset({_T.COMPLETED}),
}


TRANSFER_TAKEN_BACK: dict[str, frozenset[str]] = {
    _T.COMPLETED: frozenset({_T.SENT, _T.FAILED, _T.NOT_EXECUTED}),
}


class FillOrigin(TextChoices):
    """`ours`: of an order placed here; `external`: made elsewhere; `derived`: read off the
    account's state where the log that told of it was cut."""

    OURS = "ours"
    EXTERNAL = "external"
    DERIVED = "derived"


class EntryKind(TextChoices):
    """Why money moved in a venue account, beside fills and their fees."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FUNDING = "funding"
    KEEPER_CHARGE = "keeper_charge"
    SETTLEMENT = "settlement"
    INTEREST = "interest"
    LIQUIDATION = "liquidation"
    REWARD = "reward"
    # Between two accounts of the same venue.
    TRANSFER = "transfer"
    # What the account's state shows and no readable log tells of; with a market it is of the
    # market's running sum, without one of the token.
    CORRECTION = "correction"


class StateScope(TextChoices):
    """Whom a trading state holds for; a user's is a column of the user."""

    DESK = "desk"
    VENUE = "venue"
    MARKET = "market"
    USER = "user"
