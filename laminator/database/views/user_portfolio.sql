-- Balances and positions are summed each by itself first: joined first, each would count the
-- other's rows. Paper never counts.
CREATE VIEW user_portfolio WITH (security_invoker = true) AS
SELECT u.id AS user_id, u.telegram_username, b.token_symbol, b.total_balance,
       coalesce(p.open_positions, 0) AS open_positions,
       coalesce(p.total_unrealized_pnl, 0) AS total_unrealized_pnl
FROM users u
LEFT JOIN (
  SELECT w.user_id, b.token_symbol, sum(b.balance) AS total_balance
  FROM wallet_balances b JOIN wallets w ON w.id = b.wallet_id
  GROUP BY w.user_id, b.token_symbol
) b ON b.user_id = u.id
LEFT JOIN (
  SELECT user_id, count(*) AS open_positions, sum(unrealized_pnl) AS total_unrealized_pnl
  FROM all_positions WHERE status = 'open' AND deployment <> 'paper'
  GROUP BY user_id
) p ON p.user_id = u.id
