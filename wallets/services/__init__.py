"""What is done with wallets, and with the money that leaves and reaches them."""

from wallets.services.address_book import (
    add_address,
    list_addresses,
    remove_address,
    stop_address,
)
from wallets.services.ask_custodian import wraps_sol
from wallets.services.create_wallet import create_wallet
from wallets.services.end_withdrawal import cancel_withdrawal, stop_withdrawal
from wallets.services.expect_incoming import expect_incoming
from wallets.services.place_withdrawal import confirm_withdrawal, place_withdrawal
from wallets.services.preview_withdrawal import preview_withdrawal
from wallets.services.read_wallet import access_wallet, find_wallet, read_live_wallet
from wallets.services.read_withdrawals import (
    list_incoming,
    list_withdrawals,
    read_incoming,
    read_withdrawal,
)
from wallets.services.recall_withdrawals import recall_withdrawals
from wallets.services.release_withdrawals import (
    end_unfunded,
    fund_withdrawal,
    release_withdrawals,
)
from wallets.services.review_withdrawal import (
    approve_withdrawal,
    hold_withdrawal,
    reject_withdrawal,
)
from wallets.services.sync_balances import refresh_wallet, sync_balances
from wallets.services.sync_incoming import look_at_wallet, sync_incoming

__all__ = [
    "access_wallet",
    "add_address",
    "approve_withdrawal",
    "cancel_withdrawal",
    "confirm_withdrawal",
    "create_wallet",
    "end_unfunded",
    "expect_incoming",
    "find_wallet",
    "fund_withdrawal",
    "hold_withdrawal",
    "list_addresses",
    "list_incoming",
    "list_withdrawals",
    "look_at_wallet",
    "place_withdrawal",
    "preview_withdrawal",
    "read_incoming",
    "read_live_wallet",
    "read_withdrawal",
    "recall_withdrawals",
    "refresh_wallet",
    "reject_withdrawal",
    "release_withdrawals",
    "remove_address",
    "stop_address",
    "stop_withdrawal",
    "sync_balances",
    "sync_incoming",
    "wraps_sol",
]
