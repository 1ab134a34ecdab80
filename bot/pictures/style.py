"""What all drawn pictures share: their canvas, colours, and the way to bytes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from matplotlib import dates, ticker
from matplotlib.figure import Figure

BACKGROUND, PANEL, GRID = "#10141b", "#171d27", "#2a3342"
TEXT, FAINT = "#f2f5f9", "#93a1b5"
GAIN, LOSS, LINE, WARNING = "#2fd27d", "#ff5d6c", "#5aa9ff", "#ffb547"
# 1080 x 810 pixels: a phone shows the whole of it without turning, at a third of its size, so that
# the smallest letters are still ten pixels high there.
_SIZE, _DOTS = (7.2, 5.4), 150
SMALL, PLAIN = 14, 14.5
# The library's fonts and caches are shared by all threads; a picture takes a fraction of a second.
_one_at_a_time = threading.Lock()


class Picture:
    """A figure under way, and its bytes once it is done."""

    def __init__(self) -> None:
        # Never pyplot: its figures stay in one global list until somebody closes them.
        self.figure = Figure(figsize=_SIZE, dpi=_DOTS, facecolor=BACKGROUND)
        self.png = b""


@contextmanager
def drawing() -> Iterator[Picture]:
    """A dark canvas; at the end of the block its PNG is made."""
    with _one_at_a_time:
        picture = Picture()
        yield picture
        stream = BytesIO()
        picture.figure.savefig(stream, format="png", facecolor=BACKGROUND)
        picture.png = stream.getvalue()


def axes(picture: Picture, *, time_zone: str) -> Any:
    """Axes over time, in the person's own time zone."""
    made = picture.figure.add_axes((0.035, 0.125, 0.775, 0.67), facecolor=PANEL)
    zone = ZoneInfo(time_zone)
    locator = dates.AutoDateLocator(minticks=3, maxticks=6, tz=zone)  # type: ignore[no-untyped-call]
    made.xaxis.set_major_locator(locator)
    made.xaxis.set_major_formatter(
        dates.ConciseDateFormatter(locator, tz=zone, show_offset=False)  # type: ignore[no-untyped-call]
    )
    made.yaxis.tick_right()
    made.yaxis.set_major_locator(ticker.MaxNLocator(nbins=5))
    made.grid(color=GRID, linewidth=0.7)
    made.tick_params(colors=FAINT, labelsize=SMALL, length=0)
    for side in made.spines.values():
        side.set_visible(False)
    return made


def title(picture: Picture, left: str, right: str = "", *, below: str = "") -> None:
    """The headline over a chart, what stands at its right, and a faint line below it."""
    picture.figure.text(0.035, 0.93, left, color=TEXT, fontsize=22, fontweight="bold", va="center")
    picture.figure.text(
        0.965, 0.93, right, color=TEXT, fontsize=20, fontweight="bold", va="center", ha="right"
    )
    picture.figure.text(0.035, 0.845, below, color=FAINT, fontsize=PLAIN, va="center")


def stamp(picture: Picture, at: datetime, time_zone: str) -> None:
    """When it was drawn: a picture is passed on, and grows old."""
    shown = at.astimezone(ZoneInfo(time_zone)).strftime("%d %b %Y %H:%M ") + time_zone
    picture.figure.text(0.965, 0.033, shown, color=FAINT, fontsize=SMALL, ha="right", va="center")
    picture.figure.text(0.035, 0.033, "Laminator", color=FAINT, fontsize=SMALL, va="center")


def tell_nothing_yet(picture: Picture, sentence: str) -> None:
    """In place of a line that has no two points yet."""
    picture.figure.text(0.43, 0.46, sentence, color=FAINT, fontsize=17, ha="center", va="center")
