"""Alerts: kept, held against prices, told."""
