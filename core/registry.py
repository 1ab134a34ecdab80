"""How a lower room reaches a higher one: a dotted path in the settings, under a key in the row."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import Misconfigured


@cache
def provider(registry: str, key: str) -> Any:
    """The one instance of what `settings.<registry>[key]` names; made with the key.

    Raises Misconfigured for a key that is not there: there is no default.
    """
    paths: dict[str, str] = getattr(settings, registry)
    if key not in paths:
        raise Misconfigured("registry.unknown_key", registry=registry, key=key)
    return import_string(paths[key])(key)
