"""A trader on a running sandbox, and a program that acts for them."""

import itertools

import pytest

from accounts.models import User
from core.roles import as_sync
from tests.desk import Trader
from tests.rest.programs import program

_telegram_ids = itertools.count(7_100_001)


@pytest.fixture
def trader(desk):
    return Trader(desk, "velocity", next(_telegram_ids)).arrive()


@pytest.fixture
def caller(trader):
    with as_sync():
        user = User.objects.get(pk=trader.user_id)
    return program(user)
