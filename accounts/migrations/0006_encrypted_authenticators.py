"""Encrypt the secrets of authenticators that are there; from now on no plain one can be stored."""

from django.core.exceptions import ImproperlyConfigured
from django.db import migrations

from core.encryption import Place, key_ring
from core.errors import Misconfigured

_TABLE, _COLUMN = "otp_totp_totpdevice", "key"


def encrypt_plain_secrets(apps, schema_editor):
    """The library keeps them as hexadecimal text; this is the only moment that such is believed."""
    rows = apps.get_model("otp_totp", "TOTPDevice").objects.using(schema_editor.connection.alias)
    plain = list(rows.exclude(key__startswith="v1.").select_for_update().values_list("pk", "key"))
    if not plain:
        return
    try:
        ring = key_ring()
    except Misconfigured as error:
        raise ImproperlyConfigured(
            f"ENCRYPTION_KEYS is missing: {len(plain)} secrets of authenticators are not encrypted "
            "yet, and this migration does it. Set it and migrate again."
        ) from error
    for pk, secret in plain:
        place = Place(_TABLE, _COLUMN, pk)
        rows.filter(pk=pk).update(key=ring.seal(bytes.fromhex(secret), place=place))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_withdrawals"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authenticator",
            fields=[],
            options={
                "verbose_name": "authenticator",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("otp_totp.totpdevice",),
        ),
        migrations.RunPython(encrypt_plain_secrets, migrations.RunPython.noop),
        migrations.RunSQL(
            f"ALTER TABLE {_TABLE} ADD CONSTRAINT {_TABLE}_key_sealed CHECK "
            f"({_COLUMN} ~ '^v1\\.[0-9a-f]{{8}}\\.[A-Za-z0-9_-]{{38,}}$')",
            f"ALTER TABLE {_TABLE} DROP CONSTRAINT {_TABLE}_key_sealed",
        ),
    ]
