"""REST: how Django REST framework is set up, and what its schema says of itself."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["core.rest.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.rest.rendering.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.rest.rendering.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "core.rest.openapi.DeskSchema",
    "EXCEPTION_HANDLER": "core.rest.problems.answer_problem",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
}

_DESCRIPTION = """\
The desk for programs: the very services of the bot, under the same rules and limits.

* **Keys**: `Authorization: Bearer <key>.<secret>`. Each address names its scope.
* **Amounts** are strings of decimal digits (`"0.5"`), in and out; a JSON number is refused.
* **Times** are RFC 3339 in UTC.
* **Acts** that move money need an `Idempotency-Key`. What goes over a chain answers 202 with a
  `Location` where its fate can be followed; confirmed is not filled.
* **Errors** are `application/problem+json`; compare `code`. A 504 means *perhaps done*: look, or
  repeat with the same key, never with another one.
* **Lists** are newest first; follow `nextCursor`.
"""

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Laminator",
    "DESCRIPTION": _DESCRIPTION,
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SERVE_URLCONF": "laminator.urls",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    # Choices stand where they are used: one name for each set would say less than the field's.
    "POSTPROCESSING_HOOKS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
    "TAGS": [
        {"name": "system", "description": "Whether the desk lives, and which one it is."},
        {"name": "account", "description": "Who the key belongs to, its keys, its wallet."},
        {"name": "markets", "description": "Markets and their last prices."},
        {"name": "orders", "description": "Orders: preview, place, follow, cancel."},
        {"name": "positions", "description": "Positions: look, close."},
        {"name": "history", "description": "Fills, messages on the chain, movements of money."},
        {"name": "money", "description": "Deposits into a venue, and its account."},
    ],
}
