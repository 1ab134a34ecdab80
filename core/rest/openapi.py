"""The schema's own words: the key, the errors that any address may give, the idempotency key."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "Your own name for this act, 1 to 128 visible ASCII characters, unique for ever. The same "
        "key with the same body gives the first result again and does nothing more; with another "
        "body it is refused. After a time-out repeat with the *same* key."
    ),
    examples=[OpenApiExample("a UUID", "3f0c1b9e-6f0e-4f6e-9a59-0a3a0d9b2f11")],
)


class FieldProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(help_text="Its path in the body or the query.")
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). Compare `code`, which is stable; `title` says what it means for money.

    Refused, NotAllowed, NotFound, Conflict, RateLimited and Unavailable: surely not done.
    OutcomeUnknown: perhaps done, it is being checked; repeat with the same key only.
    """

    type = serializers.CharField(help_text="The code as a URN.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    params = serializers.DictField(help_text="The figures that the code speaks of.")
    retryable = serializers.BooleanField(help_text="Whether asking again may help.")
    traceId = serializers.CharField(help_text="The same as the header X-Request-Id.")
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]


def _problem(code: str, title: str, status: int, detail: str, **params: str) -> OpenApiExample:
    return OpenApiExample(
        code,
        {
            "type": f"urn:laminator:error:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "params": params,
            "retryable": status in (429, 503),
            "traceId": "0192f0c0a1b27c3d8e9f000000000000",
        },
        response_only=True,
    )


_NOTHING = "Nothing was moved."
_ALWAYS = {
    503: _problem("database.down", "Unavailable", 503, f"Database: down. {_NOTHING}"),
}
_WITH_KEY = {
    401: _problem(
        "api.key_missing",
        "NotAllowed",
        401,
        f"Send the header Authorization: Bearer <key>.<secret>. {_NOTHING}",
    ),
    403: _problem(
        "api.scope_missing",
        "NotAllowed",
        403,
        f"That API key was not given the scope trade. {_NOTHING}",
        scope="trade",
    ),
    429: _problem(
        "api.too_many_requests",
        "RateLimited",
        429,
        f"There were too many requests; wait 1 seconds. {_NOTHING}",
    ),
}
_OF_ONE = {
    404: _problem("order.not_found", "NotFound", 404, f"Order: not found. {_NOTHING}"),
}
_OF_INPUT = {
    400: _problem(
        "request.malformed",
        "Refused",
        400,
        f"The body is not a JSON object that can be read. {_NOTHING}",
    ),
    422: _problem(
        "risk.order_too_small",
        "Refused",
        422,
        f"Risk: order too small (minimum 0.01). {_NOTHING}",
        minimum="0.01",
    ),
}
_OF_ACTS = {
    409: _problem(
        "request.in_flight",
        "Conflict",
        409,
        "The first request with that Idempotency-Key is still under way.",
    ),
    504: _problem(
        "database.lost",
        "OutcomeUnknown",
        504,
        "This may have gone through. It is being checked: do not repeat it.",
    ),
}
_MEANINGS = {
    400: "The request cannot be read, or its Idempotency-Key or cursor cannot be used.",
    401: "No key, or one that does not open.",
    403: "The key or the person may not do this.",
    404: "There is no such thing, or it is another's.",
    409: "The same key is under way, or the thing has moved on.",
    422: "Refused: a field, a rule of the desk, or a key used for another body.",
    429: "Too many requests: wait as long as Retry-After says.",
    503: "Something that is needed does not answer. Surely not done.",
    504: "Perhaps done. Do not repeat with another key; repeat with the same one, or look.",
}


class DeskSchema(AutoSchema):
    """Adds to every operation the problems that it can give, and acts' Idempotency-Key."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", "system")]

    def get_override_parameters(self) -> list[Any]:
        return [IDEMPOTENCY_KEY] if self._is_act() else []

    def get_auth(self) -> list[Any]:
        return [{"apiKey": []}] if self._scope() else [{}]

    def get_description(self) -> str:  # type: ignore[override]
        described = super().get_description() or ""
        scope = self._scope()
        return f"{described}\n\nScope: `{scope}`." if scope else described

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> Any:
        bodies = super()._get_response_bodies(*args, **kwargs)
        for status, example in self._problems().items():
            described = OpenApiResponse(ProblemSerializer, _MEANINGS[status], examples=[example])
            bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                described, str(status), ["application/problem+json"]
            )
        return bodies

    def _problems(self) -> dict[int, OpenApiExample]:
        found = dict(_ALWAYS)
        if self._scope():
            found |= _WITH_KEY
        if "{" in self.path:
            found |= _OF_ONE
        if self.method in ("POST", "PATCH", "PUT") or "cursor" in self._query_names():
            found |= _OF_INPUT
        if self._is_act():
            found |= _OF_ACTS
        return dict(sorted(found.items()))

    def _query_names(self) -> set[str]:
        return {each["name"] for each in self._get_parameters() if each.get("in") == "query"}

    def _scope(self) -> str | None:
        scopes: dict[str, str] = getattr(self.view, "scopes", {})
        return scopes.get(self.method)

    def _is_act(self) -> bool:
        return self.method in getattr(self.view, "acts", ())


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names the key."""

    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "<key>.<secret>",
            "description": "An API key and its secret, which is shown once when it is made.",
        }


def page_of(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The serializer of a page of these rows, for the schema."""
    name = row.__name__.removesuffix("Serializer")
    return type(
        f"{name}PageSerializer",
        (serializers.Serializer,),
        {
            "__doc__": f"A page of {name} rows, newest first.",
            "__module__": row.__module__,
            "items": row(many=True),
            "nextCursor": serializers.CharField(
                allow_null=True, help_text="Null on the last page."
            ),
        },
    )
