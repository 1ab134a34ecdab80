"""The web process's entrance."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
application = get_wsgi_application()
# What PostgreSQL says of a role that does not exist: invalid_parameter_value.
_NO_SUCH_ROLE = "22023"


def _refuse_foreign_key() -> None:
    """What people reach from outside must hold no key that lets money out."""
    from django.conf import settings

    from laminator.settings.environment import EX_CONFIG

    if settings.ENVIRONMENT.privy_withdraw_signer_key is not None:
        sys.stderr.write("PRIVY_WITHDRAW_SIGNER_KEY: must reach the withdrawal worker alone\n")
        raise SystemExit(EX_CONFIG)


def _refuse_lacking_keys() -> None:
    """Nothing is signed or decrypted with keys that are not there, or are others."""
    from django.conf import settings
    from django.db import DatabaseError, connections

    from core.logs import get_logger
    from laminator.settings.environment import EX_CONFIG
    from laminator.stored_secrets import lacking_keys

    settings.ENVIRONMENT.require("SECRET_KEY", "ENCRYPTION_KEYS")
    try:
        lacking = lacking_keys()
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == _NO_SUCH_ROLE:
            return  # the first start of all: what holds secrets is being made just now
        # What does not answer now is waited for, as in an outage.
        get_logger("desk.start").warning("secrets not looked at", error=type(error).__name__)
        return
    finally:
        connections.close_all()
    if lacking:
        sys.stderr.write(
            f"ENCRYPTION_KEYS: stored secrets are under the key {', '.join(lacking)}, which is not "
            "among them; add that key (manage.py rotate_keys --check names each)\n"
        )
        raise SystemExit(EX_CONFIG)


_refuse_foreign_key()
_refuse_lacking_keys()
