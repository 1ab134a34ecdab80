"""Screens that show what is: balances, positions, orders, history, markets, settings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.markup import bold, italic, quote
from bot.reading import Condition, Holdings, Positions
from bot.texts import figures
from bot.texts.arrivals import incoming_lines
from bot.texts.cards import explorer_link, stamp, tag
from bot.texts.elsewhere import held_elsewhere
from bot.texts.order_words import ROLES, STATES, order_line, stop_lines
from core.money import plain
from trading.facts import (
    AccountFacts,
    ChartFacts,
    EquityFacts,
    HistoryRow,
    MarketFacts,
    OrderFacts,
    PaperFacts,
    PositionFacts,
)

# A row of history names no tick; four places tell every listed price apart.
_HISTORY_TICK = Decimal("0.0001")
_KINDS = {
    "deposit": "💰 Deposit", "withdrawal": "📤 Withdrawal", "funding": "🕐 Funding",
    "keeper_charge": "🧹 Keeper charge", "settlement": "⚖️ Settled PnL", "interest": "🪙 Interest",
    "liquidation": "🆘 Liquidation", "reward": "🎁 Reward", "transfer": "🔁 Transfer",
    "correction": "🧮 Correction", "sent": "📤 Sent from your wallet",
    "arrival": "📥 Arrived in your wallet",
}  # fmt: skip


def balance_screen(holdings: Holdings, *, now: datetime, time_zone: str, hidden: bool) -> str:
    """What the wallet and each venue account hold, each with its age."""
    wallet = holdings.wallet
    if wallet is None:
        return "You have no wallet yet. /create makes one."
    lines = [bold("Balance"), f"👛 Wallet {figures.short_address(wallet.address)}"]
    held = [balance for balance in wallet.balances if balance.balance > 0]
    lines += [
        f"   {bold(figures.token(each.balance, each.token_symbol, hidden=hidden, exact=True))}"
        for each in held
    ]
    if not held:
        lines.append("   empty: /wallet shows where to send money")
    at = wallet.synced_at or now
    lines.append(
        "   " + stamp(at, now, live=wallet.live) if wallet.synced_at else "   not read yet"
    )
    if holdings.incoming:
        lines += [
            "   came in:",
            *incoming_lines(holdings.incoming, time_zone=time_zone, hidden=hidden),
        ]
    for account in holdings.accounts:
        lines += ["", *_account_lines(account, now=now, hidden=hidden)]
    if not holdings.accounts:
        lines += ["", "Nothing at a venue yet: /deposit"]
    return "\n".join(lines)


def health_screen(holdings: Holdings, *, now: datetime, hidden: bool) -> str:
    if not holdings.accounts:
        return f"{bold('Health')}\nYou have no account at a venue yet: /deposit makes one."
    lines = [bold("Health")]
    for account in holdings.accounts:
        lines += ["", *_account_lines(account, now=now, hidden=hidden)]
    return "\n".join([*lines, "", "At 0% the venue liquidates. More collateral: /deposit"])


def _account_lines(account: AccountFacts, *, now: datetime, hidden: bool) -> list[str]:
    name = f"🏦 {quote(account.deployment.capitalize())}"
    collateral = figures.token(account.collateral, account.quote_asset, hidden=hidden)
    free = figures.token(account.free_collateral, account.quote_asset, hidden=hidden)
    at = account.observed_at or now
    return [
        f"{name} collateral {bold(collateral)}, free {free}",
        f"   health {figures.percent(account.health)}",
        "   " + stamp(at, now, live=account.live),
    ]


def positions_screen(found: Positions, *, now: datetime, hidden: bool) -> str:
    elsewhere = held_elsewhere(found.elsewhere, now=now, hidden=hidden)
    if not found.positions:
        none = f"{bold('Positions')}\nNone are open. /long or /short opens one."
        return "\n\n".join([none, *elsewhere])
    numbers = figures.numbers([each.base_asset for each in found.positions])
    blocks = [
        number + _position_block(each, found.guarding(each), now=now, hidden=hidden)
        for number, each in zip(numbers, found.positions, strict=True)
    ]
    more = "" if len(blocks) <= 5 else italic(f"and {len(blocks) - 5} more: /close SYMBOL")
    unknown = "" if found.stops is not None else "Stops cannot be shown without the desk's books."
    return "\n\n".join(
        filter(None, [bold("Positions"), *blocks[:5], more, unknown, *elsewhere, "Close a part:"])
    )


def _stops_of(
    position: PositionFacts, stops: Sequence[OrderFacts], *, hidden: bool
) -> Iterator[str]:
    """Each stop and target at the venue with its id and what it covers, and what no stop covers."""
    step, unit = position.step_size, position.base_asset
    whole = figures.size(position.size, step, unit, hidden=hidden)
    bare = position.size
    for stop in stops:
        covered = min(stop.remaining, position.size)
        part = "all of it"
        if covered < position.size:
            part = f"{figures.size(covered, step, unit, hidden=hidden)} of {whole}"
        if stop.role == "stop_loss":
            bare -= covered
        trigger = figures.price(stop.trigger_price, position.tick_size)
        at = f"venue id {quote(stop.venue_order_id or '')}"
        yield f"{ROLES.get(stop.role, stop.role)} {trigger} closes {part} · {at}"
    if 0 < bare < position.size:
        yield f"⚠️ {figures.size(bare, step, unit, hidden=hidden)} of it has no stop: /sl"


def _position_block(
    position: PositionFacts, stops: Sequence[OrderFacts], *, now: datetime, hidden: bool
) -> str:
    side = {"long": "🟢 LONG", "short": "🔴 SHORT"}[position.side]
    size = figures.size(position.size, position.step_size, position.base_asset, hidden=hidden)
    tick = position.tick_size
    cost = position.entry_price * position.size
    share = position.unrealized_pnl / cost * 100 if cost else Decimal(0)
    mark = f"mark {figures.price(position.mark_price, tick)}"
    return "\n".join(
        [
            f"{side} {bold(position.market)} · {bold(size)} · {position.deployment.capitalize()}",
            f"Entry {figures.price(position.entry_price, tick)} → {mark}",
            f"PnL {figures.gain(position.unrealized_pnl, hidden=hidden)} "
            f"({figures.percent_gain(share)}) unrealised",
            f"Margin used {figures.money(position.margin, hidden=hidden)} · "
            f"{figures.leverage(position.leverage)} your account's collateral",
            f"Liquidation {figures.price(position.liquidation_price, tick)}",
            *_stops_of(position, stops, hidden=hidden),
            stamp(position.updated_at, now, live=position.live),
        ]
    )


def orders_screen(
    orders: Sequence[OrderFacts], *, time_zone: str, page: int, open_only: bool
) -> str:
    """A numbered block an order; its number's button opens its own card."""
    title = bold("Open orders" if open_only else "All orders")
    if not orders:
        none = "Nothing is open." if open_only else "You have placed no orders yet."
        return f"{title}\n{'No more orders.' if page else f'{none} /long or /short'}"
    lines = [title, ""]
    for place, order in enumerate(orders, start=1):
        market = f"{quote(order.market)} {order.deployment.capitalize()}"
        lines.append(f"{place}. {bold(market)} · {STATES[order.progress]}")
        lines.append(f"   {order_line(order)}")
        details = [figures.moment(order.created_at, time_zone)]
        if order.filled_size > 0:
            filled = figures.size(order.filled_size, order.step_size, order.base_asset)
            average = figures.price(order.avg_fill_price, order.tick_size)
            details.append(f"{filled} at {average}")
        lines.append(f"   {' · '.join(details)}{explorer_link(order.signature, order.deployment)}")
        lines += [f"   {line}" for line in stop_lines(order)]
    return "\n".join(lines)


