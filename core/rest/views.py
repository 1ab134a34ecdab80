"""The base of every REST view: who acts, what the key may do, how often, as which body."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core.client_address import client_address
from core.context import acting_in
from core.errors import NotAllowed, NotFound, RateLimited
from core.rest.buckets import Bucket, Taken, take
from core.rest.caller import Caller
from core.rest.paging import PageQuery, read_cursor, write_cursor
from core.rest.rendering import Json

# Each key has one bucket for what only looks, and a smaller one for what acts.
READS = Bucket("read", capacity=120, per_second=20)
ACTS = Bucket("act", capacity=30, per_second=5)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class DeskView(APIView):
    """A view names the scope that each method needs; a method without one needs no key.

    Whatever it raises becomes a problem; it talks to services alone, never to rows.
    """

    scopes: ClassVar[Mapping[str, str]] = {}
    _rate: Taken | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._circumstances:
            self._circumstances.enter_context(
                acting_in(channel="rest", ip_address=client_address(request))
            )
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # What DRF does here besides (versions, throttles, permissions) is done by scopes below.
        method = str(request.method)
        scope = self.scopes.get(method)
        if scope is None:
            if method.lower() in self.http_method_names and hasattr(self, method.lower()):
                return
            self.http_method_not_allowed(request)
        assert scope is not None
        caller = request.user
        if not isinstance(caller, Caller):
            raise NotAllowed("api.key_missing")
        self._circumstances.enter_context(acting_in(actor_id=caller.user_id))
        self._rate = take(READS if method in _SAFE else ACTS, str(caller.key_id))
        if not self._rate.ok:
            raise RateLimited("api.too_many_requests", retry_after=self._rate.retry_after)
        self.require(scope)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        if self._rate is not None:
            answer["RateLimit-Limit"] = str(self._rate.limit)
            answer["RateLimit-Remaining"] = str(self._rate.remaining)
            answer["RateLimit-Reset"] = str(self._rate.reset)
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What may be done here; DRF's own answer describes forms, which there are none of."""
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    # What views use.

    @property
    def caller(self) -> Caller:
        """The person; only where a scope was asked for."""
        caller = self.request.user
        assert isinstance(caller, Caller)
        return caller

    def require(self, scope: str) -> None:
        """For what asks for more than its method does. Raises NotAllowed."""
        if not self.caller.may(scope):
            raise NotAllowed("api.scope_missing", scope=scope)

    @staticmethod
    def now() -> Any:
        """The clock of this edge: it is read once an act and passed down."""
        return timezone.now()

    def query(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        """The checked parameters of the address. Raises ValidationError."""
        return _checked(serializer, self.request.query_params.dict())

    def body(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        """The checked body. Raises ValidationError, ParseError."""
        return _checked(serializer, self.request.data)

    def page(self, of_list: str, query: type[Serializer[Any]] = PageQuery) -> dict[str, Any]:
        """The checked parameters of a list, its cursor read: `limit`, `before` and its own."""
        wanted = self.query(query)
        wanted["before"] = read_cursor(wanted.pop("cursor", None), of_list=of_list)
        return wanted

    @staticmethod
    def paged(of_list: str, items: Json, last: Any) -> Response:
        """A page whose rows are JSON already; it goes on after `last`, if there is more."""
        cursor = b"null"
        if last is not None:
            cursor = b'"%b"' % write_cursor(of_list=of_list, after=last).encode()
        return Response(Json(b'{"items":%b,"nextCursor":%b}' % (items, cursor)))


def _checked(serializer: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    given = serializer(data=data)
    given.is_valid(raise_exception=True)
    checked: dict[str, Any] = given.validated_data
    return checked


class NothingHere(DeskView):
    """Every address under the API that nothing answers to."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("request.no_such_address")

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("request.no_such_address")
