"""How alerts move when their values do: one statement, in which each firing is claimed once.

An alert waits for its value to rise to `rises_to` or to fall to `falls_to`. One that is armed
fires then; one that fired and repeats is armed anew. Which rows a value may concern, `hit`, is
found by range scans; they are locked in the order of their keys, so that no two evaluators wait
for each other in a circle, and who comes second finds the condition gone.
"""

from decimal import Decimal

from alerts.enums import ConditionType

_OPEN = """
a.status = 'active' AND a.paused_at IS NULL
AND (a.expires_at IS NULL OR a.expires_at > %(now)s)
AND (NOT a.armed OR a.quiet_until IS NULL OR a.quiet_until <= %(now)s)
"""
# At its target itself a value is neither above nor below; what was to be equal is there.
_REACHED = """
(a.rises_to < v.value OR a.falls_to > v.value
 OR ((a.rises_to = v.value OR a.falls_to = v.value)
     AND (NOT a.armed OR a.condition_type = 'equals')))
"""
_TARGET = "a.target_price"
_MOVE = f"""
locked AS MATERIALIZED (
  SELECT a.id FROM alerts a WHERE a.id = ANY (ARRAY(SELECT h.id FROM hit h))
  ORDER BY a.id FOR NO KEY UPDATE
)
UPDATE alerts AS a SET
  status = CASE WHEN a.armed AND a.repeat = 'once' THEN 'triggered' ELSE a.status END,
  triggered_at = CASE WHEN a.armed THEN %(now)s ELSE a.triggered_at END,
  trigger_count = a.trigger_count + a.armed::int,
  quiet_until = CASE WHEN a.armed THEN %(now)s + a.cooldown ELSE a.quiet_until END,
  armed = NOT a.armed,
  rises_to = CASE
    WHEN a.armed THEN
      CASE WHEN a.condition_type <> 'greater_than' THEN {_TARGET} + coalesce(a.band, 0) END
    WHEN a.condition_type = 'greater_than'
      OR (a.condition_type = 'equals' AND v.value < {_TARGET}) THEN {_TARGET} END,
  falls_to = CASE
    WHEN a.armed THEN
      CASE WHEN a.condition_type <> 'less_than' THEN {_TARGET} - coalesce(a.band, 0) END
    WHEN a.condition_type = 'less_than'
      OR (a.condition_type = 'equals' AND v.value >= {_TARGET}) THEN {_TARGET} END
FROM v
WHERE a.id = ANY (ARRAY(SELECT l.id FROM locked l)) AND a.market_id = v.market_id
  AND {_OPEN} AND {_REACHED}
RETURNING a.id, a.user_id, a.status, a.armed, a.trigger_count, v.value
"""  # noqa: S608  # of texts that stand here alone
_ON_PRICES = "a.alert_type IN ('price_above', 'price_below')"
# The inner queries stand apart, so that each is a look into an index from one price on: joined
# freely, the planner reads all alerts of all markets, as it cannot know how few a price concerns.
BY_PRICES = f"""
WITH v AS MATERIALIZED (
  SELECT m.id AS market_id, s.price AS value
  FROM unnest(%(sources)s::text[], %(tokens)s::text[], %(prices)s::numeric[])
    AS s(source, token, price)
  JOIN markets m ON m.dex_name = s.source AND m.base_asset = s.token
),
hit AS MATERIALIZED (
  SELECT r.id FROM v CROSS JOIN LATERAL (
    SELECT a.id FROM alerts a
    WHERE a.market_id = v.market_id AND a.rises_to <= v.value AND {_ON_PRICES}
      AND {_OPEN} AND {_REACHED} OFFSET 0
  ) r
  UNION ALL
  SELECT f.id FROM v CROSS JOIN LATERAL (
    SELECT a.id FROM alerts a
    WHERE a.market_id = v.market_id AND a.falls_to >= v.value AND {_ON_PRICES}
      AND {_OPEN} AND {_REACHED} OFFSET 0
  ) f
),
{_MOVE}
"""  # noqa: S608  # of texts that stand here alone


def first_watch(
    *, condition: str, target: Decimal, band: Decimal, value: Decimal | None
) -> tuple[bool, Decimal | None, Decimal | None]:
    """Whether a new alert is armed, and what it waits for: (armed, rises_to, falls_to).

    One that waits for a value to be met has to know from which side: where the value is not known
    it is armed by the first one that is a band away.
    """
    if condition == ConditionType.GREATER_THAN:
        return True, target, None
    if condition == ConditionType.LESS_THAN:
        return True, None, target
    if value is None:
        return False, target + band, target - band
    return (True, None, target) if value > target else (True, target, None)
