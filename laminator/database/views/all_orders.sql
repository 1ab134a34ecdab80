-- Every venue's orders; market_id is always markets.id.
CREATE VIEW all_orders WITH (security_invoker = true) AS
SELECT id, user_id, wallet_id, market_id, deployment, order_type, side, direction, size, price,
       trigger_price, leverage, reduce_only, post_only, status, status_reason, origin, filled_size,
       avg_fill_price, total_fees, venue_order_id, created_at, updated_at,
       filled_at, ended_at, expires_at, deadline, role, parent_id, immediate_or_cancel, oracle_offset,
       'orders' AS source
FROM orders
UNION ALL
SELECT o.id, o.user_id, o.wallet_id, m.market_id, o.deployment, o.order_type, o.side, o.direction,
       o.base_asset_amount, o.price, o.trigger_price, o.leverage, o.reduce_only, o.post_only,
       o.status, o.status_reason, o.origin, o.filled_amount, o.avg_fill_price, o.total_fees,
       o.drift_order_id, o.created_at, o.updated_at, o.filled_at, o.ended_at, o.expires_at,
       o.deadline, o.role, o.parent_id, o.immediate_or_cancel, o.oracle_offset, 'drift_orders'
FROM drift_orders o JOIN drift_markets m ON m.id = o.market_id
