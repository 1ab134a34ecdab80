"""What a wallet can be."""

from django.db.models import TextChoices


class WalletType(TextChoices):
    PRIVY = "privy"
    PHANTOM = "phantom"
    SOLFLARE = "solflare"
    BACKPACK = "backpack"
    EXTERNAL = "external"


class ChainType(TextChoices):
    SOLANA = "solana"
    ETHEREUM = "ethereum"
    POLYGON = "polygon"


class WalletStatus(TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    PENDING = "pending"


class WithdrawalStatus(TextChoices):
    """Money on its way out of a wallet: first what holds it back, then what the chain says.

    `awaiting_code` is prepared and nothing more; `cooling` waits so that it can be stopped;
    `awaiting_venue` waits for the venue to pay the wallet.
    """

    AWAITING_CODE = "awaiting_code"
    AWAITING_APPROVAL = "awaiting_approval"
    HELD = "held"
    COOLING = "cooling"
    AWAITING_VENUE = "awaiting_venue"
    QUEUED = "queued"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FINALIZED = "finalized"
    FAILED = "failed"
    NOT_EXECUTED = "not_executed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


_W = WithdrawalStatus
_GIVEN_UP = {_W.CANCELLED, _W.REJECTED, _W.NOT_EXECUTED}
WITHDRAWAL_MOVES: dict[str, frozenset[str]] = {
    _W.AWAITING_CODE: frozenset({_W.AWAITING_APPROVAL, _W.COOLING, _W.CANCELLED, _W.NOT_EXECUTED}),
    _W.AWAITING_APPROVAL: frozenset({_W.HELD, _W.COOLING, *_GIVEN_UP}),
    _W.HELD: frozenset({_W.COOLING, *_GIVEN_UP}),
    _W.COOLING: frozenset({_W.HELD, _W.AWAITING_VENUE, _W.QUEUED, *_GIVEN_UP}),
    _W.AWAITING_VENUE: frozenset({_W.HELD, _W.QUEUED, *_GIVEN_UP}),
    _W.QUEUED: frozenset({_W.SENT, _W.CONFIRMED, _W.FINALIZED, _W.FAILED, _W.NOT_EXECUTED}),
    _W.SENT: frozenset({_W.QUEUED, _W.CONFIRMED, _W.FINALIZED, _W.FAILED, _W.NOT_EXECUTED}),
    # A fork may take a confirmation back.
    _W.CONFIRMED: frozenset({_W.SENT, _W.QUEUED, _W.FINALIZED, _W.FAILED, _W.NOT_EXECUTED}),
    _W.FINALIZED: frozenset(),
    _W.FAILED: frozenset(),
    _W.NOT_EXECUTED: frozenset(),
    _W.CANCELLED: frozenset(),
    _W.REJECTED: frozenset(),
}
# In these nothing is signed, and so it can still be stopped.
WITHDRAWAL_WAITING = frozenset(
    {_W.AWAITING_CODE, _W.AWAITING_APPROVAL, _W.HELD, _W.COOLING, _W.AWAITING_VENUE}
)
WITHDRAWAL_ENDED = frozenset({_W.FINALIZED, _W.FAILED, _W.NOT_EXECUTED, _W.CANCELLED, _W.REJECTED})


class IncomingStatus(TextChoices):
    """`wrong_token`: no venue that is open takes it; it can go back to whom it came from."""

    ARRIVED = "arrived"
    WRONG_TOKEN = "wrong_token"  # noqa: S105
    RETURNED = "returned"
