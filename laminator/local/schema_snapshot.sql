-- made from migrations 6e588140fab41558e3cb8779ea793b2a72cf6988679f0c3784910ebe8eac7686 for PostgreSQL 18
--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: _pgh_attach_context(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._pgh_attach_context() RETURNS uuid
    LANGUAGE plpgsql
    AS $$
                    DECLARE
                        _pgh_context_id UUID;
                        _pgh_context_metadata JSONB;
                    BEGIN
                        BEGIN
                            SELECT INTO _pgh_context_id
                                CURRENT_SETTING('pghistory.context_id');
                            SELECT INTO _pgh_context_metadata
                                CURRENT_SETTING('pghistory.context_metadata');
                            EXCEPTION WHEN OTHERS THEN
                        END;
                        IF _pgh_context_id IS NOT NULL AND _pgh_context_metadata IS NOT NULL THEN
                            INSERT INTO pghistory_context (id, metadata, created_at, updated_at)
                                VALUES (_pgh_context_id, _pgh_context_metadata, NOW(), NOW())
                                ON CONFLICT (id) DO UPDATE
                                    SET metadata = EXCLUDED.metadata,
                                        updated_at = EXCLUDED.updated_at
                                    WHERE pghistory_context.metadata != EXCLUDED.metadata;
                            RETURN _pgh_context_id;
                        ELSE
                            RETURN NULL;
                        END IF;
                    END;
                $$;


--
-- Name: _pgtrigger_should_ignore(name); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
                DECLARE
                    _pgtrigger_ignore TEXT[];
                    _result BOOLEAN;
                BEGIN
                    BEGIN
                        SELECT INTO _pgtrigger_ignore
                            CURRENT_SETTING('pgtrigger.ignore');
                        EXCEPTION WHEN OTHERS THEN
                    END;
                    IF _pgtrigger_ignore IS NOT NULL THEN
                        SELECT trigger_name = ANY(_pgtrigger_ignore)
                        INTO _result;
                        RETURN _result;
                    ELSE
                        RETURN FALSE;
                    END IF;
                END;
            $$;


--
-- Name: desk_ensure_partitions(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.desk_ensure_partitions(moment timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $_$
DECLARE
  wanted record; key text; low timestamptz; high timestamptz; part text; spare text;
  strays boolean; made int := 0; step int;
BEGIN
  -- Two callers at once would both find a partition missing.
  PERFORM pg_advisory_xact_lock(hashtext('desk_ensure_partitions'));
  FOR wanted IN SELECT * FROM partitioned_tables ORDER BY parent LOOP
    key := substring(pg_get_partkeydef(wanted.parent::regclass) FROM '\((.*)\)');
    spare := wanted.parent || '_default';
    IF to_regclass(spare) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', spare, wanted.parent);
      made := made + 1;
    END IF;
    FOR step IN 0..wanted.ahead LOOP
      low := date_trunc(wanted.width, moment) + step * ('1 ' || wanted.width)::interval;
      high := low + ('1 ' || wanted.width)::interval;
      part := wanted.parent || '_p' || to_char(low, 'YYYYMMDD');
      CONTINUE WHEN to_regclass(part) IS NOT NULL;
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE %s >= $1 AND %s < $2)', spare, key, key)
        INTO strays USING low, high;
      IF strays THEN
        -- A partition cannot be made over rows of the default one: they move out first, and come
        -- back by the parent, so that its triggers see them go and come.
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', wanted.parent);
        EXECUTE format('CREATE TEMPORARY TABLE moving_rows AS SELECT * FROM %I WHERE %s >= %L AND %s < %L',
                       spare, key, low, key, high);
        EXECUTE format('DELETE FROM %I WHERE %s >= $1 AND %s < $2', spare, key, key) USING low, high;
      END IF;
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     part, wanted.parent, low, high);
      IF strays THEN
        EXECUTE format('INSERT INTO %I SELECT * FROM moving_rows', wanted.parent);
        DROP TABLE moving_rows;
      END IF;
      made := made + 1;
    END LOOP;
  END LOOP;
  RETURN made;
END $_$;


--
-- Name: desk_keep_transaction_hash(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.desk_keep_transaction_hash() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM transaction_hashes WHERE transaction_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.tx_hash IS NOT NULL THEN
    INSERT INTO transaction_hashes VALUES (NEW.wallet_id, NEW.tx_hash, NEW.id);
  END IF;
  RETURN NULL;
END $$;


--
-- Name: desk_note_unsealed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.desk_note_unsealed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
  INSERT INTO audit_unsealed (audit_id, row_at, noted_at)
  SELECT id, created_at, clock_timestamp() FROM added
  ON CONFLICT (audit_id) DO NOTHING;
  RETURN NULL;
END $$;


--
-- Name: desk_uuidv7(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.desk_uuidv7() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$
  SELECT encode(
    set_bit(
      set_bit(
        overlay(uuid_send(gen_random_uuid())
          PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
          FROM 1 FOR 6),
        52, 1),
      53, 1),
    'hex')::uuid
$$;


--
-- Name: pgtrigger_delete_delete_14d21(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_delete_delete_14d21() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "drift_driftpositionevent" ("base_asset_amount", "closed_at", "deployment", "drift_user_account", "entry_price", "entry_quote", "exit_price", "fees", "funding", "id", "last_price", "leverage", "liquidation_price", "margin_amount", "mark_price", "market_id", "market_index", "opened_at", "peak_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_asset_amount", "realized_pnl", "side", "status", "unrealized_pnl", "unsettled_funding", "updated_at", "user_id", "wallet_id") VALUES (OLD."base_asset_amount", OLD."closed_at", OLD."deployment", OLD."drift_user_account", OLD."entry_price", OLD."entry_quote", OLD."exit_price", OLD."fees", OLD."funding", OLD."id", OLD."last_price", OLD."leverage", OLD."liquidation_price", OLD."margin_amount", OLD."mark_price", OLD."market_id", OLD."market_index", OLD."opened_at", OLD."peak_size", _pgh_attach_context(), NOW(), 'delete', OLD."id", OLD."quote_asset_amount", OLD."realized_pnl", OLD."side", OLD."status", OLD."unrealized_pnl", OLD."unsettled_funding", OLD."updated_at", OLD."user_id", OLD."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_delete_delete_3882a(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_delete_delete_3882a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "trading_positionevent" ("account_address", "closed_at", "current_price", "deployment", "entry_price", "entry_quote", "exit_price", "fees", "funding", "id", "last_price", "leverage", "liquidation_price", "margin", "market_id", "market_index", "opened_at", "peak_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_asset_amount", "realized_pnl", "side", "size", "status", "unrealized_pnl", "unsettled_funding", "updated_at", "user_id", "venue_ref", "wallet_id") VALUES (OLD."account_address", OLD."closed_at", OLD."current_price", OLD."deployment", OLD."entry_price", OLD."entry_quote", OLD."exit_price", OLD."fees", OLD."funding", OLD."id", OLD."last_price", OLD."leverage", OLD."liquidation_price", OLD."margin", OLD."market_id", OLD."market_index", OLD."opened_at", OLD."peak_size", _pgh_attach_context(), NOW(), 'delete', OLD."id", OLD."quote_asset_amount", OLD."realized_pnl", OLD."side", OLD."size", OLD."status", OLD."unrealized_pnl", OLD."unsettled_funding", OLD."updated_at", OLD."user_id", OLD."venue_ref", OLD."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_delete_delete_85ee2(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_delete_delete_85ee2() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "wallets_walletevent" ("chain_type", "created_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "privy_wallet_id", "status", "updated_at", "user_id", "wallet_address", "wallet_name", "wallet_type") VALUES (OLD."chain_type", OLD."created_at", OLD."id", _pgh_attach_context(), NOW(), 'delete', OLD."id", OLD."privy_wallet_id", OLD."status", OLD."updated_at", OLD."user_id", OLD."wallet_address", OLD."wallet_name", OLD."wallet_type"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_delete_delete_a1158(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_delete_delete_a1158() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "drift_driftorderevent" ("avg_fill_price", "base_asset_amount", "created_at", "deadline", "deployment", "direction", "drift_order_id", "drift_user_account", "ended_at", "expires_at", "filled_amount", "filled_at", "guards_position_id", "id", "immediate_or_cancel", "initial_margin", "leverage", "market_id", "market_index", "notional", "oracle_offset", "order_type", "origin", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_only", "price", "reduce_only", "role", "side", "status", "status_reason", "total_fees", "trigger_price", "updated_at", "user_id", "venue_label", "wallet_id") VALUES (OLD."avg_fill_price", OLD."base_asset_amount", OLD."created_at", OLD."deadline", OLD."deployment", OLD."direction", OLD."drift_order_id", OLD."drift_user_account", OLD."ended_at", OLD."expires_at", OLD."filled_amount", OLD."filled_at", OLD."guards_position_id", OLD."id", OLD."immediate_or_cancel", OLD."initial_margin", OLD."leverage", OLD."market_id", OLD."market_index", OLD."notional", OLD."oracle_offset", OLD."order_type", OLD."origin", OLD."parent_id", _pgh_attach_context(), NOW(), 'delete', OLD."id", OLD."post_only", OLD."price", OLD."reduce_only", OLD."role", OLD."side", OLD."status", OLD."status_reason", OLD."total_fees", OLD."trigger_price", OLD."updated_at", OLD."user_id", OLD."venue_label", OLD."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_delete_delete_ce184(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_delete_delete_ce184() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "trading_orderevent" ("account_address", "avg_fill_price", "created_at", "deadline", "deployment", "direction", "ended_at", "expires_at", "filled_at", "filled_size", "guards_position_id", "id", "immediate_or_cancel", "initial_margin", "leverage", "market_id", "market_index", "notional", "oracle_offset", "order_type", "origin", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_only", "price", "reduce_only", "role", "side", "size", "status", "status_reason", "total_fees", "trigger_price", "updated_at", "user_id", "venue_label", "venue_order_id", "wallet_id") VALUES (OLD."account_address", OLD."avg_fill_price", OLD."created_at", OLD."deadline", OLD."deployment", OLD."direction", OLD."ended_at", OLD."expires_at", OLD."filled_at", OLD."filled_size", OLD."guards_position_id", OLD."id", OLD."immediate_or_cancel", OLD."initial_margin", OLD."leverage", OLD."market_id", OLD."market_index", OLD."notional", OLD."oracle_offset", OLD."order_type", OLD."origin", OLD."parent_id", _pgh_attach_context(), NOW(), 'delete', OLD."id", OLD."post_only", OLD."price", OLD."reduce_only", OLD."role", OLD."side", OLD."size", OLD."status", OLD."status_reason", OLD."total_fees", OLD."trigger_price", OLD."updated_at", OLD."user_id", OLD."venue_label", OLD."venue_order_id", OLD."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_insert_insert_3c641(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_insert_insert_3c641() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "trading_orderevent" ("account_address", "avg_fill_price", "created_at", "deadline", "deployment", "direction", "ended_at", "expires_at", "filled_at", "filled_size", "guards_position_id", "id", "immediate_or_cancel", "initial_margin", "leverage", "market_id", "market_index", "notional", "oracle_offset", "order_type", "origin", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_only", "price", "reduce_only", "role", "side", "size", "status", "status_reason", "total_fees", "trigger_price", "updated_at", "user_id", "venue_label", "venue_order_id", "wallet_id") VALUES (NEW."account_address", NEW."avg_fill_price", NEW."created_at", NEW."deadline", NEW."deployment", NEW."direction", NEW."ended_at", NEW."expires_at", NEW."filled_at", NEW."filled_size", NEW."guards_position_id", NEW."id", NEW."immediate_or_cancel", NEW."initial_margin", NEW."leverage", NEW."market_id", NEW."market_index", NEW."notional", NEW."oracle_offset", NEW."order_type", NEW."origin", NEW."parent_id", _pgh_attach_context(), NOW(), 'insert', NEW."id", NEW."post_only", NEW."price", NEW."reduce_only", NEW."role", NEW."side", NEW."size", NEW."status", NEW."status_reason", NEW."total_fees", NEW."trigger_price", NEW."updated_at", NEW."user_id", NEW."venue_label", NEW."venue_order_id", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_insert_insert_8745e(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_insert_insert_8745e() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "drift_driftorderevent" ("avg_fill_price", "base_asset_amount", "created_at", "deadline", "deployment", "direction", "drift_order_id", "drift_user_account", "ended_at", "expires_at", "filled_amount", "filled_at", "guards_position_id", "id", "immediate_or_cancel", "initial_margin", "leverage", "market_id", "market_index", "notional", "oracle_offset", "order_type", "origin", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_only", "price", "reduce_only", "role", "side", "status", "status_reason", "total_fees", "trigger_price", "updated_at", "user_id", "venue_label", "wallet_id") VALUES (NEW."avg_fill_price", NEW."base_asset_amount", NEW."created_at", NEW."deadline", NEW."deployment", NEW."direction", NEW."drift_order_id", NEW."drift_user_account", NEW."ended_at", NEW."expires_at", NEW."filled_amount", NEW."filled_at", NEW."guards_position_id", NEW."id", NEW."immediate_or_cancel", NEW."initial_margin", NEW."leverage", NEW."market_id", NEW."market_index", NEW."notional", NEW."oracle_offset", NEW."order_type", NEW."origin", NEW."parent_id", _pgh_attach_context(), NOW(), 'insert', NEW."id", NEW."post_only", NEW."price", NEW."reduce_only", NEW."role", NEW."side", NEW."status", NEW."status_reason", NEW."total_fees", NEW."trigger_price", NEW."updated_at", NEW."user_id", NEW."venue_label", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_insert_insert_8b37b(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_insert_insert_8b37b() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "drift_driftpositionevent" ("base_asset_amount", "closed_at", "deployment", "drift_user_account", "entry_price", "entry_quote", "exit_price", "fees", "funding", "id", "last_price", "leverage", "liquidation_price", "margin_amount", "mark_price", "market_id", "market_index", "opened_at", "peak_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_asset_amount", "realized_pnl", "side", "status", "unrealized_pnl", "unsettled_funding", "updated_at", "user_id", "wallet_id") VALUES (NEW."base_asset_amount", NEW."closed_at", NEW."deployment", NEW."drift_user_account", NEW."entry_price", NEW."entry_quote", NEW."exit_price", NEW."fees", NEW."funding", NEW."id", NEW."last_price", NEW."leverage", NEW."liquidation_price", NEW."margin_amount", NEW."mark_price", NEW."market_id", NEW."market_index", NEW."opened_at", NEW."peak_size", _pgh_attach_context(), NOW(), 'insert', NEW."id", NEW."quote_asset_amount", NEW."realized_pnl", NEW."side", NEW."status", NEW."unrealized_pnl", NEW."unsettled_funding", NEW."updated_at", NEW."user_id", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_insert_insert_b0a2a(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_insert_insert_b0a2a() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "wallets_walletevent" ("chain_type", "created_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "privy_wallet_id", "status", "updated_at", "user_id", "wallet_address", "wallet_name", "wallet_type") VALUES (NEW."chain_type", NEW."created_at", NEW."id", _pgh_attach_context(), NOW(), 'insert', NEW."id", NEW."privy_wallet_id", NEW."status", NEW."updated_at", NEW."user_id", NEW."wallet_address", NEW."wallet_name", NEW."wallet_type"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_insert_insert_fbbf1(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_insert_insert_fbbf1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "trading_positionevent" ("account_address", "closed_at", "current_price", "deployment", "entry_price", "entry_quote", "exit_price", "fees", "funding", "id", "last_price", "leverage", "liquidation_price", "margin", "market_id", "market_index", "opened_at", "peak_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_asset_amount", "realized_pnl", "side", "size", "status", "unrealized_pnl", "unsettled_funding", "updated_at", "user_id", "venue_ref", "wallet_id") VALUES (NEW."account_address", NEW."closed_at", NEW."current_price", NEW."deployment", NEW."entry_price", NEW."entry_quote", NEW."exit_price", NEW."fees", NEW."funding", NEW."id", NEW."last_price", NEW."leverage", NEW."liquidation_price", NEW."margin", NEW."market_id", NEW."market_index", NEW."opened_at", NEW."peak_size", _pgh_attach_context(), NOW(), 'insert', NEW."id", NEW."quote_asset_amount", NEW."realized_pnl", NEW."side", NEW."size", NEW."status", NEW."unrealized_pnl", NEW."unsettled_funding", NEW."updated_at", NEW."user_id", NEW."venue_ref", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_update_update_11131(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_update_update_11131() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "drift_driftorderevent" ("avg_fill_price", "base_asset_amount", "created_at", "deadline", "deployment", "direction", "drift_order_id", "drift_user_account", "ended_at", "expires_at", "filled_amount", "filled_at", "guards_position_id", "id", "immediate_or_cancel", "initial_margin", "leverage", "market_id", "market_index", "notional", "oracle_offset", "order_type", "origin", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_only", "price", "reduce_only", "role", "side", "status", "status_reason", "total_fees", "trigger_price", "updated_at", "user_id", "venue_label", "wallet_id") VALUES (NEW."avg_fill_price", NEW."base_asset_amount", NEW."created_at", NEW."deadline", NEW."deployment", NEW."direction", NEW."drift_order_id", NEW."drift_user_account", NEW."ended_at", NEW."expires_at", NEW."filled_amount", NEW."filled_at", NEW."guards_position_id", NEW."id", NEW."immediate_or_cancel", NEW."initial_margin", NEW."leverage", NEW."market_id", NEW."market_index", NEW."notional", NEW."oracle_offset", NEW."order_type", NEW."origin", NEW."parent_id", _pgh_attach_context(), NOW(), 'update', NEW."id", NEW."post_only", NEW."price", NEW."reduce_only", NEW."role", NEW."side", NEW."status", NEW."status_reason", NEW."total_fees", NEW."trigger_price", NEW."updated_at", NEW."user_id", NEW."venue_label", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_update_update_29730(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_update_update_29730() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "trading_positionevent" ("account_address", "closed_at", "current_price", "deployment", "entry_price", "entry_quote", "exit_price", "fees", "funding", "id", "last_price", "leverage", "liquidation_price", "margin", "market_id", "market_index", "opened_at", "peak_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_asset_amount", "realized_pnl", "side", "size", "status", "unrealized_pnl", "unsettled_funding", "updated_at", "user_id", "venue_ref", "wallet_id") VALUES (NEW."account_address", NEW."closed_at", NEW."current_price", NEW."deployment", NEW."entry_price", NEW."entry_quote", NEW."exit_price", NEW."fees", NEW."funding", NEW."id", NEW."last_price", NEW."leverage", NEW."liquidation_price", NEW."margin", NEW."market_id", NEW."market_index", NEW."opened_at", NEW."peak_size", _pgh_attach_context(), NOW(), 'update', NEW."id", NEW."quote_asset_amount", NEW."realized_pnl", NEW."side", NEW."size", NEW."status", NEW."unrealized_pnl", NEW."unsettled_funding", NEW."updated_at", NEW."user_id", NEW."venue_ref", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_update_update_936d5(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_update_update_936d5() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "drift_driftpositionevent" ("base_asset_amount", "closed_at", "deployment", "drift_user_account", "entry_price", "entry_quote", "exit_price", "fees", "funding", "id", "last_price", "leverage", "liquidation_price", "margin_amount", "mark_price", "market_id", "market_index", "opened_at", "peak_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote_asset_amount", "realized_pnl", "side", "status", "unrealized_pnl", "unsettled_funding", "updated_at", "user_id", "wallet_id") VALUES (NEW."base_asset_amount", NEW."closed_at", NEW."deployment", NEW."drift_user_account", NEW."entry_price", NEW."entry_quote", NEW."exit_price", NEW."fees", NEW."funding", NEW."id", NEW."last_price", NEW."leverage", NEW."liquidation_price", NEW."margin_amount", NEW."mark_price", NEW."market_id", NEW."market_index", NEW."opened_at", NEW."peak_size", _pgh_attach_context(), NOW(), 'update', NEW."id", NEW."quote_asset_amount", NEW."realized_pnl", NEW."side", NEW."status", NEW."unrealized_pnl", NEW."unsettled_funding", NEW."updated_at", NEW."user_id", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_update_update_9f615(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_update_update_9f615() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "wallets_walletevent" ("chain_type", "created_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "privy_wallet_id", "status", "updated_at", "user_id", "wallet_address", "wallet_name", "wallet_type") VALUES (NEW."chain_type", NEW."created_at", NEW."id", _pgh_attach_context(), NOW(), 'update', NEW."id", NEW."privy_wallet_id", NEW."status", NEW."updated_at", NEW."user_id", NEW."wallet_address", NEW."wallet_name", NEW."wallet_type"); RETURN NULL;
                END;
            $$;


--
-- Name: pgtrigger_update_update_fe61c(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pgtrigger_update_update_fe61c() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO "trading_orderevent" ("account_address", "avg_fill_price", "created_at", "deadline", "deployment", "direction", "ended_at", "expires_at", "filled_at", "filled_size", "guards_position_id", "id", "immediate_or_cancel", "initial_margin", "leverage", "market_id", "market_index", "notional", "oracle_offset", "order_type", "origin", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_only", "price", "reduce_only", "role", "side", "size", "status", "status_reason", "total_fees", "trigger_price", "updated_at", "user_id", "venue_label", "venue_order_id", "wallet_id") VALUES (NEW."account_address", NEW."avg_fill_price", NEW."created_at", NEW."deadline", NEW."deployment", NEW."direction", NEW."ended_at", NEW."expires_at", NEW."filled_at", NEW."filled_size", NEW."guards_position_id", NEW."id", NEW."immediate_or_cancel", NEW."initial_margin", NEW."leverage", NEW."market_id", NEW."market_index", NEW."notional", NEW."oracle_offset", NEW."order_type", NEW."origin", NEW."parent_id", _pgh_attach_context(), NOW(), 'update', NEW."id", NEW."post_only", NEW."price", NEW."reduce_only", NEW."role", NEW."side", NEW."size", NEW."status", NEW."status_reason", NEW."total_fees", NEW."trigger_price", NEW."updated_at", NEW."user_id", NEW."venue_label", NEW."venue_order_id", NEW."wallet_id"); RETURN NULL;
                END;
            $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: account_entries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.account_entries (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    kind text NOT NULL,
    token_symbol text NOT NULL,
    amount numeric(36,18) NOT NULL,
    market_index integer,
    position_id uuid,
    order_id uuid,
    tx_hash text NOT NULL,
    event_index integer NOT NULL,
    slot bigint,
    occurred_at timestamp with time zone NOT NULL,
    metadata jsonb NOT NULL,
    user_id uuid NOT NULL,
    account_id uuid NOT NULL,
    is_derived boolean NOT NULL,
    is_final boolean NOT NULL,
    CONSTRAINT account_entries_amount_check CHECK ((amount <> 'NaN'::numeric)),
    CONSTRAINT account_entries_kind_known CHECK ((kind = ANY (ARRAY['deposit'::text, 'withdrawal'::text, 'funding'::text, 'keeper_charge'::text, 'settlement'::text, 'interest'::text, 'liquidation'::text, 'reward'::text, 'transfer'::text, 'correction'::text])))
);


--
-- Name: alert_firings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alert_firings (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    value numeric(36,18) NOT NULL,
    number integer NOT NULL,
    alert_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT alert_firings_value_check CHECK ((value <> 'NaN'::numeric))
);


--
-- Name: alerts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alerts (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    alert_type text NOT NULL,
    condition_type text NOT NULL,
    target_price numeric(36,18),
    target_percentage numeric(8,4),
    message text,
    status text NOT NULL,
    triggered_at timestamp with time zone,
    market_id uuid,
    user_id uuid NOT NULL,
    armed boolean DEFAULT true NOT NULL,
    band numeric(36,18),
    cooldown interval,
    expires_at timestamp with time zone,
    falls_to numeric(36,18),
    paused_at timestamp with time zone,
    quiet_until timestamp with time zone,
    repeat text DEFAULT 'once'::text NOT NULL,
    rises_to numeric(36,18),
    trigger_count integer DEFAULT 0 NOT NULL,
    CONSTRAINT alerts_band_check CHECK ((band <> 'NaN'::numeric)),
    CONSTRAINT alerts_condition_known CHECK ((condition_type = ANY (ARRAY['greater_than'::text, 'less_than'::text, 'equals'::text, 'percentage_change'::text]))),
    CONSTRAINT alerts_falls_to_check CHECK ((falls_to <> 'NaN'::numeric)),
    CONSTRAINT alerts_repeat_known CHECK ((repeat = ANY (ARRAY['once'::text, 'every'::text]))),
    CONSTRAINT alerts_rises_to_check CHECK ((rises_to <> 'NaN'::numeric)),
    CONSTRAINT alerts_status_known CHECK ((status = ANY (ARRAY['active'::text, 'triggered'::text, 'cancelled'::text, 'expired'::text]))),
    CONSTRAINT alerts_target_price CHECK (((target_price IS NULL) OR (target_price > (0)::numeric))),
    CONSTRAINT alerts_target_price_check CHECK ((target_price <> 'NaN'::numeric)),
    CONSTRAINT alerts_type_known CHECK ((alert_type = ANY (ARRAY['price_above'::text, 'price_below'::text, 'price_change'::text, 'volume'::text, 'position_pnl'::text])))
);


--
-- Name: audit_logs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_logs (
    id uuid NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id text,
    old_values jsonb,
    new_values jsonb,
    channel text NOT NULL,
    ip_address inet,
    user_agent text,
    trace_id text NOT NULL,
    content_hash text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    user_id uuid
)
PARTITION BY RANGE (created_at);


--
-- Name: audit_roots; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_roots (
    batch bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    previous text NOT NULL,
    root text NOT NULL,
    signature text NOT NULL,
    key_id text NOT NULL,
    sealed_at timestamp with time zone NOT NULL
);


--
-- Name: audit_seals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_seals (
    seq bigint NOT NULL,
    audit_id uuid NOT NULL,
    row_at timestamp with time zone NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);


--
-- Name: audit_unsealed; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_unsealed (
    audit_id uuid NOT NULL,
    row_at timestamp with time zone NOT NULL,
    noted_at timestamp with time zone NOT NULL
);


--
-- Name: auth_group; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);


--
-- Name: auth_group_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: auth_group_permissions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);


--
-- Name: auth_group_permissions_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: auth_permission; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);


--
-- Name: auth_permission_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: desk_epochs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.desk_epochs (
    id smallint NOT NULL,
    desk_id uuid NOT NULL,
    number bigint NOT NULL,
    system_identifier text NOT NULL,
    timeline integer,
    finalized_slot bigint,
    marked_at timestamp with time zone,
    halted_at timestamp with time zone,
    halted_reason text NOT NULL,
    halted_height bigint,
    CONSTRAINT desk_epochs_one CHECK ((id = 1))
);


--
-- Name: differences; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.differences (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    what text NOT NULL,
    expected numeric(36,18) NOT NULL,
    actual numeric(36,18) NOT NULL,
    owner text NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    explanation text NOT NULL,
    account_id uuid NOT NULL,
    escalated_at timestamp with time zone,
    CONSTRAINT differences_actual_check CHECK ((actual <> 'NaN'::numeric)),
    CONSTRAINT differences_expected_check CHECK ((expected <> 'NaN'::numeric))
);


--
-- Name: django_admin_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id uuid NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);


--
-- Name: django_admin_log_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_celery_beat_clockedschedule; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_celery_beat_clockedschedule (
    id integer NOT NULL,
    clocked_time timestamp with time zone NOT NULL
);


--
-- Name: django_celery_beat_clockedschedule_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_celery_beat_clockedschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_clockedschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_celery_beat_crontabschedule; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_celery_beat_crontabschedule (
    id integer NOT NULL,
    minute character varying(240) NOT NULL,
    hour character varying(96) NOT NULL,
    day_of_week character varying(64) NOT NULL,
    day_of_month character varying(124) NOT NULL,
    month_of_year character varying(64) NOT NULL,
    timezone character varying(63) NOT NULL
);


--
-- Name: django_celery_beat_crontabschedule_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_celery_beat_crontabschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_crontabschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_celery_beat_intervalschedule; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_celery_beat_intervalschedule (
    id integer NOT NULL,
    every integer NOT NULL,
    period character varying(24) NOT NULL
);


--
-- Name: django_celery_beat_intervalschedule_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_celery_beat_intervalschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_intervalschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_celery_beat_periodictask; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_celery_beat_periodictask (
    id integer NOT NULL,
    name character varying(200) NOT NULL,
    task character varying(200) NOT NULL,
    args text NOT NULL,
    kwargs text NOT NULL,
    queue character varying(200),
    exchange character varying(200),
    routing_key character varying(200),
    expires timestamp with time zone,
    enabled boolean NOT NULL,
    last_run_at timestamp with time zone,
    total_run_count integer NOT NULL,
    date_changed timestamp with time zone NOT NULL,
    description text NOT NULL,
    crontab_id integer,
    interval_id integer,
    solar_id integer,
    one_off boolean NOT NULL,
    start_time timestamp with time zone,
    priority integer,
    headers text NOT NULL,
    clocked_id integer,
    expire_seconds integer,
    CONSTRAINT django_celery_beat_periodictask_expire_seconds_check CHECK ((expire_seconds >= 0)),
    CONSTRAINT django_celery_beat_periodictask_priority_check CHECK ((priority >= 0)),
    CONSTRAINT django_celery_beat_periodictask_total_run_count_check CHECK ((total_run_count >= 0))
);


--
-- Name: django_celery_beat_periodictask_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_celery_beat_periodictask ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_periodictask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_celery_beat_periodictasks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_celery_beat_periodictasks (
    ident smallint NOT NULL,
    last_update timestamp with time zone NOT NULL
);


--
-- Name: django_celery_beat_solarschedule; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_celery_beat_solarschedule (
    id integer NOT NULL,
    event character varying(24) NOT NULL,
    latitude numeric(9,6) NOT NULL,
    longitude numeric(9,6) NOT NULL
);


--
-- Name: django_celery_beat_solarschedule_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_celery_beat_solarschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_solarschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_content_type; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);


--
-- Name: django_content_type_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);


--
-- Name: django_migrations_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: django_session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);


--
-- Name: drift_driftorderevent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drift_driftorderevent (
    pgh_id integer NOT NULL,
    pgh_created_at timestamp with time zone NOT NULL,
    pgh_label text NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    side text NOT NULL,
    direction text NOT NULL,
    price numeric(36,18),
    trigger_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    reduce_only boolean NOT NULL,
    post_only boolean NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    origin text NOT NULL,
    avg_fill_price numeric(36,18),
    total_fees numeric(36,18) NOT NULL,
    venue_label smallint,
    filled_at timestamp with time zone,
    ended_at timestamp with time zone,
    expires_at timestamp with time zone,
    order_type text NOT NULL,
    base_asset_amount numeric(36,18) NOT NULL,
    filled_amount numeric(36,18) NOT NULL,
    drift_order_id text,
    drift_user_account text,
    market_index integer NOT NULL,
    market_id uuid NOT NULL,
    pgh_context_id uuid,
    pgh_obj_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    deadline timestamp with time zone,
    guards_position_id uuid,
    immediate_or_cancel boolean NOT NULL,
    initial_margin numeric(36,18),
    notional numeric(36,18),
    oracle_offset numeric(36,18),
    parent_id uuid,
    role text NOT NULL,
    CONSTRAINT drift_driftorderevent_avg_fill_price_check CHECK ((avg_fill_price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_base_asset_amount_check CHECK ((base_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_filled_amount_check CHECK ((filled_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_initial_margin_check CHECK ((initial_margin <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_notional_check CHECK ((notional <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_oracle_offset_check CHECK ((oracle_offset <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_price_check CHECK ((price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_total_fees_check CHECK ((total_fees <> 'NaN'::numeric)),
    CONSTRAINT drift_driftorderevent_trigger_price_check CHECK ((trigger_price <> 'NaN'::numeric))
);


--
-- Name: drift_driftorderevent_pgh_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.drift_driftorderevent ALTER COLUMN pgh_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.drift_driftorderevent_pgh_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: drift_driftpositionevent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drift_driftpositionevent (
    pgh_id integer NOT NULL,
    pgh_created_at timestamp with time zone NOT NULL,
    pgh_label text NOT NULL,
    deployment text NOT NULL,
    side text NOT NULL,
    peak_size numeric(36,18) NOT NULL,
    entry_price numeric(36,18) NOT NULL,
    entry_quote numeric(36,18) NOT NULL,
    exit_price numeric(36,18),
    mark_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    unrealized_pnl numeric(36,18) NOT NULL,
    unsettled_funding numeric(36,18) NOT NULL,
    realized_pnl numeric(36,18) NOT NULL,
    fees numeric(36,18) NOT NULL,
    funding numeric(36,18) NOT NULL,
    liquidation_price numeric(36,18),
    status text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    drift_user_account text,
    market_index integer NOT NULL,
    base_asset_amount numeric(36,18) NOT NULL,
    quote_asset_amount numeric(36,18) NOT NULL,
    last_price numeric(36,18),
    margin_amount numeric(36,18) NOT NULL,
    market_id uuid NOT NULL,
    pgh_context_id uuid,
    pgh_obj_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT drift_driftpositionevent_base_asset_amount_check CHECK ((base_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_entry_price_check CHECK ((entry_price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_entry_quote_check CHECK ((entry_quote <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_exit_price_check CHECK ((exit_price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_fees_check CHECK ((fees <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_funding_check CHECK ((funding <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_last_price_check CHECK ((last_price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_liquidation_price_check CHECK ((liquidation_price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_margin_amount_check CHECK ((margin_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_mark_price_check CHECK ((mark_price <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_peak_size_check CHECK ((peak_size <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_quote_asset_amount_check CHECK ((quote_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_realized_pnl_check CHECK ((realized_pnl <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_unrealized_pnl_check CHECK ((unrealized_pnl <> 'NaN'::numeric)),
    CONSTRAINT drift_driftpositionevent_unsettled_funding_check CHECK ((unsettled_funding <> 'NaN'::numeric))
);


--
-- Name: drift_driftpositionevent_pgh_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.drift_driftpositionevent ALTER COLUMN pgh_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.drift_driftpositionevent_pgh_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: drift_markets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drift_markets (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    symbol text NOT NULL,
    base_asset text NOT NULL,
    quote_asset text NOT NULL,
    market_type text NOT NULL,
    status text NOT NULL,
    min_order_size numeric(36,18),
    max_order_size numeric(36,18),
    tick_size numeric(36,18),
    step_size numeric(36,18),
    max_leverage numeric(8,2),
    deployment text NOT NULL,
    market_index integer NOT NULL,
    category text,
    oracle_source text,
    oracle_address text NOT NULL,
    metadata jsonb NOT NULL,
    market_id uuid NOT NULL,
    CONSTRAINT drift_markets_max_leverage_check CHECK ((max_leverage <> 'NaN'::numeric)),
    CONSTRAINT drift_markets_max_order_size_check CHECK ((max_order_size <> 'NaN'::numeric)),
    CONSTRAINT drift_markets_min_order_size_check CHECK ((min_order_size <> 'NaN'::numeric)),
    CONSTRAINT drift_markets_status_known CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'maintenance'::text]))),
    CONSTRAINT drift_markets_step_size_check CHECK ((step_size <> 'NaN'::numeric)),
    CONSTRAINT drift_markets_tick_size_check CHECK ((tick_size <> 'NaN'::numeric)),
    CONSTRAINT drift_markets_type_known CHECK ((market_type = ANY (ARRAY['perpetual'::text, 'spot'::text])))
);


--
-- Name: drift_orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drift_orders (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    side text NOT NULL,
    direction text NOT NULL,
    price numeric(36,18),
    trigger_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    reduce_only boolean NOT NULL,
    post_only boolean NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    origin text NOT NULL,
    avg_fill_price numeric(36,18),
    total_fees numeric(36,18) NOT NULL,
    venue_label smallint,
    filled_at timestamp with time zone,
    ended_at timestamp with time zone,
    expires_at timestamp with time zone,
    metadata jsonb NOT NULL,
    order_type text NOT NULL,
    base_asset_amount numeric(36,18) NOT NULL,
    filled_amount numeric(36,18) NOT NULL,
    drift_order_id text,
    drift_user_account text,
    market_index integer NOT NULL,
    market_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    deadline timestamp with time zone,
    guards_position_id uuid,
    immediate_or_cancel boolean NOT NULL,
    initial_margin numeric(36,18),
    notional numeric(36,18),
    oracle_offset numeric(36,18),
    parent_id uuid,
    role text NOT NULL,
    CONSTRAINT drift_orders_avg_fill_price_check CHECK ((avg_fill_price <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_base_asset_amount_check CHECK ((base_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_filled_amount_check CHECK ((filled_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_initial_margin_check CHECK ((initial_margin <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_notional_check CHECK ((notional <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_oracle_offset_check CHECK ((oracle_offset <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_price_check CHECK ((price <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_total_fees_check CHECK ((total_fees <> 'NaN'::numeric)),
    CONSTRAINT drift_orders_trigger_price_check CHECK ((trigger_price <> 'NaN'::numeric)),
    CONSTRAINT driftorder_direction_known CHECK ((direction = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT driftorder_filled_size CHECK (((filled_amount >= (0)::numeric) AND (filled_amount <= base_asset_amount))),
    CONSTRAINT driftorder_leverage CHECK ((leverage > (0)::numeric)),
    CONSTRAINT driftorder_origin_known CHECK ((origin = ANY (ARRAY['ours'::text, 'external'::text, 'derived'::text]))),
    CONSTRAINT driftorder_price CHECK (((price IS NULL) OR (price > (0)::numeric))),
    CONSTRAINT driftorder_role_known CHECK ((role = ANY (ARRAY['entry'::text, 'stop_loss'::text, 'take_profit'::text]))),
    CONSTRAINT driftorder_side_known CHECK ((side = ANY (ARRAY['long'::text, 'short'::text]))),
    CONSTRAINT driftorder_size CHECK ((base_asset_amount > (0)::numeric)),
    CONSTRAINT driftorder_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'open'::text, 'partially_filled'::text, 'filled'::text, 'cancelled'::text, 'expired'::text, 'failed'::text, 'no_effect'::text, 'not_executed'::text]))),
    CONSTRAINT driftorder_trigger_price CHECK (((trigger_price IS NULL) OR (trigger_price > (0)::numeric))),
    CONSTRAINT driftorder_type_known CHECK ((order_type = ANY (ARRAY['market'::text, 'limit'::text, 'stop_market'::text, 'stop_limit'::text, 'take_profit_market'::text, 'take_profit_limit'::text])))
);


--
-- Name: drift_positions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drift_positions (
    deployment text NOT NULL,
    side text NOT NULL,
    peak_size numeric(36,18) NOT NULL,
    entry_price numeric(36,18) NOT NULL,
    entry_quote numeric(36,18) NOT NULL,
    exit_price numeric(36,18),
    mark_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    unrealized_pnl numeric(36,18) NOT NULL,
    unsettled_funding numeric(36,18) NOT NULL,
    realized_pnl numeric(36,18) NOT NULL,
    fees numeric(36,18) NOT NULL,
    funding numeric(36,18) NOT NULL,
    liquidation_price numeric(36,18),
    status text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    drift_user_account text,
    market_index integer NOT NULL,
    base_asset_amount numeric(36,18) NOT NULL,
    quote_asset_amount numeric(36,18) NOT NULL,
    last_price numeric(36,18),
    margin_amount numeric(36,18) NOT NULL,
    metadata jsonb NOT NULL,
    market_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT drift_positions_base_asset_amount_check CHECK ((base_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_entry_price_check CHECK ((entry_price <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_entry_quote_check CHECK ((entry_quote <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_exit_price_check CHECK ((exit_price <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_fees_check CHECK ((fees <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_funding_check CHECK ((funding <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_last_price_check CHECK ((last_price <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_liquidation_price_check CHECK ((liquidation_price <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_margin_amount_check CHECK ((margin_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_mark_price_check CHECK ((mark_price <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_peak_size_check CHECK ((peak_size <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_quote_asset_amount_check CHECK ((quote_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_realized_pnl_check CHECK ((realized_pnl <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_unrealized_pnl_check CHECK ((unrealized_pnl <> 'NaN'::numeric)),
    CONSTRAINT drift_positions_unsettled_funding_check CHECK ((unsettled_funding <> 'NaN'::numeric)),
    CONSTRAINT driftposition_side_known CHECK ((side = ANY (ARRAY['long'::text, 'short'::text]))),
    CONSTRAINT driftposition_size CHECK ((base_asset_amount >= (0)::numeric)),
    CONSTRAINT driftposition_status_known CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text, 'liquidated'::text])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.1', autovacuum_vacuum_cost_delay='0');


--
-- Name: drift_transactions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drift_transactions (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    amount numeric(36,18),
    token_symbol text,
    gas_fee numeric(36,18),
    block_number bigint,
    block_timestamp timestamp with time zone,
    metadata jsonb NOT NULL,
    deployment text NOT NULL,
    tx_type text NOT NULL,
    tx_hash text,
    market_index integer,
    retry_count integer NOT NULL,
    error_message text,
    error_type text,
    confirmed_at timestamp with time zone,
    order_id uuid,
    position_id uuid,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT drift_transactions_amount_check CHECK ((amount <> 'NaN'::numeric)),
    CONSTRAINT drift_transactions_gas_fee_check CHECK ((gas_fee <> 'NaN'::numeric)),
    CONSTRAINT drifttransaction_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'confirmed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT drifttransaction_type_known CHECK ((tx_type = ANY (ARRAY['initialize'::text, 'deposit'::text, 'withdraw'::text, 'open_position'::text, 'close_position'::text, 'place_order'::text, 'cancel_order'::text, 'modify_order'::text, 'settle_pnl'::text, 'liquidation'::text])))
);


--
-- Name: fills; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.fills (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    order_id uuid,
    position_id uuid,
    side text NOT NULL,
    direction text NOT NULL,
    size numeric(36,18) NOT NULL,
    price numeric(36,18) NOT NULL,
    quote numeric(36,18) NOT NULL,
    fee numeric(36,18) NOT NULL,
    realized_pnl numeric(36,18) NOT NULL,
    is_maker boolean NOT NULL,
    venue_fill_id text NOT NULL,
    account text NOT NULL,
    tx_hash text,
    slot bigint,
    origin text NOT NULL,
    filled_at timestamp with time zone NOT NULL,
    market_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    venue_order_id text NOT NULL,
    event_index integer NOT NULL,
    is_final boolean NOT NULL,
    CONSTRAINT fills_direction_known CHECK ((direction = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT fills_fee_check CHECK ((fee <> 'NaN'::numeric)),
    CONSTRAINT fills_origin_known CHECK ((origin = ANY (ARRAY['ours'::text, 'external'::text, 'derived'::text]))),
    CONSTRAINT fills_price_check CHECK ((price <> 'NaN'::numeric)),
    CONSTRAINT fills_quote_check CHECK ((quote <> 'NaN'::numeric)),
    CONSTRAINT fills_realized_pnl_check CHECK ((realized_pnl <> 'NaN'::numeric)),
    CONSTRAINT fills_side_known CHECK ((side = ANY (ARRAY['long'::text, 'short'::text]))),
    CONSTRAINT fills_size CHECK ((size > (0)::numeric)),
    CONSTRAINT fills_size_check CHECK ((size <> 'NaN'::numeric))
);


--
-- Name: incoming_transfers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.incoming_transfers (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    signature text NOT NULL,
    token_symbol text NOT NULL,
    token_mint text NOT NULL,
    index integer NOT NULL,
    amount numeric(36,18) NOT NULL,
    from_address text NOT NULL,
    status text NOT NULL,
    slot bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    is_quiet boolean NOT NULL,
    CONSTRAINT incoming_transfers_amount CHECK ((amount > (0)::numeric)),
    CONSTRAINT incoming_transfers_amount_check CHECK ((amount <> 'NaN'::numeric)),
    CONSTRAINT incoming_transfers_status_known CHECK ((status = ANY (ARRAY['arrived'::text, 'wrong_token'::text, 'returned'::text])))
);


--
-- Name: intents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.intents (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    channel text NOT NULL,
    idempotency_key text NOT NULL,
    content_hash text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    deadline timestamp with time zone,
    ended_at timestamp with time zone,
    user_id uuid NOT NULL,
    CONSTRAINT intents_channel_known CHECK ((channel = ANY (ARRAY['telegram'::text, 'rest'::text, 'web'::text, 'admin'::text, 'system'::text]))),
    CONSTRAINT intents_kind_known CHECK ((kind = ANY (ARRAY['order'::text, 'close'::text, 'cancel'::text, 'modify'::text, 'stops'::text, 'cancel_all'::text, 'close_all'::text, 'panic'::text, 'deposit'::text, 'withdrawal'::text, 'venue_withdrawal'::text]))),
    CONSTRAINT intents_status_known CHECK ((status = ANY (ARRAY['open'::text, 'executed'::text, 'not_executed'::text])))
);


--
-- Name: jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.jobs (
    name text NOT NULL,
    holder uuid,
    leased_until timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    lag_seconds numeric(12,3),
    runs bigint NOT NULL,
    failures bigint NOT NULL,
    last_error text NOT NULL,
    last_result jsonb NOT NULL
);


--
-- Name: markets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.markets (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    symbol text NOT NULL,
    base_asset text NOT NULL,
    quote_asset text NOT NULL,
    market_type text NOT NULL,
    status text NOT NULL,
    min_order_size numeric(36,18),
    max_order_size numeric(36,18),
    tick_size numeric(36,18),
    step_size numeric(36,18),
    max_leverage numeric(8,2),
    dex_name text NOT NULL,
    CONSTRAINT markets_max_leverage_check CHECK ((max_leverage <> 'NaN'::numeric)),
    CONSTRAINT markets_max_order_size_check CHECK ((max_order_size <> 'NaN'::numeric)),
    CONSTRAINT markets_min_order_size_check CHECK ((min_order_size <> 'NaN'::numeric)),
    CONSTRAINT markets_status_known CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'suspended'::text, 'maintenance'::text]))),
    CONSTRAINT markets_step_size_check CHECK ((step_size <> 'NaN'::numeric)),
    CONSTRAINT markets_tick_size_check CHECK ((tick_size <> 'NaN'::numeric)),
    CONSTRAINT markets_type_known CHECK ((market_type = ANY (ARRAY['perpetual'::text, 'spot'::text, 'futures'::text])))
);


--
-- Name: order_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_changes (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    kind text NOT NULL,
    order_ids jsonb NOT NULL,
    wanted jsonb NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    parent_id uuid,
    deadline timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    metadata jsonb NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT order_changes_kind_known CHECK ((kind = ANY (ARRAY['cancel'::text, 'modify'::text, 'stops'::text, 'cancel_all'::text, 'close_all'::text, 'panic'::text]))),
    CONSTRAINT order_changes_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'done'::text, 'not_executed'::text])))
);


--
-- Name: orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    direction text NOT NULL,
    size numeric(36,18) NOT NULL,
    price numeric(36,18),
    trigger_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    reduce_only boolean NOT NULL,
    post_only boolean NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    origin text NOT NULL,
    filled_size numeric(36,18) NOT NULL,
    avg_fill_price numeric(36,18),
    total_fees numeric(36,18) NOT NULL,
    venue_label smallint,
    filled_at timestamp with time zone,
    ended_at timestamp with time zone,
    expires_at timestamp with time zone,
    metadata jsonb NOT NULL,
    order_type text NOT NULL,
    side text NOT NULL,
    market_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    deadline timestamp with time zone,
    guards_position_id uuid,
    immediate_or_cancel boolean NOT NULL,
    initial_margin numeric(36,18),
    notional numeric(36,18),
    oracle_offset numeric(36,18),
    parent_id uuid,
    role text NOT NULL,
    account_address text,
    market_index integer,
    venue_order_id text,
    CONSTRAINT order_direction_known CHECK ((direction = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT order_filled_size CHECK (((filled_size >= (0)::numeric) AND (filled_size <= size))),
    CONSTRAINT order_leverage CHECK ((leverage > (0)::numeric)),
    CONSTRAINT order_origin_known CHECK ((origin = ANY (ARRAY['ours'::text, 'external'::text, 'derived'::text]))),
    CONSTRAINT order_price CHECK (((price IS NULL) OR (price > (0)::numeric))),
    CONSTRAINT order_role_known CHECK ((role = ANY (ARRAY['entry'::text, 'stop_loss'::text, 'take_profit'::text]))),
    CONSTRAINT order_side_known CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text, 'long'::text, 'short'::text]))),
    CONSTRAINT order_size CHECK ((size > (0)::numeric)),
    CONSTRAINT order_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'open'::text, 'partially_filled'::text, 'filled'::text, 'cancelled'::text, 'expired'::text, 'failed'::text, 'no_effect'::text, 'not_executed'::text]))),
    CONSTRAINT order_trigger_price CHECK (((trigger_price IS NULL) OR (trigger_price > (0)::numeric))),
    CONSTRAINT order_type_known CHECK ((order_type = ANY (ARRAY['market'::text, 'limit'::text, 'stop'::text, 'stop_market'::text, 'stop_limit'::text, 'take_profit'::text, 'take_profit_market'::text, 'take_profit_limit'::text]))),
    CONSTRAINT orders_avg_fill_price_check CHECK ((avg_fill_price <> 'NaN'::numeric)),
    CONSTRAINT orders_filled_size_check CHECK ((filled_size <> 'NaN'::numeric)),
    CONSTRAINT orders_initial_margin_check CHECK ((initial_margin <> 'NaN'::numeric)),
    CONSTRAINT orders_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT orders_notional_check CHECK ((notional <> 'NaN'::numeric)),
    CONSTRAINT orders_oracle_offset_check CHECK ((oracle_offset <> 'NaN'::numeric)),
    CONSTRAINT orders_price_check CHECK ((price <> 'NaN'::numeric)),
    CONSTRAINT orders_size_check CHECK ((size <> 'NaN'::numeric)),
    CONSTRAINT orders_total_fees_check CHECK ((total_fees <> 'NaN'::numeric)),
    CONSTRAINT orders_trigger_price_check CHECK ((trigger_price <> 'NaN'::numeric))
);


--
-- Name: otp_totp_totpdevice; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.otp_totp_totpdevice (
    id integer NOT NULL,
    name character varying(64) NOT NULL,
    confirmed boolean NOT NULL,
    key character varying(80) NOT NULL,
    step smallint NOT NULL,
    t0 bigint NOT NULL,
    digits smallint NOT NULL,
    tolerance smallint NOT NULL,
    drift smallint NOT NULL,
    last_t bigint NOT NULL,
    user_id uuid NOT NULL,
    throttling_failure_count integer NOT NULL,
    throttling_failure_timestamp timestamp with time zone,
    created_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT otp_totp_totpdevice_digits_check CHECK ((digits >= 0)),
    CONSTRAINT otp_totp_totpdevice_key_sealed CHECK (((key)::text ~ '^v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}$'::text)),
    CONSTRAINT otp_totp_totpdevice_step_check CHECK ((step >= 0)),
    CONSTRAINT otp_totp_totpdevice_throttling_failure_count_check CHECK ((throttling_failure_count >= 0)),
    CONSTRAINT otp_totp_totpdevice_tolerance_check CHECK ((tolerance >= 0))
);


--
-- Name: otp_totp_totpdevice_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.otp_totp_totpdevice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.otp_totp_totpdevice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: outbox_messages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox_messages (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    card text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    state text NOT NULL,
    holder uuid,
    leased_until timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    delivered_at timestamp with time zone,
    error text NOT NULL,
    user_id uuid,
    chat_id bigint,
    kind text NOT NULL,
    lane text NOT NULL,
    CONSTRAINT outbox_has_chat CHECK (((user_id IS NOT NULL) OR (chat_id IS NOT NULL))),
    CONSTRAINT outbox_kind_known CHECK ((kind = ANY (ARRAY['trade'::text, 'security'::text, 'price_alert'::text, 'position_alert'::text, 'wallet_alert'::text, 'news'::text, 'digest'::text]))),
    CONSTRAINT outbox_lane_known CHECK ((lane = ANY (ARRAY['money'::text, 'alert'::text, 'digest'::text]))),
    CONSTRAINT outbox_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'undeliverable'::text])))
);


--
-- Name: paper_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.paper_accounts (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    balance numeric(36,18) NOT NULL,
    sequence bigint NOT NULL,
    next_order_id bigint NOT NULL,
    deposited numeric(36,18) NOT NULL,
    withdrawn numeric(36,18) NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT paper_accounts_balance_check CHECK ((balance <> 'NaN'::numeric)),
    CONSTRAINT paper_accounts_deposited_check CHECK ((deposited <> 'NaN'::numeric)),
    CONSTRAINT paper_accounts_withdrawn_check CHECK ((withdrawn <> 'NaN'::numeric))
);


--
-- Name: paper_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.paper_events (
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    cause text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    told jsonb NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL
);


--
-- Name: paper_markets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.paper_markets (
    market_id uuid NOT NULL,
    deployment text NOT NULL,
    market_index integer NOT NULL,
    initial_ratio numeric(36,18) NOT NULL,
    maintenance_ratio numeric(36,18) NOT NULL,
    last_price numeric(36,18),
    last_price_at timestamp with time zone,
    CONSTRAINT paper_markets_initial_ratio_check CHECK ((initial_ratio <> 'NaN'::numeric)),
    CONSTRAINT paper_markets_last_price_check CHECK ((last_price <> 'NaN'::numeric)),
    CONSTRAINT paper_markets_maintenance_ratio_check CHECK ((maintenance_ratio <> 'NaN'::numeric)),
    CONSTRAINT paper_markets_ratios CHECK (((maintenance_ratio > (0)::numeric) AND (initial_ratio >= maintenance_ratio)))
);


--
-- Name: paper_orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.paper_orders (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    number bigint NOT NULL,
    label smallint NOT NULL,
    market_index integer NOT NULL,
    order_type text NOT NULL,
    direction text NOT NULL,
    size numeric(36,18) NOT NULL,
    filled_size numeric(36,18) NOT NULL,
    price numeric(36,18),
    trigger_price numeric(36,18),
    oracle_offset numeric(36,18),
    reduce_only boolean NOT NULL,
    post_only boolean NOT NULL,
    immediate_or_cancel boolean NOT NULL,
    triggered boolean NOT NULL,
    seen boolean NOT NULL,
    priced_at timestamp with time zone,
    expires_at timestamp with time zone,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT paper_orders_filled_size_check CHECK ((filled_size <> 'NaN'::numeric)),
    CONSTRAINT paper_orders_oracle_offset_check CHECK ((oracle_offset <> 'NaN'::numeric)),
    CONSTRAINT paper_orders_price_check CHECK ((price <> 'NaN'::numeric)),
    CONSTRAINT paper_orders_size CHECK (((filled_size >= (0)::numeric) AND (size > (0)::numeric) AND (filled_size < size))),
    CONSTRAINT paper_orders_size_check CHECK ((size <> 'NaN'::numeric)),
    CONSTRAINT paper_orders_trigger_price_check CHECK ((trigger_price <> 'NaN'::numeric))
);


--
-- Name: paper_positions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.paper_positions (
    id bigint NOT NULL,
    market_index integer NOT NULL,
    base numeric(36,18) NOT NULL,
    entry_quote numeric(36,18) NOT NULL,
    quote numeric(36,18) NOT NULL,
    funded_at timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT paper_positions_base_check CHECK ((base <> 'NaN'::numeric)),
    CONSTRAINT paper_positions_entry_quote_check CHECK ((entry_quote <> 'NaN'::numeric)),
    CONSTRAINT paper_positions_quote_check CHECK ((quote <> 'NaN'::numeric))
);


--
-- Name: paper_positions_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.paper_positions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.paper_positions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: partitioned_tables; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.partitioned_tables (
    parent text NOT NULL,
    width text NOT NULL,
    ahead integer NOT NULL,
    CONSTRAINT partitioned_tables_ahead_check CHECK ((ahead >= 1)),
    CONSTRAINT partitioned_tables_width_check CHECK ((width = ANY (ARRAY['week'::text, 'month'::text])))
);


--
-- Name: pghistory_context; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pghistory_context (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    metadata jsonb NOT NULL
);


--
-- Name: positions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.positions (
    deployment text NOT NULL,
    side text NOT NULL,
    size numeric(36,18) NOT NULL,
    peak_size numeric(36,18) NOT NULL,
    entry_price numeric(36,18) NOT NULL,
    entry_quote numeric(36,18) NOT NULL,
    exit_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    margin numeric(36,18) NOT NULL,
    unrealized_pnl numeric(36,18) NOT NULL,
    unsettled_funding numeric(36,18) NOT NULL,
    realized_pnl numeric(36,18) NOT NULL,
    fees numeric(36,18) NOT NULL,
    funding numeric(36,18) NOT NULL,
    liquidation_price numeric(36,18),
    status text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    current_price numeric(36,18),
    venue_ref text NOT NULL,
    market_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    account_address text,
    last_price numeric(36,18),
    market_index integer,
    quote_asset_amount numeric(36,18) NOT NULL,
    CONSTRAINT position_side_known CHECK ((side = ANY (ARRAY['long'::text, 'short'::text]))),
    CONSTRAINT position_size CHECK ((size >= (0)::numeric)),
    CONSTRAINT position_status_known CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text, 'liquidated'::text]))),
    CONSTRAINT positions_current_price_check CHECK ((current_price <> 'NaN'::numeric)),
    CONSTRAINT positions_entry_price_check CHECK ((entry_price <> 'NaN'::numeric)),
    CONSTRAINT positions_entry_quote_check CHECK ((entry_quote <> 'NaN'::numeric)),
    CONSTRAINT positions_exit_price_check CHECK ((exit_price <> 'NaN'::numeric)),
    CONSTRAINT positions_fees_check CHECK ((fees <> 'NaN'::numeric)),
    CONSTRAINT positions_funding_check CHECK ((funding <> 'NaN'::numeric)),
    CONSTRAINT positions_last_price_check CHECK ((last_price <> 'NaN'::numeric)),
    CONSTRAINT positions_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT positions_liquidation_price_check CHECK ((liquidation_price <> 'NaN'::numeric)),
    CONSTRAINT positions_margin_check CHECK ((margin <> 'NaN'::numeric)),
    CONSTRAINT positions_peak_size_check CHECK ((peak_size <> 'NaN'::numeric)),
    CONSTRAINT positions_quote_asset_amount_check CHECK ((quote_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT positions_realized_pnl_check CHECK ((realized_pnl <> 'NaN'::numeric)),
    CONSTRAINT positions_size_check CHECK ((size <> 'NaN'::numeric)),
    CONSTRAINT positions_unrealized_pnl_check CHECK ((unrealized_pnl <> 'NaN'::numeric)),
    CONSTRAINT positions_unsettled_funding_check CHECK ((unsettled_funding <> 'NaN'::numeric))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.1', autovacuum_vacuum_cost_delay='0');


--
-- Name: rest_calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rest_calls (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    idempotency_key text NOT NULL,
    body_hash text NOT NULL,
    running uuid,
    running_until timestamp with time zone,
    user_id uuid NOT NULL
);


--
-- Name: security_notices; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.security_notices (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    subject_id uuid,
    params jsonb NOT NULL,
    email text NOT NULL,
    sent_at timestamp with time zone,
    attempts integer NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    error text NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT security_notices_kind_known CHECK ((kind = ANY (ARRAY['withdrawal'::text, 'new_address'::text, 'totp_enrolled'::text, 'totp_reset'::text, 'email_wanted'::text, 'email_changed'::text, 'api_key'::text])))
);


--
-- Name: sponsorships; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sponsorships (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    submission_id uuid NOT NULL,
    lamports bigint NOT NULL,
    fee numeric(36,18) NOT NULL,
    token_symbol text NOT NULL,
    counted boolean NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT sponsorships_fee_check CHECK ((fee <> 'NaN'::numeric))
);


--
-- Name: submission_acts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.submission_acts (
    id bigint NOT NULL,
    instruction_index integer NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    step text NOT NULL,
    live boolean NOT NULL,
    submission_id uuid NOT NULL
);


--
-- Name: submission_acts_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.submission_acts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.submission_acts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: submissions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.submissions (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    wallet_id uuid NOT NULL,
    state text NOT NULL,
    claim uuid,
    claimed_at timestamp with time zone,
    signature text,
    raw bytea,
    message_hash text,
    blockhash text,
    last_valid_block_height bigint,
    signing_slot bigint,
    fee_payer text,
    attempt integer NOT NULL,
    counters jsonb NOT NULL,
    deadline timestamp with time zone,
    broadcasts integer NOT NULL,
    sent_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    ended_at timestamp with time zone,
    landed_slot bigint,
    fee_lamports bigint,
    error jsonb,
    last_proof jsonb NOT NULL,
    checked_at timestamp with time zone,
    lane text NOT NULL,
    priority_fee_lamports bigint,
    CONSTRAINT submissions_bytes_when_signed CHECK ((((last_valid_block_height IS NULL) AND (raw IS NULL) AND (signature IS NULL) AND (state = ANY (ARRAY['abandoned'::text, 'claimed'::text, 'queued'::text]))) OR ((NOT (state = ANY (ARRAY['abandoned'::text, 'claimed'::text, 'queued'::text]))) AND (last_valid_block_height IS NOT NULL) AND (raw IS NOT NULL) AND (signature IS NOT NULL)))),
    CONSTRAINT submissions_lane_known CHECK ((lane = ANY (ARRAY['trading'::text, 'withdrawal'::text]))),
    CONSTRAINT submissions_state_known CHECK ((state = ANY (ARRAY['queued'::text, 'claimed'::text, 'signed'::text, 'sent'::text, 'confirmed'::text, 'finalized'::text, 'failed'::text, 'expired'::text, 'abandoned'::text])))
);


--
-- Name: system_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.system_events (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    event_type text NOT NULL,
    severity text NOT NULL,
    source text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    details jsonb NOT NULL,
    processed_at timestamp with time zone,
    status text NOT NULL,
    acknowledged_by_id uuid,
    CONSTRAINT system_events_severity_known CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
    CONSTRAINT system_events_status_known CHECK ((status = ANY (ARRAY['new'::text, 'acknowledged'::text, 'resolved'::text])))
);


--
-- Name: telegram_cards; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.telegram_cards (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    chat_id bigint NOT NULL,
    card text NOT NULL,
    message_id bigint NOT NULL,
    shown_hash text NOT NULL
);


--
-- Name: telegram_silent_chats; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.telegram_silent_chats (
    chat_id bigint NOT NULL,
    since timestamp with time zone NOT NULL
);


--
-- Name: telegram_updates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.telegram_updates (
    update_id bigint NOT NULL,
    telegram_id bigint,
    body jsonb NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    received_at timestamp with time zone NOT NULL,
    handled_at timestamp with time zone,
    CONSTRAINT telegram_updates_state_known CHECK ((state = ANY (ARRAY['received'::text, 'handled'::text])))
);


--
-- Name: trading_orderevent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trading_orderevent (
    pgh_id integer NOT NULL,
    pgh_created_at timestamp with time zone NOT NULL,
    pgh_label text NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    direction text NOT NULL,
    size numeric(36,18) NOT NULL,
    price numeric(36,18),
    trigger_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    reduce_only boolean NOT NULL,
    post_only boolean NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    origin text NOT NULL,
    filled_size numeric(36,18) NOT NULL,
    avg_fill_price numeric(36,18),
    total_fees numeric(36,18) NOT NULL,
    venue_label smallint,
    filled_at timestamp with time zone,
    ended_at timestamp with time zone,
    expires_at timestamp with time zone,
    order_type text NOT NULL,
    side text NOT NULL,
    market_id uuid NOT NULL,
    pgh_context_id uuid,
    pgh_obj_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    deadline timestamp with time zone,
    guards_position_id uuid,
    immediate_or_cancel boolean NOT NULL,
    initial_margin numeric(36,18),
    notional numeric(36,18),
    oracle_offset numeric(36,18),
    parent_id uuid,
    role text NOT NULL,
    account_address text,
    market_index integer,
    venue_order_id text,
    CONSTRAINT trading_orderevent_avg_fill_price_check CHECK ((avg_fill_price <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_filled_size_check CHECK ((filled_size <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_initial_margin_check CHECK ((initial_margin <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_notional_check CHECK ((notional <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_oracle_offset_check CHECK ((oracle_offset <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_price_check CHECK ((price <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_size_check CHECK ((size <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_total_fees_check CHECK ((total_fees <> 'NaN'::numeric)),
    CONSTRAINT trading_orderevent_trigger_price_check CHECK ((trigger_price <> 'NaN'::numeric))
);


--
-- Name: trading_orderevent_pgh_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.trading_orderevent ALTER COLUMN pgh_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trading_orderevent_pgh_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: trading_positionevent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trading_positionevent (
    pgh_id integer NOT NULL,
    pgh_created_at timestamp with time zone NOT NULL,
    pgh_label text NOT NULL,
    deployment text NOT NULL,
    side text NOT NULL,
    size numeric(36,18) NOT NULL,
    peak_size numeric(36,18) NOT NULL,
    entry_price numeric(36,18) NOT NULL,
    entry_quote numeric(36,18) NOT NULL,
    exit_price numeric(36,18),
    leverage numeric(8,2) NOT NULL,
    margin numeric(36,18) NOT NULL,
    unrealized_pnl numeric(36,18) NOT NULL,
    unsettled_funding numeric(36,18) NOT NULL,
    realized_pnl numeric(36,18) NOT NULL,
    fees numeric(36,18) NOT NULL,
    funding numeric(36,18) NOT NULL,
    liquidation_price numeric(36,18),
    status text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    current_price numeric(36,18),
    venue_ref text NOT NULL,
    market_id uuid NOT NULL,
    pgh_context_id uuid,
    pgh_obj_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    account_address text,
    last_price numeric(36,18),
    market_index integer,
    quote_asset_amount numeric(36,18) NOT NULL,
    CONSTRAINT trading_positionevent_current_price_check CHECK ((current_price <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_entry_price_check CHECK ((entry_price <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_entry_quote_check CHECK ((entry_quote <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_exit_price_check CHECK ((exit_price <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_fees_check CHECK ((fees <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_funding_check CHECK ((funding <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_last_price_check CHECK ((last_price <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_leverage_check CHECK ((leverage <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_liquidation_price_check CHECK ((liquidation_price <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_margin_check CHECK ((margin <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_peak_size_check CHECK ((peak_size <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_quote_asset_amount_check CHECK ((quote_asset_amount <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_realized_pnl_check CHECK ((realized_pnl <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_size_check CHECK ((size <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_unrealized_pnl_check CHECK ((unrealized_pnl <> 'NaN'::numeric)),
    CONSTRAINT trading_positionevent_unsettled_funding_check CHECK ((unsettled_funding <> 'NaN'::numeric))
);


--
-- Name: trading_positionevent_pgh_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.trading_positionevent ALTER COLUMN pgh_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trading_positionevent_pgh_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: trading_states; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trading_states (
    id bigint NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    actor_id uuid,
    CONSTRAINT trading_states_scope_known CHECK ((scope = ANY (ARRAY['desk'::text, 'venue'::text, 'market'::text, 'user'::text]))),
    CONSTRAINT trading_states_state_known CHECK ((state = ANY (ARRAY['active'::text, 'reduce_only'::text, 'halted'::text])))
);


--
-- Name: trading_states_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.trading_states ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trading_states_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: transaction_hashes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.transaction_hashes (
    wallet_id uuid NOT NULL,
    tx_hash text NOT NULL,
    transaction_id uuid NOT NULL
);


--
-- Name: transactions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.transactions (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    amount numeric(36,18),
    token_symbol text,
    gas_fee numeric(36,18),
    block_number bigint,
    block_timestamp timestamp with time zone,
    metadata jsonb NOT NULL,
    tx_type text NOT NULL,
    tx_hash text,
    from_address text,
    to_address text,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    deployment text,
    CONSTRAINT transaction_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'confirmed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT transaction_type_known CHECK ((tx_type = ANY (ARRAY['deposit'::text, 'withdrawal'::text, 'trade'::text, 'fee'::text, 'reward'::text, 'transfer'::text]))),
    CONSTRAINT transactions_amount_check CHECK ((amount <> 'NaN'::numeric)),
    CONSTRAINT transactions_gas_fee_check CHECK ((gas_fee <> 'NaN'::numeric))
)
PARTITION BY RANGE (created_at);


--
-- Name: user_api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_api_keys (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    key_name text NOT NULL,
    api_key text NOT NULL,
    api_secret_hash text NOT NULL,
    permissions text[] NOT NULL,
    allowed_ips text[] NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    status text NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT user_api_keys_status_known CHECK ((status = ANY (ARRAY['active'::text, 'revoked'::text, 'expired'::text])))
);


--
-- Name: user_notifications; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_notifications (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    notification_type text NOT NULL,
    title text NOT NULL,
    message text NOT NULL,
    importance text NOT NULL,
    read_at timestamp with time zone,
    status text NOT NULL,
    event_id uuid,
    user_id uuid NOT NULL,
    CONSTRAINT user_notifications_importance_known CHECK ((importance = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text]))),
    CONSTRAINT user_notifications_status_known CHECK ((status = ANY (ARRAY['unread'::text, 'read'::text]))),
    CONSTRAINT user_notifications_type_known CHECK ((notification_type = ANY (ARRAY['trade'::text, 'security'::text, 'price_alert'::text, 'position_alert'::text, 'wallet_alert'::text, 'news'::text, 'digest'::text])))
);


--
-- Name: user_profiles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_profiles (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    display_name text,
    risk_tolerance text NOT NULL,
    default_theme text NOT NULL,
    notification_preferences jsonb NOT NULL,
    dashboard_layout jsonb NOT NULL,
    user_id uuid NOT NULL
);


--
-- Name: user_security; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_security (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    withdrawals_locked_until timestamp with time zone,
    lock_reason text NOT NULL,
    totp_confirmed_at timestamp with time zone,
    past_small_limit_at timestamp with time zone,
    user_id uuid NOT NULL
);


--
-- Name: user_sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_sessions (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    channel text NOT NULL,
    ip_address inet,
    user_agent text,
    last_activity timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    user_id uuid NOT NULL,
    token_hash text,
    CONSTRAINT user_sessions_channel_known CHECK ((channel = ANY (ARRAY['telegram'::text, 'rest'::text, 'web'::text, 'admin'::text, 'system'::text])))
);


--
-- Name: user_settings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.user_settings (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    setting_key text NOT NULL,
    setting_value jsonb NOT NULL,
    user_id uuid NOT NULL
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    last_login timestamp with time zone,
    id uuid NOT NULL,
    telegram_id bigint,
    telegram_username text,
    telegram_first_name text,
    telegram_last_name text,
    privy_user_id text,
    email text,
    password text NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    trading_state text NOT NULL,
    subscription_tier text NOT NULL,
    max_followed_traders integer NOT NULL,
    max_daily_trades integer NOT NULL,
    max_trade_size_usd numeric(20,2),
    balance_usd numeric(20,2) NOT NULL,
    two_factor_enabled boolean NOT NULL,
    last_active timestamp with time zone NOT NULL,
    metadata jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    frozen_at timestamp with time zone,
    CONSTRAINT users_balance CHECK ((balance_usd >= (0)::numeric)),
    CONSTRAINT users_balance_usd_check CHECK ((balance_usd <> 'NaN'::numeric)),
    CONSTRAINT users_can_sign_in CHECK (((telegram_id IS NOT NULL) OR (email IS NOT NULL) OR (status = 'closed'::text))),
    CONSTRAINT users_email_form CHECK ((email ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$'::text)),
    CONSTRAINT users_max_trade_size_usd_check CHECK ((max_trade_size_usd <> 'NaN'::numeric)),
    CONSTRAINT users_role_known CHECK ((role = ANY (ARRAY['trader'::text, 'viewer'::text, 'support'::text, 'ops'::text, 'risk'::text, 'finance'::text, 'admin'::text]))),
    CONSTRAINT users_status_known CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'banned'::text, 'pending_verification'::text, 'closed'::text]))),
    CONSTRAINT users_telegram_id CHECK ((telegram_id > 0)),
    CONSTRAINT users_tier_known CHECK ((subscription_tier = ANY (ARRAY['free'::text, 'basic'::text, 'pro'::text, 'premium'::text]))),
    CONSTRAINT users_trading_state_known CHECK ((trading_state = ANY (ARRAY['active'::text, 'reduce_only'::text, 'halted'::text])))
);


--
-- Name: venue_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.venue_accounts (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    address text NOT NULL,
    sub_account_id integer NOT NULL,
    status text NOT NULL,
    collateral numeric(36,18),
    free_collateral numeric(36,18),
    health numeric(8,4),
    observed_slot bigint,
    observed_at timestamp with time zone,
    observed_hash text NOT NULL,
    state jsonb NOT NULL,
    scanned_signature text NOT NULL,
    scanned_slot bigint,
    wanted_at timestamp with time zone,
    wallet_id uuid NOT NULL,
    CONSTRAINT venue_accounts_collateral_check CHECK ((collateral <> 'NaN'::numeric)),
    CONSTRAINT venue_accounts_free_collateral_check CHECK ((free_collateral <> 'NaN'::numeric)),
    CONSTRAINT venue_accounts_status_known CHECK ((status = ANY (ARRAY['absent'::text, 'active'::text, 'being_liquidated'::text, 'bankrupt'::text])))
);


--
-- Name: venue_gates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.venue_gates (
    deployment text NOT NULL,
    is_open boolean NOT NULL,
    reasons jsonb NOT NULL,
    checked_at timestamp with time zone,
    tried_at timestamp with time zone,
    failure text NOT NULL,
    changed_at timestamp with time zone
);


--
-- Name: venue_order_ids; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.venue_order_ids (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    order_id uuid NOT NULL,
    deployment text NOT NULL,
    account_address text NOT NULL,
    venue_order_id text NOT NULL,
    size numeric(36,18) NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT venue_order_ids_size_check CHECK ((size <> 'NaN'::numeric))
);


--
-- Name: venue_transfers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.venue_transfers (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    kind text NOT NULL,
    token_symbol text NOT NULL,
    amount numeric(36,18) NOT NULL,
    booked_amount numeric(36,18),
    sponsor_fee numeric(36,18) NOT NULL,
    sponsored boolean NOT NULL,
    sponsored_lamports bigint NOT NULL,
    initializes boolean NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    venue_record_id text NOT NULL,
    tx_hash text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT venue_transfers_amount CHECK ((amount > (0)::numeric)),
    CONSTRAINT venue_transfers_amount_check CHECK ((amount <> 'NaN'::numeric)),
    CONSTRAINT venue_transfers_booked_amount_check CHECK ((booked_amount <> 'NaN'::numeric)),
    CONSTRAINT venue_transfers_kind_known CHECK ((kind = ANY (ARRAY['deposit'::text, 'withdrawal'::text]))),
    CONSTRAINT venue_transfers_sponsor_fee_check CHECK ((sponsor_fee <> 'NaN'::numeric)),
    CONSTRAINT venue_transfers_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'confirmed'::text, 'completed'::text, 'failed'::text, 'not_executed'::text])))
);


--
-- Name: wallet_alerts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wallet_alerts (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    token_symbol text NOT NULL,
    condition_type text NOT NULL,
    threshold numeric(36,18) NOT NULL,
    status text NOT NULL,
    triggered_at timestamp with time zone,
    wallet_id uuid NOT NULL,
    CONSTRAINT wallet_alerts_condition_known CHECK ((condition_type = ANY (ARRAY['greater_than'::text, 'less_than'::text, 'equals'::text, 'percentage_change'::text]))),
    CONSTRAINT wallet_alerts_status_known CHECK ((status = ANY (ARRAY['active'::text, 'triggered'::text, 'cancelled'::text, 'expired'::text]))),
    CONSTRAINT wallet_alerts_threshold_check CHECK ((threshold <> 'NaN'::numeric))
);


--
-- Name: wallet_balances; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wallet_balances (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    token_symbol text NOT NULL,
    token_address text,
    balance numeric(36,18) NOT NULL,
    locked_balance numeric(36,18) NOT NULL,
    available_balance numeric(36,18) GENERATED ALWAYS AS ((balance - locked_balance)) STORED NOT NULL,
    observed_slot bigint,
    updated_at timestamp with time zone NOT NULL,
    wallet_id uuid NOT NULL,
    CONSTRAINT wallet_balances_balance CHECK ((balance >= (0)::numeric)),
    CONSTRAINT wallet_balances_balance_check CHECK ((balance <> 'NaN'::numeric)),
    CONSTRAINT wallet_balances_locked CHECK (((locked_balance >= (0)::numeric) AND (locked_balance <= balance))),
    CONSTRAINT wallet_balances_locked_balance_check CHECK ((locked_balance <> 'NaN'::numeric))
);


--
-- Name: wallets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wallets (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    privy_wallet_id text,
    wallet_address text NOT NULL,
    wallet_name text,
    wallet_type text NOT NULL,
    chain_type text NOT NULL,
    status text NOT NULL,
    last_synced_at timestamp with time zone,
    metadata jsonb NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT wallets_address_form CHECK ((((chain_type = 'solana'::text) AND (wallet_address ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'::text)) OR ((chain_type = ANY (ARRAY['ethereum'::text, 'polygon'::text])) AND (wallet_address ~ '^0x[0-9a-fA-F]{40}$'::text)))),
    CONSTRAINT wallets_chain_known CHECK ((chain_type = ANY (ARRAY['solana'::text, 'ethereum'::text, 'polygon'::text]))),
    CONSTRAINT wallets_status_known CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'suspended'::text, 'pending'::text]))),
    CONSTRAINT wallets_type_known CHECK ((wallet_type = ANY (ARRAY['privy'::text, 'phantom'::text, 'solflare'::text, 'backpack'::text, 'external'::text])))
);


--
-- Name: wallets_walletevent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wallets_walletevent (
    pgh_id integer NOT NULL,
    pgh_created_at timestamp with time zone NOT NULL,
    pgh_label text NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    privy_wallet_id text,
    wallet_address text NOT NULL,
    wallet_name text,
    wallet_type text NOT NULL,
    chain_type text NOT NULL,
    status text NOT NULL,
    pgh_context_id uuid,
    pgh_obj_id uuid NOT NULL,
    user_id uuid NOT NULL
);


--
-- Name: wallets_walletevent_pgh_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.wallets_walletevent ALTER COLUMN pgh_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_walletevent_pgh_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: watched_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.watched_accounts (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    token_mint text NOT NULL,
    units numeric(20,0) NOT NULL,
    signature text NOT NULL,
    slot bigint NOT NULL,
    searched_at timestamp with time zone,
    gaps integer NOT NULL,
    wallet_id uuid NOT NULL,
    close_until timestamp with time zone,
    looked_at timestamp with time zone,
    CONSTRAINT watched_accounts_units_check CHECK ((units <> 'NaN'::numeric))
);


--
-- Name: web_links; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.web_links (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    purpose text NOT NULL,
    token_hash text NOT NULL,
    subject_id uuid,
    params jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    user_id uuid NOT NULL,
    CONSTRAINT web_links_purpose_known CHECK ((purpose = ANY (ARRAY['sign_in'::text, 'enrol'::text, 'addresses'::text, 'withdraw'::text, 'unfreeze'::text, 'api_key'::text, 'sessions'::text, 'email'::text, 'stop'::text])))
);


--
-- Name: withdrawal_addresses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.withdrawal_addresses (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    label text NOT NULL,
    address text NOT NULL,
    usable_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    user_id uuid NOT NULL,
    CONSTRAINT withdrawal_addresses_form CHECK ((address ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'::text))
);


--
-- Name: withdrawal_allowances; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.withdrawal_allowances (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    unit text NOT NULL,
    reservations jsonb NOT NULL,
    user_id uuid NOT NULL
);


--
-- Name: withdrawals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.withdrawals (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    to_address text NOT NULL,
    token_symbol text NOT NULL,
    token_mint text NOT NULL,
    amount numeric(36,18) NOT NULL,
    sent_amount numeric(36,18),
    fee_lamports bigint,
    unit text NOT NULL,
    source_deployment text NOT NULL,
    source_transfer_id uuid,
    status text NOT NULL,
    status_reason text NOT NULL,
    confirmed_at timestamp with time zone,
    release_at timestamp with time zone,
    approved_at timestamp with time zone,
    tx_hash text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    approved_by_id uuid,
    incoming_id uuid,
    user_id uuid NOT NULL,
    wallet_id uuid NOT NULL,
    address_id uuid,
    CONSTRAINT withdrawals_amount CHECK ((amount > (0)::numeric)),
    CONSTRAINT withdrawals_amount_check CHECK ((amount <> 'NaN'::numeric)),
    CONSTRAINT withdrawals_sent_amount CHECK (((sent_amount IS NULL) OR (sent_amount > (0)::numeric))),
    CONSTRAINT withdrawals_sent_amount_check CHECK ((sent_amount <> 'NaN'::numeric)),
    CONSTRAINT withdrawals_status_known CHECK ((status = ANY (ARRAY['awaiting_code'::text, 'awaiting_approval'::text, 'held'::text, 'cooling'::text, 'awaiting_venue'::text, 'queued'::text, 'sent'::text, 'confirmed'::text, 'finalized'::text, 'failed'::text, 'not_executed'::text, 'cancelled'::text, 'rejected'::text]))),
    CONSTRAINT withdrawals_two_people CHECK (((approved_by_id IS NULL) OR (NOT ((approved_by_id = user_id) AND (approved_by_id IS NOT NULL)))))
);


--
-- Name: young_moves; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.young_moves (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deployment text NOT NULL,
    order_id uuid NOT NULL,
    tx_hash text NOT NULL,
    slot bigint NOT NULL,
    venue_order_id text NOT NULL,
    before jsonb NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL
);


--
-- Name: account_entries account_entries_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_entries
    ADD CONSTRAINT account_entries_once UNIQUE (account_id, tx_hash, event_index, kind);


--
-- Name: account_entries account_entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_entries
    ADD CONSTRAINT account_entries_pkey PRIMARY KEY (id);


--
-- Name: alert_firings alert_firings_number; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_firings
    ADD CONSTRAINT alert_firings_number UNIQUE (alert_id, number);


--
-- Name: alert_firings alert_firings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_firings
    ADD CONSTRAINT alert_firings_pkey PRIMARY KEY (id);


--
-- Name: alerts alerts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);


--
-- Name: audit_logs audit_logs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (id, created_at);


--
-- Name: audit_roots audit_roots_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_roots
    ADD CONSTRAINT audit_roots_pkey PRIMARY KEY (batch);


--
-- Name: audit_seals audit_seals_audit_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_seals
    ADD CONSTRAINT audit_seals_audit_id_key UNIQUE (audit_id);


--
-- Name: audit_seals audit_seals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_seals
    ADD CONSTRAINT audit_seals_pkey PRIMARY KEY (seq);


--
-- Name: audit_unsealed audit_unsealed_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_unsealed
    ADD CONSTRAINT audit_unsealed_pkey PRIMARY KEY (audit_id);


--
-- Name: auth_group auth_group_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);


--
-- Name: auth_group_permissions auth_group_permissions_group_id_permission_id_0cd325b0_uniq; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);


--
-- Name: auth_group_permissions auth_group_permissions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);


--
-- Name: auth_group auth_group_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);


--
-- Name: auth_permission auth_permission_content_type_id_codename_01ab375a_uniq; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);


--
-- Name: auth_permission auth_permission_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);


--
-- Name: desk_epochs desk_epochs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.desk_epochs
    ADD CONSTRAINT desk_epochs_pkey PRIMARY KEY (id);


--
-- Name: differences differences_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.differences
    ADD CONSTRAINT differences_pkey PRIMARY KEY (id);


--
-- Name: django_admin_log django_admin_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);


--
-- Name: django_celery_beat_clockedschedule django_celery_beat_clockedschedule_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_clockedschedule
    ADD CONSTRAINT django_celery_beat_clockedschedule_pkey PRIMARY KEY (id);


--
-- Name: django_celery_beat_crontabschedule django_celery_beat_crontabschedule_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_crontabschedule
    ADD CONSTRAINT django_celery_beat_crontabschedule_pkey PRIMARY KEY (id);


--
-- Name: django_celery_beat_intervalschedule django_celery_beat_intervalschedule_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_intervalschedule
    ADD CONSTRAINT django_celery_beat_intervalschedule_pkey PRIMARY KEY (id);


--
-- Name: django_celery_beat_periodictask django_celery_beat_periodictask_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_periodictask_name_key UNIQUE (name);


--
-- Name: django_celery_beat_periodictask django_celery_beat_periodictask_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_periodictask_pkey PRIMARY KEY (id);


--
-- Name: django_celery_beat_periodictasks django_celery_beat_periodictasks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictasks
    ADD CONSTRAINT django_celery_beat_periodictasks_pkey PRIMARY KEY (ident);


--
-- Name: django_celery_beat_solarschedule django_celery_beat_solar_event_latitude_longitude_ba64999a_uniq; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_solarschedule
    ADD CONSTRAINT django_celery_beat_solar_event_latitude_longitude_ba64999a_uniq UNIQUE (event, latitude, longitude);


--
-- Name: django_celery_beat_solarschedule django_celery_beat_solarschedule_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_solarschedule
    ADD CONSTRAINT django_celery_beat_solarschedule_pkey PRIMARY KEY (id);


--
-- Name: django_content_type django_content_type_app_label_model_76bd3d3b_uniq; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);


--
-- Name: django_content_type django_content_type_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);


--
-- Name: django_migrations django_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);


--
-- Name: django_session django_session_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);


--
-- Name: drift_driftorderevent drift_driftorderevent_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_driftorderevent
    ADD CONSTRAINT drift_driftorderevent_pkey PRIMARY KEY (pgh_id);


--
-- Name: drift_driftpositionevent drift_driftpositionevent_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_driftpositionevent
    ADD CONSTRAINT drift_driftpositionevent_pkey PRIMARY KEY (pgh_id);


--
-- Name: drift_markets drift_markets_market_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_markets
    ADD CONSTRAINT drift_markets_market_id_key UNIQUE (market_id);


--
-- Name: drift_markets drift_markets_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_markets
    ADD CONSTRAINT drift_markets_one UNIQUE (deployment, market_type, market_index);


--
-- Name: drift_markets drift_markets_one_symbol; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_markets
    ADD CONSTRAINT drift_markets_one_symbol UNIQUE (deployment, market_type, symbol);


--
-- Name: drift_markets drift_markets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_markets
    ADD CONSTRAINT drift_markets_pkey PRIMARY KEY (id);


--
-- Name: drift_orders drift_orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_orders
    ADD CONSTRAINT drift_orders_pkey PRIMARY KEY (id);


--
-- Name: drift_positions drift_positions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_positions
    ADD CONSTRAINT drift_positions_pkey PRIMARY KEY (id);


--
-- Name: drift_transactions drift_transactions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_transactions
    ADD CONSTRAINT drift_transactions_pkey PRIMARY KEY (id);


--
-- Name: drift_transactions drift_transactions_tx_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_transactions
    ADD CONSTRAINT drift_transactions_tx_hash_key UNIQUE (tx_hash);


--
-- Name: fills fills_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_once UNIQUE (deployment, market_id, venue_fill_id, account);


--
-- Name: fills fills_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_pkey PRIMARY KEY (id);


--
-- Name: incoming_transfers incoming_transfers_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.incoming_transfers
    ADD CONSTRAINT incoming_transfers_once UNIQUE (wallet_id, signature, token_mint, index);


--
-- Name: incoming_transfers incoming_transfers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.incoming_transfers
    ADD CONSTRAINT incoming_transfers_pkey PRIMARY KEY (id);


--
-- Name: intents intents_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.intents
    ADD CONSTRAINT intents_key UNIQUE (user_id, channel, idempotency_key);


--
-- Name: intents intents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.intents
    ADD CONSTRAINT intents_pkey PRIMARY KEY (id);


--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (name);


--
-- Name: markets markets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.markets
    ADD CONSTRAINT markets_pkey PRIMARY KEY (id);


--
-- Name: markets markets_symbol; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.markets
    ADD CONSTRAINT markets_symbol UNIQUE (symbol, dex_name);


--
-- Name: order_changes order_changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_changes
    ADD CONSTRAINT order_changes_pkey PRIMARY KEY (id);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: otp_totp_totpdevice otp_totp_totpdevice_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.otp_totp_totpdevice
    ADD CONSTRAINT otp_totp_totpdevice_pkey PRIMARY KEY (id);


--
-- Name: outbox_messages outbox_messages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_messages
    ADD CONSTRAINT outbox_messages_pkey PRIMARY KEY (id);


--
-- Name: paper_accounts paper_accounts_address_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_accounts
    ADD CONSTRAINT paper_accounts_address_key UNIQUE (address);


--
-- Name: paper_accounts paper_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_accounts
    ADD CONSTRAINT paper_accounts_pkey PRIMARY KEY (id);


--
-- Name: paper_accounts paper_accounts_wallet_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_accounts
    ADD CONSTRAINT paper_accounts_wallet_id_key UNIQUE (wallet_id);


--
-- Name: paper_events paper_events_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_events
    ADD CONSTRAINT paper_events_one UNIQUE (account_id, sequence);


--
-- Name: paper_events paper_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_events
    ADD CONSTRAINT paper_events_pkey PRIMARY KEY (id);


--
-- Name: paper_markets paper_markets_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_markets
    ADD CONSTRAINT paper_markets_one UNIQUE (market_index);


--
-- Name: paper_markets paper_markets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_markets
    ADD CONSTRAINT paper_markets_pkey PRIMARY KEY (market_id);


--
-- Name: paper_orders paper_orders_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_orders
    ADD CONSTRAINT paper_orders_one UNIQUE (account_id, number);


--
-- Name: paper_orders paper_orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_orders
    ADD CONSTRAINT paper_orders_pkey PRIMARY KEY (id);


--
-- Name: paper_positions paper_positions_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_positions
    ADD CONSTRAINT paper_positions_one UNIQUE (account_id, market_index);


--
-- Name: paper_positions paper_positions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_positions
    ADD CONSTRAINT paper_positions_pkey PRIMARY KEY (id);


--
-- Name: partitioned_tables partitioned_tables_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.partitioned_tables
    ADD CONSTRAINT partitioned_tables_pkey PRIMARY KEY (parent);


--
-- Name: pghistory_context pghistory_context_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pghistory_context
    ADD CONSTRAINT pghistory_context_pkey PRIMARY KEY (id);


--
-- Name: positions positions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (id);


--
-- Name: rest_calls rest_calls_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rest_calls
    ADD CONSTRAINT rest_calls_key UNIQUE (user_id, idempotency_key);


--
-- Name: rest_calls rest_calls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rest_calls
    ADD CONSTRAINT rest_calls_pkey PRIMARY KEY (id);


--
-- Name: security_notices security_notices_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.security_notices
    ADD CONSTRAINT security_notices_pkey PRIMARY KEY (id);


--
-- Name: sponsorships sponsorships_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sponsorships
    ADD CONSTRAINT sponsorships_pkey PRIMARY KEY (id);


--
-- Name: sponsorships sponsorships_submission_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sponsorships
    ADD CONSTRAINT sponsorships_submission_id_key UNIQUE (submission_id);


--
-- Name: submission_acts submission_acts_index; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_acts
    ADD CONSTRAINT submission_acts_index UNIQUE (submission_id, instruction_index);


--
-- Name: submission_acts submission_acts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_acts
    ADD CONSTRAINT submission_acts_pkey PRIMARY KEY (id);


--
-- Name: submissions submissions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT submissions_pkey PRIMARY KEY (id);


--
-- Name: submissions submissions_signature_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT submissions_signature_key UNIQUE (signature);


--
-- Name: system_events system_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.system_events
    ADD CONSTRAINT system_events_pkey PRIMARY KEY (id);


--
-- Name: telegram_cards telegram_cards_card; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.telegram_cards
    ADD CONSTRAINT telegram_cards_card UNIQUE (chat_id, card);


--
-- Name: telegram_cards telegram_cards_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.telegram_cards
    ADD CONSTRAINT telegram_cards_pkey PRIMARY KEY (id);


--
-- Name: telegram_silent_chats telegram_silent_chats_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.telegram_silent_chats
    ADD CONSTRAINT telegram_silent_chats_pkey PRIMARY KEY (chat_id);


--
-- Name: telegram_updates telegram_updates_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.telegram_updates
    ADD CONSTRAINT telegram_updates_pkey PRIMARY KEY (update_id);


--
-- Name: trading_orderevent trading_orderevent_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_orderevent
    ADD CONSTRAINT trading_orderevent_pkey PRIMARY KEY (pgh_id);


--
-- Name: trading_positionevent trading_positionevent_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_positionevent
    ADD CONSTRAINT trading_positionevent_pkey PRIMARY KEY (pgh_id);


--
-- Name: trading_states trading_states_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_states
    ADD CONSTRAINT trading_states_one UNIQUE (scope, key);


--
-- Name: trading_states trading_states_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_states
    ADD CONSTRAINT trading_states_pkey PRIMARY KEY (id);


--
-- Name: transaction_hashes transaction_hashes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.transaction_hashes
    ADD CONSTRAINT transaction_hashes_pkey PRIMARY KEY (wallet_id, tx_hash);


--
-- Name: transactions transactions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.transactions
    ADD CONSTRAINT transactions_pkey PRIMARY KEY (id, created_at);


--
-- Name: user_api_keys user_api_keys_api_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_api_keys
    ADD CONSTRAINT user_api_keys_api_key_key UNIQUE (api_key);


--
-- Name: user_api_keys user_api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_api_keys
    ADD CONSTRAINT user_api_keys_pkey PRIMARY KEY (id);


--
-- Name: user_notifications user_notifications_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_notifications
    ADD CONSTRAINT user_notifications_pkey PRIMARY KEY (id);


--
-- Name: user_profiles user_profiles_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_profiles
    ADD CONSTRAINT user_profiles_pkey PRIMARY KEY (id);


--
-- Name: user_profiles user_profiles_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_profiles
    ADD CONSTRAINT user_profiles_user_id_key UNIQUE (user_id);


--
-- Name: user_security user_security_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_security
    ADD CONSTRAINT user_security_pkey PRIMARY KEY (id);


--
-- Name: user_security user_security_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_security
    ADD CONSTRAINT user_security_user_id_key UNIQUE (user_id);


--
-- Name: user_sessions user_sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_sessions
    ADD CONSTRAINT user_sessions_pkey PRIMARY KEY (id);


--
-- Name: user_sessions user_sessions_token_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_sessions
    ADD CONSTRAINT user_sessions_token_hash_key UNIQUE (token_hash);


--
-- Name: user_settings user_settings_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_settings
    ADD CONSTRAINT user_settings_key UNIQUE (user_id, setting_key);


--
-- Name: user_settings user_settings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_settings
    ADD CONSTRAINT user_settings_pkey PRIMARY KEY (id);


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: users users_privy_user_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_privy_user_id_key UNIQUE (privy_user_id);


--
-- Name: users users_telegram_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_telegram_id_key UNIQUE (telegram_id);


--
-- Name: venue_accounts venue_accounts_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_accounts
    ADD CONSTRAINT venue_accounts_one UNIQUE (wallet_id, deployment, sub_account_id);


--
-- Name: venue_accounts venue_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_accounts
    ADD CONSTRAINT venue_accounts_pkey PRIMARY KEY (id);


--
-- Name: venue_gates venue_gates_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_gates
    ADD CONSTRAINT venue_gates_pkey PRIMARY KEY (deployment);


--
-- Name: venue_order_ids venue_order_ids_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_order_ids
    ADD CONSTRAINT venue_order_ids_one UNIQUE (deployment, account_address, venue_order_id);


--
-- Name: venue_order_ids venue_order_ids_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_order_ids
    ADD CONSTRAINT venue_order_ids_pkey PRIMARY KEY (id);


--
-- Name: venue_transfers venue_transfers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_transfers
    ADD CONSTRAINT venue_transfers_pkey PRIMARY KEY (id);


--
-- Name: wallet_alerts wallet_alerts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_alerts
    ADD CONSTRAINT wallet_alerts_pkey PRIMARY KEY (id);


--
-- Name: wallet_balances wallet_balances_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_balances
    ADD CONSTRAINT wallet_balances_pkey PRIMARY KEY (id);


--
-- Name: wallet_balances wallet_balances_token; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_balances
    ADD CONSTRAINT wallet_balances_token UNIQUE (wallet_id, token_symbol);


--
-- Name: wallets wallets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_pkey PRIMARY KEY (id);


--
-- Name: wallets wallets_privy_wallet_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_privy_wallet_id_key UNIQUE (privy_wallet_id);


--
-- Name: wallets wallets_wallet_address_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_wallet_address_key UNIQUE (wallet_address);


--
-- Name: wallets_walletevent wallets_walletevent_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallets_walletevent
    ADD CONSTRAINT wallets_walletevent_pkey PRIMARY KEY (pgh_id);


--
-- Name: watched_accounts watched_accounts_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.watched_accounts
    ADD CONSTRAINT watched_accounts_one UNIQUE (wallet_id, address);


--
-- Name: watched_accounts watched_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.watched_accounts
    ADD CONSTRAINT watched_accounts_pkey PRIMARY KEY (id);


--
-- Name: web_links web_links_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.web_links
    ADD CONSTRAINT web_links_pkey PRIMARY KEY (id);


--
-- Name: web_links web_links_token_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.web_links
    ADD CONSTRAINT web_links_token_hash_key UNIQUE (token_hash);


--
-- Name: withdrawal_addresses withdrawal_addresses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawal_addresses
    ADD CONSTRAINT withdrawal_addresses_pkey PRIMARY KEY (id);


--
-- Name: withdrawal_allowances withdrawal_allowances_one; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawal_allowances
    ADD CONSTRAINT withdrawal_allowances_one UNIQUE (user_id, unit);


--
-- Name: withdrawal_allowances withdrawal_allowances_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawal_allowances
    ADD CONSTRAINT withdrawal_allowances_pkey PRIMARY KEY (id);


--
-- Name: withdrawals withdrawals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_pkey PRIMARY KEY (id);


--
-- Name: withdrawals withdrawals_source_transfer_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_source_transfer_id_key UNIQUE (source_transfer_id);


--
-- Name: young_moves young_moves_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.young_moves
    ADD CONSTRAINT young_moves_pkey PRIMARY KEY (id);


--
-- Name: account_entries_account_id_0efe3ae5; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_entries_account_id_0efe3ae5 ON public.account_entries USING btree (account_id);


--
-- Name: account_entries_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_entries_newest ON public.account_entries USING btree (user_id, id DESC);


--
-- Name: account_entries_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_entries_user ON public.account_entries USING btree (user_id, occurred_at DESC);


--
-- Name: account_entries_young; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_entries_young ON public.account_entries USING btree (deployment, account_id) WHERE (NOT is_final);


--
-- Name: alert_firings_alert_id_08cba6a9; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alert_firings_alert_id_08cba6a9 ON public.alert_firings USING btree (alert_id);


--
-- Name: alert_firings_user_id_0cdd5622; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alert_firings_user_id_0cdd5622 ON public.alert_firings USING btree (user_id);


--
-- Name: alerts_alert_type_1c0182c9; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_alert_type_1c0182c9 ON public.alerts USING btree (alert_type);


--
-- Name: alerts_alert_type_1c0182c9_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_alert_type_1c0182c9_like ON public.alerts USING btree (alert_type text_pattern_ops);


--
-- Name: alerts_expiring; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_expiring ON public.alerts USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND (status = 'active'::text));


--
-- Name: alerts_falling; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_falling ON public.alerts USING btree (market_id, falls_to) WHERE ((alert_type = ANY (ARRAY['price_above'::text, 'price_below'::text])) AND (paused_at IS NULL) AND (status = 'active'::text) AND (falls_to IS NOT NULL));


--
-- Name: alerts_market_id_74bd5e01; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_market_id_74bd5e01 ON public.alerts USING btree (market_id);


--
-- Name: alerts_rising; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_rising ON public.alerts USING btree (market_id, rises_to) WHERE ((alert_type = ANY (ARRAY['price_above'::text, 'price_below'::text])) AND (paused_at IS NULL) AND (status = 'active'::text) AND (rises_to IS NOT NULL));


--
-- Name: alerts_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_status ON public.alerts USING btree (status);


--
-- Name: alerts_user_id_761eb1a6; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_user_id_761eb1a6 ON public.alerts USING btree (user_id);


--
-- Name: audit_logs_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_created ON ONLY public.audit_logs USING btree (created_at DESC);


--
-- Name: audit_logs_resource; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_resource ON ONLY public.audit_logs USING btree (resource_type, resource_id);


--
-- Name: audit_logs_user_action; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_user_action ON ONLY public.audit_logs USING btree (user_id, action);


--
-- Name: audit_unsealed_noted; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_unsealed_noted ON public.audit_unsealed USING btree (noted_at);


--
-- Name: auth_group_name_a6ea08ec_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);


--
-- Name: auth_group_permissions_group_id_b120cbf9; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);


--
-- Name: auth_group_permissions_permission_id_84c5c92e; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);


--
-- Name: auth_permission_content_type_id_2f476e4b; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);


--
-- Name: differences_account_id_ab8fccf3; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX differences_account_id_ab8fccf3 ON public.differences USING btree (account_id);


--
-- Name: differences_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX differences_one_open ON public.differences USING btree (account_id, what) WHERE (resolved_at IS NULL);


--
-- Name: django_admin_log_content_type_id_c4bce8eb; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);


--
-- Name: django_admin_log_user_id_c564eba6; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);


--
-- Name: django_celery_beat_periodictask_clocked_id_47a69f82; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_celery_beat_periodictask_clocked_id_47a69f82 ON public.django_celery_beat_periodictask USING btree (clocked_id);


--
-- Name: django_celery_beat_periodictask_crontab_id_d3cba168; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_celery_beat_periodictask_crontab_id_d3cba168 ON public.django_celery_beat_periodictask USING btree (crontab_id);


--
-- Name: django_celery_beat_periodictask_interval_id_a8ca27da; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_celery_beat_periodictask_interval_id_a8ca27da ON public.django_celery_beat_periodictask USING btree (interval_id);


--
-- Name: django_celery_beat_periodictask_name_265a36b7_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_celery_beat_periodictask_name_265a36b7_like ON public.django_celery_beat_periodictask USING btree (name varchar_pattern_ops);


--
-- Name: django_celery_beat_periodictask_solar_id_a87ce72c; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_celery_beat_periodictask_solar_id_a87ce72c ON public.django_celery_beat_periodictask USING btree (solar_id);


--
-- Name: django_session_expire_date_a5c62663; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);


--
-- Name: django_session_session_key_c0390e0f_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);


--
-- Name: drift_driftorderevent_market_id_34ff1d28; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftorderevent_market_id_34ff1d28 ON public.drift_driftorderevent USING btree (market_id);


--
-- Name: drift_driftorderevent_pgh_context_id_19d27edd; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftorderevent_pgh_context_id_19d27edd ON public.drift_driftorderevent USING btree (pgh_context_id);


--
-- Name: drift_driftorderevent_pgh_obj_id_b6c6684f; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftorderevent_pgh_obj_id_b6c6684f ON public.drift_driftorderevent USING btree (pgh_obj_id);


--
-- Name: drift_driftorderevent_user_id_0f811cc3; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftorderevent_user_id_0f811cc3 ON public.drift_driftorderevent USING btree (user_id);


--
-- Name: drift_driftorderevent_wallet_id_37b997e8; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftorderevent_wallet_id_37b997e8 ON public.drift_driftorderevent USING btree (wallet_id);


--
-- Name: drift_driftpositionevent_market_id_7484e4e5; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftpositionevent_market_id_7484e4e5 ON public.drift_driftpositionevent USING btree (market_id);


--
-- Name: drift_driftpositionevent_pgh_context_id_4eb8f11d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftpositionevent_pgh_context_id_4eb8f11d ON public.drift_driftpositionevent USING btree (pgh_context_id);


--
-- Name: drift_driftpositionevent_pgh_obj_id_a82d99a7; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftpositionevent_pgh_obj_id_a82d99a7 ON public.drift_driftpositionevent USING btree (pgh_obj_id);


--
-- Name: drift_driftpositionevent_user_id_0d863284; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftpositionevent_user_id_0d863284 ON public.drift_driftpositionevent USING btree (user_id);


--
-- Name: drift_driftpositionevent_wallet_id_81f825ee; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_driftpositionevent_wallet_id_81f825ee ON public.drift_driftpositionevent USING btree (wallet_id);


--
-- Name: drift_markets_index; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_markets_index ON public.drift_markets USING btree (market_index);


--
-- Name: drift_markets_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_markets_status ON public.drift_markets USING btree (status);


--
-- Name: drift_markets_symbol; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_markets_symbol ON public.drift_markets USING btree (symbol);


--
-- Name: drift_orders_drift_order_id_51151389; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_orders_drift_order_id_51151389 ON public.drift_orders USING btree (drift_order_id);


--
-- Name: drift_orders_drift_order_id_51151389_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_orders_drift_order_id_51151389_like ON public.drift_orders USING btree (drift_order_id text_pattern_ops);


--
-- Name: drift_orders_wallet_id_81ba4029; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_orders_wallet_id_81ba4029 ON public.drift_orders USING btree (wallet_id);


--
-- Name: drift_positions_market_id_27b72309; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_positions_market_id_27b72309 ON public.drift_positions USING btree (market_id);


--
-- Name: drift_transactions_order_id_4e6cccda; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_transactions_order_id_4e6cccda ON public.drift_transactions USING btree (order_id);


--
-- Name: drift_transactions_position_id_757f30c7; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_transactions_position_id_757f30c7 ON public.drift_transactions USING btree (position_id);


--
-- Name: drift_transactions_tx_hash_3eac0d8b_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drift_transactions_tx_hash_3eac0d8b_like ON public.drift_transactions USING btree (tx_hash text_pattern_ops);


--
-- Name: driftorder_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_created ON public.drift_orders USING btree (created_at);


--
-- Name: driftorder_expires; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_expires ON public.drift_orders USING btree (expires_at);


--
-- Name: driftorder_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_live ON public.drift_orders USING btree (wallet_id, deployment) WHERE (status = ANY (ARRAY['pending'::text, 'open'::text, 'partially_filled'::text]));


--
-- Name: driftorder_market_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_market_status ON public.drift_orders USING btree (market_id, status);


--
-- Name: driftorder_one_venue_order; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX driftorder_one_venue_order ON public.drift_orders USING btree (deployment, drift_user_account, drift_order_id) WHERE (drift_order_id IS NOT NULL);


--
-- Name: driftorder_parent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_parent ON public.drift_orders USING btree (parent_id) WHERE (parent_id IS NOT NULL);


--
-- Name: driftorder_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_user_newest ON public.drift_orders USING btree (user_id, id DESC);


--
-- Name: driftorder_user_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftorder_user_status ON public.drift_orders USING btree (user_id, status);


--
-- Name: driftposition_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX driftposition_one_open ON public.drift_positions USING btree (wallet_id, market_id) WHERE (status = 'open'::text);


--
-- Name: driftposition_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftposition_status ON public.drift_positions USING btree (status);


--
-- Name: driftposition_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftposition_user_newest ON public.drift_positions USING btree (user_id, id DESC);


--
-- Name: driftposition_user_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftposition_user_status ON public.drift_positions USING btree (user_id, status);


--
-- Name: driftposition_wallet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX driftposition_wallet ON public.drift_positions USING btree (wallet_id);


--
-- Name: drifttransaction_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drifttransaction_status ON public.drift_transactions USING btree (status);


--
-- Name: drifttransaction_type; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drifttransaction_type ON public.drift_transactions USING btree (tx_type);


--
-- Name: drifttransaction_user_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drifttransaction_user_created ON public.drift_transactions USING btree (user_id, created_at);


--
-- Name: drifttransaction_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drifttransaction_user_newest ON public.drift_transactions USING btree (user_id, id DESC);


--
-- Name: drifttransaction_wallet; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX drifttransaction_wallet ON public.drift_transactions USING btree (wallet_id);


--
-- Name: fills_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_account ON public.fills USING btree (account);


--
-- Name: fills_order_id_de673cdc; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_order_id_de673cdc ON public.fills USING btree (order_id);


--
-- Name: fills_position_id_eac9f715; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_position_id_eac9f715 ON public.fills USING btree (position_id);


--
-- Name: fills_user_filled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_user_filled ON public.fills USING btree (user_id, filled_at DESC);


--
-- Name: fills_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_user_newest ON public.fills USING btree (user_id, id DESC);


--
-- Name: fills_wallet_id_a314e981; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_wallet_id_a314e981 ON public.fills USING btree (wallet_id);


--
-- Name: fills_young; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fills_young ON public.fills USING btree (deployment, account) WHERE (NOT is_final);


--
-- Name: incoming_transfers_user_id_78e3f76a; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX incoming_transfers_user_id_78e3f76a ON public.incoming_transfers USING btree (user_id);


--
-- Name: jobs_name_698afa2a_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_name_698afa2a_like ON public.jobs USING btree (name text_pattern_ops);


--
-- Name: order_changes_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_changes_live ON public.order_changes USING btree (wallet_id, deployment) WHERE (status = 'pending'::text);


--
-- Name: order_changes_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_changes_user ON public.order_changes USING btree (user_id, created_at DESC);


--
-- Name: order_changes_wallet_id_570d873d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_changes_wallet_id_570d873d ON public.order_changes USING btree (wallet_id);


--
-- Name: order_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_created ON public.orders USING btree (created_at);


--
-- Name: order_expires; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_expires ON public.orders USING btree (expires_at);


--
-- Name: order_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_live ON public.orders USING btree (wallet_id, deployment) WHERE (status = ANY (ARRAY['pending'::text, 'open'::text, 'partially_filled'::text]));


--
-- Name: order_market_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_market_status ON public.orders USING btree (market_id, status);


--
-- Name: order_one_venue_order; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX order_one_venue_order ON public.orders USING btree (deployment, account_address, venue_order_id) WHERE (venue_order_id IS NOT NULL);


--
-- Name: order_parent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_parent ON public.orders USING btree (parent_id) WHERE (parent_id IS NOT NULL);


--
-- Name: order_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_user_newest ON public.orders USING btree (user_id, id DESC);


--
-- Name: order_user_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX order_user_status ON public.orders USING btree (user_id, status);


--
-- Name: orders_wallet_id_64b6d252; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_wallet_id_64b6d252 ON public.orders USING btree (wallet_id);


--
-- Name: otp_totp_totpdevice_user_id_0fb18292; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX otp_totp_totpdevice_user_id_0fb18292 ON public.otp_totp_totpdevice USING btree (user_id);


--
-- Name: outbox_held; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_held ON public.outbox_messages USING btree (leased_until) WHERE ((holder IS NOT NULL) AND (state = 'waiting'::text));


--
-- Name: outbox_messages_user_id_97f08294; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_messages_user_id_97f08294 ON public.outbox_messages USING btree (user_id);


--
-- Name: outbox_told_of_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_told_of_person ON public.outbox_messages USING btree (user_id, kind, delivered_at) WHERE ((state = 'delivered'::text) AND (NOT (lane = 'money'::text)));


--
-- Name: outbox_waiting_lane; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_waiting_lane ON public.outbox_messages USING btree (lane, leased_until) WHERE (state = 'waiting'::text);


--
-- Name: outbox_waiting_of_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_waiting_of_person ON public.outbox_messages USING btree (user_id, kind) WHERE ((state = 'waiting'::text) AND (NOT (lane = 'money'::text)));


--
-- Name: paper_accounts_address_1fd990d1_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX paper_accounts_address_1fd990d1_like ON public.paper_accounts USING btree (address text_pattern_ops);


--
-- Name: paper_accounts_user_id_a8cbc8fa; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX paper_accounts_user_id_a8cbc8fa ON public.paper_accounts USING btree (user_id);


--
-- Name: paper_events_user_id_4ccc783e; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX paper_events_user_id_4ccc783e ON public.paper_events USING btree (user_id);


--
-- Name: paper_orders_user_id_24b8616a; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX paper_orders_user_id_24b8616a ON public.paper_orders USING btree (user_id);


--
-- Name: paper_positions_user_id_daf458ab; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX paper_positions_user_id_daf458ab ON public.paper_positions USING btree (user_id);


--
-- Name: position_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX position_one_open ON public.positions USING btree (wallet_id, market_id, side, venue_ref) WHERE (status = 'open'::text);


--
-- Name: position_opened; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX position_opened ON public.positions USING btree (opened_at);


--
-- Name: position_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX position_status ON public.positions USING btree (status);


--
-- Name: position_user_market; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX position_user_market ON public.positions USING btree (user_id, market_id);


--
-- Name: position_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX position_user_newest ON public.positions USING btree (user_id, id DESC);


--
-- Name: security_notices_user_id_b26a21a6; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX security_notices_user_id_b26a21a6 ON public.security_notices USING btree (user_id);


--
-- Name: security_notices_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX security_notices_waiting ON public.security_notices USING btree (next_attempt_at) WHERE (sent_at IS NULL);


--
-- Name: sponsorships_user_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sponsorships_user_day ON public.sponsorships USING btree (user_id, created_at DESC);


--
-- Name: submission_acts_one_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX submission_acts_one_live ON public.submission_acts USING btree (subject_type, subject_id, step) WHERE live;


--
-- Name: submission_acts_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submission_acts_subject ON public.submission_acts USING btree (subject_type, subject_id);


--
-- Name: submission_acts_submission_id_b487f368; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submission_acts_submission_id_b487f368 ON public.submission_acts USING btree (submission_id);


--
-- Name: submissions_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submissions_open ON public.submissions USING btree (checked_at) WHERE (NOT (state = ANY (ARRAY['finalized'::text, 'failed'::text, 'expired'::text, 'abandoned'::text])));


--
-- Name: submissions_signature_71c15511_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submissions_signature_71c15511_like ON public.submissions USING btree (signature text_pattern_ops);


--
-- Name: submissions_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submissions_state ON public.submissions USING btree (state);


--
-- Name: submissions_wallet_id_3e75c7ad; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submissions_wallet_id_3e75c7ad ON public.submissions USING btree (wallet_id);


--
-- Name: system_events_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX system_events_created ON public.system_events USING btree (created_at DESC);


--
-- Name: system_events_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX system_events_one_open ON public.system_events USING btree (event_type, subject) WHERE (status = ANY (ARRAY['new'::text, 'acknowledged'::text]));


--
-- Name: system_events_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX system_events_status ON public.system_events USING btree (status);


--
-- Name: telegram_updates_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX telegram_updates_open ON public.telegram_updates USING btree (update_id) WHERE (state = 'received'::text);


--
-- Name: trading_orderevent_market_id_f7c762ea; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_orderevent_market_id_f7c762ea ON public.trading_orderevent USING btree (market_id);


--
-- Name: trading_orderevent_pgh_context_id_ace9cee9; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_orderevent_pgh_context_id_ace9cee9 ON public.trading_orderevent USING btree (pgh_context_id);


--
-- Name: trading_orderevent_pgh_obj_id_363634b4; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_orderevent_pgh_obj_id_363634b4 ON public.trading_orderevent USING btree (pgh_obj_id);


--
-- Name: trading_orderevent_user_id_82294dfe; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_orderevent_user_id_82294dfe ON public.trading_orderevent USING btree (user_id);


--
-- Name: trading_orderevent_wallet_id_073ca219; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_orderevent_wallet_id_073ca219 ON public.trading_orderevent USING btree (wallet_id);


--
-- Name: trading_positionevent_market_id_87ddec11; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_positionevent_market_id_87ddec11 ON public.trading_positionevent USING btree (market_id);


--
-- Name: trading_positionevent_pgh_context_id_3acb78db; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_positionevent_pgh_context_id_3acb78db ON public.trading_positionevent USING btree (pgh_context_id);


--
-- Name: trading_positionevent_pgh_obj_id_7d256f5c; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_positionevent_pgh_obj_id_7d256f5c ON public.trading_positionevent USING btree (pgh_obj_id);


--
-- Name: trading_positionevent_user_id_9ac1a4bb; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_positionevent_user_id_9ac1a4bb ON public.trading_positionevent USING btree (user_id);


--
-- Name: trading_positionevent_wallet_id_546f6878; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trading_positionevent_wallet_id_546f6878 ON public.trading_positionevent USING btree (wallet_id);


--
-- Name: transaction_hash; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transaction_hash ON ONLY public.transactions USING btree (tx_hash);


--
-- Name: transaction_hashes_transaction; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transaction_hashes_transaction ON public.transaction_hashes USING btree (transaction_id);


--
-- Name: transaction_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transaction_status ON ONLY public.transactions USING btree (status);


--
-- Name: transaction_user_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transaction_user_created ON ONLY public.transactions USING btree (user_id, created_at DESC);


--
-- Name: transaction_user_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transaction_user_newest ON ONLY public.transactions USING btree (user_id, id DESC);


--
-- Name: transaction_wallet_type; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX transaction_wallet_type ON ONLY public.transactions USING btree (wallet_id, tx_type);


--
-- Name: user_api_keys_api_key_d5a71b5a_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_api_keys_api_key_d5a71b5a_like ON public.user_api_keys USING btree (api_key text_pattern_ops);


--
-- Name: user_api_keys_user_id_5b0bdb1d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_api_keys_user_id_5b0bdb1d ON public.user_api_keys USING btree (user_id);


--
-- Name: user_notifications_user_id_0ac00350; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_notifications_user_id_0ac00350 ON public.user_notifications USING btree (user_id);


--
-- Name: user_sessions_token_hash_b88ef5b8_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_sessions_token_hash_b88ef5b8_like ON public.user_sessions USING btree (token_hash text_pattern_ops);


--
-- Name: user_sessions_user_id_43ce9642; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX user_sessions_user_id_43ce9642 ON public.user_sessions USING btree (user_id);


--
-- Name: users_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_created ON public.users USING btree (created_at DESC);


--
-- Name: users_email_0ea73cca_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_email_0ea73cca_like ON public.users USING btree (email text_pattern_ops);


--
-- Name: users_last_active; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_last_active ON public.users USING btree (last_active);


--
-- Name: users_privy_user_id_60777378_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_privy_user_id_60777378_like ON public.users USING btree (privy_user_id text_pattern_ops);


--
-- Name: users_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_status ON public.users USING btree (status);


--
-- Name: users_tier; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX users_tier ON public.users USING btree (subscription_tier);


--
-- Name: venue_accounts_address; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_accounts_address ON public.venue_accounts USING btree (address);


--
-- Name: venue_accounts_observed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_accounts_observed ON public.venue_accounts USING btree (deployment, observed_at);


--
-- Name: venue_accounts_wanted; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_accounts_wanted ON public.venue_accounts USING btree (deployment) WHERE (wanted_at IS NOT NULL);


--
-- Name: venue_gates_deployment_1de7e9f3_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_gates_deployment_1de7e9f3_like ON public.venue_gates USING btree (deployment text_pattern_ops);


--
-- Name: venue_order_ids_order_id_c06e221d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_order_ids_order_id_c06e221d ON public.venue_order_ids USING btree (order_id);


--
-- Name: venue_transfers_account_id_47b9c68b; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_transfers_account_id_47b9c68b ON public.venue_transfers USING btree (account_id);


--
-- Name: venue_transfers_moving; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_transfers_moving ON public.venue_transfers USING btree (account_id) WHERE (status = ANY (ARRAY['pending'::text, 'sent'::text, 'confirmed'::text]));


--
-- Name: venue_transfers_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_transfers_newest ON public.venue_transfers USING btree (user_id, id DESC);


--
-- Name: venue_transfers_user_id_fbda2f30; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_transfers_user_id_fbda2f30 ON public.venue_transfers USING btree (user_id);


--
-- Name: venue_transfers_wallet_id_eee25cad; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX venue_transfers_wallet_id_eee25cad ON public.venue_transfers USING btree (wallet_id);


--
-- Name: wallet_alerts_wallet_id_cc15230d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallet_alerts_wallet_id_cc15230d ON public.wallet_alerts USING btree (wallet_id);


--
-- Name: wallet_balances_updated; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallet_balances_updated ON public.wallet_balances USING btree (updated_at DESC);


--
-- Name: wallets_privy_wallet_id_60a7ab22_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallets_privy_wallet_id_60a7ab22_like ON public.wallets USING btree (privy_wallet_id text_pattern_ops);


--
-- Name: wallets_user_id_4f7d37bc; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallets_user_id_4f7d37bc ON public.wallets USING btree (user_id);


--
-- Name: wallets_wallet_address_17facd8d_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallets_wallet_address_17facd8d_like ON public.wallets USING btree (wallet_address text_pattern_ops);


--
-- Name: wallets_walletevent_pgh_context_id_3c366e6b; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallets_walletevent_pgh_context_id_3c366e6b ON public.wallets_walletevent USING btree (pgh_context_id);


--
-- Name: wallets_walletevent_pgh_obj_id_2b56402a; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallets_walletevent_pgh_obj_id_2b56402a ON public.wallets_walletevent USING btree (pgh_obj_id);


--
-- Name: wallets_walletevent_user_id_6f02037b; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX wallets_walletevent_user_id_6f02037b ON public.wallets_walletevent USING btree (user_id);


--
-- Name: web_links_token_hash_4ddcc888_like; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX web_links_token_hash_4ddcc888_like ON public.web_links USING btree (token_hash text_pattern_ops);


--
-- Name: web_links_user_id_36a46b75; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX web_links_user_id_36a46b75 ON public.web_links USING btree (user_id);


--
-- Name: withdrawal_addresses_label; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX withdrawal_addresses_label ON public.withdrawal_addresses USING btree (user_id, label) WHERE (removed_at IS NULL);


--
-- Name: withdrawal_addresses_one; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX withdrawal_addresses_one ON public.withdrawal_addresses USING btree (user_id, address) WHERE (removed_at IS NULL);


--
-- Name: withdrawal_addresses_user_id_9abf4eac; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawal_addresses_user_id_9abf4eac ON public.withdrawal_addresses USING btree (user_id);


--
-- Name: withdrawals_address_id_1d098f86; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawals_address_id_1d098f86 ON public.withdrawals USING btree (address_id);


--
-- Name: withdrawals_approved_by_id_a4940c14; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawals_approved_by_id_a4940c14 ON public.withdrawals USING btree (approved_by_id);


--
-- Name: withdrawals_incoming_id_e9d75f7f; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawals_incoming_id_e9d75f7f ON public.withdrawals USING btree (incoming_id);


--
-- Name: withdrawals_one_return; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX withdrawals_one_return ON public.withdrawals USING btree (incoming_id) WHERE (NOT (status = ANY (ARRAY['cancelled'::text, 'rejected'::text, 'not_executed'::text, 'failed'::text])));


--
-- Name: withdrawals_user_id_2bbaba4d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawals_user_id_2bbaba4d ON public.withdrawals USING btree (user_id);


--
-- Name: withdrawals_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawals_waiting ON public.withdrawals USING btree (status, release_at) WHERE (status = ANY (ARRAY['awaiting_approval'::text, 'awaiting_code'::text, 'awaiting_venue'::text, 'cooling'::text, 'held'::text]));


--
-- Name: withdrawals_wallet_id_5abf672e; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX withdrawals_wallet_id_5abf672e ON public.withdrawals USING btree (wallet_id);


--
-- Name: young_moves_account_id_cde91f9d; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX young_moves_account_id_cde91f9d ON public.young_moves USING btree (account_id);


--
-- Name: audit_logs audit_logs_note_unsealed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit_logs_note_unsealed AFTER INSERT ON public.audit_logs REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.desk_note_unsealed();


--
-- Name: drift_positions pgtrigger_delete_delete_14d21; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_delete_delete_14d21 AFTER DELETE ON public.drift_positions FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_delete_delete_14d21();


--
-- Name: TRIGGER pgtrigger_delete_delete_14d21 ON drift_positions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_delete_delete_14d21 ON public.drift_positions IS '91f978b68a1859a6b8744d8f6f7a7c0e031a11f5';


--
-- Name: positions pgtrigger_delete_delete_3882a; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_delete_delete_3882a AFTER DELETE ON public.positions FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_delete_delete_3882a();


--
-- Name: TRIGGER pgtrigger_delete_delete_3882a ON positions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_delete_delete_3882a ON public.positions IS '80d7fe44fc3975fbad6e1a9b9255bc9778ecbb29';


--
-- Name: wallets pgtrigger_delete_delete_85ee2; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_delete_delete_85ee2 AFTER DELETE ON public.wallets FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_delete_delete_85ee2();


--
-- Name: TRIGGER pgtrigger_delete_delete_85ee2 ON wallets; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_delete_delete_85ee2 ON public.wallets IS '242fc49cac260990ba26319848fe87dc351077b5';


--
-- Name: drift_orders pgtrigger_delete_delete_a1158; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_delete_delete_a1158 AFTER DELETE ON public.drift_orders FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_delete_delete_a1158();


--
-- Name: TRIGGER pgtrigger_delete_delete_a1158 ON drift_orders; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_delete_delete_a1158 ON public.drift_orders IS '8951b425c9c813129c5e8440da6f2399eef55c6a';


--
-- Name: orders pgtrigger_delete_delete_ce184; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_delete_delete_ce184 AFTER DELETE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_delete_delete_ce184();


--
-- Name: TRIGGER pgtrigger_delete_delete_ce184 ON orders; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_delete_delete_ce184 ON public.orders IS '638026287ee64bfb65c9d1834ed469dff5521542';


--
-- Name: orders pgtrigger_insert_insert_3c641; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_insert_insert_3c641 AFTER INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_insert_insert_3c641();


--
-- Name: TRIGGER pgtrigger_insert_insert_3c641 ON orders; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_insert_insert_3c641 ON public.orders IS 'a513579e005ab9183631da94f3cddfa7b646f0ac';


--
-- Name: drift_orders pgtrigger_insert_insert_8745e; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_insert_insert_8745e AFTER INSERT ON public.drift_orders FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_insert_insert_8745e();


--
-- Name: TRIGGER pgtrigger_insert_insert_8745e ON drift_orders; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_insert_insert_8745e ON public.drift_orders IS 'a415fec4441dffb8a0a26f2cbb769ab8b6b788f8';


--
-- Name: drift_positions pgtrigger_insert_insert_8b37b; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_insert_insert_8b37b AFTER INSERT ON public.drift_positions FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_insert_insert_8b37b();


--
-- Name: TRIGGER pgtrigger_insert_insert_8b37b ON drift_positions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_insert_insert_8b37b ON public.drift_positions IS 'b084e2563cba81a611f852bdfedba3d3db5b1481';


--
-- Name: wallets pgtrigger_insert_insert_b0a2a; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_insert_insert_b0a2a AFTER INSERT ON public.wallets FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_insert_insert_b0a2a();


--
-- Name: TRIGGER pgtrigger_insert_insert_b0a2a ON wallets; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_insert_insert_b0a2a ON public.wallets IS 'dbb54288d63c3bdcfcf3bc473019337e651e82eb';


--
-- Name: positions pgtrigger_insert_insert_fbbf1; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_insert_insert_fbbf1 AFTER INSERT ON public.positions FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_insert_insert_fbbf1();


--
-- Name: TRIGGER pgtrigger_insert_insert_fbbf1 ON positions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_insert_insert_fbbf1 ON public.positions IS '629c6fa7d8b7d28936c39e7b07e4e4653303ded1';


--
-- Name: drift_orders pgtrigger_update_update_11131; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_update_update_11131 AFTER UPDATE ON public.drift_orders FOR EACH ROW WHEN (((old.avg_fill_price IS DISTINCT FROM new.avg_fill_price) OR (old.filled_amount IS DISTINCT FROM new.filled_amount) OR (old.price IS DISTINCT FROM new.price) OR (old.base_asset_amount IS DISTINCT FROM new.base_asset_amount) OR (old.status IS DISTINCT FROM new.status) OR (old.total_fees IS DISTINCT FROM new.total_fees) OR (old.trigger_price IS DISTINCT FROM new.trigger_price))) EXECUTE FUNCTION public.pgtrigger_update_update_11131();


--
-- Name: TRIGGER pgtrigger_update_update_11131 ON drift_orders; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_update_update_11131 ON public.drift_orders IS 'ac5e1cae54526b9151537d1e4aaf1edc6c911b27';


--
-- Name: positions pgtrigger_update_update_29730; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_update_update_29730 AFTER UPDATE ON public.positions FOR EACH ROW WHEN (((old.margin IS DISTINCT FROM new.margin) OR (old.realized_pnl IS DISTINCT FROM new.realized_pnl) OR (old.side IS DISTINCT FROM new.side) OR (old.size IS DISTINCT FROM new.size) OR (old.status IS DISTINCT FROM new.status))) EXECUTE FUNCTION public.pgtrigger_update_update_29730();


--
-- Name: TRIGGER pgtrigger_update_update_29730 ON positions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_update_update_29730 ON public.positions IS 'e3114612a69e6cef37a344f225c97ebb25082ece';


--
-- Name: drift_positions pgtrigger_update_update_936d5; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_update_update_936d5 AFTER UPDATE ON public.drift_positions FOR EACH ROW WHEN (((old.margin_amount IS DISTINCT FROM new.margin_amount) OR (old.realized_pnl IS DISTINCT FROM new.realized_pnl) OR (old.side IS DISTINCT FROM new.side) OR (old.base_asset_amount IS DISTINCT FROM new.base_asset_amount) OR (old.status IS DISTINCT FROM new.status))) EXECUTE FUNCTION public.pgtrigger_update_update_936d5();


--
-- Name: TRIGGER pgtrigger_update_update_936d5 ON drift_positions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_update_update_936d5 ON public.drift_positions IS '289dcc24351cb0624d171a430c588e84340422d7';


--
-- Name: wallets pgtrigger_update_update_9f615; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_update_update_9f615 AFTER UPDATE ON public.wallets FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) OR (old.wallet_name IS DISTINCT FROM new.wallet_name) OR (old.wallet_type IS DISTINCT FROM new.wallet_type))) EXECUTE FUNCTION public.pgtrigger_update_update_9f615();


--
-- Name: TRIGGER pgtrigger_update_update_9f615 ON wallets; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_update_update_9f615 ON public.wallets IS 'd468d49dde6ba9d560b7f91d5ba81f16589c23b4';


--
-- Name: orders pgtrigger_update_update_fe61c; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pgtrigger_update_update_fe61c AFTER UPDATE ON public.orders FOR EACH ROW WHEN (((old.avg_fill_price IS DISTINCT FROM new.avg_fill_price) OR (old.filled_size IS DISTINCT FROM new.filled_size) OR (old.price IS DISTINCT FROM new.price) OR (old.size IS DISTINCT FROM new.size) OR (old.status IS DISTINCT FROM new.status) OR (old.total_fees IS DISTINCT FROM new.total_fees) OR (old.trigger_price IS DISTINCT FROM new.trigger_price))) EXECUTE FUNCTION public.pgtrigger_update_update_fe61c();


--
-- Name: TRIGGER pgtrigger_update_update_fe61c ON orders; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TRIGGER pgtrigger_update_update_fe61c ON public.orders IS '7a9ce266c4b27ae1445108e8676d4a92d730594a';


--
-- Name: transactions transaction_hashes_insert; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER transaction_hashes_insert AFTER INSERT OR DELETE ON public.transactions FOR EACH ROW EXECUTE FUNCTION public.desk_keep_transaction_hash();


--
-- Name: transactions transaction_hashes_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER transaction_hashes_update AFTER UPDATE OF tx_hash, wallet_id ON public.transactions FOR EACH ROW EXECUTE FUNCTION public.desk_keep_transaction_hash();


--
-- Name: account_entries account_entries_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_entries
    ADD CONSTRAINT account_entries_account_fk FOREIGN KEY (account_id) REFERENCES public.venue_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: account_entries account_entries_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_entries
    ADD CONSTRAINT account_entries_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: alert_firings alert_firings_alert_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_firings
    ADD CONSTRAINT alert_firings_alert_fk FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: alert_firings alert_firings_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_firings
    ADD CONSTRAINT alert_firings_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: alerts alerts_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_market_fk FOREIGN KEY (market_id) REFERENCES public.markets(id) ON DELETE RESTRICT;


--
-- Name: alerts alerts_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: audit_logs audit_logs_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.audit_logs
    ADD CONSTRAINT audit_logs_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: auth_group_permissions auth_group_permissio_permission_id_84c5c92e_fk_auth_perm; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: auth_group_permissions auth_group_permissions_group_id_b120cbf9_fk_auth_group_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: auth_permission auth_permission_content_type_id_2f476e4b_fk_django_co; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: differences differences_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.differences
    ADD CONSTRAINT differences_account_fk FOREIGN KEY (account_id) REFERENCES public.venue_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: django_admin_log django_admin_log_content_type_id_c4bce8eb_fk_django_co; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: django_admin_log django_admin_log_user_id_c564eba6_fk_users_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_users_id FOREIGN KEY (user_id) REFERENCES public.users(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: django_celery_beat_periodictask django_celery_beat_p_clocked_id_47a69f82_fk_django_ce; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_clocked_id_47a69f82_fk_django_ce FOREIGN KEY (clocked_id) REFERENCES public.django_celery_beat_clockedschedule(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: django_celery_beat_periodictask django_celery_beat_p_crontab_id_d3cba168_fk_django_ce; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_crontab_id_d3cba168_fk_django_ce FOREIGN KEY (crontab_id) REFERENCES public.django_celery_beat_crontabschedule(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: django_celery_beat_periodictask django_celery_beat_p_interval_id_a8ca27da_fk_django_ce; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_interval_id_a8ca27da_fk_django_ce FOREIGN KEY (interval_id) REFERENCES public.django_celery_beat_intervalschedule(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: django_celery_beat_periodictask django_celery_beat_p_solar_id_a87ce72c_fk_django_ce; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_solar_id_a87ce72c_fk_django_ce FOREIGN KEY (solar_id) REFERENCES public.django_celery_beat_solarschedule(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_markets drift_markets_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_markets
    ADD CONSTRAINT drift_markets_market_fk FOREIGN KEY (market_id) REFERENCES public.markets(id) ON DELETE RESTRICT;


--
-- Name: drift_orders driftorder_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_orders
    ADD CONSTRAINT driftorder_market_fk FOREIGN KEY (market_id) REFERENCES public.drift_markets(id) ON DELETE RESTRICT;


--
-- Name: drift_orders driftorder_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_orders
    ADD CONSTRAINT driftorder_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_orders driftorder_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_orders
    ADD CONSTRAINT driftorder_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_positions driftposition_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_positions
    ADD CONSTRAINT driftposition_market_fk FOREIGN KEY (market_id) REFERENCES public.drift_markets(id) ON DELETE RESTRICT;


--
-- Name: drift_positions driftposition_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_positions
    ADD CONSTRAINT driftposition_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_positions driftposition_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_positions
    ADD CONSTRAINT driftposition_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_transactions drifttransaction_order_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_transactions
    ADD CONSTRAINT drifttransaction_order_fk FOREIGN KEY (order_id) REFERENCES public.drift_orders(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_transactions drifttransaction_position_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_transactions
    ADD CONSTRAINT drifttransaction_position_fk FOREIGN KEY (position_id) REFERENCES public.drift_positions(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_transactions drifttransaction_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_transactions
    ADD CONSTRAINT drifttransaction_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: drift_transactions drifttransaction_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drift_transactions
    ADD CONSTRAINT drifttransaction_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: fills fills_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_market_fk FOREIGN KEY (market_id) REFERENCES public.markets(id) ON DELETE RESTRICT;


--
-- Name: fills fills_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: fills fills_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: incoming_transfers incoming_transfers_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.incoming_transfers
    ADD CONSTRAINT incoming_transfers_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: incoming_transfers incoming_transfers_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.incoming_transfers
    ADD CONSTRAINT incoming_transfers_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: intents intents_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.intents
    ADD CONSTRAINT intents_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: order_changes order_changes_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_changes
    ADD CONSTRAINT order_changes_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: order_changes order_changes_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_changes
    ADD CONSTRAINT order_changes_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: orders order_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT order_market_fk FOREIGN KEY (market_id) REFERENCES public.markets(id) ON DELETE RESTRICT;


--
-- Name: orders order_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT order_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: orders order_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT order_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: otp_totp_totpdevice otp_totp_totpdevice_user_id_0fb18292_fk_users_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.otp_totp_totpdevice
    ADD CONSTRAINT otp_totp_totpdevice_user_id_0fb18292_fk_users_id FOREIGN KEY (user_id) REFERENCES public.users(id) DEFERRABLE INITIALLY DEFERRED;


--
-- Name: outbox_messages outbox_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox_messages
    ADD CONSTRAINT outbox_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_accounts paper_accounts_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_accounts
    ADD CONSTRAINT paper_accounts_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_accounts paper_accounts_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_accounts
    ADD CONSTRAINT paper_accounts_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_events paper_events_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_events
    ADD CONSTRAINT paper_events_account_fk FOREIGN KEY (account_id) REFERENCES public.paper_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_events paper_events_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_events
    ADD CONSTRAINT paper_events_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_markets paper_markets_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_markets
    ADD CONSTRAINT paper_markets_market_fk FOREIGN KEY (market_id) REFERENCES public.markets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_orders paper_orders_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_orders
    ADD CONSTRAINT paper_orders_account_fk FOREIGN KEY (account_id) REFERENCES public.paper_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_orders paper_orders_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_orders
    ADD CONSTRAINT paper_orders_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_positions paper_positions_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_positions
    ADD CONSTRAINT paper_positions_account_fk FOREIGN KEY (account_id) REFERENCES public.paper_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: paper_positions paper_positions_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.paper_positions
    ADD CONSTRAINT paper_positions_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: positions position_market_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT position_market_fk FOREIGN KEY (market_id) REFERENCES public.markets(id) ON DELETE RESTRICT;


--
-- Name: positions position_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT position_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: positions position_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT position_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: rest_calls rest_calls_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rest_calls
    ADD CONSTRAINT rest_calls_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: security_notices security_notices_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.security_notices
    ADD CONSTRAINT security_notices_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: sponsorships sponsorships_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sponsorships
    ADD CONSTRAINT sponsorships_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: submission_acts submission_acts_submission_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_acts
    ADD CONSTRAINT submission_acts_submission_fk FOREIGN KEY (submission_id) REFERENCES public.submissions(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: system_events system_events_acknowledged_by_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.system_events
    ADD CONSTRAINT system_events_acknowledged_by_fk FOREIGN KEY (acknowledged_by_id) REFERENCES public.users(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: transactions transaction_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.transactions
    ADD CONSTRAINT transaction_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: transactions transaction_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.transactions
    ADD CONSTRAINT transaction_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_api_keys user_api_keys_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_api_keys
    ADD CONSTRAINT user_api_keys_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_notifications user_notifications_event_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_notifications
    ADD CONSTRAINT user_notifications_event_fk FOREIGN KEY (event_id) REFERENCES public.system_events(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_notifications user_notifications_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_notifications
    ADD CONSTRAINT user_notifications_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_profiles user_profiles_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_profiles
    ADD CONSTRAINT user_profiles_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_security user_security_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_security
    ADD CONSTRAINT user_security_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_sessions user_sessions_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_sessions
    ADD CONSTRAINT user_sessions_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: user_settings user_settings_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.user_settings
    ADD CONSTRAINT user_settings_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: venue_accounts venue_accounts_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_accounts
    ADD CONSTRAINT venue_accounts_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: venue_order_ids venue_order_ids_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_order_ids
    ADD CONSTRAINT venue_order_ids_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: venue_transfers venue_transfers_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_transfers
    ADD CONSTRAINT venue_transfers_account_fk FOREIGN KEY (account_id) REFERENCES public.venue_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: venue_transfers venue_transfers_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_transfers
    ADD CONSTRAINT venue_transfers_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: venue_transfers venue_transfers_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.venue_transfers
    ADD CONSTRAINT venue_transfers_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: wallet_alerts wallet_alerts_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_alerts
    ADD CONSTRAINT wallet_alerts_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: wallet_balances wallet_balances_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallet_balances
    ADD CONSTRAINT wallet_balances_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: wallets wallets_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: watched_accounts watched_accounts_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.watched_accounts
    ADD CONSTRAINT watched_accounts_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: web_links web_links_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.web_links
    ADD CONSTRAINT web_links_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawal_addresses withdrawal_addresses_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawal_addresses
    ADD CONSTRAINT withdrawal_addresses_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawal_allowances withdrawal_allowances_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawal_allowances
    ADD CONSTRAINT withdrawal_allowances_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawals withdrawals_address_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_address_fk FOREIGN KEY (address_id) REFERENCES public.withdrawal_addresses(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawals withdrawals_approved_by_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_approved_by_fk FOREIGN KEY (approved_by_id) REFERENCES public.users(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawals withdrawals_incoming_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_incoming_fk FOREIGN KEY (incoming_id) REFERENCES public.incoming_transfers(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawals withdrawals_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: withdrawals withdrawals_wallet_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withdrawals
    ADD CONSTRAINT withdrawals_wallet_fk FOREIGN KEY (wallet_id) REFERENCES public.wallets(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: young_moves young_moves_account_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.young_moves
    ADD CONSTRAINT young_moves_account_fk FOREIGN KEY (account_id) REFERENCES public.venue_accounts(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: young_moves young_moves_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.young_moves
    ADD CONSTRAINT young_moves_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: FUNCTION desk_ensure_partitions(moment timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.desk_ensure_partitions(moment timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION desk_note_unsealed(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.desk_note_unsealed() FROM PUBLIC;


--
-- PostgreSQL database dump complete
--



--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Data for Name: partitioned_tables; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.partitioned_tables VALUES ('audit_logs', 'month', 3);
INSERT INTO public.partitioned_tables VALUES ('transactions', 'month', 3);


--
-- PostgreSQL database dump complete
--


INSERT INTO public.django_migrations (app, name, applied)
SELECT app, name, now() FROM (VALUES
  ('accounts', '0001_initial'),
  ('otp_totp', '0001_initial'),
  ('otp_totp', '0002_auto_20190420_0723'),
  ('otp_totp', '0003_add_timestamps'),
  ('accounts', '0002_kinds_of_acts'),
  ('accounts', '0003_money_safety'),
  ('accounts', '0004_api_keys'),
  ('accounts', '0005_withdrawals'),
  ('accounts', '0006_encrypted_authenticators'),
  ('contenttypes', '0001_initial'),
  ('admin', '0001_initial'),
  ('admin', '0002_logentry_remove_auto_add'),
  ('admin', '0003_logentry_add_action_flag_choices'),
  ('markets', '0001_initial'),
  ('pghistory', '0001_initial'),
  ('pghistory', '0002_aggregateevent'),
  ('pghistory', '0003_auto_20201023_1636'),
  ('pghistory', '0004_auto_20220906_1625'),
  ('pghistory', '0005_events_middlewareevents'),
  ('pghistory', '0006_delete_aggregateevent'),
  ('pghistory', '0007_auto_20250421_0444'),
  ('wallets', '0001_initial'),
  ('wallets', '0002_available_balance_not_null'),
  ('alerts', '0001_initial'),
  ('alerts', '0002_rules'),
  ('alerts', '0003_told_and_read'),
  ('core', '0001_initial'),
  ('core', '0002_partitions_and_keys'),
  ('audit', '0001_initial'),
  ('audit', '0002_seals'),
  ('contenttypes', '0002_remove_content_type_name'),
  ('auth', '0001_initial'),
  ('auth', '0002_alter_permission_name_max_length'),
  ('auth', '0003_alter_user_email_max_length'),
  ('auth', '0004_alter_user_username_opts'),
  ('auth', '0005_alter_user_last_login_null'),
  ('auth', '0006_require_contenttypes_0002'),
  ('auth', '0007_alter_validators_add_error_messages'),
  ('auth', '0008_alter_user_username_max_length'),
  ('auth', '0009_alter_user_last_name_max_length'),
  ('auth', '0010_alter_group_name_max_length'),
  ('auth', '0011_update_proxy_permissions'),
  ('auth', '0012_alter_user_first_name_max_length'),
  ('bot', '0001_initial'),
  ('bot', '0002_told_and_read'),
  ('chain', '0001_initial'),
  ('chain', '0002_lanes'),
  ('chain', '0003_desk_epochs'),
  ('django_celery_beat', '0001_initial'),
  ('django_celery_beat', '0002_auto_20161118_0346'),
  ('django_celery_beat', '0003_auto_20161209_0049'),
  ('django_celery_beat', '0004_auto_20170221_0000'),
  ('django_celery_beat', '0005_add_solarschedule_events_choices'),
  ('django_celery_beat', '0006_auto_20180322_0932'),
  ('django_celery_beat', '0007_auto_20180521_0826'),
  ('django_celery_beat', '0008_auto_20180914_1922'),
  ('django_celery_beat', '0006_auto_20180210_1226'),
  ('django_celery_beat', '0006_periodictask_priority'),
  ('django_celery_beat', '0009_periodictask_headers'),
  ('django_celery_beat', '0010_auto_20190429_0326'),
  ('django_celery_beat', '0011_auto_20190508_0153'),
  ('django_celery_beat', '0012_periodictask_expire_seconds'),
  ('django_celery_beat', '0013_auto_20200609_0727'),
  ('django_celery_beat', '0014_remove_clockedschedule_enabled'),
  ('django_celery_beat', '0015_edit_solarschedule_events_choices'),
  ('django_celery_beat', '0016_alter_crontabschedule_timezone'),
  ('django_celery_beat', '0017_alter_crontabschedule_month_of_year'),
  ('django_celery_beat', '0018_improve_crontab_helptext'),
  ('django_celery_beat', '0019_alter_periodictasks_options'),
  ('wallets', '0003_money_safety'),
  ('drift', '0001_initial'),
  ('drift', '0002_room_for_marks'),
  ('drift', '0003_every_order'),
  ('drift', '0004_newest_first'),
  ('sessions', '0001_initial'),
  ('trading', '0001_initial'),
  ('trading', '0002_transaction_hashes'),
  ('trading', '0003_room_for_marks'),
  ('trading', '0004_venue_gates'),
  ('trading', '0005_every_order'),
  ('trading', '0006_books_in_full'),
  ('trading', '0007_paper_venue'),
  ('trading', '0008_young_rows'),
  ('trading', '0009_newest_first'),
  ('trading', '0010_young_moves'),
  ('wallets', '0004_incoming'),
  ('wallets', '0005_looks')
) AS done (app, name);
