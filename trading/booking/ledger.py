"""The rows of accounts under booking: read at once, one object a row, written at once.

Orders, fills, entries, positions and the accounts themselves are written by `write`, a statement a
table. What is rare (orders adopted or identified anew, changes, transfers) is written as it
happens; whoever reads the tables for it has all that came before written first.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q

from audit.services import audited_values, record_saves
from chain.enums import SubmissionState
from chain.models import SubmissionAct
from core.bulk import insert_rows, write_rows
from core.money import ZERO
from trading.booking.order_moves import OrderMoves
from trading.booking.sums import (
    Filled,
    Kind,
    Moved,
    quote_flow,
    read_filled,
    read_fills,
    read_moved,
    read_runs,
)
from trading.booking.told import Told, interest_key, named_orders, read_acts
from trading.booking.young import forget_final
from trading.enums import ORDER_LIVE, ChangeStatus, OrderRole, OrderStatus, PositionStatus
from trading.models import (
    AbstractOrder,
    AbstractPosition,
    AccountEntry,
    Difference,
    Fill,
    OrderChange,
    VenueAccount,
    VenueOrderId,
)
from trading.venues.base import Venue
from trading.venues.reports import FillReport

_ACCOUNT = (
    "status", "collateral", "free_collateral", "health", "observed_slot", "observed_at",
    "observed_hash", "state", "scanned_signature", "scanned_slot", "wanted_at",
)  # fmt: skip
_BOOKED = (
    "size", "peak_size", "entry_quote", "entry_price", "exit_price", "last_price", "fees",
    "funding", "realized_pnl", "status", "closed_at", "updated_at",
)  # fmt: skip
_MARKED = (
    "mark_price", "unrealized_pnl", "unsettled_funding", "margin", "leverage",
    "liquidation_price", "quote_asset_amount", "updated_at",
)  # fmt: skip
_ENTRY = ("amount", "slot", "occurred_at")


class Ledger:
    """What is booked of the accounts that were told of, and what is to be written of it."""

    def __init__(self, *, venue: Venue, markets: Mapping[int, Any], told: Sequence[Told]) -> None:
        self.venue, self.markets = venue, markets
        self._addresses = [each.account.address for each in told]
        self._wallets = [each.account.wallet_id for each in told]
        signatures = [each.signature for one in told for each in one.history]
        self.acts = read_acts(signatures)
        self.moves = OrderMoves()
        self._read_orders(told)
        self._filled = read_filled(self._orders)
        self._landed = self._read_landed()
        self._flows, self._latest = read_runs(
            deployment=venue.deployment, addresses=self._addresses
        )
        self._moved = read_moved(accounts=[each.account.pk for each in told])
        self._read_known(told, signatures)
        self._read_positions()
        self.changing = set(
            OrderChange.objects.filter(
                wallet_id__in=self._wallets,
                deployment=venue.deployment,
                status=ChangeStatus.PENDING,
            ).values_list("wallet_id", flat=True)
        )
        self._differences: dict[uuid.UUID, list[Difference]] = {}
        for row in Difference.objects.filter(
            account__in=[each.account.pk for each in told], resolved_at__isnull=True
        ):
            self._differences.setdefault(row.account_id, []).append(row)
        self._new: dict[type[Model], list[Any]] = {}
        self._fresh: set[uuid.UUID] = set()
        self._changed: dict[uuid.UUID, tuple[Any, dict[str, Any]]] = {}
        self._marked: dict[uuid.UUID, AbstractPosition] = {}
        self._seen: list[VenueAccount] = []
        self._final: set[str] = {
            each.signature for one in told for each in one.history if each.finalized
        }

    # Orders: they move by `moves`.

    def orders_of(self, account: VenueAccount) -> list[Any]:
        """The orders that are under way or rest, and those that were told of, locked."""
        return list(self._by_wallet.get(account.wallet_id, {}).values())

    def order(self, order_id: uuid.UUID) -> Any:
        """The order of this key, locked; None for a key of no order of this venue."""
        if order_id not in self._orders:
            found = self.venue.order_model._default_manager.select_for_update()
            row = found.filter(pk=order_id).first()
            if row is None:
                return None
            self.keep_order(row)
            self._filled |= read_filled([row.id])
            if VenueOrderId.objects.filter(order_id=row.id).exists():
                self._modified.add(row.id)
        return self._orders[order_id]

    def find_order(self, account: VenueAccount, venue_order_id: str) -> AbstractOrder | None:
        """The row of an order of the venue's, by its present id or one that it had, locked."""
        key = self._by_venue_id.get((account.address, venue_order_id))
        return None if key is None else self._orders[key]

    def keep_order(self, order: Any) -> None:
        """Know an order by the id that it has now, beside those that it had."""
        self._orders[order.id] = order
        self._by_wallet.setdefault(order.wallet_id, {})[order.id] = order
        self._filled.setdefault(order.id, Filled())
        if order.venue_order_id is not None:
            self._by_venue_id[order.account_address, order.venue_order_id] = order.id

    def filled(self, order: AbstractOrder) -> Filled:
        return self._filled[order.id]

    def was_modified(self, order: AbstractOrder) -> bool:
        return order.id in self._modified

    def note_modified(self, order: AbstractOrder) -> None:
        self._modified.add(order.id)
        self.keep_order(order)

    def landed_slot(self, order: AbstractOrder) -> int | None:
        """The slot of the order's message, once that is final: before, it may still be undone."""
        return self._landed.get(order.id)

    def has_stops(self, account: VenueAccount) -> bool:
        return any(
            row.status in ORDER_LIVE and row.role != OrderRole.ENTRY
            for row in self.orders_of(account)
        )

    def is_under_way(self, account: VenueAccount) -> bool:
        """What rests at the venue is not under way: the account's bytes tell when it moves."""
        if any(row.status == OrderStatus.PENDING for row in self.orders_of(account)):
            return True
        return (
            account.wallet_id in self.changing
            and OrderChange.objects.filter(
                wallet_id=account.wallet_id,
                deployment=account.deployment,
                status=ChangeStatus.PENDING,
            ).exists()
        )

    # Fills and entries.

    def has_fill(self, account: VenueAccount, market_id: uuid.UUID, venue_fill_id: str) -> bool:
        return (market_id, venue_fill_id, account.address) in self._fills

    def lacks_order(self, account: VenueAccount, market_id: uuid.UUID, name: str) -> bool:
        return not self._fills[market_id, name, account.address]

    def note_owned(self, fill: Fill) -> None:
        self._fills[fill.market_id, fill.venue_fill_id, fill.account] = True
        self._count(fill)

    def add_fill(self, account: VenueAccount, market: Any, fill: Fill) -> None:
        key, slot = (fill.account, fill.market_id), fill.slot or 0
        if slot < self._latest.get(key, 0):
            self._late[key] = (account, market)
        self._latest[key] = max(slot, self._latest.get(key, 0))
        self._add(fill)
        self._fills[fill.market_id, fill.venue_fill_id, fill.account] = True
        flows = self._flows.setdefault(fill.account, {})
        flow = quote_flow(fill.direction, fill.quote, fill.fee)
        flows[fill.market_id] = flows.get(fill.market_id, ZERO) + flow
        self._count(fill)

    def _count(self, fill: Fill) -> None:
        if fill.order_id is not None:
            self._filled[fill.order_id].add(
                fill.venue_order_id, fill.size, fill.quote, fill.fee, fill.filled_at
            )

    def out_of_order(self) -> list[tuple[VenueAccount, Any]]:
        """Accounts and markets of which a fill was told that is older than one that was booked."""
        return list(self._late.values())

    def entry(
        self, account: VenueAccount, tx_hash: str, event_index: int, kind: str
    ) -> AccountEntry | None:
        return self._entries.get((account.pk, tx_hash, event_index, kind))

    def add_entry(self, entry: AccountEntry) -> None:
        self._add(entry)
        self._entries[entry.account_id, entry.tx_hash, entry.event_index, entry.kind] = entry
        self._move(entry, entry.amount, 1)

    def grow_entry(self, entry: AccountEntry, amount: Decimal, **columns: Any) -> None:
        """Add to the amount of an entry that stands for a whole day."""
        self._change(entry)
        entry.amount += amount
        for name, value in columns.items():
            setattr(entry, name, value)
        self._move(entry, amount, 0)

    def flows(self, account: VenueAccount) -> Mapping[uuid.UUID, Decimal]:
        """Catalogue's market → the sum of the account's fills there."""
        return self._flows.get(account.address, {})

    def moved(self, account: VenueAccount) -> Mapping[Kind, Moved]:
        return self._moved[account.pk]

    # Positions.

    def position(self, account: VenueAccount, market: Any) -> Any:
        """The open position in a market of the venue's, or None."""
        return self._positions.get(account.wallet_id, {}).get(market.id)

    def positions_of(self, account: VenueAccount) -> list[Any]:
        return list(self._positions.get(account.wallet_id, {}).values())

    def add_position(self, position: Any) -> None:
        self._add(position)
        self._positions.setdefault(position.wallet_id, {})[position.market_id] = position

    def change_position(self, position: Any) -> None:
        """To be called before its columns are changed."""
        self._change(position)

    def close_position(self, position: Any) -> None:
        del self._positions[position.wallet_id][position.market_id]
        self._marked[position.id] = position

    def mark_position(self, position: Any) -> None:
        self._marked[position.id] = position

    # What the account shows.

    def differences(self, account: VenueAccount) -> list[Difference]:
        return self._differences.get(account.pk, [])

    def change_account(self, account: VenueAccount) -> None:
        self._seen.append(account)

    def write(self) -> None:
        """Write all that has waited, a statement a table and set of columns; nothing twice."""
        new, self._new = self._new, {}
        changed, self._changed = list(self._changed.values()), {}
        fresh, self._fresh = self._fresh, set()
        marked = [row for key, row in self._marked.items() if key not in fresh]
        seen, self._seen, self._marked = self._seen, [], {}
        positions = [row for row, _ in changed if isinstance(row, AbstractPosition)]
        self.moves.write()
        # What closes a position goes before what opens the next one in its market.
        write_rows(positions, _BOOKED)
        write_rows(marked, _MARKED)
        write_rows([row for row, _ in changed if isinstance(row, AccountEntry)], _ENTRY)
        for model in sorted(new, key=lambda each: each in (Fill, AccountEntry)):
            insert_rows(new[model])
        self._write_final()
        write_rows(seen, _ACCOUNT)
        record_saves(created=[row for rows in new.values() for row in rows], changed=changed)

    def _write_final(self) -> None:
        """What no fork can take back any more says so."""
        if not self._final:
            return
        final, self._final = self._final, set()
        young = {"is_final": False, "tx_hash__in": final, "deployment": self.venue.deployment}
        Fill.objects.filter(account__in=self._addresses, **young).update(is_final=True)
        AccountEntry.objects.filter(account__in=list(self._moved), **young).update(is_final=True)
        forget_final(accounts=self._moved, signatures=final)

    def _add(self, row: Any) -> None:
        self._new.setdefault(type(row), []).append(row)
        self._fresh.add(row.pk)

    def _change(self, row: Any) -> None:
        if row.pk not in self._fresh and row.pk not in self._changed:
            self._changed[row.pk] = (row, audited_values(row))

    def _move(self, entry: AccountEntry, amount: Decimal, rows: int) -> None:
        sums = self._moved[entry.account_id]
        key = (entry.kind, entry.market_index, entry.token_symbol)
        moved = sums.setdefault(key, Moved())
        moved.amount += amount
        moved.rows += rows

    # What was there before.

    def _read_orders(self, told: Sequence[Told]) -> None:
        deployment = self.venue.deployment
        named = {name for each in told for name in named_orders(each)}
        lives = list(
            VenueOrderId.objects.filter(
                deployment=deployment,
                account_address__in=self._addresses,
                venue_order_id__in=named,
            ).values_list("account_address", "venue_order_id", "order_id")
        )
        ours = {
            act.subject_id for acts in self.acts.values() for act in acts
            if act.subject_type == "order"
        }  # fmt: skip
        # Each arm with all of its conditions, so that each has its index.
        rows = (
            self.venue.order_model._default_manager.select_for_update()
            .filter(
                Q(
                    wallet_id__in=self._wallets, deployment=deployment,
                    status__in=sorted(ORDER_LIVE),
                )
                | Q(
                    deployment=deployment, account_address__in=self._addresses,
                    venue_order_id__in=named,
                )
                | Q(pk__in=ours | {order_id for *_, order_id in lives})
            )
            .order_by("pk")
        )  # fmt: skip
        self._orders: dict[uuid.UUID, Any] = {row.id: row for row in rows}
        self._by_wallet: dict[uuid.UUID, dict[uuid.UUID, Any]] = {}
        for row in self._orders.values():
            self._by_wallet.setdefault(row.wallet_id, {})[row.id] = row
        self._by_venue_id = {
            (address, name): key for address, name, key in lives if key in self._orders
        }
        self._by_venue_id |= {
            (row.account_address, row.venue_order_id): row.id
            for row in self._orders.values()
            if row.venue_order_id is not None
        }
        self._modified = set(
            VenueOrderId.objects.filter(order_id__in=list(self._orders)).values_list(
                "order_id", flat=True
            )
        )

    def _read_landed(self) -> dict[uuid.UUID, int | None]:
        acts = SubmissionAct.objects.filter(
            subject_type="order",
            subject_id__in=list(self._orders),
            submission__state=SubmissionState.FINALIZED,
        )
        return dict(acts.values_list("subject_id", "submission__landed_slot"))

    def _read_known(self, told: Sequence[Told], signatures: Iterable[str]) -> None:
        fills = [
            event.venue_fill_id
            for each in told
            for one in each.history
            for event in one.events
            if isinstance(event, FillReport)
        ]
        self._fills = read_fills(
            deployment=self.venue.deployment,
            addresses=self._addresses,
            markets=[market.catalogue_id for market in self.markets.values()],
            names=fills,
        )
        self._late: dict[tuple[str, uuid.UUID], tuple[VenueAccount, Any]] = {}
        # Of the days' interest too.
        hashes = {
            *signatures,
            *(
                interest_key(each.report, symbol)
                for each in told
                for symbol in each.report.balances
            ),
        }
        self._entries = {
            (row.account_id, row.tx_hash, row.event_index, row.kind): row
            for row in AccountEntry.objects.filter(
                account__in=[each.account.pk for each in told], tx_hash__in=hashes
            )
        }

    def _read_positions(self) -> None:
        rows = self.venue.position_model._default_manager.filter(
            wallet_id__in=self._wallets,
            deployment=self.venue.deployment,
            status=PositionStatus.OPEN,
        )
        self._positions: dict[uuid.UUID, dict[uuid.UUID, Any]] = {}
        for row in rows:
            self._positions.setdefault(row.wallet_id, {})[row.market_id] = row
