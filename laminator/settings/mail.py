"""Where the desk's mails go: to a mail server, or into files that a developer reads."""

from typing import Any
from urllib.parse import unquote, urlsplit

from laminator.settings.environment import Environment


def mail_settings(environment: Environment) -> dict[str, Any]:
    """Django's settings of it."""
    if environment.email_url is None:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(environment.var_dir / "mail"),
            "DEFAULT_FROM_EMAIL": environment.email_from,
        }
    parts = urlsplit(environment.email_url.get_secret_value())
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if is_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        # Without a login it is a relay of this machine's own.
        "EMAIL_USE_TLS": not is_tls and bool(parts.username),
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": environment.email_from,
    }
