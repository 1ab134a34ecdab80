"""Addresses of trading over REST."""

from django.urls import path

from trading import api, api_money

urlpatterns = [
    path("markets", api.MarketsView.as_view(), name="markets"),
    path("markets/<str:venue>/<str:symbol>", api.MarketView.as_view(), name="market"),
    path("orders", api.OrdersView.as_view(), name="orders"),
    path("orders/preview", api.OrderPreviewView.as_view(), name="order_preview"),
    path("orders/<uuid:order_id>", api.OrderView.as_view(), name="order"),
    path("positions", api.PositionsView.as_view(), name="positions"),
    path("positions/<uuid:position_id>", api.PositionView.as_view(), name="position"),
    path(
        "positions/<str:venue>/<str:symbol>/close",
        api.ClosePositionView.as_view(),
        name="position_close",
    ),
    path("fills", api.FillsView.as_view(), name="fills"),
    path("transactions", api.TransactionsView.as_view(), name="transactions"),
    path("ledger", api.LedgerView.as_view(), name="ledger"),
    path("accounts", api_money.VenueAccountsView.as_view(), name="venue_accounts"),
    path("deposits", api_money.DepositsView.as_view(), name="deposits"),
    path("deposits/preview", api_money.DepositPreviewView.as_view(), name="deposit_preview"),
    path("deposits/<uuid:deposit_id>", api_money.DepositView.as_view(), name="deposit"),
]
