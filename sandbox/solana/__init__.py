"""The stand-in for a Solana node: a chain over LiteSVM and its JSON-RPC."""
