"""Addresses of the web process."""

from django.contrib import admin
from django.urls import include, path, re_path

from accounts import views as accounts
from laminator import api, health, metrics, pages
from laminator.back_office import load_pages
from trading import views as trading
from wallets import views as wallets

load_pages()

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("laminator.api_urls")),
    path("api/docs", api.SwaggerView.as_view(url_name="api_schema"), name="api_docs"),
    path("api/redoc", api.RedocView.as_view(url_name="api_schema"), name="api_redoc"),
    path("desk/", wallets.home, name="desk_home"),
    path("desk/link", wallets.link, name="desk_link"),
    path("desk/authenticator", accounts.totp, name="desk_totp"),
    path("desk/unfreeze", trading.unfreeze, name="desk_unfreeze"),
    path("desk/email", accounts.email, name="desk_email"),
    path("desk/sessions", accounts.sessions, name="desk_sessions"),
    path("desk/sessions/<uuid:session_id>/end", accounts.end_session, name="desk_end_session"),
    path("desk/keys", accounts.api_keys, name="desk_api_keys"),
    path("desk/keys/<uuid:key_id>/end", accounts.end_api_key, name="desk_end_api_key"),
    path("desk/addresses", wallets.addresses, name="desk_addresses"),
    path(
        "desk/addresses/<uuid:address_id>/remove",
        wallets.remove_address,
        name="desk_remove_address",
    ),
    path("desk/withdrawals/<uuid:withdrawal_id>", wallets.withdrawal, name="desk_withdrawal"),
    path(
        "desk/withdrawals/<uuid:withdrawal_id>/cancel",
        wallets.cancel_withdrawal,
        name="desk_cancel_withdrawal",
    ),
    re_path(r"^static/(?P<path>.+)$", pages.static_file, name="static_file"),
]
