"""One position's gain or loss as a card to keep or to pass on."""

from datetime import datetime
from decimal import Decimal

from bot.pictures.style import FAINT, GAIN, LOSS, SMALL, TEXT, drawing, stamp
from bot.texts import figures
from core.money import ZERO, dollars, signed, signed_dollars
from trading.facts import PositionFacts


def pnl_card(
    position: PositionFacts, *, tag: str, hidden: bool, time_zone: str, now: datetime
) -> bytes:
    """A PNG; with `hidden` it tells the share and the prices, and no amount or size."""
    gain = total_gain(position)
    share = gain_share(position)
    colour = GAIN if gain > 0 else LOSS if gain < 0 else TEXT
    with drawing() as picture:
        write = picture.figure.text
        side = GAIN if position.side == "long" else LOSS
        write(0.06, 0.88, position.market, color=TEXT, fontsize=24, fontweight="bold", va="center")
        write(0.94, 0.88, tag, color=FAINT, fontsize=17, fontweight="bold", va="center", ha="right")
        write(
            0.06, 0.79, f"{position.side.upper()}  {_state(position)}",
            color=side, fontsize=18, fontweight="bold", va="center",
        )  # fmt: skip
        write(
            0.06, 0.615, f"{signed(share)}%",
            color=colour, fontsize=54, fontweight="bold", va="center",
        )  # fmt: skip
        write(0.06, 0.485, "of its value at entry", color=FAINT, fontsize=SMALL, va="center")
        if not hidden:
            amount = signed_dollars(gain)
            write(0.06, 0.385, amount, color=colour, fontsize=22, fontweight="bold", va="center")
        for place, (name, value) in enumerate(_rows(position, hidden=hidden)):
            left = 0.06 + 0.235 * place
            write(left, 0.25, name, color=FAINT, fontsize=SMALL, va="center")
            write(left, 0.18, value, color=TEXT, fontsize=15, fontweight="bold", va="center")
        stamp(picture, now, time_zone)
    return picture.png


def total_gain(position: PositionFacts) -> Decimal:
    """What the position has brought so far, after fees and funding."""
    return position.realized_pnl + position.unrealized_pnl


def gain_share(position: PositionFacts) -> Decimal:
    """The gain in percent of the position's value at entry: the same for every leverage."""
    base = position.entry_price * position.peak_size
    if base <= 0:
        return ZERO
    return (total_gain(position) / base * 100).quantize(Decimal("0.01"))


def _state(position: PositionFacts) -> str:
    return "" if position.status == "open" else position.status.upper()


def _rows(position: PositionFacts, *, hidden: bool) -> list[tuple[str, str]]:
    tick = position.tick_size
    last = position.mark_price if position.status == "open" else position.exit_price
    rows = [
        ("Entry", figures.price(position.entry_price, tick)),
        ("Mark" if position.status == "open" else "Exit", figures.price(last, tick)),
    ]
    if not hidden:
        size = position.size if position.status == "open" else position.peak_size
        rows.append(("Size", figures.size(size, position.step_size, position.base_asset)))
        rows.append(("Fees", dollars(position.fees)))
    return rows
