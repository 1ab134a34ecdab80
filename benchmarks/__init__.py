"""Measurements against bounds and peers of the same run; `python -m benchmarks --help`."""
