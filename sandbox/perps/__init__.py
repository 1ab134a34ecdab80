"""The emulated perpetuals exchanges: Drift v2 and Velocity, one engine over two layouts."""
