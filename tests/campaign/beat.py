"""What Beat has done in a round, one job after the other; where one fails, it comes again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import redis
from django.db import DatabaseError

from audit.sealing import seal_audit
from chain.services import sweep_submissions
from core.errors import DeskError
from core.logs import get_logger
from markets.prices import Price
from tests.prices import store_prices
from trading.services import carry_on_plans, fund_withdrawals, reconcile_wanted, tick_paper
from wallets.services import release_withdrawals

log = get_logger("desk.campaign")
# Withdrawals wait so that they can be stopped; how long is another test's.
_WAITED = timedelta(minutes=11)
# Three seconds on, the sweep takes what a task has forgotten; five more, a plan's maker has left.
_FORGOTTEN, _LEFT = timedelta(seconds=3), timedelta(seconds=6)


def one_round(*, now: datetime) -> None:
    """Every job of money once, as one worker would that takes them all."""
    jobs: list[Callable[[], object]] = [
        lambda: sweep_submissions(now=now + _FORGOTTEN),
        lambda: reconcile_wanted(now=now),
        lambda: carry_on_plans(now=now + _LEFT),
        lambda: release_withdrawals(now=now + _WAITED),
        lambda: fund_withdrawals(now=now),
        lambda: tick_paper(now=now),
        lambda: seal_audit(now=now),
    ]
    for job in jobs:
        try:
            job()
        except (DeskError, DatabaseError, redis.RedisError) as error:
            log.warning("a job failed and comes again", error=f"{type(error).__name__}: {error}")


def tell_price(price: Decimal, *, now: datetime) -> None:
    """What the feed does: the last price, for those who trade on paper."""
    store_prices([Price(token="SOL", price=price, source="velocity", slot=1, observed_at=now)])
