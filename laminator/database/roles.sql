-- The roles that a transaction may act as. Run after every migrate by the owner of the tables; what
-- each may touch, and whose rows it sees, is said in policies.py.
DO $$
DECLARE
  desk text;
BEGIN
  FOREACH desk IN ARRAY ARRAY['desk_user', 'desk_sync', 'desk_admin'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = desk) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', desk);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', desk);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', desk);
  END LOOP;

  -- The owner's own commands go through the same door. It inherits desk_sync, and so sees by that
  -- role's policies what its migrations and backups have to see; forced policies hold for it too.
  GRANT desk_user, desk_sync, desk_admin TO CURRENT_USER;

  GRANT EXECUTE ON FUNCTION desk_ensure_partitions(timestamptz) TO desk_sync, desk_admin;

  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'desk_login') THEN
    GRANT desk_user, desk_sync, desk_admin TO desk_login;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO desk_login;
    GRANT USAGE ON SCHEMA public TO desk_login;
  END IF;
END $$;

-- Who a Telegram user is, asked before anybody is known.
CREATE OR REPLACE FUNCTION desk_user_by_telegram(wanted bigint) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT id FROM users WHERE telegram_id = wanted $$;
REVOKE ALL ON FUNCTION desk_user_by_telegram(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION desk_user_by_telegram(bigint) TO desk_user, desk_sync, desk_admin;

-- What the desk has paid for everybody since then: a person's deposit is held against it.
CREATE OR REPLACE FUNCTION desk_sponsored_lamports(since timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT coalesce(sum(lamports), 0)::bigint FROM sponsorships WHERE created_at > since AND counted $$;
REVOKE ALL ON FUNCTION desk_sponsored_lamports(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION desk_sponsored_lamports(timestamptz) TO desk_user, desk_sync, desk_admin;

-- Whose an API key is and what it may do, asked before anybody is known. The secret's hash goes
-- along: it is compared here nowhere, as SQL compares in no constant time.
CREATE OR REPLACE FUNCTION desk_api_key(wanted text)
RETURNS TABLE (id uuid, user_id uuid, key_name text, secret_hash text, permissions text[],
               allowed_ips text[], expires_at timestamptz, last_used_at timestamptz, status text,
               user_status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT k.id, k.user_id, k.key_name, k.api_secret_hash, k.permissions, k.allowed_ips,
          k.expires_at, k.last_used_at, k.status, u.status
   FROM user_api_keys k JOIN users u ON u.id = k.user_id WHERE k.api_key = wanted $$;
REVOKE ALL ON FUNCTION desk_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION desk_api_key(text) TO desk_user, desk_sync, desk_admin;
