"""Positions are marked again and again: half of each page is kept free for the next mark.

A mark then stays in its page and touches no index (none stands on a marked column), and the
vacuum comes before the table has grown by the tenth part.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("trading", "0002_transaction_hashes")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE positions SET (fillfactor = 50,"
            " autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0)",
            "ALTER TABLE positions RESET (fillfactor,"
            " autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay)",
        )
    ]
