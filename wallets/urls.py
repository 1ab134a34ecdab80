"""Addresses about wallets over REST."""

from django.urls import path

from wallets import api

urlpatterns = [path("wallets", api.WalletsView.as_view(), name="wallets")]
