"""The catalogue of all venues' markets, and prices with their age."""
