"""What the chat says of alerts: the list, the answer to a new one, what one that fires tells."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from alerts.facts import AlertFacts, FiringFacts
from bot.markup import bold, italic, quote
from bot.texts import figures

_WORDS = {"greater_than": "above", "less_than": "below", "equals": "at"}
_SIGNS = {"greater_than": ">", "less_than": "<", "equals": "="}
_IS = {"greater_than": "is above", "less_than": "is below", "equals": "has reached"}
NOTHING = "You have no alerts. /alert SOL &gt; 150 makes one."
USAGE = "\n".join(
    [
        bold("Alerts"),
        "/alert SOL &gt; 150: once, when the price is above",
        "/alert SOL &lt; 120 every 1h: each time it falls below, at most once an hour",
        "/alert SOL = 150 until 7d: when it is met, within seven days",
        "Also: until 18:30, until 2027-01-31, and note with your own words at the end.",
        "/alerts shows yours: pause, resume, delete.",
    ]
)


def alerts_screen(found: Sequence[AlertFacts], *, time_zone: str, page: int) -> str:
    """Five alerts with what they wait for, numbered as their buttons."""
    if not found:
        return f"{bold('Alerts')}\n{'Nothing older.' if page else NOTHING}"
    lines = [
        f"{place}. {'⏸ ' if each.paused else ''}{alert_line(each)}{_terms(each, time_zone)}"
        for place, each in enumerate(found, start=1)
    ]
    heading = f"{bold('Alerts')}{f', page {page + 1}' if page else ''}"
    return "\n".join([heading, *lines, italic(f"Times are {time_zone}.")])


def alert_line(alert: AlertFacts) -> str:
    """`SOL above $150`."""
    return f"{bold(alert.base_asset)} {_WORDS[alert.condition]} {_price(alert.target)}"


def created_text(alert: AlertFacts, *, time_zone: str) -> str:
    """The answer to a new alert: what it waits for, and how often it will tell."""
    lines = [
        f"🔔 {alert_line(alert)}{_place(alert)}",
        _distance(alert),
        _how_often(alert),
    ]
    if alert.expires_at is not None:
        lines.append(f"Until {figures.moment(alert.expires_at, time_zone)}.")
    if alert.note:
        lines.append(f"📝 {quote(alert.note)}")
    return "\n".join(filter(None, lines))


def fired_text(firing: FiringFacts, *, time_zone: str) -> str:
    """The message of an alert: what is true, since when, and whether it will tell again."""
    alert = firing.alert
    target, value = _price(alert.target), figures.price(firing.value, alert.tick_size)
    lines = [
        f"🔔 {bold(alert.base_asset)} {_IS[alert.condition]} {target}: {bold(value)}",
        f"{quote(alert.deployment.capitalize())}, {figures.moment(firing.fired_at, time_zone)}",
    ]
    if alert.note:
        lines.append(f"📝 {quote(alert.note)}")
    if alert.repeat == "every":
        lines.append(f"No. {firing.number}. {_again(alert)}")
    else:
        again = f"/alert {alert.base_asset} {_SIGNS[alert.condition]} {_typed(alert.target)}"
        lines.append(f"That was once. Again: {quote(again)}")
    return "\n".join(lines)


def _terms(alert: AlertFacts, time_zone: str) -> str:
    told = []
    if alert.price is not None:
        told.append(f"now {figures.price(alert.price, alert.tick_size)}")
    if alert.cooldown is not None:
        told.append(f"every {_span(alert.cooldown)}, told {alert.trigger_count} times")
    if alert.expires_at is not None:
        told.append(f"until {figures.moment(alert.expires_at, time_zone)}")
    if alert.note:
        told.append(f"📝 {quote(alert.note[:40])}")
    return f"\n   {', '.join(told)}" if told else ""


def _distance(alert: AlertFacts) -> str:
    if alert.price is None:
        return "There is no fresh price now; it is watched from the next one on."
    now = f"Now {figures.price(alert.price, alert.tick_size)}"
    if alert.condition == "greater_than" and alert.price > alert.target:
        return f"{now}: it is above already, so you hear of it at the next price."
    if alert.condition == "less_than" and alert.price < alert.target:
        return f"{now}: it is below already, so you hear of it at the next price."
    away = abs(alert.target - alert.price) / alert.price * 100
    return f"{now}, {figures.percent(away)} away."


def _how_often(alert: AlertFacts) -> str:
    if alert.cooldown is None:
        return "You are told once."
    return f"You are told each time, at most every {_span(alert.cooldown)}. {_again(alert)}"


def _again(alert: AlertFacts) -> str:
    """From where on it can fire anew: so a price that trembles about its target is told once."""
    if alert.condition == "equals":
        return f"Again once it has been {_price(alert.band)} away from there."
    is_above = alert.condition == "greater_than"
    way_back = alert.target - alert.band if is_above else alert.target + alert.band
    side = "below" if is_above else "above"
    return f"Again once it has been back {side} {_price(way_back)}."


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _place(alert: AlertFacts) -> str:
    return f" at {quote(alert.deployment.capitalize())}"


def _typed(target: Decimal) -> str:
    """As people write it: no idle zeros."""
    text = f"{target:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _price(value: Decimal) -> str:
    """A target, or what follows from one: `$1,500`, `$149.25`."""
    text = f"{round(value, 8):,f}"
    return f"${text.rstrip('0').rstrip('.') if '.' in text else text}"
