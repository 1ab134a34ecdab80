"""What a setting can be: types that read a variable's text and say what is wrong with it."""

import base64
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

TIERS = ("free", "basic", "pro", "premium")


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _by_tier(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [part.partition(":") for part in value.split(",") if part.strip()]
    return {tier.strip(): amount.strip() for tier, _, amount in pairs}


def _all_tiers(value: dict[str, Decimal]) -> dict[str, Decimal]:
    if set(value) != set(TIERS):
        raise ValueError(f"must name each of {', '.join(TIERS)}, like free:100,basic:200")
    return value


def _has_scheme(*schemes: str) -> AfterValidator:
    def check(value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must start with {' or '.join(f'{each}://' for each in schemes)}")
        return text.rstrip("/") if isinstance(value, str) else value

    return AfterValidator(check)


def _check_secret_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise ValueError("must have 32 characters or more")
    return value


def _check_bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", value.get_secret_value()):
        raise ValueError("must look like 123456:letters-and-digits")
    return value


def _check_webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
        raise ValueError("must be 16 to 256 letters, digits, _ and -")
    return value


def _check_32_bytes(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError("must be 32 bytes in base64")
    return value


HttpUrl = Annotated[str, _has_scheme("http", "https")]
SecretHttpUrl = Annotated[SecretStr, _has_scheme("http", "https")]
SecretHttpUrls = Annotated[tuple[SecretHttpUrl, ...], BeforeValidator(_split), Field(min_length=1)]
SecretWebsocketUrl = Annotated[SecretStr, _has_scheme("ws", "wss")]
PostgresUrl = Annotated[SecretStr, _has_scheme("postgresql", "postgres")]
RedisUrl = Annotated[SecretStr, _has_scheme("redis", "rediss")]
Names = Annotated[tuple[str, ...], BeforeValidator(_split), Field(min_length=1)]
SecretKey = Annotated[SecretStr, AfterValidator(_check_secret_key)]
BotToken = Annotated[SecretStr, AfterValidator(_check_bot_token)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_check_webhook_secret)]
EncryptionKeys = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_check_32_bytes)], ...],
    BeforeValidator(_split),
    Field(min_length=1),
]
AuditKey = Annotated[SecretStr, AfterValidator(_check_32_bytes)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]
Port = Annotated[int, Field(ge=1, le=65535)]
FirstOfFivePorts = Annotated[int, Field(ge=1, le=65531)]
Rate = Annotated[int, Field(ge=1, le=10_000_000)]
Percentile = Annotated[int, Field(ge=1, le=99)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
SecretSmtpUrl = Annotated[SecretStr, _has_scheme("smtp", "smtps")]
# "free:100,pro:1000": an amount for each tier.
TierAmounts = Annotated[dict[str, Amount], BeforeValidator(_by_tier), AfterValidator(_all_tiers)]
