"""The ground: what every room stands on and that knows no room."""
