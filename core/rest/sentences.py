"""One sentence for each code that only REST has; its problems carry it, the bot knows it too."""

SENTENCES: dict[str, str] = {
    # Who calls
    "api.key_missing": "Send the header Authorization: Bearer <key>.<secret>.",
    "api.key_unknown": "That API key is not known, or its secret is another.",
    "api.key_expired": "That API key has expired.",
    "api.key_revoked": "That API key was revoked.",
    "api.address_not_allowed": "That API key may not be used from this address.",
    "api.scope_missing": "That API key was not given the scope {scope}.",
    "api.too_many_requests": "There were too many requests; wait {retry_after} seconds.",
    # The making of keys
    "api.name_invalid": "A key's name has 1 to 60 characters.",
    "api.scope_unknown": "There is no scope {scope}.",
    "api.scopes_missing": "A key needs one scope or more.",
    "api.network_invalid": "“{address}” is no address and no network, such as 203.0.113.0/24.",
    "api.expiry_past": "A key's expiry must lie in the future.",
    "api.too_many_keys": "There are {maximum} live keys already; revoke one first.",
    "api.key_not_found": "There is no such API key.",
    # The request
    "request.malformed": "The body is not a JSON object that can be read.",
    "request.invalid": "Some fields cannot be used; `errors` names each.",
    "request.no_such_address": "There is nothing at this address.",
    "request.method_not_allowed": "This address does not take that method.",
    "request.media_type": "The body must be application/json.",
    "request.too_large": "The body is larger than {maximum} bytes.",
    "request.cursor_invalid": "That cursor is not one of this list's.",
    "request.key_missing": "Send an Idempotency-Key: one for each act, the same for each repeat.",
    "request.key_invalid": "An Idempotency-Key has 1 to 128 visible ASCII characters.",
    "request.key_used": "That Idempotency-Key was used for another request.",
    "request.key_spent": "That Idempotency-Key was used long ago; take a new one for a new act.",
    "request.in_flight": "The first request with that Idempotency-Key is still under way.",
    "request.failed": "Something went wrong on our side.",
}
