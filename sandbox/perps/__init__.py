"""The emulated perpetuals exchanges: Drift v2 and Velocity, one engine over two layouts."""

from sandbox.perps.exchange import create_exchange

__all__ = ["create_exchange"]
