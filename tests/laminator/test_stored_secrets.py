"""Secrets in the database: never plain, moved to a new key whole, checked at the start."""

import importlib
import os
import re
import subprocess
import sys

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from pydantic import SecretStr

from accounts.models import Authenticator
from accounts.services import check_totp, enrol_totp
from core.encryption import key_ring
from core.errors import Misconfigured
from core.roles import as_sync
from core.uuid7 import uuid7
from laminator.back_office import load_pages
from laminator.settings.environment import ROOT
from laminator.stored_secrets import count_by_key, lacking_keys, rotate_secrets
from tests import factories
from tests.authenticator import Authenticator as Device
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db
# Of these only a hash is kept, or they are words about secrets.
NO_SECRETS_TO_READ_BACK = {
    "user_api_keys.api_key", "user_api_keys.api_secret_hash", "user_sessions.token_hash",
    "web_links.token_hash", "rest_calls.idempotency_key", "audit_roots.key_id", "users.password",
    "django_session.session_key", "user_settings.setting_key", "trading_states.key",
    "intents.idempotency_key",
}  # fmt: skip
OLD, NEW = "o" * 43, "n" * 43


@pytest.fixture
def keys(settings):
    def give(*texts):
        given = tuple(map(SecretStr, texts)) or None
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"encryption_keys": given})

    give(OLD)
    return give


def stored():
    with as_sync():
        return dict(TOTPDevice.objects.values_list("pk", "key"))


def secrets_of_all():
    with as_sync():
        return {device.pk: device.bin_key for device in Authenticator.objects.all()}


def quiet(table, rows):
    pass


def test_no_secret_of_an_authenticator_is_plain_in_the_database(owner_sql):
    person = factories.user()
    device = Device(person.pk, timezone.now())

    [(text,)] = owner_sql.execute("SELECT key FROM otp_totp_totpdevice").fetchall()
    everything = str(owner_sql.execute("SELECT to_jsonb(a) FROM audit_logs a").fetchall())

    assert text.startswith(key_ring().prefix)
    assert device.secret.hex() not in text
    assert device.secret.hex() not in everything
    check_totp(user_id=person.pk, code=device.code(), now=timezone.now())


def test_a_plain_secret_cannot_be_stored_by_anyone(owner_sql):
    person = factories.user()

    with pytest.raises(IntegrityError, match="key_sealed"), as_sync():
        TOTPDevice.objects.create(user=person, name="plain", key="00" * 20)

    assert stored() == {}


@pytest.fixture
def before_encryption(owner_sql):
    """The library's table as it was before anything in it had to be encrypted."""
    table, rule = "otp_totp_totpdevice", "otp_totp_totpdevice_key_sealed"
    (check,) = owner_sql.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [rule]
    ).fetchone()
    owner_sql.execute(f"ALTER TABLE {table} DROP CONSTRAINT {rule}")
    yield
    owner_sql.execute(f"DELETE FROM {table}")
    owner_sql.execute(f"ALTER TABLE {table} ADD CONSTRAINT {rule} {check}")


def test_the_migration_encrypts_what_was_plain_and_asks_for_the_keys(before_encryption, keys):
    migration = importlib.import_module("accounts.migrations.0006_encrypted_authenticators")
    person, secret = factories.user(), "5a" * 20
    with as_sync():
        TOTPDevice.objects.create(user=person, name="plain", key=secret)
        keys()
        with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS is missing: 1 secrets"):
            migration.encrypt_plain_secrets(apps, connection.schema_editor())
        keys(NEW)
        for _ in range(2):
            migration.encrypt_plain_secrets(apps, connection.schema_editor())

    assert list(secrets_of_all().values()) == [bytes.fromhex(secret)]
    assert secret not in str(stored())


def test_a_secret_that_was_copied_to_another_row_opens_nothing(owner_sql):
    one, two = factories.user(), factories.user()
    device = Device(one.pk, timezone.now())
    Device(two.pk, timezone.now())
    owner_sql.execute(
        "UPDATE otp_totp_totpdevice SET key = (SELECT key FROM otp_totp_totpdevice WHERE user_id ="
        " %s) WHERE user_id = %s",
        [one.pk, two.pk],
    )

    with pytest.raises(Misconfigured, match=r"encryption\.unreadable"):
        check_totp(user_id=two.pk, code=device.code(), now=timezone.now())


def test_without_keys_nobody_enrols_and_nothing_is_written(keys):
    keys()
    person = factories.user()

    with pytest.raises(Misconfigured, match=r"encryption\.no_keys"):
        enrol_totp(user_id=person.pk, asked_by=uuid7())

    assert stored() == {}


def test_an_enrolment_does_not_show_its_secret_when_it_is_printed():
    enrolment = enrol_totp(user_id=factories.user().pk, asked_by=uuid7())

    assert enrolment.secret not in repr(enrolment)


