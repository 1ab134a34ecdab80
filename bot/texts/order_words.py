"""Orders in words: their kind, their prices, their stops, and what a change of them would do."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

from bot.markup import bold, quote
from bot.texts import figures
from bot.texts.errors import denial_lines, reason_sentence
from core.money import plain
from trading import progress as p
from trading import reach
from trading.facts import ChangeFacts, OrderFacts, OrderPreview

KINDS = {
    "market": "market", "limit": "limit", "stop_market": "stop", "stop_limit": "stop limit",
    "take_profit_market": "target", "take_profit_limit": "target limit",
}  # fmt: skip
ROLES = {"stop_loss": "🛡 Stop", "take_profit": "🎯 Target"}
STATES = {
    p.PLACED: "⏳ placed", p.SENT: "📡 sent", p.CONFIRMED: "🔗 confirmed, not filled",
    p.OPEN: "📖 open", p.PARTLY_FILLED: "🌓 partly filled", p.FILLED: "✅ filled",
    p.CANCELLED: "🚫 cancelled", p.EXPIRED: "⌛ expired", p.NO_EFFECT: "⚪ without effect",
    p.NOT_EXECUTED: "🚫 not executed", p.FAILED: "🚫 failed", p.CHECKING: "🔎 checking",
    p.WAITING: "⏸ waits for its entry", p.DONE: "✅ done",
}  # fmt: skip


_SPENT = {
    reach.NEVER_SENT: "Nothing was sent, nothing was spent.",
    reach.NEVER_LANDED: "What was sent never reached the chain and never will: nothing was spent.",
    reach.LANDED: "At most the network's fee was spent (see the explorer).",
    reach.NOT_KNOWN: "Whether the network's fee was spent is not known yet.",
}
_SIGNED_ANEW = (
    "⏳ Being signed once more: what was sent before never reached the chain and never will."
)


def spent_line(reached: str) -> str:
    """What an act without effect cost, by how far its messages came."""
    return _SPENT[reached]


def state_line(states: Mapping[str, str], progress: str, reached: str) -> str:
    """Where an act stands; that nothing has been sent is said only while it is true."""
    if progress == p.PLACED and reached == reach.NEVER_LANDED:
        return _SIGNED_ANEW
    return states[progress]


def why_line(reason: str, reached: str) -> str:
    """Why an act ended as it did; '' for no reason."""
    if reason == "submission.deadline_passed" and reached != reach.NEVER_SENT:
        return "Its time was over before another message could be signed."
    # The line of what it cost has said so.
    return "" if reason == "message.never_landed" else reason_sentence(reason)


def kind_of(order: OrderFacts) -> str:
    """`limit`, `stop`, … with its flags, for a line of a list."""
    return ROLES.get(order.role) or _kind(order)


def _kind(order: OrderFacts | OrderPreview) -> str:
    flags = {"post-only": order.post_only, "IOC": order.immediate_or_cancel}
    told = [word for word, is_set in flags.items() if is_set]
    return " ".join([KINDS.get(order.order_type, order.order_type), *told])


def price_of(order: OrderFacts) -> str:
    """The prices that an order names: `at $148`, `when $130, at $129`, `oracle -0.5`."""
    parts = []
    if order.trigger_price is not None:
        parts.append(f"when {figures.price(order.trigger_price, order.tick_size)}")
    if order.oracle_offset is not None:
        sign = "+" if order.oracle_offset >= 0 else "-"
        parts.append(f"at oracle {sign}{plain(abs(order.oracle_offset))}")
    elif order.price is not None:
        word = "worst price" if order.order_type == "market" else "at"
        parts.append(f"{word} {figures.price(order.price, order.tick_size)}")
    return ", ".join(parts)


def stop_lines(order: OrderFacts) -> Iterator[str]:
    """Each stop of an entry, with the id that the venue knows it by."""
    for child in order.children:
        at = f" · venue id {quote(child.venue_order_id)}" if child.venue_order_id else ""
        trigger = figures.price(child.trigger_price, child.tick_size)
        yield f"{ROLES.get(child.role, child.role)} {trigger}: {STATES[child.progress]}{at}"


def preview_lines(preview: OrderPreview) -> Iterator[str]:
    """What an order is beside its size and quote: kind, prices, stops, warnings."""
    tick = preview.market.tick_size
    if preview.order_type != "market" or preview.immediate_or_cancel:
        told = _kind(preview)
        if preview.trigger_price is not None:
            told += f", when {figures.price(preview.trigger_price, tick)}"
        if preview.oracle_offset is not None:
            told += f", at oracle {preview.oracle_offset:+f}"
        elif preview.price is not None:
            told += f", at {figures.price(preview.price, tick)}"
        yield f"Order: {bold(told)}"
    if preview.expires_in is not None:
        yield f"Rests for {bold(span(preview.expires_in))} at most"
    for name, value in (("🛡 Stop", preview.stop_loss), ("🎯 Target", preview.take_profit)):
        if value is not None:
            yield f"{name}: {figures.price(value, tick)}"
    if (preview.stop_loss or preview.take_profit) and not preview.stops_go_with_entry:
        yield "Its stops are sent once the entry fills, each for what has filled."
    if preview.warnings:
        yield denial_lines(preview.warnings, kind="risk").replace("⛔", "⚠️")


def span(value: timedelta) -> str:
    """`45 min`, `2 h`, `7 d`."""
    minutes = int(value.total_seconds() // 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


_TITLES = {
    "cancel": "Cancel", "modify": "Change an order", "stops": "Stops",
    "cancel_all": "Cancel all orders", "close_all": "Close everything", "panic": "🚨 Panic",
}  # fmt: skip
_CHANGE_STATES = {
    p.PLACED: "⏳ Placed: being signed. Nothing has been sent yet.",
    p.SENT: "📡 Sent to the chain. Not confirmed yet.",
    p.CONFIRMED: "🔗 Confirmed on the chain: waiting for the venue's own record.",
    p.DONE: "✅ Done.",
    p.NOT_EXECUTED: "🚫 Not executed: the orders are as they were.",
    p.CHECKING: "🔎 Checking what became of it. Do not repeat it.",
}
_WANTED = {
    "size": "size", "price": "price", "trigger_price": "trigger", "oracle_offset": "offset",
    "stop_loss": "stop", "take_profit": "target",
}  # fmt: skip
_LONGEST_LIST = 10
_PLANS = {"cancel_all", "close_all", "panic"}
_STOPS_ASKED = "✅ Asked for. A card of its own tells how it goes."
_PLACED_ALL = "✅ Done: all of it is asked for. How each order ends is told on its own card."
_PLACED_IN_PART = "⚠️ Done in part: what is left is below. Positions: /positions"


def _left(change: ChangeFacts) -> bool:
    return bool(change.refusals or change.reason)


def change_card(change: ChangeFacts) -> str:
    """A change of orders, what is known of it, and where each of its orders stands."""
    lines = [bold(_TITLES.get(change.kind, change.kind)), *wanted_lines(change)]
    states, orders = _CHANGE_STATES, change.orders
    if change.kind == "stops" and change.progress == p.DONE:
        # Each order and each change is followed by its own card, which stays true.
        states, orders = states | {p.DONE: _STOPS_ASKED}, ()
    if change.kind in _PLANS:
        states = states | {p.DONE: _PLACED_IN_PART if _left(change) else _PLACED_ALL}
    lines.append(state_line(states, change.progress, change.reached))
    if change.progress == p.NOT_EXECUTED and not change.changes:
        lines.append(spent_line(change.reached))
    if change.progress == p.NOT_EXECUTED or change.reason:
        lines.append(why_line(change.reason, change.reached))
    for order in orders[:_LONGEST_LIST]:
        lines.append(f"{order_line(order)} · {STATES[order.progress]}")
    if len(orders) > _LONGEST_LIST:
        lines.append(f"and {len(orders) - _LONGEST_LIST} more: /orders")
    if change.refusals:
        lines.append(denial_lines(change.refusals, kind="risk"))
    return "\n".join(filter(None, lines))


def wanted_lines(change: ChangeFacts) -> Iterator[str]:
    """What is to become of it, in the units of the order that it is about."""
    order = change.orders[0] if change.orders else None
    for name, value in change.wanted.items():
        if name == "symbol":
            yield quote(value)
        elif value and name in _WANTED:
            yield f"New {_WANTED[name]}: {bold(_wanted(name, value, order))}"


def _wanted(name: str, value: str, order: OrderFacts | None) -> str:
    if order is None or name == "oracle_offset":
        return value
    if name == "size":
        return figures.size(Decimal(value), order.step_size, order.base_asset)
    return figures.price(Decimal(value), order.tick_size)


def order_line(order: OrderFacts) -> str:
    """An order in a line of a list: what, how much, of what, at which price."""
    what = "close" if order.reduce_only else order.side
    if order.role in ROLES:
        what = f"of a {order.side}"
    size = figures.size(order.size, order.step_size, order.base_asset)
    external = " · made elsewhere" if order.origin == "external" else ""
    return f"{kind_of(order)} {what} {size} {price_of(order)}{external}".rstrip()


def modified_text(order: OrderFacts, field: str, value: Decimal) -> str:
    """What the confirm card of a change says."""
    old = getattr(order, field)
    return "\n".join(
        [
            bold(f"Change {order.market} {kind_of(order)}"),
            order_line(order),
            f"{_WANTED[field].capitalize()}: {'—' if old is None else plain(old)} → "
            f"{bold(plain(value))}",
            "The venue replaces the order: it gets a new id and loses its place in the queue.",
        ]
    )
