"""Addresses about wallets and their money over REST."""

from django.urls import path

from wallets import api, api_money

urlpatterns = [
    path("wallets", api.WalletsView.as_view(), name="wallets"),
    path("addresses", api_money.AddressesView.as_view(), name="addresses"),
    path("addresses/<uuid:address_id>", api_money.AddressView.as_view(), name="address"),
    path("withdrawals", api_money.WithdrawalsView.as_view(), name="withdrawals"),
    path(
        "withdrawals/preview", api_money.WithdrawalPreviewView.as_view(), name="withdrawal_preview"
    ),
    path("withdrawals/<uuid:withdrawal_id>", api_money.WithdrawalView.as_view(), name="withdrawal"),
    path("incoming", api_money.IncomingView.as_view(), name="incoming"),
]
