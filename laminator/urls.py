"""Addresses of the web process."""

from django.contrib import admin
from django.urls import include, path, re_path

from laminator import api, health, metrics, pages

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("laminator.api_urls")),
    path("api/docs", api.SwaggerView.as_view(url_name="api_schema"), name="api_docs"),
    path("api/redoc", api.RedocView.as_view(url_name="api_schema"), name="api_redoc"),
    re_path(r"^static/(?P<path>.+)$", pages.static_file, name="static_file"),
]
