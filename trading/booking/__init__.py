"""Booking what a venue reports: every step may be repeated, shuffled or doubled without effect."""
