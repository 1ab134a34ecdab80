"""The shapes of a person's settings, their defaults, and the refusal of what has none."""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import Refused

Loudness = Literal["on", "silent", "off"]
Hour = Annotated[int, Field(ge=0, le=23)]


@cache
def _time_zones() -> frozenset[str]:
    """Read from the system once: asking for them walks through hundreds of files."""
    return frozenset(available_timezones())


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RiskManagement(_Shape):
    max_leverage: Decimal = Field(default=Decimal(10), ge=1, le=100)
    stop_loss_percentage: Decimal | None = Field(default=None, gt=0, lt=100)


class Notifications(_Shape):
    price_alerts: Loudness = "on"
    trade_notifications: Loudness = "on"
    position_alerts: Loudness = "on"
    wallet_alerts: Loudness = "on"
    news: Loudness = "silent"
    digests: Loudness = "silent"
    # The first quiet hour and the first loud one, where the person is: 22 and 7.
    quiet_hours: tuple[Hour, Hour] | None = None
    # What becomes of alerts meanwhile; what touches money is always told.
    quiet_mode: Literal["silent", "hold"] = "silent"

    @field_validator("quiet_hours")
    @classmethod
    def _are_a_part_of_the_day(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value is not None and value[0] == value[1]:
            raise ValueError("begin and end at different hours")
        return value


class Trading(_Shape):
    default_slippage: Decimal = Field(default=Decimal("0.5"), gt=0, le=5)
    auto_close: bool = False
    confirm: bool = True
    presets: list[Decimal] = Field(default_factory=lambda: [Decimal(25), Decimal(100)])
    priority_fee_cap: Decimal = Field(default=Decimal("0.0005"), gt=0, le=Decimal("0.01"))
    # Where new orders and deposits go; None is the desk's default.
    deployment: str | None = None
    # While on, new orders go to the paper venue instead.
    paper: bool = False

    @field_validator("deployment")
    @classmethod
    def _open(cls, value: str | None) -> str | None:
        # Paper is a switch of its own: the deployment is what it goes back to.
        there = [key for key in settings.VENUES if key not in settings.PAPER_VENUE]
        if value is not None and value not in there:
            raise ValueError(f"is not open here; there are {', '.join(there)}")
        return value


class Display(_Shape):
    time_zone: str = "UTC"
    language: Literal["en"] = "en"
    quote_currency: str = "USD"
    hide_amounts: bool = False

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in _time_zones():
            raise ValueError("is no IANA time zone, such as Europe/Vienna")
        return value


SHAPES: dict[str, type[_Shape]] = {
    "risk_management": RiskManagement,
    "notifications": Notifications,
    "trading": Trading,
    "display": Display,
}


def still_valid(*, key: str, stored: dict[str, Any]) -> dict[str, Any]:
    """What was stored, without a deployment that has been closed since: that is the default."""
    if key == "trading" and stored.get("deployment") not in settings.VENUES:
        return stored | {"deployment": None}
    return stored


def check_setting(*, key: str, value: dict[str, Any]) -> dict[str, Any]:
    """The value in its stored form, with defaults. Raises Refused."""
    shape = SHAPES.get(key)
    if shape is None:
        raise Refused("settings.unknown_key", key=key[:40], known=", ".join(SHAPES))
    try:
        return shape.model_validate(value).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or key
        raise Refused("settings.invalid", field=field, reason=first["msg"]) from error
