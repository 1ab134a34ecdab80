-- The roles that a transaction may act as, and what each may touch. Run after every migrate by the
-- owner of the tables. Row policies narrow it further; partitions get no grants of their own.
DO $$
DECLARE
  desk text; tab record;
BEGIN
  FOREACH desk IN ARRAY ARRAY['desk_user', 'desk_sync', 'desk_admin'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = desk) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', desk);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', desk);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', desk);
  END LOOP;

  -- The owner's own commands go through the same door.
  GRANT desk_user, desk_sync, desk_admin TO CURRENT_USER;

  FOR tab IN
    SELECT c.oid::regclass AS name, c.relname, c.relkind
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
      AND NOT c.relispartition
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, desk_user, desk_sync, desk_admin', tab.name);
    IF tab.relkind = 'v' THEN
      EXECUTE format('GRANT SELECT ON %s TO desk_user, desk_sync, desk_admin', tab.name);
    ELSIF tab.relname = 'audit_logs' THEN
      -- Nobody changes or deletes what has been recorded.
      EXECUTE format('GRANT INSERT ON %s TO desk_user', tab.name);
      EXECUTE format('GRANT SELECT, INSERT ON %s TO desk_sync, desk_admin', tab.name);
    ELSIF tab.relname LIKE 'django\_%' OR tab.relname LIKE 'auth\_%' OR tab.relname = 'jobs'
       OR tab.relname = 'partitioned_tables' THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO desk_admin, desk_sync', tab.name);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO desk_user, desk_sync, desk_admin',
                     tab.name);
    END IF;
  END LOOP;
  GRANT EXECUTE ON FUNCTION desk_ensure_partitions(timestamptz) TO desk_sync, desk_admin;

  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'desk_login') THEN
    GRANT desk_user, desk_sync, desk_admin TO desk_login;
    -- Beat keeps its schedule outside of any act of the desk; nobody's rows are in there.
    FOR tab IN
      SELECT c.oid::regclass AS name FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND (c.relname LIKE 'django\_celery\_beat\_%' OR c.relname IN
             ('django_migrations', 'django_content_type'))
    LOOP
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO desk_login', tab.name);
    END LOOP;
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
