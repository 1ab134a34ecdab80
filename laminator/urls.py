"""Addresses of the web process."""

from django.contrib import admin
from django.urls import path, re_path

from laminator import health, metrics, pages

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    re_path(r"^static/(?P<path>.+)$", pages.static_file, name="static_file"),
]
