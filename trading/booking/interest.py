"""Interest: what a token balance grew by, or a loan cost, without any event that says so."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from core.money import ZERO
from trading.booking.ledger import Ledger
from trading.booking.told import interest_key
from trading.enums import EntryKind
from trading.models import AccountEntry, VenueAccount
from trading.models.account import is_of_token
from trading.venues.reports import AccountReport, BalanceState
from wallets.models import Wallet

_ONE = Decimal(1)


def book_interest(
    *,
    ledger: Ledger,
    account: VenueAccount,
    wallet: Wallet,
    report: AccountReport,
    moved: Mapping[str, Decimal],
    before: Mapping[str, Any],
) -> None:
    """Book as interest what a balance changed by beyond its movements, as far as its index did.

    `moved` is how much of each token was moved since the last look, unsigned, and `before` that
    look's balances. One row a token and day, that grows: what it does not explain stays open.
    """
    for symbol, balance in report.balances.items():
        rest = report.tokens.get(symbol, ZERO) - _booked(ledger, account, symbol)
        if not rest:
            continue
        least, most = _explained(balance, before.get(symbol), moved.get(symbol, ZERO))
        amount = min(max(rest, least), most).quantize(balance.unit, rounding=ROUND_DOWN)
        if not amount:
            continue
        seen = {"slot": report.slot, "occurred_at": report.observed_at}
        key = interest_key(report, symbol)
        row = ledger.entry(account, key, 0, EntryKind.INTEREST)
        if row is not None:
            ledger.grow_entry(row, amount, **seen)
            continue
        ledger.add_entry(
            AccountEntry(
                user_id=wallet.user_id,
                account=account,
                deployment=ledger.venue.deployment,
                kind=EntryKind.INTEREST,
                token_symbol=symbol,
                amount=amount,
                tx_hash=key,
                event_index=0,
                is_derived=True,
                **seen,
            )
        )


def stored_balances(report: AccountReport) -> dict[str, Any]:
    """What the next look compares with."""
    return {
        symbol: {
            "scaled": str(balance.scaled),
            "deposit_index": str(balance.deposit_index),
            "borrow_index": str(balance.borrow_index),
        }
        for symbol, balance in report.balances.items()
    }


def _explained(
    balance: BalanceState, before: Mapping[str, str] | None, moved: Decimal
) -> tuple[Decimal, Decimal]:
    """Between which amounts interest can be, by how the indexes moved since the last look.

    Without one, since the market's beginning, where both indexes were one. Depositors bear what
    a borrower cannot pay by an index that falls.
    """
    was = {name: Decimal(value) for name, value in before.items()} if before else {}
    scaled = was.get("scaled", ZERO)
    held = max(abs(scaled), abs(balance.scaled))
    deposits = balance.deposit_index / was.get("deposit_index", _ONE) - 1
    borrows = balance.borrow_index / was.get("borrow_index", _ONE) - 1
    worth = held * max(balance.deposit_index, was.get("deposit_index", _ONE)) + moved
    owed = held * balance.borrow_index + moved if min(scaled, balance.scaled) < 0 else ZERO
    gain, cost = worth * deposits, owed * borrows
    rounding = balance.unit if gain or cost else ZERO
    least, most = min(gain, -cost, ZERO), max(gain, ZERO)
    return least - (rounding if least else ZERO), most + (rounding if most else ZERO)


def _booked(ledger: Ledger, account: VenueAccount, symbol: str) -> Decimal:
    return sum(
        (
            moved.amount
            for (kind, index, token), moved in ledger.moved(account).items()
            if token == symbol and is_of_token(kind, index)
        ),
        ZERO,
    )