def stops_text(
    position: PositionFacts,
    *,
    name: str,
    price: Decimal,
    size: Decimal,
    guarding: Sequence[OrderFacts],
) -> str:
    """The confirm card of a stop or target on a position, and what it takes the place of."""
    shown = figures.size(size, position.step_size, position.base_asset)
    mark = figures.price(position.mark_price, position.tick_size)
    return "\n".join(
        [
            bold(f"{name} for your {position.side} {position.market}"),
            f"When the price reaches {bold(figures.price(price, position.tick_size))}, "
            f"all {shown} are closed at the market, reduce-only.",
            f"Mark {mark}, entry {figures.price(position.entry_price, position.tick_size)}",
            "It rests at the venue" + (", in place of what is there:" if guarding else "."),
            *(order_line(order) for order in guarding),
        ]
    )


def panic_text(held: Sequence[PositionFacts], *, orders: int) -> str:
    """The confirm card of /panic: everything that it would end."""
    if not held and not orders:
        return f"{bold('🚨 Panic')}\nNothing is open: there is nothing to cancel or close."
    lines = [bold("🚨 Panic: cancel everything, close everything?"), f"Orders to cancel: {orders}"]
    for each in held[:8]:
        size = figures.size(each.size, each.step_size, each.base_asset)
        lines.append(
            f"Close {each.side} {quote(each.market)} {size} at the market "
            f"({figures.gain(each.unrealized_pnl)})"
        )
    if len(held) > 8:
        lines.append(f"and {len(held) - 8} more")
    lines.append("Stops stay until what they guard is closed, and then go with it.")
    return "\n".join([*lines, "Closing is reduce-only, within your slippage."])


