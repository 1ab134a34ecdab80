"""Who calls over REST: the key and secret of the Authorization header."""

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.services import access_api_key
from core.client_address import client_address
from core.errors import NotAllowed, RateLimited
from core.rest.buckets import Bucket, take
from core.rest.caller import Caller

# Wrong keys: so many from one address, so many for one key, whichever addresses they come from.
_BY_ADDRESS = Bucket("auth-address", capacity=20, per_second=1)
_BY_KEY = Bucket("auth-key", capacity=20, per_second=1)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>.<secret>`; nobody in particular without the header."""

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, presented = header.partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise NotAllowed("api.key_missing")
        address = client_address(request._request)
        look = take(_BY_ADDRESS, address or "unknown", cost=0)
        if not look.ok:
            raise RateLimited("api.too_many_requests", retry_after=look.retry_after)
        try:
            holder = access_api_key(
                presented=presented.strip(), address=address, now=timezone.now()
            )
        except NotAllowed as error:
            if error.code == "api.key_unknown":
                _count_failure(presented, address)
            raise
        caller = Caller(
            user_id=holder.user_id,
            key_id=holder.key_id,
            key_name=holder.key_name,
            scopes=holder.scopes,
        )
        return caller, holder.key_name

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="laminator"'


def _count_failure(presented: str, address: str | None) -> None:
    """A right secret still passes where its key's bucket is empty: nobody locks another out."""
    key = presented.partition(".")[0][:40]
    taken: Any = [take(_BY_ADDRESS, address or "unknown"), take(_BY_KEY, key)]
    worst = max(taken, key=lambda each: each.retry_after)
    if not worst.ok:
        raise RateLimited("api.too_many_requests", retry_after=worst.retry_after)
