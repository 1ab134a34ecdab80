"""A generated column is never null; Django has no way to say it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("wallets", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE wallet_balances ALTER COLUMN available_balance SET NOT NULL",
            "ALTER TABLE wallet_balances ALTER COLUMN available_balance DROP NOT NULL",
        )
    ]
