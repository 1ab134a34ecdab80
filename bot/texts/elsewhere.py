"""Screens of venues that are only read: what is held there, and how old that is."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.markup import bold, italic, quote
from bot.texts import figures
from bot.texts.cards import stamp
from core.money import ZERO
from trading.facts import ElsewhereFacts, PositionFacts

_SHOWN = 9
_ELSEWHERE_SHOWN = 3
_COMMAND = {"jupiter": "/juppositions", "flash": "/flashbalance"}
_SIDES = {"long": "🟢 LONG", "short": "🔴 SHORT"}


def elsewhere_screen(found: ElsewhereFacts, *, now: datetime, hidden: bool) -> str:
    """All that is held at one venue; what it is worth together first."""
    title = f"{bold(found.display_name)} · read-only"
    if found.observed_at is None:
        return f"{title}\n{quote(found.display_name)} does not answer now, and was never read."
    lines = [title]
    if not found.positions:
        lines.append("No open positions there.")
    else:
        covered = sum((each.margin for each in found.positions), ZERO)
        gain = sum((each.unrealized_pnl for each in found.positions), ZERO)
        lines.append(
            f"Collateral in positions {bold(figures.money(covered, hidden=hidden))} · "
            f"PnL {_gain(found.positions, gain, hidden=hidden)}"
        )
        lines += ["\n".join(["", *_block(each, hidden)]) for each in found.positions[:_SHOWN]]
        if len(found.positions) > _SHOWN:
            lines.append(italic(f"and {len(found.positions) - _SHOWN} more"))
        if found.source == "accounts":
            lines += ["", italic("PnL at the desk's prices, before fees that accrue there.")]
    lines += ["", stamp(found.observed_at, now, live=found.live)]
    if not found.is_reachable:
        lines.append(f"⚠️ {quote(found.display_name)} does not answer now: these are old figures.")
    lines.append("The desk cannot trade there.")
    return "\n".join(lines)


def held_elsewhere(found: Sequence[ElsewhereFacts], *, now: datetime, hidden: bool) -> list[str]:
    """A short block a venue, for beside the positions that can be traded."""
    blocks = []
    for venue in found:
        lines = [f"👁 {bold(venue.display_name)} · read-only"]
        lines += [_line(each, hidden) for each in venue.positions[:_ELSEWHERE_SHOWN]]
        at = stamp(venue.observed_at or now, now, live=venue.live)
        command = _COMMAND.get(venue.deployment, "")
        left = len(venue.positions) - _ELSEWHERE_SHOWN
        blocks.append(
            "\n".join([*lines, f"{at} · {f'{left} more: ' if left > 0 else ''}{command}"])
        )
    return blocks


def _block(position: PositionFacts, hidden: bool) -> list[str]:
    tick = position.tick_size
    mark = figures.price(position.mark_price, tick)
    return [
        f"{_SIDES[position.side]} {bold(position.market)} · {bold(_size(position, hidden))}",
        f"Entry {figures.price(position.entry_price, tick)} → mark {mark}",
        f"PnL {_gain([position], position.unrealized_pnl, hidden=hidden)}",
        f"Collateral {figures.money(position.margin, hidden=hidden)} · "
        f"{figures.leverage(position.leverage)}",
        f"Liquidation {figures.price(position.liquidation_price, tick)}",
    ]


def _line(position: PositionFacts, hidden: bool) -> str:
    gain = _gain([position], position.unrealized_pnl, hidden=hidden)
    return f"{_SIDES[position.side]} {quote(position.market)} {_size(position, hidden)} · {gain}"


def _size(position: PositionFacts, hidden: bool) -> str:
    return figures.size(
        position.size.quantize(position.step_size), position.step_size, position.base_asset,
        hidden=hidden,
    )  # fmt: skip


def _gain(positions: Sequence[PositionFacts], gain: Decimal, *, hidden: bool) -> str:
    """Without a price there is no gain to tell, and nothing is not told as none."""
    if all(each.mark_price is None and not each.unrealized_pnl for each in positions):
        return "not known now"
    return figures.gain(gain, hidden=hidden)
