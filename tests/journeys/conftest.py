"""Traders of both deployments for whole ways."""

import itertools

import pytest

from tests.desk import Trader

_telegram_ids = itertools.count(5_000_001)


@pytest.fixture(params=["velocity", "drift"])
def trader(request, desk):
    return Trader(desk, request.param, next(_telegram_ids)).arrive()
