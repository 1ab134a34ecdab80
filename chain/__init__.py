"""Solana: the only room that speaks RPC; messages, submissions and the evidence of their fate."""
