"""Buttons: they carry a screen's name, a wish, or a pending act's id; no tap moves by itself."""

from collections.abc import Iterable, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.pending import PendingAct
from bot.texts import figures
from trading import progress as p
from trading.facts import ChangeFacts, MarketFacts, OrderFacts, PositionFacts, TransferFacts
from wallets.facts import WithdrawalFacts

PERCENTS = (25, 50, 100)
STOP_NAMES = {"stop_loss": "Stop", "take_profit": "Target"}
_CHANGEABLE = (p.OPEN, p.PARTLY_FILLED, p.WAITING)


def rows(*lines: Iterable[tuple[str, str]]) -> InlineKeyboardMarkup:
    """Lines of (label, data); data of `http…` opens an address."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[_button(label, data) for label, data in line] for line in lines if line]
    )


def _button(label: str, data: str) -> InlineKeyboardButton:
    if data.startswith(("http://", "https://")):
        return InlineKeyboardButton(text=label, url=data)
    return InlineKeyboardButton(text=label, callback_data=data)


def hub() -> InlineKeyboardMarkup:
    return rows(
        [("🟢 Long", "hub:long"), ("🔴 Short", "hub:short")],
        [("💰 Deposit", "hub:deposit"), ("📤 Withdraw", "hub:withdraw")],
        [("📊 Positions", "hub:positions"), ("📋 Orders", "hub:orders")],
        [("👛 Balance", "hub:balance"), ("❤️ Health", "hub:health")],
        [("📈 Markets", "hub:markets"), ("💸 Funding", "hub:funding")],
        [("🪐 Jupiter", "ro:jupiter"), ("⚡ Flash", "ro:flash")],
        [("🔔 Alerts", "hub:alerts"), ("⚙️ Settings", "hub:settings")],
    )


def elsewhere(deployment: str) -> InlineKeyboardMarkup:
    """A venue that is only read has nothing to tap but another look."""
    return rows([("🔄 Refresh", f"ro:{deployment}!"), ("📊 Positions", "hub:positions")])


def confirm(act: PendingAct) -> InlineKeyboardMarkup:
    return rows(
        [("✅ Confirm", f"ok:{act.uid}"), ("✖️ Cancel", f"no:{act.uid}")],
        [("🔁 New quote", f"rq:{act.uid}")],
    )


def confirm_change(act: PendingAct) -> InlineKeyboardMarkup:
    return rows([("✅ Confirm", f"ok:{act.uid}"), ("✖️ Leave it", f"no:{act.uid}")])


def requote(act: PendingAct) -> InlineKeyboardMarkup:
    return rows([("🔁 New quote", f"rq:{act.uid}"), ("✖️ Cancel", f"no:{act.uid}")])


def markets(side: str, found: Sequence[MarketFacts]) -> InlineKeyboardMarkup:
    """A button a market, three in a line."""
    buttons = [(market.base_asset, f"mk:{side}:{market.symbol}"[:64]) for market in found[:12]]
    lines = [buttons[start : start + 3] for start in range(0, len(buttons), 3)]
    return rows(*lines, [("✖️ Cancel", "fl:abort")])


def sizes(presets: Iterable[str]) -> InlineKeyboardMarkup:
    return rows([(f"${value}", f"sz:{value}") for value in presets], [("✖️ Cancel", "fl:abort")])


def deposit_amounts() -> InlineKeyboardMarkup:
    return rows(
        [("25%", "da:25%"), ("50%", "da:50%"), ("Max", "da:max")], [("✖️ Cancel", "fl:abort")]
    )


def funds(faucet_url: str | None) -> InlineKeyboardMarkup:
    line = [("📥 I have sent it: check", "dc:check")]
    return rows(line, [("🚰 Test money", faucet_url)] if faucet_url else [])


def positions(found: Sequence[PositionFacts]) -> InlineKeyboardMarkup:
    """What part of which position to close, short enough for a phone; a confirm card follows."""
    numbers = figures.numbers([position.base_asset for position in found])
    named = [
        (f"{number}{position.base_asset}", position)
        for number, position in zip(numbers, found, strict=True)
    ]
    lines = [
        [(f"{name} {part}%", close_data(position, part)) for part in PERCENTS]
        for name, position in named[:5]
    ]
    charts = [
        (f"📈 {name}", f"ch:{position.deployment}:{position.market}"[:64])
        for name, position in named[:4]
    ]
    pictures = [("🖼 PnL card", "hub:pnl"), ("💹 Equity", "hub:equity")]
    return rows(*lines, charts, pictures, [("🔄 Refresh", "hub:positions!")])


def close_parts(position: PositionFacts) -> InlineKeyboardMarkup:
    return rows(
        [(f"{part}%", close_data(position, part)) for part in PERCENTS], [("✖️ Cancel", "fl:abort")]
    )


def close_data(position: PositionFacts, part: int) -> str:
    return f"cl:{position.deployment}:{position.market}:{part}"[:64]


def pages(what: str, page: int, *, has_older: bool) -> InlineKeyboardMarkup | None:
    line = []
    if page > 0:
        line.append(("« Newer", f"{what}:{page - 1}"))
    if has_older:
        line.append(("Older »", f"{what}:{page + 1}"))
    return rows(line) if line else None


def orders(
    found: Sequence[OrderFacts], page: int, *, open_only: bool, has_older: bool
) -> InlineKeyboardMarkup:
    """A button an order for its own card, numbered as on the screen; then pages and filters."""
    details = [(f"{place}", f"od:{order.id.hex}") for place, order in enumerate(found, start=1)]
    word = "o" if open_only else "a"
    turn = []
    if page > 0:
        turn.append(("« Newer", f"po:{word}{page - 1}"))
    if has_older:
        turn.append(("Older »", f"po:{word}{page + 1}"))
    other = ("📜 All orders", "po:a0") if open_only else ("📖 Open ones", "po:o0")
    wipe = [("🧹 Cancel all", "ca:")] if open_only and found else []
    return rows(details, turn, [other, *wipe])


def of_order(order: OrderFacts) -> InlineKeyboardMarkup | None:
    """What can be done about an order where it stands now, and about each of its stops."""
    stops = [
        [(f"✏️ {name}", f"md:{child.id.hex}"), (f"✖️ {name}", f"cx:{child.id.hex}")]
        for child in order.children
        if child.progress in _CHANGEABLE and (name := STOP_NAMES.get(child.role))
    ]
    if order.progress in _CHANGEABLE:
        line = [("✖️ Cancel order", f"cx:{order.id.hex}")]
        if order.price is not None or order.trigger_price is not None:
            line.insert(0, ("✏️ Change", f"md:{order.id.hex}"))
        return rows(line, *stops, [("📋 Orders", "hub:orders")])
    if order.progress == p.FILLED:
        return rows(*stops, [("📊 Positions", "hub:positions"), ("👛 Balance", "hub:balance")])
    return rows(*stops) if stops else None


def of_change(change: ChangeFacts) -> InlineKeyboardMarkup | None:
    if change.progress in (p.DONE, p.NOT_EXECUTED):
        return rows([("📋 Orders", "hub:orders"), ("📊 Positions", "hub:positions")])
    return None


def of_withdrawal(withdrawal: WithdrawalFacts) -> InlineKeyboardMarkup | None:
    """Money that has not left can be kept here by one tap, which takes no code."""
    if withdrawal.may_be_cancelled:
        return rows([("✖️ Stop it", f"wx:{withdrawal.id.hex}")])
    return None


def of_transfer(transfer: TransferFacts) -> InlineKeyboardMarkup | None:
    if transfer.progress == p.COMPLETED and transfer.kind == "withdrawal":
        return rows([("👛 Balance", "hub:balance")])
    if transfer.progress == p.COMPLETED:
        return rows(
            [("🟢 Long", "hub:long"), ("🔴 Short", "hub:short")],
            [("👛 Balance", "hub:balance")],
        )
    return None
