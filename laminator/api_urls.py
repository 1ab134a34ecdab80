"""Addresses of `/api/v1`: each room's own, the desk's, and an answer to all others."""

from django.urls import include, path, re_path

from core.rest.views import NothingHere
from laminator import api

urlpatterns = [
    path("version", api.VersionView.as_view(), name="api_version"),
    path("status", api.StatusView.as_view(), name="api_status"),
    path("openapi.json", api.SchemaView.as_view(), name="api_schema"),
    path("", include("accounts.urls")),
    path("", include("wallets.urls")),
    path("", include("trading.urls")),
    re_path(r"^.*$", NothingHere.as_view(), name="api_nothing"),
]
