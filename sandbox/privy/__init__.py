"""A strict stand-in for Privy's server-side wallets, on its REST protocol."""
