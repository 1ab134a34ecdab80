"""Venues that the desk only reads: what people hold there by other means, shown with its age."""
