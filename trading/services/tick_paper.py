"""Carry every paper account on that the last prices, or the clock, have something for."""

import uuid
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import connection, transaction

from core.roles import as_sync
from trading.models import PaperAccount, PaperMarket, VenueAccount
from trading.paper.book import DEPLOYMENT, Mark
from trading.paper.matching import run_step
from trading.paper.prices import fresh, read_quoted
from trading.paper.store import one_step, read_terms

log = structlog.get_logger(__name__)

# All that a step may do something for, by one statement over all accounts; what it names too much
# of, the step itself finds to be nothing.
_DUE = """
WITH m AS (
  SELECT * FROM unnest(%(indexes)s::int[], %(prices)s::numeric[], %(moments)s::timestamptz[])
    AS m(market_index, price, observed_at)
)
SELECT o.account_id FROM paper_orders o WHERE o.expires_at <= %(now)s
UNION
SELECT o.account_id
FROM paper_orders o JOIN m USING (market_index),
     LATERAL (SELECT coalesce(m.price + o.oracle_offset, o.price) AS limit_at) l
WHERE (o.priced_at IS NULL OR o.priced_at < m.observed_at)
  AND CASE
    WHEN o.trigger_price IS NOT NULL AND NOT o.triggered THEN
      CASE WHEN (o.direction = 'buy') = (o.order_type LIKE 'stop%%')
           THEN m.price >= o.trigger_price ELSE m.price <= o.trigger_price END
    WHEN NOT o.seen OR l.limit_at IS NULL THEN true
    WHEN o.direction = 'buy' THEN l.limit_at >= m.price
    ELSE l.limit_at <= m.price END
UNION
SELECT p.account_id FROM paper_positions p JOIN m USING (market_index)
WHERE date_trunc('hour', p.funded_at, 'UTC') < date_trunc('hour', %(now)s::timestamptz, 'UTC')
UNION
SELECT a.id
FROM paper_accounts a
JOIN paper_positions p ON p.account_id = a.id
JOIN paper_markets k ON k.market_index = p.market_index
LEFT JOIN m ON m.market_index = p.market_index
GROUP BY a.id, a.balance
HAVING bool_and(m.price IS NOT NULL)
   AND a.balance + sum(p.quote + p.base * m.price)
       < sum(abs(p.base) * m.price * k.maintenance_ratio)
"""


def tick_paper(*, now: datetime) -> dict[str, Any]:
    """One step of each account that is due, each in a transaction of its own.

    An account that another ticker, or a booking, holds at this moment is left for the next time.
    A stale price matches nothing. Same prices and times: the same steps.
    """
    quoted = read_quoted()
    marks = fresh(quoted, now)
    with as_sync():
        _keep_prices(marks)
        due = _due_accounts(marks, now)
    stepped = 0
    for account_id in due:
        try:
            stepped += _step(account_id, marks, now)
        except Exception:
            # This is a process's loop: the same odd account would stop it in every round.
            log.exception("paper_step_failed", account=str(account_id))
    return {"due": len(due), "stepped": stepped}


def _keep_prices(marks: dict[int, Mark]) -> None:
    for index, mark in marks.items():
        PaperMarket.objects.filter(market_index=index).exclude(
            last_price_at__gte=mark.observed_at
        ).update(last_price=mark.price, last_price_at=mark.observed_at)


def _due_accounts(marks: dict[int, Mark], now: datetime) -> list[uuid.UUID]:
    values: dict[str, Any] = {
        "indexes": list(marks),
        "prices": [mark.price for mark in marks.values()],
        "moments": [mark.observed_at for mark in marks.values()],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        return [account_id for (account_id,) in cursor.fetchall()]


def _step(account_id: uuid.UUID, marks: dict[int, Mark], now: datetime) -> bool:
    """Whether the step told anything. The desk's row of the account is locked first, as always."""
    from trading.tasks import reconcile

    terms = read_terms()
    with as_sync():
        wallet_id = PaperAccount.objects.values_list("wallet_id", flat=True).get(pk=account_id)
        held = VenueAccount.objects.select_for_update(skip_locked=True).filter(
            wallet_id=wallet_id, deployment=DEPLOYMENT, sub_account_id=0
        )
        account = held.first()
        if account is None:
            return False
        paper = PaperAccount.objects.select_for_update().get(pk=account_id)
        with one_step(paper, cause="tick", now=now) as step:
            run_step(step.book, marks=marks, terms=terms, now=now)
        if step.event_id is None:
            return False
        held.update(wanted_at=now)
        transaction.on_commit(partial(reconcile.delay, str(account.pk)), robust=True)
    return True
