"""Wallets, their balances and the custodians that hold their keys."""
