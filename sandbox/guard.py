"""Refusal to stand beside anything live."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from sandbox.telegram.world import SANDBOX_TOKEN_PREFIX

URL_SETTINGS = (
    "SOLANA_RPC_URLS", "SOLANA_WS_URL", "PRIVY_BASE_URL", "TELEGRAM_API_URL", "JUPITER_PERPS_URL",
    "FLASH_API_URL", "HERMES_URL",
)  # fmt: skip
PRIVY_APP_PREFIX = "sandbox"


class LiveConfiguration(Exception):
    """A live key or address is configured beside the sandbox."""


def refuse_live_configuration(environment: Mapping[str, str]) -> None:
    """Raise LiveConfiguration, without showing a secret, if anything live is configured."""
    for name in URL_SETTINGS:
        for url in environment.get(name, "").replace(",", " ").split():
            host = urlsplit(url).hostname or ""
            if not is_loopback(host):
                raise LiveConfiguration(
                    f"{name} names {host or 'no host'}, which is not on this machine's loopback: "
                    f"the sandbox does not run beside a live service. Unset {name}."
                )
    app_id = environment.get("PRIVY_APP_ID", "")
    if app_id and not app_id.startswith(PRIVY_APP_PREFIX):
        raise LiveConfiguration(
            f"PRIVY_APP_ID does not begin with {PRIVY_APP_PREFIX!r}, so it is a live one: the "
            "sandbox does not run beside it. Unset the PRIVY_ variables."
        )
    token = environment.get("TELEGRAM_BOT_TOKEN", "")
    if token and not token.startswith(SANDBOX_TOKEN_PREFIX):
        raise LiveConfiguration(
            f"TELEGRAM_BOT_TOKEN does not begin with {SANDBOX_TOKEN_PREFIX!r}, so it may be a live "
            "bot's: the sandbox does not run beside it. Unset TELEGRAM_BOT_TOKEN."
        )


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
