"""Addresses of trading over REST."""

from django.urls import path

from trading import api, api_changes, api_money, api_withdrawals

urlpatterns = [
    path("markets", api.MarketsView.as_view(), name="markets"),
    path("markets/<str:venue>/<str:symbol>", api.MarketView.as_view(), name="market"),
    path(
        "markets/<str:venue>/<str:symbol>/prices",
        api.MarketPricesView.as_view(),
        name="market_prices",
    ),
    path("orders", api.OrdersView.as_view(), name="orders"),
    path("orders/preview", api.OrderPreviewView.as_view(), name="order_preview"),
    path("orders/cancel", api_changes.CancelOrdersView.as_view(), name="orders_cancel"),
    path("orders/cancel_all", api_changes.CancelAllView.as_view(), name="orders_cancel_all"),
    path("orders/<uuid:order_id>", api_changes.OrderView.as_view(), name="order"),
    path("changes/<uuid:change_id>", api_changes.ChangeView.as_view(), name="change"),
    path("panic", api_changes.PanicView.as_view(), name="panic"),
    path("freeze", api_changes.FreezeView.as_view(), name="freeze"),
    path("unfreeze", api_changes.UnfreezeView.as_view(), name="unfreeze"),
    path("positions", api.PositionsView.as_view(), name="positions"),
    path("positions/close_all", api_changes.CloseAllView.as_view(), name="positions_close_all"),
    path("positions/<uuid:position_id>", api.PositionView.as_view(), name="position"),
    path(
        "positions/<str:venue>/<str:symbol>/close",
        api.ClosePositionView.as_view(),
        name="position_close",
    ),
    path(
        "positions/<str:venue>/<str:symbol>/stops",
        api_changes.StopsView.as_view(),
        name="position_stops",
    ),
    path("fills", api.FillsView.as_view(), name="fills"),
    path("transactions", api.TransactionsView.as_view(), name="transactions"),
    path("ledger", api.LedgerView.as_view(), name="ledger"),
    path("accounts", api_money.VenueAccountsView.as_view(), name="venue_accounts"),
    path("accounts/<str:venue>/equity", api_money.EquityView.as_view(), name="equity"),
    path(
        "venue-withdrawals",
        api_withdrawals.VenueWithdrawalsView.as_view(),
        name="venue_withdrawals",
    ),
    path(
        "venue-withdrawals/preview",
        api_withdrawals.VenueWithdrawalPreviewView.as_view(),
        name="venue_withdrawal_preview",
    ),
    path(
        "venue-withdrawals/<uuid:withdrawal_id>",
        api_withdrawals.VenueWithdrawalView.as_view(),
        name="venue_withdrawal",
    ),
    path("deposits", api_money.DepositsView.as_view(), name="deposits"),
    path("deposits/preview", api_money.DepositPreviewView.as_view(), name="deposit_preview"),
    path("deposits/<uuid:deposit_id>", api_money.DepositView.as_view(), name="deposit"),
]
