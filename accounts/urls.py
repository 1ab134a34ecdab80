"""Addresses about people over REST."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("me", api.MeView.as_view(), name="me"),
    path("leverage", api.LeverageView.as_view(), name="leverage"),
    path("keys", api.ApiKeysView.as_view(), name="api_keys"),
    path("keys/<uuid:key_id>", api.ApiKeyView.as_view(), name="api_key"),
]
