"""The questions a person may be in the middle of."""

from aiogram.fsm.state import State, StatesGroup


class OrderFlow(StatesGroup):
    """side, then market, then size."""

    market = State()
    size = State()


class ChangeFlow(StatesGroup):
    """The new price or size of an order that rests."""

    value = State()


class DepositFlow(StatesGroup):
    amount = State()


class SettingsFlow(StatesGroup):
    time_zone = State()