def history_screen(found: Sequence[HistoryRow], *, time_zone: str, page: int, hidden: bool) -> str:
    lines = [
        f"{figures.moment(row.at, time_zone)} · {_paper_mark(row)}{_happened(row, hidden)}"
        for row in found
    ]
    return _page("History", lines, page, time_zone, "Nothing has happened yet. /deposit begins it.")


def funding_screen(found: Sequence[HistoryRow], *, time_zone: str, page: int, hidden: bool) -> str:
    """Each payment of funding: what was received has a plus, what was paid a minus."""
    lines = [
        f"{figures.moment(row.at, time_zone)} · {quote(row.deployment.capitalize())} · "
        f"{_happened(row, hidden)}"
        for row in found
    ]
    return _page("Funding", lines, page, time_zone, "You have paid and received no funding yet.")


def _paper_mark(row: HistoryRow) -> str:
    """What tells play money from money, in a list that has both."""
    return f"{bold('PAPER')} · " if tag(row.deployment) == "PAPER" else ""


def _page(title: str, lines: Sequence[str], page: int, time_zone: str, nothing: str) -> str:
    if not lines:
        return f"{bold(title)}\n{'Nothing older.' if page else nothing}"
    return "\n".join([f"{bold(title)} {italic(f'page {page + 1}, {time_zone}')}", "", *lines])


def _happened(row: HistoryRow, hidden: bool) -> str:
    link = explorer_link(row.signature, row.deployment)
    if row.kind == "fill":
        size = figures.HIDDEN if hidden or row.size is None else plain(row.size)
        side = {"buy": "🟢 bought", "sell": "🔴 sold"}[row.side or "buy"]
        fee = "" if row.fee is None else f" · fee {figures.fee(row.fee, hidden=hidden)}"
        gained = ""
        # The gain is after the fee: of a fill that only opened, it is the fee alone.
        if row.realized_pnl and row.realized_pnl != -(row.fee or 0):
            gained = f" · {figures.gain(row.realized_pnl, hidden=hidden)}"
        at = figures.price(row.price, _HISTORY_TICK)
        return f"{side} {size} {quote(row.market)} at {at}{fee}{gained}{link}"
    amount = row.amount or Decimal(0)
    shown = figures.token(amount, row.token_symbol or "", hidden=hidden, exact=True)
    name = _KINDS.get(row.kind, row.kind)
    return f"{quote(name)} {'+' if amount > 0 and not hidden else ''}{shown}{link}"


def markets_screen(found: Sequence[MarketFacts], *, deployment: str, closed: str) -> str:
    """`closed` is why the venue takes no new risk, "" while it does."""
    if not found:
        why = f"\n{quote(closed)}" if closed else ""
        return f"{bold('Markets')}\nNone are open now.{why} /status"
    lines = [f"{bold('Markets')} on {quote(deployment.capitalize())}", ""]
    if closed:
        lines += [f"⛔ Positions can only be closed here now. {quote(closed)}", ""]
    for market in found:
        least = figures.size(market.min_order_size, market.step_size, market.base_asset)
        lines.append(
            f"{bold(market.symbol)} {_price_with_age(market)} · from {least}"
            f" · up to {figures.leverage(market.max_leverage)}"
        )
    return "\n".join([*lines, "", "/status" if closed else "Trade: /long sol 0.5"])


