"""Custody: who holds the wallets' keys and signs with them. No key is ever in the desk."""
