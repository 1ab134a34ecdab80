"""What a transaction's events did to one user account, in the desk's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from solders.pubkey import Pubkey

from drift.events import VenueEvent
from drift.liquidations import liquidation_entries
from drift.order_words import direction_word, order_type_word, snake, taken_by
from drift.token_words import TokenWords, words_of
from drift.units import from_base, from_price, from_quote, from_units
from trading.enums import EntryKind
from trading.venues.reports import (
    EntryReport,
    Event,
    FillReport,
    OrderEnded,
    OrderPlaced,
    OrderReplaced,
    OrderState,
)

ReferrerOf = Callable[[Pubkey], Pubkey | None]
# As the program's log names them.
_MODIFIES = frozenset({"ModifyOrder", "ModifyOrderByUserId", "ModifyOrderByUserOrderId"})


def event_reports(
    events: Iterable[VenueEvent],
    *,
    user: Pubkey,
    tokens: Mapping[int, TokenWords],
    quote_symbol: str,
    referrer_of: ReferrerOf | None = None,
) -> tuple[Event, ...]:
    """The account's side of each event; `event_index` is the event's line in the log.

    A keeper's trigger shows its charge as taker fee and as filler reward: it counts once. A
    referred taker's fee is told without what was taken off it; whom the referrer's part of it was
    paid to is no part of the record, so that `referrer_of` (taker → account) is asked.
    """
    found: list[Event] = []
    events = list(events)
    changes = _changes(events, user)
    for event in events:
        if event.index in changes:
            found += changes[event.index]
            continue
        if event.name == "OrderRecord":
            found += _placed(event, user)
        elif event.name == "OrderActionRecord":
            found += _action(event, user, quote_symbol, referrer_of)
        elif event.name == "DepositRecord" and event.fields["user"] == user:
            found.append(_moved(event, tokens))
        elif event.name == "FundingPaymentRecord" and event.fields["user"] == user:
            paid = event.fields["funding_payment"]
            if paid:
                found.append(_entry(event, EntryKind.FUNDING, quote_symbol, paid))
        elif event.name == "SettlePnlRecord" and event.fields["user"] == user:
            settled = event.fields["pnl"]
            if settled:
                found.append(_entry(event, EntryKind.SETTLEMENT, quote_symbol, settled))
        elif event.name == "LiquidationRecord":
            found += liquidation_entries(event, user=user, tokens=tokens, quote_symbol=quote_symbol)
    return tuple(found)


def _changes(events: Sequence[VenueEvent], user: Pubkey) -> dict[int, list[Event]]:
    """What stands in place of the events of a change, by their index.

    A change takes the order away and places its rest anew: one order to its owner. Where nothing
    of it could be placed, the order has ended as its cancel says.
    """
    changes: dict[int, list[Event]] = {}
    for number, event in enumerate(events):
        taken = _taken_away(event, user) if event.instruction in _MODIFIES else ""
        if not taken:
            continue
        # Right behind it: the act of placing, then the order itself.
        for later in events[number + 1 : number + 3]:
            if later.name == "OrderRecord" and later.instruction == event.instruction:
                changes[event.index] = []
                changes[later.index] = [
                    OrderReplaced(placed.event_index, taken, placed.order)
                    for placed in _placed(later, user)
                ]
                break
    return changes


def _taken_away(event: VenueEvent, user: Pubkey) -> str:
    """The id of the perp order that this cancel without a reason took from the account."""
    fields = event.fields
    if event.name != "OrderActionRecord" or fields["market_type"] != "Perp":
        return ""
    if (fields["action"], fields["action_explanation"]) != ("Cancel", "None"):
        return ""
    sides = [side for side in ("taker", "maker") if fields[side] == user]
    return _order_id(fields, sides[0]) if sides else ""


def _placed(event: VenueEvent, user: Pubkey) -> Iterator[OrderPlaced]:
    order = event.fields["order"]
    if event.fields["user"] != user or order["market_type"] != "Perp":
        return
    yield OrderPlaced(event_index=event.line, order=_order(order))


def _order(order: Mapping[str, Any]) -> OrderState:
    return OrderState(
        venue_order_id=str(order["order_id"]),
        label=order["user_order_id"],
        market_index=order["market_index"],
        direction=direction_word(order["direction"]),
        size=from_base(order["base_asset_amount"]),
        filled_size=from_base(order["base_asset_amount_filled"]),
        price=from_price(order["price"]) if order["price"] else None,
        reduce_only=order["reduce_only"],
        order_type=order_type_word(
            order["order_type"], order["trigger_condition"], order["direction"]
        ),
        expires_at=taken_by(order["max_ts"]),
        trigger_price=from_price(order["trigger_price"]) if order["trigger_price"] else None,
        has_triggered=order["trigger_condition"].startswith("Triggered"),
        post_only=order["post_only"],
        oracle_offset=(
            from_price(order["oracle_price_offset"]) if order["oracle_price_offset"] else None
        ),
    )


def _action(
    event: VenueEvent, user: Pubkey, quote_symbol: str, referrer_of: ReferrerOf | None
) -> Iterator[Event]:
    fields = event.fields
    if fields["market_type"] != "Perp":
        return
    reward = fields["filler_reward"] or 0
    sides = [side for side in ("taker", "maker") if fields[side] == user]
    if fields["action"] == "Fill":
        for side in sides:
            yield _fill(event, side)
    elif sides:
        order_id = _order_id(fields, sides[0])
        if reward:
            yield _entry(event, EntryKind.KEEPER_CHARGE, quote_symbol, -reward, order_id=order_id)
        if fields["action"] in ("Cancel", "Expire"):
            yield _ended(event, order_id)
    # One row an event, whatever it was paid for.
    earned = reward if fields["filler"] == user else 0
    referral = fields.get("referrer_reward") or 0
    if referral and fields["taker"] != user and referrer_of is not None:
        earned += referral if referrer_of(fields["taker"]) == user else 0
    if earned:
        yield _entry(event, EntryKind.REWARD, quote_symbol, earned)


def _fill(event: VenueEvent, side: str) -> FillReport:
    fields = event.fields
    return FillReport(
        event_index=event.line,
        venue_fill_id=str(fields["fill_record_id"]),
        market_index=fields["market_index"],
        venue_order_id=_order_id(fields, side),
        direction=direction_word(fields[f"{side}_order_direction"]),
        is_maker=side == "maker",
        size=from_base(fields["base_asset_amount_filled"]),
        quote=from_quote(fields["quote_asset_amount_filled"]),
        fee=from_quote(fields[f"{side}_fee"] or 0),
        occurred_at=_moment(fields),
        is_liquidation=fields["action_explanation"] == "Liquidation",
    )


def _ended(event: VenueEvent, order_id: str) -> OrderEnded:
    fields = event.fields
    why = fields["action_explanation"]
    expired = fields["action"] == "Expire" or why == "OrderExpired"
    return OrderEnded(
        event_index=event.line,
        venue_order_id=order_id,
        reason="expired" if expired else "cancelled",
        why="venue.cancelled_by_owner" if why == "None" else f"venue.{snake(why)}",
    )


def _moved(event: VenueEvent, tokens: Mapping[int, TokenWords]) -> EntryReport:
    fields = event.fields
    index = fields["market_index"]
    token = words_of(tokens, index)
    amount = from_units(fields["amount"], token.places)
    is_deposit = fields["direction"] == "Deposit"
    kind = EntryKind.DEPOSIT if is_deposit else EntryKind.WITHDRAWAL
    return EntryReport(
        event_index=event.line,
        kind=EntryKind.TRANSFER if fields["explanation"] == "Transfer" else kind,
        token_symbol=token.symbol,
        amount=amount if is_deposit else -amount,
        occurred_at=_moment(fields),
        venue_record_id=str(fields["deposit_record_id"]),
    )


def _entry(
    event: VenueEvent, kind: str, symbol: str, amount: int, *, order_id: str | None = None
) -> EntryReport:
    return EntryReport(
        event_index=event.line,
        kind=kind,
        token_symbol=symbol,
        amount=from_quote(amount),
        occurred_at=_moment(event.fields),
        market_index=event.fields["market_index"],
        venue_order_id=order_id,
    )


def _order_id(fields: Mapping[str, Any], side: str) -> str:
    order_id = fields[f"{side}_order_id"]
    return "" if order_id is None else str(order_id)


def _moment(fields: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(fields["ts"], UTC)
