-- A day over every venue; averages are over filled orders alone. Paper never counts.
CREATE VIEW trading_stats WITH (security_invoker = true) AS
SELECT date_trunc('day', created_at, 'UTC') AS trading_date,
       count(*) AS total_orders,
       count(*) FILTER (WHERE status = 'filled') AS filled_orders,
       coalesce(sum(filled_size * avg_fill_price), 0) AS total_volume,
       avg(total_fees) FILTER (WHERE status = 'filled') AS avg_fees
FROM all_orders
WHERE deployment <> 'paper'
GROUP BY 1
