"""The desk: orders, positions, fills and the services that decide."""
