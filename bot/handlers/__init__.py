"""What the bot does on a command, a text or a tap, one concern a file."""

from aiogram import Router

from bot.handlers import (
    alerts,
    confirm,
    deposit,
    elsewhere,
    fallback,
    general,
    lists,
    missing,
    notifications,
    orders,
    paper,
    pictures,
    positions,
    security,
    settings,
    trade,
    wallet,
    withdraw,
)


def make_routers() -> list[Router]:
    """Fresh routers in the order in which they are asked; commands before a flow's answers."""
    return [
        module.make_router()
        for module in (
            general,
            missing,
            wallet,
            lists,
            alerts,
            orders,
            positions,
            elsewhere,
            pictures,
            paper,
            settings,
            notifications,
            deposit,
            withdraw,
            security,
            trade,
            confirm,
            fallback,
        )
    ]
