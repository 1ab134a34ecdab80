-- Each change of a wallet.
CREATE VIEW wallet_history WITH (security_invoker = true) AS
SELECT e.id AS wallet_id, user_id, wallet_address, wallet_name, wallet_type, status,
       pgh_label AS change, pgh_created_at AS changed_at,
       e.pgh_id AS change_id,
       c.metadata AS changed_by
FROM wallets_walletevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
