"""Many rows of a desk, made inside the database: people, wallets, markets, open positions."""

import psycopg

# Row triggers write history, and checks of foreign keys wait for the commit: both cost more than
# the rows, and neither is what is measured. The keys are added again, and so checked, afterwards.
_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass
"""
_PEOPLE = """
INSERT INTO users (id, telegram_id, password, role, status, trading_state, subscription_tier,
                   max_followed_traders, max_daily_trades, balance_usd, two_factor_enabled,
                   last_active, metadata, created_at, updated_at)
SELECT desk_uuidv7(), 7000000 + n, '!', 'trader', 'active', 'active', 'free',
       3, 200, 0, false, now(), '{}', now(), now()
FROM generate_series(1, %s) AS n
"""
_WALLETS = """
INSERT INTO wallets (id, user_id, privy_wallet_id, wallet_address, wallet_type, chain_type,
                     status, metadata, created_at, updated_at)
SELECT desk_uuidv7(), u.id, 'w' || u.telegram_id,
       translate(rpad(u.telegram_id::text, 44, '1'), '0', 'A'), 'privy', 'solana',
       'active', '{}', now(), now()
FROM users AS u
"""
_CATALOGUE = """
INSERT INTO markets (id, symbol, base_asset, quote_asset, market_type, status, dex_name,
                     created_at, updated_at)
SELECT desk_uuidv7(), 'T' || n || '-PERP', 'T' || n, 'USDT', 'perpetual', 'active', 'velocity',
       now(), now()
FROM generate_series(1, %s) AS n
"""
_MARKETS = """
INSERT INTO drift_markets (id, market_id, symbol, base_asset, quote_asset, market_type, status,
                           deployment, market_index, oracle_address, metadata, created_at,
                           updated_at)
SELECT desk_uuidv7(), m.id, m.symbol, m.base_asset, 'USDT', 'perpetual', 'active',
       'velocity', substr(m.base_asset, 2)::int, '', '{}', now(), now()
FROM markets AS m
"""
_POSITIONS = """
INSERT INTO drift_positions (id, user_id, wallet_id, market_id, market_index, deployment, side,
       base_asset_amount, peak_size, entry_price, entry_quote, quote_asset_amount, mark_price,
       leverage, margin_amount, unrealized_pnl, unsettled_funding, realized_pnl, fees, funding,
       status, opened_at, updated_at, metadata, drift_user_account)
SELECT desk_uuidv7(), w.user_id, w.id, m.id, m.market_index, 'velocity',
       CASE WHEN random() < 0.5 THEN 'long' ELSE 'short' END,
       1.5, 1.5, 100, 150, -150, 100, 5, 30, 0, 0.000125, 0, 0.15, 0,
       'open', now(), now(), '{}', w.wallet_address
FROM wallets AS w CROSS JOIN drift_markets AS m LIMIT %s
"""


def make_people(owner: psycopg.Connection, *, people: int) -> None:
    """So many traders with a wallet each, and nothing else in the desk."""
    owner.execute("TRUNCATE drift_positions, drift_markets, markets, wallets, users CASCADE")
    _fill(owner, "users", _PEOPLE, people)
    _fill(owner, "wallets", _WALLETS)


def make_open_positions(owner: psycopg.Connection, *, markets: int, positions: int) -> list[str]:
    """So many open positions over markets of Velocity; the tokens of these markets."""
    make_people(owner, people=-(-positions // markets))
    _fill(owner, "markets", _CATALOGUE, markets)
    _fill(owner, "drift_markets", _MARKETS)
    _fill(owner, "drift_positions", _POSITIONS, positions)
    return [f"T{number}" for number in range(1, markets + 1)]


def _fill(owner: psycopg.Connection, table: str, statement: str, *numbers: int) -> None:
    keys = owner.execute(_KEYS, [table]).fetchall()
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for drop, _ in keys:
        owner.execute(drop)
    owner.execute(statement, numbers)
    for _, add in keys:
        owner.execute(add)
    owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    owner.execute(f"VACUUM (ANALYZE) {table}")
