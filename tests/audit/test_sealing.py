"""The sealed log: what was altered, deleted, swapped or put in is named."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.utils import timezone

from audit import verifying
from audit.exporting import export_folder, export_root
from audit.sealing import seal_audit, unsealed_age
from audit.services import record
from audit.verifying import verify_audit
from core.roles import as_sync
from core.uuid7 import uuid7
from laminator import probes
from tests import factories, raw_sql
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _exports(settings, tmp_path):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"audit_export_dir": tmp_path})


def act(count=1):
    with as_sync():
        return [
            record(action="test.act", resource=("things", uuid7()), new={"number": number})
            for number in range(count)
        ]


def seal():
    return seal_audit(now=timezone.now())["sealed"]


def problem():
    return verify_audit().problem


def test_a_log_that_nobody_touched_is_whole(owner_sql):
    factories.wallet()
    first, second = act(3), act(5)
    assert seal() >= 3
    act(4)
    assert seal() == 4
    act()

    verdict = verify_audit()

    assert verdict.problem == ""
    assert verdict.roots == 2
    assert verdict.waiting == 1
    assert verdict.rows == raw_sql.count(owner_sql, "audit_logs") - 1 > len(first) + len(second)


@pytest.mark.parametrize(
    "change",
    [
        "new_values = '{\"number\": 7}'", "action = 'other'", "actor_id = gen_random_uuid()",
        "resource_id = 'x'", "channel = 'bot'", "trace_id = 'x'", "ip_address = '10.0.0.1'",
        "content_hash = md5('x')",
    ],
)  # fmt: skip
def test_an_altered_row_is_named(owner_sql, change):
    _, row, *_ = act(4)
    seal()

    owner_sql.execute(f"UPDATE audit_logs SET {change} WHERE id = %s", [row.pk])

    assert str(row.pk) in problem()


def test_a_row_altered_together_with_its_hash_is_named(owner_sql):
    from audit.services import content_hash

    _, row, *_ = act(4)
    seal()
    row.action = "forged"
    owner_sql.execute(
        "UPDATE audit_logs SET action = 'forged', content_hash = %s WHERE id = %s",
        [content_hash(row), row.pk],
    )

    assert str(row.pk) in problem()


def test_a_deleted_row_is_named(owner_sql):
    _, row, *_ = act(4)
    seal()

    owner_sql.execute("DELETE FROM audit_logs WHERE id = %s", [row.pk])

    assert problem() == f"row {row.pk} (seal 2) is missing"


def test_a_row_deleted_before_its_seal_is_named(owner_sql):
    _, row, *_ = act(3)
    owner_sql.execute("DELETE FROM audit_logs WHERE id = %s", [row.pk])

    seal()

    assert problem() == f"row {row.pk} (seal 2) was gone before it was sealed"


@pytest.mark.parametrize(("seq", "said"), [(2, "seal 2 is missing"), (4, "seals of root 1")])
def test_a_deleted_seal_is_named(owner_sql, seq, said):
    act(4)
    seal()

    owner_sql.execute("DELETE FROM audit_seals WHERE seq = %s", [seq])

    assert said in problem()


def test_rows_that_were_swapped_are_named(owner_sql):
    rows = act(4)
    seal()

    owner_sql.execute(
        "ALTER TABLE audit_seals DROP CONSTRAINT audit_seals_audit_id_key;"
        "UPDATE audit_seals s SET audit_id = o.audit_id, row_at = o.row_at"
        " FROM audit_seals o WHERE s.seq + o.seq = 5 AND s.seq IN (2, 3)"
    )
    try:
        assert str(rows[2].pk) in problem()
    finally:
        owner_sql.execute("ALTER TABLE audit_seals ADD UNIQUE (audit_id)")


def test_a_row_put_in_around_the_trigger_is_named(owner_sql):
    row = act(3)[1]
    seal()
    owner_sql.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_note_unsealed")
    try:
        key = raw_sql.insert_copy(owner_sql, row)
    finally:
        owner_sql.execute("ALTER TABLE audit_logs ENABLE TRIGGER audit_logs_note_unsealed")

    assert problem() == f"row {key} was put into the log around its seals"


def test_a_row_put_into_the_past_is_named(owner_sql):
    from audit.services import content_hash

    row = act(3)[1]
    seal()
    row.pk, row.created_at = uuid7(), datetime.now(tz=UTC) - timedelta(days=3)
    row.content_hash = content_hash(row)
    with as_sync():
        row.save(force_insert=True)
    seal()

    assert f"row {row.pk} (seal 4) says" in problem()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("root = md5('x')", "root 1 does not fit"), ("signature = 'AAAA'", "signature"),
        ("key_id = 'x'", "AUDIT_PUBLIC_KEYS"), ("previous = 'x'", "does not follow"),
    ],
)  # fmt: skip
def test_a_forged_root_is_named(owner_sql, change, said):
    act(3)
    seal()

    owner_sql.execute(f"UPDATE audit_roots SET {change}")

    assert said in problem()


def test_a_tail_cut_off_with_all_its_seals_shows_by_the_export(owner_sql):
    act(3)
    seal()
    act(3)
    seal()
    export_root(now=timezone.now())
    assert problem() == ""
    cut = "SELECT audit_id FROM audit_seals WHERE seq > 3"
    owner_sql.execute(f"DELETE FROM audit_logs WHERE id IN ({cut})")
    owner_sql.execute("DELETE FROM audit_seals WHERE seq > 3")
    owner_sql.execute("DELETE FROM audit_roots WHERE batch = 2")

    assert "root 2 was exported as another, or is gone" in problem()


def test_exports_are_appended_and_a_broken_line_is_named():
    act()
    seal()
    export_root(now=timezone.now())
    export_root(now=timezone.now())
    (file,) = export_folder().glob("*.jsonl")
    assert len(file.read_text().splitlines()) == 2
    assert file.stat().st_mode & 0o077 == 0
    assert verify_audit().exports == 2

    file.write_text(file.read_text() + "no json\n")

    assert f"{file.name}:3" in problem()


def test_a_row_that_commits_late_is_sealed_when_it_does():
    begun, may_commit = threading.Event(), threading.Event()
    late = []

    def slow():
        try:
            with as_sync():
                late.append(record(action="late", resource=("things", 1)))
                begun.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    act(3)
    assert seal() == 3
    may_commit.set()
    thread.join()

    assert seal() == 1
    assert problem() == ""
    assert verify_audit().rows == 4


def test_two_sealers_at_once_seal_each_row_once(owner_sql):
    act(200)
    outcomes = all_at_once(*[seal] * 4)
    assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
    seal()

    assert raw_sql.count(owner_sql, "audit_seals") == 200
    assert problem() == ""


def test_what_is_sealed_and_exported_during_the_look_is_no_fault(monkeypatch):
    act(3)
    seal()
    rows = verifying._rows

    def work():
        act(3)
        seal()
        export_root(now=timezone.now())

    def meanwhile():
        assert all_at_once(work) == [None]
        return rows()

    monkeypatch.setattr(verifying, "_rows", meanwhile)

    verdict = verify_audit()

    assert (verdict.problem, verdict.rows) == ("", 3)
    monkeypatch.undo()
    assert verify_audit().rows == 6


def test_a_sealer_that_is_killed_leaves_its_batch_waiting(owner_sql):
    act(3)

    def die():
        with as_sync():
            seal_audit(now=timezone.now())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()

    assert raw_sql.count(owner_sql, "audit_seals") == 0
    assert raw_sql.count(owner_sql, "audit_unsealed") == 3
    assert seal() == 3
    assert problem() == ""


def test_how_long_a_row_waits_is_known():
    assert unsealed_age(now=timezone.now()) == timedelta(0)
    act()
    assert unsealed_age(now=timezone.now() + LATER) >= LATER
    seal()
    assert unsealed_age(now=timezone.now() + LATER) == timedelta(0)


def test_what_waits_for_more_than_ten_seconds_is_an_alarm(owner_sql, caplog):
    act()
    assert probes.audit().ok
    owner_sql.execute("UPDATE audit_unsealed SET noted_at = now() - interval '11 seconds'")

    found = probes.audit()

    assert (found.ok, found.error) == (False, "audit rows wait for their seal")
    seal()
    assert "audit rows waited for their seal" in caplog.text
    assert probes.audit().ok


def test_a_person_who_is_deleted_leaves_the_log_whole(owner_sql):
    factories.wallet()
    seal()

    owner_sql.execute("DELETE FROM users")

    assert problem() == ""


@pytest.mark.parametrize("table", ["audit_seals", "audit_roots"])
def test_no_role_changes_a_seal(table):
    act()
    seal()

    for statement in (f"UPDATE {table} SET previous = ''", f"DELETE FROM {table}"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            as_sync(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_command_says_whether_the_log_is_whole(owner_sql, capsys):
    row = act(2)[0]
    seal()
    call_command("audit_verify")
    assert "is whole: 2 rows under 1 signed roots" in capsys.readouterr().out

    owner_sql.execute("DELETE FROM audit_logs WHERE id = %s", [row.pk])

    with pytest.raises(CommandError, match=str(row.pk)):
        call_command("audit_verify")
