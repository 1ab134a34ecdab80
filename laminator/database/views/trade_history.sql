-- Every fill of every venue.
CREATE VIEW trade_history WITH (security_invoker = true) AS
SELECT f.id, f.user_id, f.wallet_id, f.market_id, m.symbol, f.deployment, f.order_id,
       f.position_id, f.side, f.direction, f.size, f.price, f.fee, f.realized_pnl, f.is_maker,
       f.origin, f.tx_hash, f.filled_at
FROM fills f JOIN markets m ON m.id = f.market_id
