"""From which address a request comes, also behind a proxy of ours."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The caller's address: the connection's, or what the trusted proxy's header says.

    Of a header with several, the last counts: the proxy itself has added it, all before it may
    be a caller's invention. What is no address counts as none.
    """
    header = settings.ENVIRONMENT.client_ip_header
    told = request.headers.get(header, "") if header else request.META.get("REMOTE_ADDR", "")
    try:
        found = ip_address(told.rpartition(",")[2].strip())
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
