-- Each change of an order, of any venue; changes of one transaction share their time, not their
-- change_id.
CREATE VIEW order_history WITH (security_invoker = true) AS
SELECT e.id AS order_id, user_id, deployment, status, status_reason, size, filled_size, price,
       avg_fill_price, total_fees, pgh_label AS change, pgh_created_at AS changed_at,
       e.pgh_id AS change_id,
       c.metadata AS changed_by
FROM trading_orderevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
UNION ALL
SELECT e.id, user_id, deployment, status, status_reason, base_asset_amount, filled_amount, price,
       avg_fill_price, total_fees, pgh_label, pgh_created_at, e.pgh_id, c.metadata
FROM drift_driftorderevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
