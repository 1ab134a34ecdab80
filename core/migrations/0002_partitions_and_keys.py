"""The functions that the schema needs of the database; no extension."""

from django.db import migrations

# RFC 9562 version 7, for PostgreSQL before 18 too: 48 bits of Unix milliseconds over a random v4.
UUIDV7 = r"""
CREATE FUNCTION desk_uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
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
"""

PARTITIONS = r"""
CREATE TABLE partitioned_tables (
  parent text PRIMARY KEY,
  width text NOT NULL CHECK (width IN ('week', 'month')),
  ahead int NOT NULL CHECK (ahead >= 1)
);

CREATE FUNCTION desk_ensure_partitions(moment timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
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
END $$;
REVOKE ALL ON FUNCTION desk_ensure_partitions(timestamptz) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunSQL(UUIDV7, "DROP FUNCTION desk_uuidv7()"),
        migrations.RunSQL(
            PARTITIONS,
            "DROP FUNCTION desk_ensure_partitions(timestamptz); DROP TABLE partitioned_tables",
        ),
    ]
