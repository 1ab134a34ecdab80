"""Custodians by the key that a wallet's row stores."""

from typing import cast

from django.conf import settings

from core.registry import provider
from wallets.custody.base import Custodian


def get_custodian(key: str) -> Custodian:
    """Return this process's custodian of a wallet type, made from the settings on first use.

    Raises Misconfigured for a key that settings.CUSTODIANS does not name.
    """
    return cast(Custodian, provider("CUSTODIANS", key))


def check_custodians() -> None:
    """Raise Misconfigured unless every custodian has what the settings say; a start-up check."""
    for key in settings.CUSTODIANS:
        get_custodian(key).check()
