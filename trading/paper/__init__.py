"""A venue of play money over real prices: its book, its matching, and its face as a venue."""
