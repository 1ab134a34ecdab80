"""What a person reads when the desk is up: where it is, and what to do first."""

from collections.abc import Mapping

from laminator.local.desk_settings import DeskSettings


def banner(
    *, environment: Mapping[str, str], settings: DeskSettings, told: str, seconds: float
) -> str:
    """Return the addresses, what the preparation had to say, and the first step."""
    desk = settings.desk_address()
    lines = ["", f"Laminator is up ({seconds:.1f} s).", ""]
    lines += [f"  Admin      {desk}/admin/", f"  Health     {desk}/health"]
    if settings.live:
        first = "Open your bot in Telegram and send /start."
    else:
        chat = environment["TELEGRAM_API_URL"]
        lines += [
            f"  Chat page  {chat}/   SANDBOX: stands in for Telegram",
            f"  Explorer   {environment['EXPLORER_URL']}   SANDBOX: stands in for Solana",
        ]
        first = f"Open {chat}/ and send /start; or see a trader's first day: make demo"
    lines += [f"  Logs       {settings.var_dir / 'log'}", ""]
    if told:
        lines += [*(f"  {line}" for line in told.splitlines()), ""]
    return "\n".join([*lines, f"First: {first}", "Ctrl-C stops everything; data is kept.", ""])
