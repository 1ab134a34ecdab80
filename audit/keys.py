"""The keys that sign the log's roots, and those that have."""

import base64

from django.conf import settings

from audit.hashes import PublicKey, SigningKey
from core.errors import Misconfigured


def signing_key() -> SigningKey:
    """The key of AUDIT_SIGNING_KEY. Raises Misconfigured."""
    text = settings.ENVIRONMENT.audit_signing_key
    if text is None:
        raise Misconfigured("audit.no_signing_key")
    return SigningKey(text.get_secret_value())


def known_keys() -> dict[str, PublicKey]:
    """Public keys by their id: the present one's and those of AUDIT_PUBLIC_KEYS."""
    environment = settings.ENVIRONMENT
    keys = [PublicKey(base64.b64decode(text)) for text in environment.audit_public_keys]
    if environment.audit_signing_key is not None:
        keys.append(signing_key().public)
    return {key.id: key for key in keys}
