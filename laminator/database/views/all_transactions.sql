-- Every message on a chain, of wallets and of venues.
CREATE VIEW all_transactions WITH (security_invoker = true) AS
SELECT id, user_id, wallet_id, deployment, tx_hash, tx_type, status, amount,
       token_symbol, gas_fee, block_number, block_timestamp, created_at, updated_at,
       'transactions' AS source
FROM transactions
UNION ALL
SELECT id, user_id, wallet_id, deployment, tx_hash, tx_type, status, amount, token_symbol,
       gas_fee, block_number, block_timestamp, created_at, updated_at, 'drift_transactions'
FROM drift_transactions
