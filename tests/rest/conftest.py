"""A trader on a running sandbox, and a program that acts for them."""

import pytest

from accounts.models import User
from core.roles import as_sync
from tests.desk import Trader, new_telegram_id
from tests.rest.programs import program


@pytest.fixture
def trader(desk):
    return Trader(desk, "velocity", new_telegram_id()).arrive()


@pytest.fixture
def caller(trader):
    with as_sync():
        user = User.objects.get(pk=trader.user_id)
    return program(user)
