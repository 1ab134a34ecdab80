"""A hash is one wallet's transaction once, whichever partition its row is in."""

from django.db import migrations

# A unique key of a partitioned table must hold the partition's key, so it cannot say this itself.
HASHES = r"""
CREATE TABLE transaction_hashes (
  wallet_id uuid NOT NULL,
  tx_hash text NOT NULL,
  transaction_id uuid NOT NULL,
  PRIMARY KEY (wallet_id, tx_hash)
);
CREATE INDEX transaction_hashes_transaction ON transaction_hashes (transaction_id);

CREATE FUNCTION desk_keep_transaction_hash() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM transaction_hashes WHERE transaction_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.tx_hash IS NOT NULL THEN
    INSERT INTO transaction_hashes VALUES (NEW.wallet_id, NEW.tx_hash, NEW.id);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER transaction_hashes_insert AFTER INSERT OR DELETE ON transactions
  FOR EACH ROW EXECUTE FUNCTION desk_keep_transaction_hash();
CREATE TRIGGER transaction_hashes_update AFTER UPDATE OF tx_hash, wallet_id ON transactions
  FOR EACH ROW EXECUTE FUNCTION desk_keep_transaction_hash();
"""
BACK = """
DROP TRIGGER transaction_hashes_insert ON transactions;
DROP TRIGGER transaction_hashes_update ON transactions;
DROP FUNCTION desk_keep_transaction_hash();
DROP TABLE transaction_hashes;
"""


class Migration(migrations.Migration):
    dependencies = [("trading", "0001_initial")]
    operations = [migrations.RunSQL(HASHES, BACK)]
