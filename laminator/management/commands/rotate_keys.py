"""`rotate_keys`: put every secret at rest under the first of ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.context import acting_in
from core.encryption import key_ring
from core.errors import Misconfigured
from laminator.stored_secrets import count_by_key, rotate_secrets

_EXPLAINED = (
    "Encrypt every stored secret anew under the first of ENCRYPTION_KEYS. To change keys: put the "
    "new key before the old one, restart the desk, run this, and take the old key away once it "
    "says that none is under it. Killed or repeated at any point it loses and doubles nothing; "
    "two at once do no harm."
)


class Command(BaseCommand):
    help = _EXPLAINED

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=200, help="rows a transaction (200)")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; say what is under which key"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more")
        try:
            ring = key_ring()
        except Misconfigured as error:
            raise CommandError(
                "ENCRYPTION_KEYS is missing: there is no key to encrypt with"
            ) from error
        unreadable: tuple[str, ...] = ()
        if not options["check"]:
            with acting_in(channel="system"):
                moved = rotate_secrets(batch=options["batch"], tell=self._tell)
            unreadable = moved.unreadable
            self.stdout.write(f"{moved.rows} secrets were moved to key {ring.newest}.")
        counted = count_by_key()
        for name in ring.names:
            rows = counted.pop(name, 0)
            note = "still needed" if rows else "may be taken away"
            note = "encrypts" if name == ring.newest else note
            self.stdout.write(f"key {name}: {rows} secrets ({note})")
        for name, rows in sorted(counted.items()):
            self.stdout.write(f"key {name}: {rows} secrets (not among ENCRYPTION_KEYS)")
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} secrets cannot be read and stay as they are: "
                + "; ".join(unreadable[:5])
            )
        if counted:
            raise CommandError("some secrets are under keys that are not among ENCRYPTION_KEYS")

    def _tell(self, table: str, rows: int) -> None:
        self.stdout.write(f"{table}: {rows} moved")
