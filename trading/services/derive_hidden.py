"""What a cut log hides is read off the account itself, once no fork can take the message back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog

from core.money import ZERO
from trading.booking.ledger import Ledger
from trading.booking.orders import recount_order
from trading.booking.positions import book_fill, book_position_entry
from trading.enums import ORDER_LIVE, EntryKind, FillOrigin, Side
from trading.identities import Identity
from trading.models import AbstractOrder, AccountEntry, VenueAccount
from trading.services.check_identities import identities_in
from trading.venues.reports import AccountReport, FillReport
from wallets.models import Wallet

log = structlog.get_logger(__name__)

# Behind all that its transaction tells of itself.
_LAST = 1_000_000
# A price that is farther from the mark than this is no price: more than a fill is hidden.
_FARTHEST = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Hidden:
    """An account whose history has cut logs, all of them final; the last of them names the rows."""

    ledger: Ledger
    account: VenueAccount
    wallet: Wallet
    report: AccountReport
    signatures: Sequence[str]

    def derive_fills(self) -> bool:
        """One fill for each market whose size is another than ours; whether there was one.

        Its fee is within its price: the account shows but the sum of both.
        """
        states = {state.market_index: state for state in self.report.positions}
        gaps = {each.name: each.venue - each.ours for each in self._identities()}
        derived = False
        for index, market in self.ledger.markets.items():
            held = self.ledger.position(self.account, market)
            state = states.get(index)
            missing = _signed(state) - _signed(held)
            if not missing:
                continue
            direction = "buy" if missing > 0 else "sell"
            gap = gaps.get(f"perp {market.symbol}", ZERO)
            mark = state.mark_price if state else held.mark_price if held else None
            quote = self._believable(-gap if missing > 0 else gap, abs(missing), mark)
            order = self._only_order(index, direction, abs(missing))
            told = FillReport(
                event_index=_LAST,
                venue_fill_id=f"derived {self.signatures[-1]}",
                market_index=index,
                venue_order_id="",
                direction=direction,
                is_maker=False,
                size=abs(missing),
                quote=quote,
                fee=ZERO,
                occurred_at=self.report.observed_at,
            )
            book_fill(
                ledger=self.ledger,
                account=self.account,
                wallet=self.wallet,
                market=market,
                fill=told,
                order=order,
                signature=self.signatures[-1],
                slot=self.report.slot,
                origin=FillOrigin.DERIVED,
            )
            if order is not None:
                recount_order(ledger=self.ledger, order=order)
            self._log("fill", f"{direction} {missing} {market.symbol}")
            derived = True
        return derived

    def derive_entries(self) -> bool:
        """A correction for each sum that still does not agree; whether there was one."""
        symbols = {f"perp {market.symbol}": market for market in self.ledger.markets.values()}
        wrong = [each for each in self._identities() if not each.holds]
        for place, identity in enumerate(wrong):
            market = symbols.get(identity.name)
            amount = identity.venue - identity.ours
            position = self.ledger.position(self.account, market) if market is not None else None
            correction = AccountEntry(
                user_id=self.wallet.user_id,
                account=self.account,
                deployment=self.ledger.venue.deployment,
                kind=EntryKind.CORRECTION,
                token_symbol=(
                    identity.name.removeprefix("spot ")
                    if market is None
                    else self.ledger.venue.quote_symbol
                ),
                amount=amount,
                market_index=None if market is None else market.market_index,
                position_id=position.id if position else None,
                tx_hash=self.signatures[-1],
                event_index=_LAST + place,
                slot=self.report.slot,
                is_derived=True,
                occurred_at=self.report.observed_at,
                metadata={"hidden_in": list(self.signatures)},
            )
            self.ledger.add_entry(correction)
            if position is not None:
                book_position_entry(
                    ledger=self.ledger,
                    position=position,
                    amount=amount,
                    is_funding=False,
                    at=self.report.observed_at,
                )
            self._log("correction", f"{identity.name} {amount}")
        return bool(wrong)

    def _identities(self) -> list[Identity]:
        return identities_in(ledger=self.ledger, account=self.account, report=self.report)

    def _believable(self, quote: Decimal, size: Decimal, mark: Decimal | None) -> Decimal:
        """What the running sum says, unless that is no price: then the mark's worth."""
        if mark is None:
            return max(quote, ZERO)
        fair = (size * mark).quantize(self.ledger.venue.quote_step)
        return quote if abs(quote - fair) <= fair * _FARTHEST else fair

    def _only_order(self, index: int, direction: str, size: Decimal) -> AbstractOrder | None:
        """The one live order that it can have been of; of several, none is named."""
        fitting = [
            order
            for order in self.ledger.orders_of(self.account)
            if order.market_id == self.ledger.markets[index].id
            and order.direction == direction
            and order.status in ORDER_LIVE
            and order.venue_order_id is not None
            and order.size - order.filled_size >= size
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _log(self, what: str, of: str) -> None:
        log.warning(
            "derived_row", account=str(self.account.pk), kind=what, of=of, tx=self.signatures[-1]
        )


def _signed(held: Any) -> Decimal:
    if held is None:
        return ZERO
    size: Decimal = held.size
    return size if held.side == Side.LONG else -size
