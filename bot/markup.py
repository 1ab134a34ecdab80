"""Telegram's HTML: every text that is not ours goes through here."""

from aiogram import html


def quote(text: object) -> str:
    """Any text, made harmless."""
    return html.quote(str(text))


def bold(text: object) -> str:
    return f"<b>{quote(text)}</b>"


def italic(text: object) -> str:
    return f"<i>{quote(text)}</i>"


def code(text: object) -> str:
    """A text that a tap copies."""
    return f"<code>{quote(text)}</code>"


def link(text: object, url: str) -> str:
    return f'<a href="{html.quote(url).replace(chr(34), "&quot;")}">{quote(text)}</a>'
