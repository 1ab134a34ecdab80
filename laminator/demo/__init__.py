"""A trader's first day, played against a running desk in its sandbox."""
