"""Custodians by the key that a wallet's row stores."""

import os
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import Misconfigured
from wallets.custody.base import Custodian


def get_custodian(key: str) -> Custodian:
    """Return this process's custodian of a wallet type, made from the settings on first use.

    Raises Misconfigured for a key that settings.CUSTODIANS does not name.
    """
    # A connection must not be shared with a parent: a forked worker makes its own.
    return _custodian_of_process(key, os.getpid())


def check_custodians() -> None:
    """Raise Misconfigured unless every custodian has what the settings say; a start-up check."""
    for key in settings.CUSTODIANS:
        get_custodian(key).check()


@cache
def _custodian_of_process(key: str, _process: int) -> Custodian:
    path = settings.CUSTODIANS.get(key)
    if path is None:
        raise Misconfigured(
            "custody.custodian_unknown", key=key, known=", ".join(sorted(settings.CUSTODIANS))
        )
    return cast(Custodian, import_string(path).from_settings())
