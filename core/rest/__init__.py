"""What every room's REST addresses stand on: errors, paging, limits, words of the schema."""
