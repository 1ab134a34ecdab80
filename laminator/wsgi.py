"""The web process's entrance."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
application = get_wsgi_application()


def _refuse_foreign_key() -> None:
    """What people reach from outside must hold no key that lets money out."""
    from django.conf import settings

    from laminator.settings.environment import EX_CONFIG

    if settings.ENVIRONMENT.privy_withdraw_signer_key is not None:
        sys.stderr.write("PRIVY_WITHDRAW_SIGNER_KEY: must reach the withdrawal worker alone\n")
        raise SystemExit(EX_CONFIG)


_refuse_foreign_key()
