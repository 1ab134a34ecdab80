-- Each change of a position's size, side, margin, realised PnL or status, of any venue.
CREATE VIEW position_history WITH (security_invoker = true) AS
SELECT e.id AS position_id, user_id, deployment, side, size, entry_price, margin, realized_pnl,
       status, pgh_label AS change, pgh_created_at AS changed_at,
       e.pgh_id AS change_id,
       c.metadata AS changed_by
FROM trading_positionevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
UNION ALL
SELECT e.id, user_id, deployment, side, base_asset_amount, entry_price, margin_amount, realized_pnl,
       status, pgh_label, pgh_created_at, e.pgh_id, c.metadata
FROM drift_driftpositionevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
