"""The card of an act: before it is confirmed, and at each state it reaches."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from bot.markup import bold, code, italic, link, quote
from bot.texts import figures
from bot.texts.errors import denial_lines, next_step
from bot.texts.order_words import (
    ROLES,
    kind_of,
    preview_lines,
    price_of,
    span,
    spent_line,
    state_line,
    stop_lines,
    why_line,
)
from core.money import plain
from trading import progress as p
from trading import reach
from trading.facts import (
    DepositPreview,
    MarketFacts,
    OrderFacts,
    OrderPreview,
    PositionFacts,
    TransferFacts,
)

# The venue makes the price of what these set off.
TRIGGERED_MARKET = ("stop_market", "take_profit_market")
ARROWS = {"long": "🟢 LONG", "short": "🔴 SHORT"}


def order_preview_card(preview: OrderPreview, *, valid_seconds: int, confirmable: bool) -> str:
    """The confirm card: every number that the tap agrees to."""
    market, quote_ = preview.market, preview.quote
    title = f"Close {market.base_asset}" if preview.reduce_only else ARROWS[preview.side]
    if preview.reduce_only and preview.closes_fraction is not None:
        title += f" {plain(preview.closes_fraction)}%"
    lines = [
        f"{bold(f'{title} · {market.symbol}')}  {bold(tag(market.deployment))}",
        f"Size: {bold(_size(preview.size, market))} ≈ {figures.money(quote_.notional)}",
    ]
    if preview.reduce_only:
        lines.append("Reduce-only: it can never increase or turn your position.")
    else:
        lines += _change_of_position(preview)
        after = figures.leverage(quote_.leverage_after)
        lines.append(f"Leverage: {after} after it (at most {figures.leverage(preview.leverage)})")
    lines += preview_lines(preview)
    way = "exit" if preview.reduce_only else "entry"
    is_now = " now" if preview.oracle_offset is not None else ""
    lines += [
        f"Expected {way}: {_price(quote_.expected_price, market)}{is_now}",
        _worst(preview),
        f"Fee: about {figures.fee(quote_.fee)}",
    ]
    if not _is_paper(market.deployment):
        lines.append(f"Priority fee: at most {plain(preview.priority_fee_cap)} SOL")
    lines += [
        _liquidation(preview),
        f"Health: {figures.percent(quote_.health_before)} → {figures.percent(quote_.health_after)}",
        f"Venue: {quote(_venue(market.deployment))} · wallet …{quote(preview.wallet_last4)}",
    ]
    if preview.denials:
        lines += ["", denial_lines(preview.denials, kind="risk"), "Nothing was moved."]
    elif confirmable:
        lines += ["", f"Valid {valid_seconds} s.{_ends(preview)}"]
    return "\n".join(lines)


def _worst(preview: OrderPreview) -> str:
    """The price that it can come to at worst, as far as the venue holds it to one."""
    if preview.oracle_offset is not None:
        return "Worst price: none; it moves with the oracle until it fills"
    worst = _price(preview.quote.worst_price, preview.market)
    if preview.order_type in TRIGGERED_MARKET:
        return f"Worst price: about {worst}; the venue makes it when it goes off"
    if preview.order_type == "market":
        return f"Worst price: {worst} (slippage {plain(preview.slippage_percent)}%)"
    return f"Worst price: {worst}"


def _ends(preview: OrderPreview) -> str:
    if preview.immediate_or_cancel:
        return " Placed, it fills at once as far as it can; the rest is cancelled."
    if preview.order_type == "market":
        return " Placed, it ends after 60 s at the latest."
    if preview.expires_in is not None:
        return f" Placed, it rests until it fills or is cancelled, {span(preview.expires_in)} long."
    return " Placed, it rests until it fills or is cancelled."


def _change_of_position(preview: OrderPreview) -> list[str]:
    """What an order against the held position does to it; nothing where it only adds."""
    market, side, held = preview.market, preview.quote.position_side, preview.quote.position_size
    if side is None or side == preview.side:
        return []
    if preview.size < held:
        return [f"Reduces your {side} {_size(held, market)} by {_size(preview.size, market)}."]
    closes = f"Closes your {side} {_size(held, market)}"
    if preview.size == held:
        return [f"{closes}."]
    opens = f"opens a {preview.side} of {_size(preview.size - held, market)}"
    return [f"⚠️ {closes} and {opens}."]


def _liquidation(preview: OrderPreview) -> str:
    at, now = preview.quote.liquidation_price, preview.quote.oracle_price
    if at is None or now <= 0:
        return "Liquidation: none"
    distance = (abs(at - now) / now * 100).quantize(Decimal("0.1"))
    return f"Liquidation: {_price(at, preview.market)} ({distance}% away)"


def deposit_preview_card(preview: DepositPreview, *, valid_seconds: int) -> str:
    """The confirm card of a deposit: amount, who pays the way, what is made."""
    symbol = preview.token_symbol
    lines = [
        f"{bold(f'Deposit {figures.token(preview.amount, symbol, exact=True)}')}  {bold('LIVE')}",
        f"To: {quote(_venue(preview.deployment))}, from wallet …{preview.wallet_address[-4:]}",
        f"Wallet holds: {', '.join(_held(preview))}",
    ]
    if preview.initializes:
        lines.append(
            f"Your first deposit opens the venue account: rent {plain(preview.rent_sol)} SOL"
        )
    lines.append(f"Network fee: about {plain(preview.fee_sol)} SOL")
    lines.append(f"Stays in the wallet: at least {plain(preview.stays_sol)} SOL")
    if preview.sponsored:
        lines.append(
            f"The desk pays rent and fees for you, for {figures.token(preview.sponsor_fee, symbol)}"
            " (on top of the amount)."
        )
    if preview.denials:
        lines += ["", denial_lines(preview.denials, kind="deposit"), "Nothing was moved."]
    else:
        lines += ["", f"Valid {valid_seconds} s."]
    return "\n".join(lines)


def _held(preview: DepositPreview) -> list[str]:
    symbol = preview.token_symbol
    told = [figures.token(preview.wallet_token, symbol, exact=True)]
    return told if symbol == "SOL" else [*told, figures.token(preview.wallet_sol, "SOL")]


_ORDER_STATES = {
    p.PLACED: "⏳ Placed: being signed. Nothing has been sent yet.",
    p.SENT: "📡 Sent to the chain. Not confirmed yet.",
    p.CONFIRMED: "🔗 Confirmed on the chain: the venue is looking for a match. Not filled yet. "
    "Usually filled within 10 s.",
    p.OPEN: "📖 Open at the venue. Not filled yet. Usually filled within 10 s.",
    p.PARTLY_FILLED: "🌓 Partly filled.",
    p.FILLED: "✅ Filled.",
    p.CANCELLED: "🚫 Cancelled.",
    p.EXPIRED: "⌛ Expired at the venue.",
    p.NO_EFFECT: "⚪ Accepted without effect: the venue keeps no order of it.",
    p.NOT_EXECUTED: "🚫 Not executed.",
    p.FAILED: "🚫 Failed on the chain.",
    p.CHECKING: "🔎 Checking what became of it. Do not repeat it.",
    p.WAITING: "⏸ Waits at the desk: it is sent when its entry fills.",
}
_RESTING = "📖 Open at the venue. Not filled yet."
_PAPER_STATES = _ORDER_STATES | {p.PLACED: "⏳ Taken by the paper venue. Not filled yet."}


def order_card(order: OrderFacts) -> str:
    """An order and what is known of it, with its link to the explorer."""
    unit, hidden = order.base_asset, False
    title = f"Close {order.base_asset}" if order.reduce_only else ARROWS[order.side]
    if order.role in ROLES:
        title = f"{ROLES[order.role]} of your {order.side}"
    rests = order.progress == p.OPEN and order.order_type != "market"
    states = _PAPER_STATES if _is_paper(order.deployment) else _ORDER_STATES
    lines = [
        f"{bold(f'{title} · {order.market}')}  {bold(tag(order.deployment))}",
        f"Size: {figures.size(order.size, order.step_size, unit)}, "
        f"{'' if order.order_type == 'market' else f'{kind_of(order)} '}{price_of(order)}",
        _RESTING if rests else state_line(states, order.progress, order.reached),
    ]
    if order.origin == "external":
        lines.append("Made elsewhere with your wallet, not at this desk.")
    if order.venue_order_id is not None:
        lines.append(f"Venue id: {quote(order.venue_order_id)}")
    lines += stop_lines(order)
    if order.filled_size > 0:
        filled = figures.size(order.filled_size, order.step_size, unit)
        left = order.size - order.filled_size
        rest = f" · {figures.size(left, order.step_size, unit)} not filled" if left > 0 else ""
        average = figures.price(order.avg_fill_price, order.tick_size)
        lines.append(f"Filled: {bold(filled)} at {bold(average)}{rest}")
        lines.append(f"Fee: {figures.fee(order.fees)}")
        # The gain is after the fee: of an order that only opened, it is the fee alone.
        if order.reduce_only or order.realized_pnl != -order.fees:
            lines.append(f"Realised: {figures.gain(order.realized_pnl, hidden=hidden)}")
    elif order.progress in _ENDED_EMPTY:
        lines.append(_cost_of_nothing(order))
    if order.progress in _ENDED_EMPTY:
        reason = _reason(order)
        lines.append(why_line(reason, order.reached))
        lines.append(next_step(reason))
    lines.append(
        f"{quote(_venue(order.deployment))} · wallet …{quote(order.wallet_last4)}"
        f"{explorer_link(_on_chain(order), order.deployment)}"
    )
    return "\n".join(filter(None, lines))


def _reason(order: OrderFacts) -> str:
    """Why it ended; the venue itself cancels what was to fill at once and did not."""
    if order.immediate_or_cancel and order.reason == "venue.cancelled_by_owner":
        return "venue.nothing_to_take"
    return order.reason


_SHOWN_BY_VENUE = {p.CANCELLED, p.EXPIRED, p.NO_EFFECT}
_ENDED_EMPTY = _SHOWN_BY_VENUE | {p.NOT_EXECUTED, p.FAILED}


def _cost_of_nothing(order: OrderFacts) -> str:
    """What an order without a fill cost: only what is known is said."""
    reached = order.reached
    if reached == reach.NOT_KNOWN and order.progress in _SHOWN_BY_VENUE:
        reached = reach.LANDED
    if reached == reach.LANDED and order.progress == p.EXPIRED:
        return (
            "Nothing was traded. At most the network's fee and the venue's flat charge for taking"
            " it away were spent (/history)."
        )
    if reached == reach.NEVER_SENT and (order.origin != "ours" or _is_paper(order.deployment)):
        return "Nothing was traded."
    said = spent_line(reached)
    return said if reached == reach.NEVER_SENT else f"Nothing was traded. {said}"


def _on_chain(act: OrderFacts | TransferFacts) -> str | None:
    """The signature to look up; one that is proven dead is to be found nowhere."""
    return None if act.reached == reach.NEVER_LANDED else act.signature


_DEPOSIT_STATES = {
    p.PLACED: "⏳ Placed: being signed. Nothing has been sent yet.",
    p.SENT: "📡 Sent to the chain. Not confirmed yet.",
    p.CONFIRMED: "🔗 Confirmed on the chain: waiting for the venue's own record.",
    p.COMPLETED: "✅ Arrived at the venue.",
    p.NOT_EXECUTED: "🚫 Not executed: your money has not left the wallet.",
    p.FAILED: "🚫 Failed on the chain: your money has not left the wallet.",
    p.CHECKING: "🔎 Checking what became of it. Do not repeat it.",
}
_VENUE_WITHDRAWAL_STATES = _DEPOSIT_STATES | {
    p.COMPLETED: "✅ Arrived in your wallet.",
    p.NOT_EXECUTED: "🚫 Not executed: your money is still at the venue.",
    p.FAILED: "🚫 Failed on the chain: your money is still at the venue.",
}


def transfer_card(transfer: TransferFacts) -> str:
    """Money on its way to or from a venue, and what is known of it."""
    symbol = transfer.token_symbol
    is_deposit = transfer.kind != "withdrawal"
    what = "Deposit" if is_deposit else "Withdraw"
    states = _DEPOSIT_STATES if is_deposit else _VENUE_WITHDRAWAL_STATES
    lines = [
        f"{bold(f'{what} {figures.token(transfer.amount, symbol, exact=True)}')}  {bold('LIVE')}",
        state_line(states, transfer.progress, transfer.reached),
    ]
    if transfer.progress == p.COMPLETED and transfer.booked_amount is not None:
        booked = figures.token(transfer.booked_amount, symbol, exact=True)
        lines.append(f"Booked by the venue: {bold(booked)}")
    if transfer.progress in (p.NOT_EXECUTED, p.FAILED):
        lines.append(spent_line(transfer.reached))
        lines.append(why_line(transfer.reason, transfer.reached))
        lines.append(next_step(transfer.reason))
    if transfer.sponsor_fee > 0:
        fee = figures.token(transfer.sponsor_fee, symbol, exact=True)
        lines.append(f"What the desk takes for paying rent and network fees: {fee}")
    shown_link = explorer_link(_on_chain(transfer), transfer.deployment)
    lines.append(f"{quote(_venue(transfer.deployment))}{shown_link}")
    if transfer.progress == p.COMPLETED:
        lines.append(
            "Next: /long or /short, /balance" if is_deposit else "Next: /balance, /withdraw"
        )
    return "\n".join(filter(None, lines))


def liquidation_card(position: PositionFacts) -> str:
    """A position that the venue has closed by force."""
    return "\n".join(
        [
            f"🆘 {bold(f'{position.side.upper()} {position.market} was liquidated by the venue')}",
            f"Realised: {figures.gain(position.realized_pnl)}",
            f"{quote(_venue(position.deployment))} · see /history",
        ]
    )


def tag(deployment: str) -> str:
    """What every card says of its money."""
    return "PAPER" if _is_paper(deployment) else "LIVE"


def _is_paper(deployment: str) -> bool:
    return deployment in settings.PAPER_VENUE


def explorer_link(signature: str | None, deployment: str) -> str:
    """` · explorer`, linked; '' without a signature, and on paper, which no chain knows of."""
    if not signature or _is_paper(deployment):
        return ""
    return " · " + link("explorer", f"{settings.ENVIRONMENT.explorer_url}/tx/{signature}")


def wallet_card(*, address: str, status: str, deployment: str, quote_symbol: str) -> str:
    """Where to send money, in a form that a tap copies."""
    return "\n".join(
        [
            bold("Your wallet on Solana"),
            code(address),
            f"Status: {quote(status)}",
            "",
            f"Send {quote_symbol} (to trade on {quote(_venue(deployment))}) and a little SOL "
            "(it pays rent and network fees) to this address. Tap it to copy.",
        ]
    )


def stamp(at: datetime, now: datetime, *, live: bool) -> str:
    """Where figures are from, and how old they are."""
    if live:
        return italic("live, straight from the chain")
    return italic(f"as of {figures.age(at, now)}")


def _size(value: Decimal, market: MarketFacts) -> str:
    return figures.size(value, market.step_size, market.base_asset)


def _price(value: Decimal, market: MarketFacts) -> str:
    return figures.price(value, market.tick_size)


def _venue(deployment: str) -> str:
    return deployment.capitalize()
