"""The price of a market, with the lines of what is held there: entry, liquidation, stop, target."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.pictures.style import (
    FAINT,
    GAIN,
    LINE,
    LOSS,
    PANEL,
    PLAIN,
    TEXT,
    WARNING,
    axes,
    drawing,
    stamp,
    tell_nothing_yet,
    title,
)
from bot.texts import figures
from trading.facts import ChartFacts

# A level further off than this share of the price would flatten the line: it stands at the edge.
_NEAR = Decimal("0.12")
# In parts of the chart: how far apart labels stand, and where their lines begin, right of them.
_APART, _LINES_FROM = 0.085, 0.42


def price_chart(chart: ChartFacts, *, hidden: bool, time_zone: str, now: datetime) -> bytes:
    """A PNG of the last hours' prices; a level beyond the picture is named at its edge."""
    tick = chart.market.tick_size
    with drawing() as picture:
        last = chart.prices[-1].price if chart.prices else None
        title(
            picture,
            chart.market.symbol,
            figures.price(last, tick),
            below=_below(chart, now, hidden=hidden),
        )
        if len(chart.prices) < 2 or last is None:
            tell_nothing_yet(picture, "Not enough prices yet for a chart.")
        else:
            panel = axes(picture, time_zone=time_zone)
            panel.plot(
                [point.at for point in chart.prices],
                [float(point.price) for point in chart.prices],
                color=LINE,
                linewidth=2,
            )
            _draw_levels(panel, chart, last)
        stamp(picture, now, time_zone)
    return picture.png


def _below(chart: ChartFacts, now: datetime, *, hidden: bool) -> str:
    position = chart.position
    age = figures.age(chart.prices[-1].at, now) if chart.prices else "no price"
    venue = f"{chart.market.deployment.capitalize()} oracle price, {age}"
    if position is None:
        return venue
    size = figures.size(position.size, position.step_size, position.base_asset, hidden=hidden)
    return f"{position.side.upper()} {size}   ·   {venue}"


def _draw_levels(panel: object, chart: ChartFacts, last: Decimal) -> None:
    prices = [point.price for point in chart.prices]
    low, high = min(prices), max(prices)
    levels = _levels(chart)
    near = [level for _, level, _ in levels if abs(level - last) <= last * _NEAR]
    low, high = min([low, *near]), max([high, *near])
    room = max((high - low) / 10, last / 2000)
    bottom, top = low - room, high + room
    panel.set_ylim(float(bottom), float(top))  # type: ignore[attr-defined]
    labels = []
    for name, level, colour in levels:
        label = f"{name} {figures.price(level, chart.market.tick_size)}"
        if bottom <= level <= top:
            panel.axhline(  # type: ignore[attr-defined]
                float(level), xmin=_LINES_FROM, color=colour, linewidth=1.4, linestyle="--"
            )
        else:
            label = f"{'▲' if level > top else '▼'} {label}"
        labels.append((float((level - bottom) / (top - bottom)), label, colour))
    labels.sort()
    heights = spread([height for height, _, _ in labels])
    for height, (_, label, colour) in zip(heights, labels, strict=True):
        _label(panel, height, label, colour)


def spread(heights: Sequence[float]) -> list[float]:
    """Rising heights moved as little as it takes to stand apart, within the chart if they fit."""
    spread_up: list[float] = []
    for height in heights:
        lowest = spread_up[-1] + _APART if spread_up else _APART / 2
        spread_up.append(max(height, lowest))
    ceiling = 1 - _APART / 2
    for place in range(len(spread_up) - 1, -1, -1):
        spread_up[place] = min(spread_up[place], ceiling)
        ceiling = spread_up[place] - _APART
    return spread_up


def _levels(chart: ChartFacts) -> list[tuple[str, Decimal, str]]:
    position = chart.position
    levels = []
    if position is not None:
        levels.append(("Entry", position.entry_price, TEXT))
        if position.liquidation_price is not None:
            levels.append(("Liquidation", position.liquidation_price, LOSS))
    levels += [("Stop", level, WARNING) for level in chart.stops]
    levels += [("Target", level, GAIN) for level in chart.targets]
    levels += [("Order", level, FAINT) for level in chart.limits]
    return levels


def _label(panel: object, height: float, text: str, colour: str) -> None:
    panel.text(  # type: ignore[attr-defined]
        0.012,
        height,
        text,
        color=colour,
        fontsize=PLAIN,
        zorder=5,
        va="center",
        transform=panel.transAxes,  # type: ignore[attr-defined]
        bbox={"facecolor": PANEL, "edgecolor": "none", "alpha": 0.6, "pad": 2},
    )
