"""How a lower room reaches a higher one: a dotted path in the settings, under a key in the row."""

import os
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import Misconfigured


def provider(registry: str, key: str) -> Any:
    """The one instance, in this process, of what `settings.<registry>[key]` names.

    The class is asked `from_settings(key)`. Raises Misconfigured for a key that is not there:
    there is no default.
    """
    # A connection must not be shared with a parent: a forked worker makes its own.
    return _of_process(registry, key, os.getpid())


@cache
def _of_process(registry: str, key: str, _process: int) -> Any:
    paths: dict[str, str] = getattr(settings, registry)
    if key not in paths:
        raise Misconfigured(
            "registry.unknown_key", registry=registry, key=key, known=", ".join(sorted(paths))
        )
    return import_string(paths[key]).from_settings(key)
