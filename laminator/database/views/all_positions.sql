-- Every venue's positions; market_id is always markets.id.
CREATE VIEW all_positions WITH (security_invoker = true) AS
SELECT id, user_id, wallet_id, market_id, deployment, side, size, peak_size, entry_price,
       exit_price, current_price AS mark_price, leverage, margin, unrealized_pnl, realized_pnl,
       fees, funding, liquidation_price, status, opened_at, closed_at, updated_at,
       'positions' AS source
FROM positions
UNION ALL
SELECT p.id, p.user_id, p.wallet_id, m.market_id, p.deployment, p.side, p.base_asset_amount,
       p.peak_size, p.entry_price, p.exit_price, p.mark_price, p.leverage, p.margin_amount,
       p.unrealized_pnl, p.realized_pnl, p.fees, p.funding, p.liquidation_price, p.status,
       p.opened_at, p.closed_at, p.updated_at, 'drift_positions'
FROM drift_positions p JOIN drift_markets m ON m.id = p.market_id
