"""Carry the newest root of the log to where the database cannot reach."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from audit.keys import known_keys
from audit.models import AuditRoot
from core.logs import get_logger
from core.roles import as_sync

log = get_logger("desk.audit")


def export_root(*, now: datetime) -> dict[str, Any]:
    """Append the newest root to this month's file, log it, and send it to AUDIT_EXPORT_URL.

    One root speaks for every row before it. Raises OSError, httpx.HTTPError: the job fails and
    is seen to.
    """
    with as_sync():
        row = AuditRoot.objects.order_by("-batch").first()
    if row is None:
        return {"exported": 0}
    key = known_keys().get(row.key_id)
    told = {
        "batch": row.batch, "last_seq": row.last_seq, "previous": row.previous, "root": row.root,
        "signature": row.signature, "key_id": row.key_id, "public_key": key.text if key else "",
        "sealed_at": row.sealed_at.isoformat(), "exported_at": now.isoformat(),
    }  # fmt: skip
    folder = export_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _append(folder / f"audit-roots-{now:%Y-%m}.jsonl", told)
    log.info("audit root", batch=row.batch, last_seq=row.last_seq, root=row.root)
    if url := settings.ENVIRONMENT.audit_export_url:
        httpx.post(url, json=told, timeout=10).raise_for_status()
    return {"exported": row.batch}


def export_folder() -> Path:
    """AUDIT_EXPORT_DIR, or `audit` under VAR_DIR."""
    environment = settings.ENVIRONMENT
    return Path(environment.audit_export_dir or environment.var_dir / "audit")


def exported_roots() -> Iterator[tuple[str, dict[str, Any]]]:
    """(file and line, what it says) of all that was ever exported to the folder."""
    for path in sorted(export_folder().glob("audit-roots-*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            try:
                told = json.loads(line)
            except ValueError:
                told = {}
            yield f"{path.name}:{number}", told


def _append(path: Path, told: dict[str, Any]) -> None:
    # On the disk before it counts as exported.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(told, sort_keys=True) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
