"""The questions a person may be in the middle of."""

from aiogram.fsm.state import State, StatesGroup


class OrderFlow(StatesGroup):
    """side, then market, then size."""

    market = State()
    size = State()


class DepositFlow(StatesGroup):
    amount = State()


class SettingsFlow(StatesGroup):
    time_zone = State()