def test_a_rotation_moves_every_secret_and_changes_none(keys):
    for _ in range(7):
        factories.authenticator()
    before = secrets_of_all()
    keys(NEW, OLD)

    heard = []
    moved = rotate_secrets(batch=3, tell=lambda table, rows: heard.append(rows))

    assert (moved.rows, moved.unreadable, heard) == (7, (), [3, 6])
    assert count_by_key() == {key_ring().newest: 7}
    keys(NEW)
    assert secrets_of_all() == before
    assert lacking_keys() == ()


def test_a_rotation_that_is_repeated_changes_nothing(keys):
    factories.authenticator()
    keys(NEW, OLD)
    rotate_secrets(batch=10, tell=quiet)
    before = stored()

    assert rotate_secrets(batch=10, tell=quiet).rows == 0

    assert stored() == before


def test_two_rotations_at_once_move_each_secret_once(keys):
    for _ in range(40):
        factories.authenticator()
    before = secrets_of_all()
    keys(NEW, OLD)

    moved = all_at_once(*[lambda: rotate_secrets(batch=3, tell=quiet).rows] * 4)

    assert sum(moved) == 40
    keys(NEW)
    assert secrets_of_all() == before


def test_a_secret_that_cannot_be_read_is_named_and_keeps_no_other_back(keys, owner_sql):
    first, _ = factories.authenticator(), factories.authenticator()
    broken = stored()[first.pk][:-6] + "AAAAAA"
    owner_sql.execute("UPDATE otp_totp_totpdevice SET key = %s WHERE id = %s", [broken, first.pk])
    keys(NEW, OLD)

    with pytest.raises(CommandError, match=f"otp_totp_totpdevice {first.pk} "):
        call_command("rotate_keys", "--batch", "1")

    assert count_by_key() == {key_ring().names[1]: 1, key_ring().newest: 1}
    assert stored()[first.pk] == broken


def test_a_rotation_that_is_killed_goes_on_where_it_was(owner_sql, settings):
    for _ in range(120):
        factories.authenticator()
    before = secrets_of_all()
    given = [each.get_secret_value() for each in settings.ENVIRONMENT.encryption_keys]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", "--batch", "2"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"ENCRYPTION_KEYS": ",".join([NEW, *given]), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    for _ in range(5):
        process.stdout.readline()
    process.kill()
    process.stdout.close()
    process.wait()
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"encryption_keys": (SecretStr(NEW), *map(SecretStr, given))}
    )
    done = count_by_key()[key_ring().newest]
    assert 10 <= done < 120
    assert secrets_of_all() == before

    assert rotate_secrets(batch=50, tell=quiet).rows == 120 - done

    assert secrets_of_all() == before
    told = owner_sql.execute(
        "SELECT sum((new_values->>'rows')::int) FROM audit_logs WHERE action = 'secrets.rotated'"
    ).fetchone()
    assert told == (120,)


def test_the_command_says_which_key_may_be_taken_away(keys, capsys):
    factories.authenticator()
    keys(NEW, OLD)
    new, old = key_ring().names

    call_command("rotate_keys", "--check")
    assert f"key {old}: 1 secrets (still needed)" in capsys.readouterr().out
    call_command("rotate_keys")
    said = capsys.readouterr().out
    assert f"key {new}: 1 secrets (encrypts)" in said
    assert f"key {old}: 0 secrets (may be taken away)" in said
    assert NEW not in said


def test_secrets_under_a_key_that_is_not_given_are_told(keys, capsys):
    factories.authenticator()
    old = key_ring().newest
    keys(NEW)

    assert lacking_keys() == (old,)
    with pytest.raises(CommandError, match="not among ENCRYPTION_KEYS"):
        call_command("rotate_keys", "--check")
    assert f"key {old}: 1 secrets" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS is missing"),
        ({"ENCRYPTION_KEYS": NEW}, "ENCRYPTION_KEYS: stored secrets are under the key"),
        ({"ENCRYPTION_KEYS": "short"}, "ENCRYPTION_KEYS: must be 32 bytes in base64"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
    ],
)
def test_the_web_process_does_not_start_with_missing_or_wrong_keys(change, said):
    factories.authenticator()

    done = subprocess.run(
        [sys.executable, "-c", "import laminator.wsgi"],
        cwd=ROOT, env=os.environ | change, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 78
    assert said in done.stderr
    assert NEW not in done.stderr


def test_every_column_named_like_a_secret_is_encrypted_or_said_to_be_none(settings):
    named = re.compile(r"(^|_)(key|secret|token|password|passphrase|totp)($|_)|private")
    tells_of_one = re.compile("symbol|mint|address|_name|routing|enabled|confirmed")
    encrypted = {
        f"{apps.get_model(label)._meta.db_table}.{field}"
        for label, field in settings.ENCRYPTED_COLUMNS
    }
    found = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if named.search(field.column) and not tells_of_one.search(field.column)
    }

    assert found - encrypted == NO_SECRETS_TO_READ_BACK
    assert encrypted <= found


def test_staff_see_no_secret_and_write_none(client):
    load_pages()
    assert TOTPDevice not in admin.site._registry
    with pytest.raises(NoReverseMatch):
        reverse("admin:otp_totp_totpdevice_changelist")
    assert "key" in admin.site._registry[Authenticator].hidden