def price_screen(market: MarketFacts) -> str:
    return f"{bold(market.symbol)} {_price_with_age(market)}"


def _price_with_age(market: MarketFacts) -> str:
    if market.price is None or market.price_age_seconds is None:
        return "no price now"
    seconds = int(market.price_age_seconds)
    age = "now" if seconds < 3 else f"{seconds} s ago"
    return f"{figures.price(market.price, market.tick_size)} {italic(age)}"


def settings_screen(stored: Mapping[str, Any], *, deployment: str) -> str:
    trading, display = stored["trading"], stored["display"]
    risk = stored["risk_management"]
    confirm = "on: a card before each act" if trading["confirm"] else "OFF: orders go at once"
    return "\n".join(
        [
            bold("Settings"),
            f"Slippage: {bold(plain(Decimal(trading['default_slippage'])) + '%')}",
            f"Largest leverage: {bold(figures.leverage(Decimal(risk['max_leverage'])))}",
            f"Confirmations: {bold(confirm)}",
            f"Time zone: {bold(display['time_zone'])}",
            f"Hide amounts: {bold('yes' if display['hide_amounts'] else 'no')}",
            f"Venue: {bold(deployment.capitalize())}",
            f"Priority fee: at most {bold(plain(Decimal(trading['priority_fee_cap'])) + ' SOL')}",
            "",
            "Type others: /settings slippage 0.7 · /settings leverage 5 · "
            "/settings timezone Europe/Vienna",
        ]
    )


def status_screen(condition: Condition) -> str:
    lines = [bold("How the desk is doing")]
    for part, told in condition.parts.items():
        lines.append(f"{'🟢' if told.startswith('ok') else '🔴'} {quote(part)}: {quote(told)}")
    return "\n".join(lines)


def chart_caption(chart: ChartFacts) -> str:
    """What the chart's colours leave open: which orders its lines are of."""
    market = chart.market
    lines = [f"{bold(market.symbol)} {figures.price(market.price, market.tick_size)}"]
    if chart.position is None:
        lines.append("You hold nothing here. /long or /short opens a position.")
    if chart.stops or chart.targets:
        lines.append("Stops and targets rest at the venue: /orders")
    return "\n".join(lines)


def pnl_caption(position: PositionFacts, *, now: datetime, hidden: bool) -> str:
    """The card's figures as text, with their age."""
    total = position.realized_pnl + position.unrealized_pnl
    lines = [
        f"{bold(position.market)} {position.side} · {figures.gain(total, hidden=hidden)}",
        f"Realised {figures.gain(position.realized_pnl, hidden=hidden)}, "
        f"not realised {figures.gain(position.unrealized_pnl, hidden=hidden)}",
        stamp(position.updated_at, now, live=position.live),
    ]
    return "\n".join(lines)


def equity_caption(equity: EquityFacts, *, hidden: bool) -> str:
    if not equity.points:
        return "Nothing has happened on this account yet: /deposit is the first step."
    last = equity.points[-1]
    return "\n".join(
        [
            f"Put in {figures.money(last.net_deposits, hidden=hidden)}, "
            f"worth {figures.money(last.equity, hidden=hidden)} now: "
            f"{figures.gain(equity.gain, hidden=hidden)}",
            "Earlier points count what was realised by then; the last one counts open positions.",
        ]
    )


def paper_screen(paper: PaperFacts) -> str:
    """Whether a person trades on paper, and what with."""
    if paper.is_on:
        lines = [
            bold("📝 PAPER is on"),
            "Your new orders use play money at live prices; nothing of your wallet moves.",
        ]
    else:
        lines = [bold("PAPER is off: orders are LIVE"), "Your new orders use your own money."]
    if paper.balance is not None:
        held = figures.token(paper.balance, paper.token_symbol)
        lines.append(f"Play money: {held}, not counting what is open.")
    start = figures.token(paper.start_balance, paper.token_symbol)
    return "\n".join(
        [*lines, "", f"/paper on, /paper off, /paper reset (begins anew with {start})"]
    )
