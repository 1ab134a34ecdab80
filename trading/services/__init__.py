"""What the desk does, one verb a file."""

from trading.services.cancel_orders import cancel_orders
from trading.services.carry_out_plans import (
    cancel_all_orders,
    carry_on_plans,
    close_all_positions,
    panic,
)
from trading.services.fund_withdrawals import fund_withdrawals
from trading.services.look_again import look_again
from trading.services.mirror_paper_markets import mirror_paper_markets
from trading.services.modify_order import modify_order
from trading.services.paper_mode import reset_paper, set_paper_mode
from trading.services.place_deposit import place_deposit
from trading.services.place_order import place_order
from trading.services.place_venue_withdrawal import place_venue_withdrawal
from trading.services.preview_deposit import largest_deposit, preview_deposit
from trading.services.preview_order import preview_order
from trading.services.preview_venue_withdrawal import preview_venue_withdrawal
from trading.services.read_accounts import read_account, read_live_account
from trading.services.read_changes import read_change
from trading.services.read_chart import read_chart, read_market_prices
from trading.services.read_elsewhere import (
    list_elsewhere,
    read_elsewhere,
    read_live_elsewhere,
)
from trading.services.read_equity import read_equity
from trading.services.read_history import list_entries, list_history
from trading.services.read_markets import list_markets, read_market
from trading.services.read_orders import list_fills, list_orders, read_order, read_transfer
from trading.services.read_positions import list_positions
from trading.services.read_withdrawables import read_withdrawables
from trading.services.reconcile_account import reconcile_account
from trading.services.reconcile_wanted import reconcile_hinted, reconcile_wanted
from trading.services.refresh_positions import refresh_positions
from trading.services.set_stops import preview_stops, set_stops
from trading.services.set_trading_state import (
    check_trading_state,
    freeze_user,
    set_trading_state,
    unfreeze_user,
)
from trading.services.sync_elsewhere import look_elsewhere, sync_elsewhere
from trading.services.tick_paper import tick_paper
from trading.services.venue_gates import list_venue_gates, read_venue_gate
from trading.services.watch_accounts import watch_accounts
from trading.services.watch_desk import halt_trading, resume_trading, watch_desk

__all__ = [
    "cancel_all_orders",
    "cancel_orders",
    "carry_on_plans",
    "check_trading_state",
    "close_all_positions",
    "freeze_user",
    "fund_withdrawals",
    "halt_trading",
    "largest_deposit",
    "list_elsewhere",
    "list_entries",
    "list_fills",
    "list_history",
    "list_markets",
    "list_orders",
    "list_positions",
    "list_venue_gates",
    "look_again",
    "look_elsewhere",
    "mirror_paper_markets",
    "modify_order",
    "panic",
    "place_deposit",
    "place_order",
    "place_venue_withdrawal",
    "preview_deposit",
    "preview_order",
    "preview_stops",
    "preview_venue_withdrawal",
    "read_account",
    "read_change",
    "read_chart",
    "read_elsewhere",
    "read_equity",
    "read_live_account",
    "read_live_elsewhere",
    "read_market",
    "read_market_prices",
    "read_order",
    "read_transfer",
    "read_venue_gate",
    "read_withdrawables",
    "reconcile_account",
    "reconcile_hinted",
    "reconcile_wanted",
    "refresh_positions",
    "reset_paper",
    "resume_trading",
    "set_paper_mode",
    "set_stops",
    "set_trading_state",
    "sync_elsewhere",
    "tick_paper",
    "unfreeze_user",
    "watch_accounts",
    "watch_desk",
]
