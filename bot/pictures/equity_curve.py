"""What a person's account was worth over time, beside what they had put in."""

from datetime import datetime

from bot.pictures.style import (
    FAINT,
    GAIN,
    LOSS,
    SMALL,
    TEXT,
    axes,
    drawing,
    stamp,
    tell_nothing_yet,
    title,
)
from core.money import dollars, signed_dollars
from trading.facts import EquityFacts


def equity_curve(equity: EquityFacts, *, hidden: bool, time_zone: str, now: datetime) -> bytes:
    """A PNG of net deposits and of equity; with `hidden` the amounts are left out."""
    with drawing() as picture:
        gain, name = equity.gain, equity.deployment.capitalize()
        if hidden or not equity.points:
            title(picture, "Equity", below=name)
        else:
            worth = dollars(equity.points[-1].equity)
            title(picture, "Equity", signed_dollars(gain), below=f"{name}   ·   worth {worth}")
        if len(equity.points) < 2:
            tell_nothing_yet(picture, "Nothing has happened here yet.")
        else:
            panel = axes(picture, time_zone=time_zone)
            at = [point.at for point in equity.points]
            worth_then = [float(point.equity) for point in equity.points]
            put_in = [float(point.net_deposits) for point in equity.points]
            colour = GAIN if gain >= 0 else LOSS
            panel.step(at, put_in, where="post", color=FAINT, linewidth=1.4, label="put in")
            panel.step(at, worth_then, where="post", color=colour, linewidth=2.2, label="equity")
            panel.fill_between(at, put_in, worth_then, color=colour, alpha=0.12, step="post")
            # Over the chart and not in it, where the curve would be drawn through it.
            legend = panel.legend(
                loc="lower right", bbox_to_anchor=(1.2, 0.995), ncols=2, frameon=False,
                fontsize=SMALL, borderpad=0, handlelength=1.2, columnspacing=1,
            )  # fmt: skip
            for text in legend.get_texts():
                text.set_color(TEXT)
            if hidden:
                panel.set_yticklabels([])
        stamp(picture, now, time_zone)
    return picture.png
