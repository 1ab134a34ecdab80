"""Methods by which the bot gets its updates."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import MethodCall, bot_method
from sandbox.telegram.updates import MAX_BATCH, Webhook

WEBHOOK_PORTS = (443, 80, 88, 8443)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@bot_method
async def get_updates(call: MethodCall) -> list[dict[str, Any]]:
    parameters = call.parameters
    updates = call.world.updates
    if parameters.has("allowed_updates"):
        updates.allow(parameters.array("allowed_updates"))
    return await updates.poll(
        offset=parameters.integer("offset", default=0),
        limit=parameters.integer("limit", default=MAX_BATCH) or MAX_BATCH,
        seconds=parameters.integer("timeout", default=0),
    )


@bot_method
def set_webhook(call: MethodCall) -> bool:
    parameters = call.parameters
    updates = call.world.updates
    url = parameters.text("url").strip()
    if not url:
        return delete_webhook(call)
    _check_webhook_url(url)
    secret = parameters.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]+", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = parameters.integer("max_connections", default=40)
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    if parameters.has("allowed_updates"):
        updates.allow(parameters.array("allowed_updates"))
    if parameters.boolean("drop_pending_updates"):
        updates.drop_pending()
    updates.set_webhook(Webhook(url=url, secret_token=secret, max_connections=connections))
    return True


def _check_webhook_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.hostname in LOOPBACK:
        # The stand-in pushes to this machine only, where nobody has certificates.
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    raise bad_request("bad webhook: Failed to resolve host: Name or service not known")


@bot_method
def delete_webhook(call: MethodCall) -> bool:
    if call.parameters.boolean("drop_pending_updates"):
        call.world.updates.drop_pending()
    call.world.updates.set_webhook(None)
    return True


@bot_method
def get_webhook_info(call: MethodCall) -> dict[str, Any]:
    updates = call.world.updates
    hook = updates.webhook
    info: dict[str, Any] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": updates.pending_count,
    }
    if hook is not None:
        info["max_connections"] = hook.max_connections
        info["ip_address"] = "127.0.0.1"
        if hook.last_error_at is not None:
            info["last_error_date"] = hook.last_error_at
            info["last_error_message"] = hook.last_error
    if updates.allowed:
        info["allowed_updates"] = updates.allowed
    return info
