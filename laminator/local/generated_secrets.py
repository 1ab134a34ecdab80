"""Passwords and keys of a local desk: made once, kept in a file that only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from laminator.local.errors import CannotStart


@dataclass(frozen=True, slots=True)
class GeneratedSecrets:
    """What nobody has to choose by hand; every value is safe inside a URL."""

    postgres_superuser: str
    database_owner: str
    database_login: str
    redis: str
    secret_key: str
    audit_signing_key: str
    encryption_key: str

    def __repr__(self) -> str:
        return "GeneratedSecrets(…)"


def new_secrets() -> GeneratedSecrets:
    """Make secrets for servers that live in memory and temporary folders only."""
    return GeneratedSecrets(**{field.name: _new_secret() for field in fields(GeneratedSecrets)})


def key_settings(secrets: GeneratedSecrets) -> dict[str, str]:
    """The settings that are keys of a desk's own."""
    return {
        "SECRET_KEY": secrets.secret_key,
        "AUDIT_SIGNING_KEY": secrets.audit_signing_key,
        "ENCRYPTION_KEYS": secrets.encryption_key,
    }


def stored_secrets(path: Path) -> GeneratedSecrets:
    """Read the secrets, making the file (0600) and whatever it lacks."""
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = json.loads(path.read_text())
        except ValueError:
            raise CannotStart(
                f"{path} cannot be read: it is not JSON",
                remedy="Restore it: it holds the passwords of the data beside it.",
            ) from None
    names = [field.name for field in fields(GeneratedSecrets)]
    found = GeneratedSecrets(**{name: known.get(name) or _new_secret() for name in names})
    if any(name not in known for name in names):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(found), file, indent=1)
        new.replace(path)
    return found


def _new_secret() -> str:
    return secrets.token_urlsafe(32)
